//! Reading the audit log.

use app::desk::audit::{AUDIT_PAGE, AuditLine, AuditQuestion};
use ledger::{Action, AuditEntry, AuditFilter};

use super::{Desk, DeskError};

impl Desk<'_> {
    /// A page of the log, latest first.
    ///
    /// # Errors
    /// `Invalid` for an action that is none.
    pub async fn log(&self, question: AuditQuestion) -> Result<Vec<AuditLine>, DeskError> {
        let action = match question.action.as_deref().filter(|word| !word.is_empty()) {
            None => None,
            Some(word) => {
                let action = Action::of_word(word);
                Some(
                    action
                        .ok_or_else(|| DeskError::Invalid(format!("Nothing is called {word} in the log.")))?,
                )
            }
        };
        // PostgreSQL takes no text with it.
        let about = question.about.map(|about| about.replace('\0', ""));
        let filter = AuditFilter { before: question.before, action, about };
        let lines = self.state.ledger.audit().list(&filter, AUDIT_PAGE as u64).await?;
        Ok(lines.into_iter().map(line).collect())
    }
}

fn line(entry: AuditEntry) -> AuditLine {
    AuditLine {
        id: entry.id,
        at: entry.at,
        who: entry.by.name,
        via: entry.by.via.word().to_owned(),
        action: entry.action.word().to_owned(),
        subject: entry.subject,
        detail: entry.detail,
    }
}

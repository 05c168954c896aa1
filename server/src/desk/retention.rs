//! What the bucket says about a project's retention, and writing it there.

use app::desk::projects::{RetentionRule, RuleState};
use ledger::{Action, Holding, KeepDays, LedgerError, ProjectRecord};
use transfer::wire::ProjectId;

use super::{Desk, DeskError};
use crate::bucket::StoreFault;
use crate::retention::{self, READ_ACTION, WRITE_ACTION};

impl Desk<'_> {
    /// Asks the bucket whether it has the rule of a project's retention.
    ///
    /// # Errors
    /// `NoSuchProject`; a store that does not answer.
    pub async fn retention(&self, id: &ProjectId) -> Result<RetentionRule, DeskError> {
        let project = self.decided(id).await?;
        let state = match self.state.grants.bucket().lifecycle().await {
            Ok(lifecycle) => {
                let state = retention::state(&project, &lifecycle);
                let holding = if state == RuleState::Same { Holding::Seen } else { Holding::Unseen };
                let projects = self.state.ledger.projects();
                projects.set_holding(id, &project.prefix, project.retention, holding).await?;
                state
            }
            Err(fault) => refusal(fault, READ_ACTION)?,
        };
        self.told(project, state).await
    }

    /// Makes the bucket's lifecycle say what a project's retention says: its rule is written or, if all is kept for
    /// ever, removed. Rules of others stay. `keep_days` is what whoever asks believes was decided.
    ///
    /// # Errors
    /// `NoSuchProject`; `RetentionChanged` if something else was decided meanwhile; a store that does not answer.
    pub async fn write_retention(
        &self,
        id: &ProjectId,
        keep_days: Option<u32>,
    ) -> Result<RetentionRule, DeskError> {
        let bucket = self.state.grants.bucket();
        // Others of this server read and write the same document.
        let alone = self.state.examining.lock().await;
        let project = self.decided(id).await?;
        let days = project.retention.days();
        if days.map(KeepDays::get) != keep_days {
            return Err(DeskError::RetentionChanged);
        }
        let mut lifecycle = match bucket.lifecycle().await {
            Ok(lifecycle) => lifecycle,
            // Without having read them, writing would lose the rules of others.
            Err(fault) => return self.told(project, refusal(fault, READ_ACTION)?).await,
        };
        match days {
            Some(days) => lifecycle.put(retention::rule(&project, days)?),
            None => lifecycle.remove(&retention::rule_id(id)),
        }
        if let Err(fault) = bucket.set_lifecycle(lifecycle).await {
            return self.told(project, refusal(fault, WRITE_ACTION)?).await;
        }
        let what = match days {
            Some(days) => format!("{} · {} days", retention::folder(&project), days.get()),
            None => format!("{} · for ever", retention::folder(&project)),
        };
        self.state.ledger.audit().note(self.deed(), Action::RetentionWritten, id.as_str(), &what).await?;
        drop(alone);
        self.retention(id).await
    }

    async fn decided(&self, id: &ProjectId) -> Result<ProjectRecord, DeskError> {
        let found = self.state.ledger.projects().get(id).await?;
        Ok(found.ok_or_else(|| LedgerError::NoSuchProject(id.clone()))?)
    }

    async fn told(&self, project: ProjectRecord, state: RuleState) -> Result<RetentionRule, DeskError> {
        let days = project.retention.days();
        let others = match days {
            Some(_) => self.state.ledger.projects().others_below(&project.id, &project.prefix).await?,
            None => Vec::new(),
        };
        Ok(RetentionRule {
            keep_days: days.map(KeepDays::get),
            bucket: self.state.grants.bucket().name().as_str().to_owned(),
            folder: retention::folder(&project),
            rule_id: retention::rule_id(&project.id),
            rule: days.map(|days| format!("{:#}", retention::document(&project, days))),
            project: project.id,
            state,
            others,
        })
    }
}

/// A refusal that says something about the bucket; any other goes on as an error.
fn refusal(fault: StoreFault, action: &str) -> Result<RuleState, DeskError> {
    retention::refusal(&fault, action).ok_or(DeskError::Lifecycle(fault))
}

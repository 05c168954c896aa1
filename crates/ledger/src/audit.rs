//! The audit log: who did what. Rows are only ever added; the database itself refuses anything else.
//!
//! Whatever changes something for an admin takes a [`Deed`], and writes it down in the same transaction: nothing is
//! done without being told, nor told without being done.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use transfer::wire::UnixMillis;

use crate::entity::audit;
use crate::word::{Word, millis, time};
use crate::{Ledger, LedgerError, PersonId};

/// Who does something, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; `None` for commands and for the server by itself.
    pub person: Option<PersonId>,
    /// The sign-in name at that time, or what stands in its place.
    pub name: String,
    /// How.
    pub via: Via,
}

/// How something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    /// On the pages.
    Page,
    /// With an API token.
    Token,
    /// By a command on the server's machine.
    Command,
    /// By the server by itself.
    Server,
}

/// Who does something, and when.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// Who.
    pub by: &'a Actor,
    /// Now.
    pub at: UnixMillis,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A person was added.
    PersonInvited,
    /// A person was added who came by single sign-on.
    PersonJoined,
    /// A person can sign in by single sign-on from now on.
    IdentityLinked,
    /// A person got a new one-time link.
    LinkSent,
    /// A person got another role.
    RoleChanged,
    /// A person may not sign in any more.
    PersonDisabled,
    /// A person may sign in again.
    PersonEnabled,
    /// All sessions of a person were ended.
    SessionsEnded,
    /// One session of a person was ended.
    SessionEnded,
    /// How much is taken from a person was decided.
    PersonQuotaChanged,
    /// A token was made.
    TokenCreated,
    /// A token was ended.
    TokenRevoked,
    /// A project was added.
    ProjectCreated,
    /// A project was changed.
    ProjectChanged,
    /// A project takes no new batches any more.
    ProjectArchived,
    /// A project takes batches again.
    ProjectRestored,
    /// The bucket's lifecycle was made to say what a project's retention says.
    RetentionWritten,
    /// A guests' link was made.
    LinkCreated,
    /// A guests' link was ended.
    LinkRevoked,
    /// A guests' link was changed.
    LinkChanged,
    /// A batch that was left open was closed.
    BatchClosed,
    /// Some of what a batch stored was deleted.
    ImagesDeleted,
    /// Some of what a batch stored was deleted, because a later batch replaces it.
    ImagesReplaced,
    /// A batch was compared with the store again.
    BatchVerifiedAgain,
    /// A batch gets no further grants.
    BatchRevoked,
    /// What a batch stored is to be deleted.
    BatchUndoBegun,
    /// What a batch stored was deleted.
    BatchUndone,
    /// The bucket's rules were changed, so that pages work or leftovers go.
    StoreRepaired,
    /// A batch that only the store knew was recorded.
    BatchImported,
    /// A webhook was added.
    WebhookCreated,
    /// A webhook was changed.
    WebhookChanged,
    /// A webhook signs with a new secret.
    WebhookSecretChanged,
    /// A webhook was deleted, with its deliveries.
    WebhookDeleted,
    /// A test event was sent to a webhook.
    WebhookTested,
    /// Something was delivered again.
    WebhookRedelivered,
}

impl Action {
    /// The word for it, as the log keeps it.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.to_word()
    }

    /// The action of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::from_word(word).ok()
    }
}

impl Via {
    /// The word for it, as the log keeps it.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.to_word()
    }
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; later lines have higher ones.
    pub id: i64,
    /// When.
    pub at: UnixMillis,
    /// Who, and how.
    pub by: Actor,
    /// What.
    pub action: Action,
    /// To whom or what: a sign-in name, a project's id, a batch's id, a link's title.
    pub subject: String,
    /// What more there is to say, in a few words; never a secret.
    pub detail: String,
}

/// Which lines to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only lines before that one.
    pub before: Option<i64>,
    /// Only what was done so.
    pub action: Option<Action>,
    /// Only lines with that text in who or whom.
    pub about: Option<String>,
}

/// The log.
#[derive(Debug, Clone, Copy)]
pub struct Audit<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Audit<'_> {
    /// Lines, latest first, at most `limit`.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(&self, filter: &AuditFilter, limit: u64) -> Result<Vec<AuditEntry>, LedgerError> {
        let mut query = audit::Entity::find().order_by_desc(audit::Column::Id).limit(limit);
        if let Some(before) = filter.before {
            query = query.filter(audit::Column::Id.lt(before));
        }
        if let Some(action) = filter.action {
            query = query.filter(audit::Column::Action.eq(action.to_word()));
        }
        if let Some(about) = filter.about.as_deref().filter(|about| !about.is_empty()) {
            let whom = audit::Column::Subject.contains(about);
            query = query.filter(audit::Column::PersonName.contains(about).or(whom));
        }
        query.all(self.ledger.db()).await?.into_iter().map(record).collect()
    }

    /// Writes a line for what happened outside of the ledger.
    ///
    /// # Errors
    /// `Database`.
    pub async fn note(
        &self,
        deed: Deed<'_>,
        action: Action,
        subject: &str,
        detail: &str,
    ) -> Result<(), LedgerError> {
        note(self.ledger.db(), deed, action, subject, detail).await
    }
}

/// Writes a line, in the transaction of what it tells.
pub(crate) async fn note(
    db: &impl ConnectionTrait,
    deed: Deed<'_>,
    action: Action,
    subject: &str,
    detail: &str,
) -> Result<(), LedgerError> {
    audit::ActiveModel {
        id: NotSet,
        at: Set(millis(deed.at)),
        person_id: Set(deed.by.person.map(|person| person.0)),
        person_name: Set(deed.by.name.clone()),
        via: Set(deed.by.via.to_word().to_owned()),
        action: Set(action.to_word().to_owned()),
        subject: Set(subject.to_owned()),
        detail: Set(detail.to_owned()),
    }
    .insert(db)
    .await?;
    Ok(())
}

fn record(row: audit::Model) -> Result<AuditEntry, LedgerError> {
    Ok(AuditEntry {
        id: row.id,
        at: time(row.at),
        by: Actor {
            person: row.person_id.map(PersonId),
            name: row.person_name,
            via: Via::from_word(&row.via)?,
        },
        action: Action::from_word(&row.action)?,
        subject: row.subject,
        detail: row.detail,
    })
}

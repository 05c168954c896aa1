//! Webhooks: who else is told when a batch is over.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use transfer::wire::{ProjectId, UnixMillis};

use crate::audit::note;
use crate::entity::{delivery, webhook};
use crate::projects::lock as lock_project;
use crate::word::{Word, millis, time};
use crate::{Action, Deed, Ledger, LedgerError, WebhookId};

/// What webhooks are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The store was seen to hold all of a batch.
    BatchVerified,
    /// A batch ended without being complete.
    BatchClosed,
    /// Nothing happened; an admin wants to see whether it arrives.
    Test,
}

impl Event {
    /// The word for it, as it is sent.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.to_word()
    }
}

/// What an admin decides about a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDraft {
    /// Where to.
    pub url: String,
    /// Of which project; `None` of all.
    pub project: Option<ProjectId>,
    /// What it is told.
    pub events: Vec<Event>,
    /// Whether it is told anything.
    pub enabled: bool,
}

/// A webhook.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookRecord {
    /// The id.
    pub id: WebhookId,
    /// What was decided about it.
    pub draft: WebhookDraft,
    /// What it is signed with: `whsec_` and base64.
    pub secret: String,
    /// What it was signed with before, and is beside the new one until then.
    pub earlier: Option<(String, UnixMillis)>,
    /// When it was added.
    pub created_at: UnixMillis,
}

impl std::fmt::Debug for WebhookRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Webhooks in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Webhooks<'_> {
    /// Adds a webhook.
    ///
    /// # Errors
    /// `NoSuchProject`.
    pub async fn create(
        &self,
        deed: Deed<'_>,
        draft: WebhookDraft,
        secret: String,
    ) -> Result<WebhookId, LedgerError> {
        let write = self.ledger.begin_write().await?;
        if let Some(project) = &draft.project {
            lock_project(&write, project).await?;
        }
        let (subject, detail) = told(&draft);
        let row = webhook::ActiveModel {
            id: NotSet,
            project_id: Set(draft.project.map(Into::into)),
            url: Set(draft.url),
            events: Set(to_column(&draft.events)),
            enabled: Set(draft.enabled),
            secret: Set(secret),
            earlier_secret: Set(None),
            earlier_until: Set(None),
            created_at: Set(millis(deed.at)),
        };
        let id = WebhookId(row.insert(&write).await?.id);
        note(&write, deed, Action::WebhookCreated, &subject, &detail).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Changes a webhook. What it was to be told already, it still is, once it is enabled.
    ///
    /// # Errors
    /// `NoSuchWebhook`, `NoSuchProject`.
    pub async fn change(
        &self,
        deed: Deed<'_>,
        id: WebhookId,
        draft: WebhookDraft,
    ) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        if let Some(project) = &draft.project {
            lock_project(&write, project).await?;
        }
        let (subject, detail) = told(&draft);
        let mut change: webhook::ActiveModel = lock(&write, id).await?.into();
        change.project_id = Set(draft.project.map(Into::into));
        change.url = Set(draft.url);
        change.events = Set(to_column(&draft.events));
        change.enabled = Set(draft.enabled);
        change.update(&write).await?;
        note(&write, deed, Action::WebhookChanged, &subject, &detail).await?;
        Ok(write.commit().await?)
    }

    /// Gives a webhook another secret; the one until now is used beside it until then.
    ///
    /// # Errors
    /// `NoSuchWebhook`.
    pub async fn set_secret(
        &self,
        deed: Deed<'_>,
        id: WebhookId,
        secret: String,
        until: UnixMillis,
    ) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let row = lock(&write, id).await?;
        let (subject, earlier) = (host(&row.url).to_owned(), row.secret.clone());
        let mut change: webhook::ActiveModel = row.into();
        change.secret = Set(secret);
        change.earlier_secret = Set(Some(earlier));
        change.earlier_until = Set(Some(millis(until)));
        change.update(&write).await?;
        note(&write, deed, Action::WebhookSecretChanged, &subject, "").await?;
        Ok(write.commit().await?)
    }

    /// Deletes a webhook and all its deliveries.
    ///
    /// # Errors
    /// `NoSuchWebhook`.
    pub async fn delete(&self, deed: Deed<'_>, id: WebhookId) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let row = lock(&write, id).await?;
        delivery::Entity::delete_many().filter(delivery::Column::WebhookId.eq(id.0)).exec(&write).await?;
        webhook::Entity::delete_by_id(id.0).exec(&write).await?;
        note(&write, deed, Action::WebhookDeleted, host(&row.url), "").await?;
        Ok(write.commit().await?)
    }

    /// A webhook.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: WebhookId) -> Result<Option<WebhookRecord>, LedgerError> {
        webhook::Entity::find_by_id(id.0).one(self.ledger.db()).await?.map(record).transpose()
    }

    /// All webhooks, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(&self) -> Result<Vec<WebhookRecord>, LedgerError> {
        let rows = webhook::Entity::find().order_by_desc(webhook::Column::Id).all(self.ledger.db()).await?;
        rows.into_iter().map(record).collect()
    }
}

/// The webhook's row, held until the transaction ends.
pub(crate) async fn lock(db: &impl ConnectionTrait, id: WebhookId) -> Result<webhook::Model, LedgerError> {
    let found = webhook::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    found.ok_or(LedgerError::NoSuchWebhook)
}

/// What the log says of a URL: paths and queries of webhooks often hold a secret.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// What the log says of a webhook.
fn told(draft: &WebhookDraft) -> (String, String) {
    let project = draft.project.as_ref().map_or("all projects", |project| project.as_str());
    let off = if draft.enabled { "" } else { ", off" };
    (host(&draft.url).to_owned(), format!("{project}: {}{off}", to_column(&draft.events)))
}

fn to_column(events: &[Event]) -> String {
    events.iter().map(|event| event.to_word()).collect::<Vec<_>>().join(" ")
}

pub(crate) fn events(column: &str) -> Result<Vec<Event>, LedgerError> {
    column.split_whitespace().map(Event::from_word).collect()
}

fn record(row: webhook::Model) -> Result<WebhookRecord, LedgerError> {
    let corrupt =
        |found: &str| LedgerError::Corrupt { column: "webhooks.project_id", found: found.to_owned() };
    let project = row.project_id.as_deref().map(|id| id.parse().map_err(|_| corrupt(id))).transpose()?;
    Ok(WebhookRecord {
        id: WebhookId(row.id),
        draft: WebhookDraft { url: row.url, project, events: events(&row.events)?, enabled: row.enabled },
        secret: row.secret,
        earlier: row.earlier_secret.zip(row.earlier_until.map(time)),
        created_at: time(row.created_at),
    })
}

//! Webhooks, as an admin sees them.

use serde::{Deserialize, Serialize};
use transfer::wire::{BatchId, ProjectId, UnixMillis};

use super::Issued;

/// Deliveries in a page of the list.
pub const DELIVERIES_PAGE: usize = 50;

/// What a webhook is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum WebhookEvent {
    /// The store was seen to hold all of a batch.
    #[serde(rename = "batch.verified")]
    BatchVerified,
    /// A batch ended without being complete.
    #[serde(rename = "batch.closed")]
    BatchClosed,
}

/// What an admin decides about a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct WebhookSettings {
    /// Where to: `https`, and no address inside, unless the server is configured so.
    pub url: String,
    /// Of which project; nothing is of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// What it is told; at least one.
    #[serde(default = "usual")]
    pub events: Vec<WebhookEvent>,
    /// Whether it is told anything.
    #[serde(default = "on")]
    pub enabled: bool,
}

fn usual() -> Vec<WebhookEvent> {
    vec![WebhookEvent::BatchVerified]
}

fn on() -> bool {
    true
}

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct WebhookCard {
    /// Its id.
    pub id: i64,
    /// What was decided about it.
    #[serde(flatten)]
    pub settings: WebhookSettings,
    /// When it was added.
    pub created_at: UnixMillis,
}

/// Whether a message was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not yet.
    Pending,
    /// It was.
    Delivered,
    /// It was not, and is not tried again.
    Failed,
}

/// A message to a webhook, and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DeliveryCard {
    /// Its id.
    pub id: i64,
    /// To whom.
    pub webhook: i64,
    /// What names the message to its receiver, as `webhook-id`.
    pub message: String,
    /// What it tells, such as `batch.verified`.
    pub event: String,
    /// Of which batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchId>,
    /// When that happened.
    pub happened_at: UnixMillis,
    /// Whether it was taken.
    pub state: DeliveryState,
    /// Attempts in all, with one that is under way.
    pub attempts: u64,
    /// When the next attempt is due, if there is one to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<UnixMillis>,
    /// When the last attempt that has ended was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<UnixMillis>,
    /// Milliseconds until that was answered or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<u64>,
    /// The HTTP status that it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it failed, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What an admin does with webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhooksAction {
    /// Nothing but look.
    Look,
    /// Adds a webhook.
    Create(WebhookSettings),
    /// Changes a webhook.
    Change {
        /// Which.
        id: i64,
        /// What is decided about it from now on.
        settings: WebhookSettings,
    },
    /// Gives it another secret.
    Secret {
        /// Which.
        id: i64,
    },
    /// Deletes it, with its deliveries.
    Delete {
        /// Which.
        id: i64,
    },
    /// Sends a test event.
    Test {
        /// To which.
        id: i64,
    },
    /// Delivers again.
    Redeliver {
        /// Which delivery.
        id: i64,
    },
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhooksDesk {
    /// All webhooks, newest first.
    pub webhooks: Vec<WebhookCard>,
    /// Projects that there are, with their names.
    pub projects: Vec<(ProjectId, String)>,
    /// The latest deliveries, newest first.
    pub deliveries: Vec<DeliveryCard>,
    /// The secret that the action made, shown this once.
    pub issued: Option<Issued>,
}

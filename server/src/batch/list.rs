//! Reading: projects, batches, items.

use app::history::BatchSummary;
use app::project::Project;
use ledger::{Batch, Item, ItemState, WhoseBatches};
use serde::Serialize;
use transfer::wire::{BatchId, ItemIndex, UnixMillis};
use utoipa::ToSchema;

use super::{BatchError, access};
use crate::caller::Caller;
use crate::state::AppState;

/// Items in a page of [`items`].
pub const ITEMS_PAGE: u64 = 1_000;

/// Batches in the list of the latest.
const RECENT: u64 = 50;

/// One item, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemView {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// The path that was announced.
    pub path: String,
    /// The key in the bucket.
    pub key: String,
    /// Bytes, as announced.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// What is known of it.
    pub state: StoredState,
    /// The class of the failure, if it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The store's ETag, without quotes, as the server saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The checksum that its sender computed and reported, such as `crc64nvme:<base64>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// When the server last saw it in the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<UnixMillis>,
}

/// What is known of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoredState {
    /// May be sent.
    Announced,
    /// The client says, or the store was seen, to hold it.
    Stored,
    /// Given up after the retries.
    Failed,
    /// Taken out.
    Cancelled,
    /// Not sent, because an earlier batch holds the same file.
    Skipped,
    /// Should be in the store, and is not.
    Missing,
    /// In the store, but not as announced or reported.
    Differs,
}

/// Projects that the caller may upload into.
///
/// # Errors
/// Of the ledger.
pub async fn projects(state: &AppState, caller: &Caller) -> Result<Vec<Project>, BatchError> {
    let mut open = Vec::new();
    for record in state.ledger.projects().list().await? {
        if record.archived_at.is_none() && access::may_use(state, caller, &record).await? {
            open.push(Project {
                grant: state.grants.choose(None, record.grant),
                id: record.id,
                name: record.name,
                rules: record.rules,
            });
        }
    }
    Ok(open)
}

/// The caller's latest batches, newest first; an admin sees everybody's.
///
/// # Errors
/// Of the ledger.
pub async fn recent(state: &AppState, caller: &Caller) -> Result<Vec<BatchSummary>, BatchError> {
    let batches = state.ledger.batches().recent(seen_by(caller), RECENT).await?;
    Ok(batches.into_iter().map(summarised).collect())
}

/// Whose batches the caller may hear of.
pub(crate) fn seen_by(caller: &Caller) -> WhoseBatches {
    if caller.is_admin() { WhoseBatches::All } else { WhoseBatches::Of(caller.person().id) }
}

/// One batch.
///
/// # Errors
/// `NoSuchBatch`.
pub async fn summary(state: &AppState, caller: &Caller, batch: &BatchId) -> Result<BatchSummary, BatchError> {
    access::own(state, caller, batch).await.map(summarised)
}

/// The items of a batch in order, at most [`ITEMS_PAGE`], after one of them.
///
/// # Errors
/// `NoSuchBatch`.
pub async fn items(
    state: &AppState,
    caller: &Caller,
    batch: &BatchId,
    after: Option<ItemIndex>,
) -> Result<Vec<ItemView>, BatchError> {
    let batch = access::own(state, caller, batch).await?;
    let page = state.ledger.items().page(&batch.id, after, ITEMS_PAGE).await?;
    Ok(page.into_iter().map(ItemView::from).collect())
}

fn summarised(batch: Batch) -> BatchSummary {
    BatchSummary {
        batch: batch.id,
        project: batch.project,
        person: batch.person_name,
        state: batch.state,
        opened_at: batch.opened_at,
        items: batch.items,
        stored: batch.stored,
        bytes: batch.bytes,
    }
}

impl From<Item> for ItemView {
    fn from(item: Item) -> Self {
        let (etag, seen_at) = item.seen.map_or((None, None), |seen| (seen.etag, Some(seen.time)));
        Self {
            index: item.index,
            path: item.path,
            key: item.key,
            size: item.size,
            media_type: item.media_type,
            state: item.state.into(),
            failure: item.failure,
            etag,
            checksum: item.checksum,
            seen_at,
        }
    }
}

impl From<ItemState> for StoredState {
    fn from(state: ItemState) -> Self {
        match state {
            ItemState::Announced => Self::Announced,
            ItemState::Stored => Self::Stored,
            ItemState::Failed => Self::Failed,
            ItemState::Cancelled => Self::Cancelled,
            ItemState::Skipped => Self::Skipped,
            ItemState::Missing => Self::Missing,
            ItemState::Differs => Self::Differs,
        }
    }
}

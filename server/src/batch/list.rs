//! Reading: projects, batches, items.

use app::desk::batches::{ItemView, StoredState};
use app::history::BatchSummary;
use app::project::Project;
use ledger::{Batch, ItemFilter, KeepDays, WhoseBatches};
use transfer::wire::{BatchId, GrantKind, ItemIndex, StoreAddress};

use super::{BatchError, access, shown};
use crate::caller::Caller;
use crate::state::AppState;

/// Items in a page of [`items`].
pub const ITEMS_PAGE: u64 = 1_000;

/// Batches in the list of the latest.
const RECENT: u64 = 50;

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
                keep_days: record.retention.days().map(KeepDays::get),
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

/// Where a batch goes: what another program needs to go on with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Where its objects go: `<project prefix>/<batch id>/`.
    pub prefix: String,
    /// The kind of grant that it gets.
    pub grant: GrantKind,
    /// The store.
    pub store: StoreAddress,
}

/// Where a batch goes.
///
/// # Errors
/// `NoSuchBatch`.
pub async fn destination(
    state: &AppState,
    caller: &Caller,
    batch: &BatchId,
) -> Result<Destination, BatchError> {
    let batch = access::own(state, caller, batch).await?;
    let store = state.grants.bucket().address().clone();
    Ok(Destination { prefix: batch.prefix, grant: batch.grant, store })
}

/// Which items are wanted; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemsWanted {
    /// In this state.
    pub state: Option<StoredState>,
    /// With this in their path.
    pub about: Option<String>,
    /// Behind that one.
    pub after: Option<ItemIndex>,
}

/// The items of a batch in order, or those of them that are wanted; at most [`ITEMS_PAGE`].
///
/// # Errors
/// `NoSuchBatch`.
pub async fn items(
    state: &AppState,
    caller: &Caller,
    batch: &BatchId,
    wanted: ItemsWanted,
) -> Result<Vec<ItemView>, BatchError> {
    let batch = access::own(state, caller, batch).await?;
    page(state, &batch.id, wanted, ITEMS_PAGE).await
}

/// As [`items`], of a batch that the caller may look at.
pub(crate) async fn page(
    state: &AppState,
    batch: &BatchId,
    wanted: ItemsWanted,
    limit: u64,
) -> Result<Vec<ItemView>, BatchError> {
    let filter = ItemFilter { state: wanted.state.map(shown::wanted), about: wanted.about };
    let page = state.ledger.items().find(batch, &filter, wanted.after, limit).await?;
    Ok(page.into_iter().map(shown::item).collect())
}

pub(crate) fn summarised(batch: Batch) -> BatchSummary {
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

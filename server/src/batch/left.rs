//! A batch that was begun elsewhere, for a browser that goes on with it.

use app::history::LeftBatch;
use ledger::{Item, ItemState};
use transfer::engine::{AdoptedBatch, AdoptedItem, Fate};
use transfer::port::FileFacts;
use transfer::wire::{BatchId, UnixMillis};

use super::list::ITEMS_PAGE;
use super::{BatchError, access};
use crate::caller::Caller;
use crate::state::AppState;

/// What is needed to go on with an open batch.
///
/// # Errors
/// `NoSuchBatch` if it is not the caller's, `Over`, `NoSuchProject` if the project is no longer open to the caller.
pub async fn left(state: &AppState, caller: &Caller, id: &BatchId) -> Result<LeftBatch, BatchError> {
    let batch = access::own_open(state, caller, id).await?;
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page = state.ledger.items().page(&batch.id, after, ITEMS_PAGE).await?;
        let last = (page.len() as u64) < ITEMS_PAGE;
        after = page.last().map(|item| item.index).or(after);
        items.extend(page.into_iter().map(adopted));
        if last {
            break;
        }
    }
    let begun = AdoptedBatch {
        batch: batch.id.clone(),
        prefix: batch.prefix,
        grant: batch.grant,
        store: state.grants.bucket().address().clone(),
    };
    Ok(LeftBatch { batch: batch.id, project: batch.project, log: begun.log(items) })
}

/// The time of the file is left out: on another machine, or after copying, it is seldom the one that was announced.
fn adopted(item: Item) -> AdoptedItem {
    let path = uploader::folder::nfc(&item.path);
    let facts = FileFacts { path, size: item.size, modified: UnixMillis(0), media_type: item.media_type };
    let fate = match item.state {
        ItemState::Stored => Fate::Stored,
        ItemState::Cancelled | ItemState::Skipped => Fate::Cancelled,
        ItemState::Announced | ItemState::Failed | ItemState::Missing | ItemState::Differs => Fate::Waiting,
    };
    AdoptedItem { index: item.index, facts, key: item.key, fate }
}

//! Items as they are shown.

use app::desk::batches::{Cause, ItemView, StoredState};
use ledger::{Item, ItemState};

pub(crate) fn item(item: Item) -> ItemView {
    let (etag, seen_at) = item.seen.map_or((None, None), |seen| (seen.etag, Some(seen.time)));
    ItemView {
        index: item.index,
        path: item.path,
        key: item.key,
        size: item.size,
        modified: item.modified,
        media_type: item.media_type,
        state: state(item.state),
        failure: item.failure,
        etag,
        checksum: item.checksum,
        seen_at,
        replaced_by: item.replaced_by,
    }
}

pub(crate) fn cause(cause: ledger::Cause) -> Cause {
    Cause { state: state(cause.state), failure: cause.failure, items: cause.items }
}

pub(crate) fn state(state: ItemState) -> StoredState {
    match state {
        ItemState::Announced => StoredState::Announced,
        ItemState::Stored => StoredState::Stored,
        ItemState::Failed => StoredState::Failed,
        ItemState::Cancelled => StoredState::Cancelled,
        ItemState::Skipped => StoredState::Skipped,
        ItemState::Missing => StoredState::Missing,
        ItemState::Differs => StoredState::Differs,
    }
}

/// The state that somebody asks for.
pub(super) fn wanted(state: StoredState) -> ItemState {
    match state {
        StoredState::Announced => ItemState::Announced,
        StoredState::Stored => ItemState::Stored,
        StoredState::Failed => ItemState::Failed,
        StoredState::Cancelled => ItemState::Cancelled,
        StoredState::Skipped => ItemState::Skipped,
        StoredState::Missing => ItemState::Missing,
        StoredState::Differs => ItemState::Differs,
    }
}

//! Closing: the store is compared with the ledger.
//!
//! The batch's prefix is listed, one request for each 1,000 objects, and every object is looked up by its key. What
//! the ledger expects and the listing lacks is missing; what has another size, or another ETag than the browser was
//! answered, differs. An item that was given up and is there all the same, as announced, counts as stored: the
//! receipt says what the store holds.

use std::collections::{HashMap, HashSet};

use ledger::{Batch, Item, ItemState, Ledger, Seen, Usage, Verification};
use transfer::wire::{BatchId, BatchState, CloseAnswer, CloseRequest, ItemIndex, UnixMillis, thumbnail};

use super::{BatchError, access, replace};
use crate::bucket::StoredObject;
use crate::caller::Caller;
use crate::clock;
use crate::grant::BatchPrefix;
use crate::metrics::{ClosedBy, Closing};
use crate::state::AppState;

/// Most unexpected keys in an answer. A leaked grant can add objects without end.
const MAX_UNEXPECTED: usize = 1_000;

/// Indexes are counted with 32 bits, so this is all of them.
const ALL: u64 = u32::MAX as u64;

/// What becomes of a batch that is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unfinished {
    /// It stays open, so that what is missing can be sent again.
    #[default]
    StaysOpen,
    /// It ends as `closed`: its owner gives the rest up.
    GivenUp,
}

/// Compares the store with the ledger, and ends the batch as `verified` if all is there.
///
/// A batch that holds more that nobody announced than the quotas allow ends as `closed`.
///
/// Closing a batch that is over answers what was found then. Either way the copies that its items replace are deleted
/// once it is over; what the store gives no word about then is done later.
///
/// # Errors
/// `NoSuchBatch`; what the store says.
pub async fn close(
    state: &AppState,
    caller: &Caller,
    request: CloseRequest,
    unfinished: Unfinished,
) -> Result<CloseAnswer, BatchError> {
    let batch = access::own(state, caller, &request.batch).await?;
    if batch.state != BatchState::Open {
        return as_found(state, &batch.id, batch.state, batch.stored, batch.bytes, Vec::new()).await;
    }
    let prefix: BatchPrefix = batch.prefix.parse()?;
    let (found, unexpected) = compare(state, &batch.id, &prefix).await?;
    let ended = match (found.state, unfinished) {
        (BatchState::Open, Unfinished::GivenUp) => {
            state.ledger.batches().close(&batch.id, clock::now()).await?;
            BatchState::Closed
        }
        (ended, _) => ended,
    };
    state.metrics.compared(ClosedBy::Owner, closing(ended), found.stored, found.bytes);
    as_found(state, &batch.id, ended, found.stored, found.bytes, unexpected).await
}

/// Ends an open batch by somebody else's word than its owner's: as `verified` if all is there, or else as `closed`. What
/// was begun in parts and never completed is aborted.
pub(crate) async fn end(state: &AppState, batch: &Batch) -> Result<(), BatchError> {
    let prefix: BatchPrefix = batch.prefix.parse()?;
    let (found, _) = compare(state, &batch.id, &prefix).await?;
    if found.state == BatchState::Open {
        state.ledger.batches().close(&batch.id, clock::now()).await?;
    }
    let how = if found.state == BatchState::Verified { Closing::Verified } else { Closing::Closed };
    state.metrics.compared(ClosedBy::Admin, how, found.stored, found.bytes);
    // They cost money, and are not worth a failure.
    if let Err(fault) = state.grants.bucket().abort_uploads(&prefix).await {
        drop(fault.report());
    }
    Ok(())
}

/// How a comparison ended, for the metrics.
fn closing(ended: BatchState) -> Closing {
    match ended {
        BatchState::Open => Closing::Incomplete,
        BatchState::Closed => Closing::Closed,
        BatchState::Verified => Closing::Verified,
    }
}

/// Compares the store with the ledger; answers what was found, and the keys that nobody announced.
pub(super) async fn compare(
    state: &AppState,
    batch: &BatchId,
    prefix: &BatchPrefix,
) -> Result<(Verification, Vec<String>), BatchError> {
    let begun = clock::now();
    let looked = look(state, batch, prefix, begun).await?;
    state.ledger.items().mark_missing(batch, begun).await?;
    let found = state.ledger.batches().verify(batch, looked.beyond, clock::now()).await?;
    Ok((found, looked.unexpected))
}

/// What a look at the store found besides what was announced.
#[derive(Default)]
struct Looked {
    /// Keys that nobody announced, at most [`MAX_UNEXPECTED`].
    unexpected: Vec<String>,
    /// All objects that nobody announced; and in bytes also what objects are longer than their items.
    beyond: Usage,
}

impl Looked {
    fn stranger(&mut self, object: StoredObject) {
        self.beyond.files += 1;
        self.beyond.bytes = self.beyond.bytes.saturating_add(object.size);
        if self.unexpected.len() < MAX_UNEXPECTED {
            self.unexpected.push(object.key);
        }
    }
}

/// Lists the prefix and notes what is there.
async fn look(
    state: &AppState,
    batch: &BatchId,
    prefix: &BatchPrefix,
    begun: UnixMillis,
) -> Result<Looked, BatchError> {
    let mut looked = Looked::default();
    let mut listing = state.grants.bucket().list(prefix);
    while let Some(objects) = listing.page().await? {
        // PostgreSQL takes no text with this character, and no item has it: a leaked grant must not stop the look.
        let keys = objects.iter().map(|object| object.key.clone());
        let keys: Vec<String> = keys.filter(|key| !key.contains('\0')).collect();
        let items = state.ledger.items().by_key(batch, &keys).await?;
        let items: HashMap<&str, &Item> = items.iter().map(|item| (item.key.as_str(), item)).collect();
        let pictures = thumbnails(&state.ledger, batch, prefix, &objects).await?;
        let mut seen = Vec::with_capacity(objects.len());
        for object in objects {
            match items.get(object.key.as_str()) {
                Some(item) if counts(item, &object) => {
                    let longer = object.size.saturating_sub(item.size);
                    looked.beyond.bytes = looked.beyond.bytes.saturating_add(longer);
                    seen.push(Seen { index: item.index, size: object.size, etag: object.etag, time: begun });
                }
                // Browsers make them beside the files, and nobody announces them.
                None if pictures.contains(&object.key) => {}
                _ => looked.stranger(object),
            }
        }
        state.ledger.items().mark_seen(batch, &seen).await?;
    }
    Ok(looked)
}

/// Which of these objects are thumbnails: of an item that the batch has, and no larger than they are made.
pub(crate) async fn thumbnails(
    ledger: &Ledger,
    batch: &BatchId,
    prefix: &BatchPrefix,
    objects: &[StoredObject],
) -> Result<HashSet<String>, BatchError> {
    let small = objects.iter().filter(|object| object.size <= thumbnail::LARGEST);
    let pictures: HashMap<ItemIndex, &str> = small
        .filter_map(|object| Some((thumbnail::item(prefix.as_str(), &object.key)?, object.key.as_str())))
        .collect();
    let indexes: Vec<ItemIndex> = pictures.keys().copied().collect();
    let items = ledger.items().by_index(batch, &indexes).await?;
    Ok(items.iter().filter_map(|item| pictures.get(&item.index)).map(|key| (*key).to_owned()).collect())
}

/// Whether an object says anything of its item. One that was given up is not expected again because a part of it
/// came through.
fn counts(item: &Item, object: &StoredObject) -> bool {
    !matches!(item.state, ItemState::Failed | ItemState::Cancelled | ItemState::Skipped)
        || item.size == object.size
}

async fn as_found(
    state: &AppState,
    batch: &BatchId,
    ended: BatchState,
    stored: u64,
    bytes: u64,
    unexpected: Vec<String>,
) -> Result<CloseAnswer, BatchError> {
    if ended != BatchState::Open
        && let Err(error) = replace::replace(state, batch).await
    {
        drop(error.report());
    }
    let items = state.ledger.items();
    let (replaced, unreplaced) = items.replaced(batch).await?;
    let missing: Vec<ItemIndex> = items.in_state(batch, ItemState::Missing, ALL).await?;
    let differing = items.in_state(batch, ItemState::Differs, ALL).await?;
    Ok(CloseAnswer { state: ended, stored, bytes, missing, differing, unexpected, replaced, unreplaced })
}

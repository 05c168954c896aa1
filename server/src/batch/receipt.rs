//! The receipt: the verified list of a batch.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ledger::{Batch, Item, ItemState, Ledger};
use transfer::wire::{BatchId, EarlierCopy, Receipt, ReceiptLine, SkippedLine};

use super::{BatchError, access, object_path};
use crate::caller::Caller;
use crate::state::AppState;

/// Items that are read from the ledger at a time.
const PAGE: u64 = 5_000;

/// What the store was seen to hold of a batch. Before the batch is verified, that is what the last look found.
///
/// # Errors
/// `NoSuchBatch`.
pub async fn receipt(state: &AppState, caller: &Caller, batch: &BatchId) -> Result<Receipt, BatchError> {
    receipt_of(&state.ledger, access::own(state, caller, batch).await?).await
}

/// The receipt of a batch that the caller may look at.
pub(crate) async fn receipt_of(ledger: &Ledger, batch: Batch) -> Result<Receipt, BatchError> {
    let (mut lines, mut skipped) = (Vec::new(), Vec::new());
    let mut prefixes = Prefixes::default();
    let mut after = None;
    loop {
        let page = ledger.items().page(&batch.id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.index);
        for item in page {
            let elsewhere = match &item.same_as {
                Some(batch) => Some((batch.clone(), prefixes.key(ledger, batch, &item.path).await?)),
                None => None,
            };
            match (item.state, elsewhere) {
                (ItemState::Skipped, Some((batch, key))) => {
                    skipped.push(SkippedLine { path: item.path, size: item.size, batch, key });
                }
                (_, elsewhere) => lines.extend(line(item, elsewhere)),
            }
        }
    }
    Ok(Receipt {
        batch: batch.id,
        project: batch.project,
        state: batch.state,
        opened_at: batch.opened_at,
        verified_at: batch.verified_at,
        undone_at: batch.undo.map(|undo| undo.begun_at),
        items: lines,
        skipped,
    })
}

/// A line for an item that the server itself saw in the store, as announced; with the copy that it replaces.
fn line(item: Item, elsewhere: Option<(BatchId, String)>) -> Option<ReceiptLine> {
    let seen = item.seen.filter(|_| item.state == ItemState::Stored)?;
    let replaces = elsewhere.zip(item.earlier);
    Some(ReceiptLine {
        path: item.path,
        key: item.key,
        size: seen.size,
        etag: seen.etag,
        checksum: item.checksum,
        seen_at: seen.time,
        replaces: replaces.map(|((batch, key), fate)| EarlierCopy { batch, key, fate }),
    })
}

/// Where the objects of other batches are: as many as a batch has predecessors, so each is read once.
#[derive(Debug, Default)]
struct Prefixes(HashMap<BatchId, String>);

impl Prefixes {
    /// The key of a path in a batch.
    async fn key(&mut self, ledger: &Ledger, batch: &BatchId, path: &str) -> Result<String, BatchError> {
        let prefix = match self.0.entry(batch.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let batch = ledger.batches().get(batch).await?;
                place.insert(batch.map(|batch| batch.prefix).unwrap_or_default())
            }
        };
        Ok(format!("{prefix}{}", object_path(path)))
    }
}

//! The receipt: the verified list of a batch.

use std::collections::{BTreeMap, HashMap};

use ledger::{Batch, Item, ItemState, Ledger};
use transfer::wire::{BatchId, EarlierCopy, ItemIndex, Receipt, ReceiptLine, SkippedLine};

use super::{BatchError, access};
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
    let mut after = None;
    loop {
        let page = ledger.items().page(&batch.id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.index);
        let mut copies = copies(ledger, &page).await?;
        for item in page {
            let elsewhere = copies.remove(&item.index);
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

/// Where other batches hold the files of these items, by item.
async fn copies(
    ledger: &Ledger,
    items: &[Item],
) -> Result<HashMap<ItemIndex, (BatchId, String)>, BatchError> {
    let mut by_batch: BTreeMap<&BatchId, Vec<&Item>> = BTreeMap::new();
    for item in items {
        if let Some(batch) = &item.same_as {
            by_batch.entry(batch).or_default().push(item);
        }
    }
    let mut copies = HashMap::new();
    for (batch, items) in by_batch {
        let paths: Vec<String> = items.iter().map(|item| item.path.clone()).collect();
        let theirs = ledger.items().by_path(batch, &paths).await?;
        let keys: HashMap<&str, &str> = theirs.iter().map(|it| (it.path.as_str(), it.key.as_str())).collect();
        for item in items {
            let key = keys.get(item.path.as_str()).copied().unwrap_or_default();
            copies.insert(item.index, (batch.clone(), key.to_owned()));
        }
    }
    Ok(copies)
}

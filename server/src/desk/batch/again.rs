//! Verifying again: what changed in the bucket since the receipt was written. The receipt never changes.

use std::collections::{HashMap, HashSet};

use app::desk::batches::{Again, CHANGES_NAMED, Change, ChangeKind};
use ledger::{Action, Batch, Item, ItemState, SeenObject};
use transfer::wire::{BatchId, ItemIndex};

use super::{Desk, DeskError};
use crate::batch::{BatchError, thumbnails};
use crate::bucket::StoredObject;
use crate::clock;
use crate::grant::BatchPrefix;
use crate::state::AppState;

/// Items that are read from the ledger at a time.
const PAGE: u64 = 5_000;

impl Desk<'_> {
    /// Lists the prefix of a batch that is over, and compares it with the receipt.
    ///
    /// # Errors
    /// `NoSuchBatch`; `BatchOpen`; what the store says.
    pub async fn verify_again(&self, id: &BatchId) -> Result<Again, DeskError> {
        let batch = self.over(id).await?;
        let again = compare(self.state, &batch).await?;
        let Again { missing, differs, added, replaced, .. } = again;
        let detail = format!("{missing} missing, {differs} differ, {added} added, {replaced} replaced");
        let audit = self.state.ledger.audit();
        audit.note(self.deed(), Action::BatchVerifiedAgain, id.as_str(), &detail).await?;
        Ok(again)
    }
}

async fn compare(state: &AppState, batch: &Batch) -> Result<Again, BatchError> {
    let prefix: BatchPrefix = batch.prefix.parse()?;
    let mut again = Again {
        checked_at: clock::now(),
        same: 0,
        missing: 0,
        differs: 0,
        added: 0,
        replaced: 0,
        changes: Vec::new(),
    };
    let mut found: HashSet<ItemIndex> = HashSet::new();
    let mut listing = state.grants.bucket().list(&prefix);
    while let Some(objects) = listing.page().await? {
        // PostgreSQL takes no text with this character, and no item has it.
        let keys = objects.iter().map(|object| object.key.clone());
        let keys: Vec<String> = keys.filter(|key| !key.contains('\0')).collect();
        let items = state.ledger.items().by_key(&batch.id, &keys).await?;
        let items: HashMap<&str, &Item> = items.iter().map(|item| (item.key.as_str(), item)).collect();
        let pictures = thumbnails(&state.ledger, &batch.id, &prefix, &objects).await?;
        for object in objects {
            let listed = items.get(object.key.as_str()).and_then(|item| Some((item.index, receipted(item)?)));
            let Some((index, then)) = listed else {
                // Browsers make thumbnails beside the files, and no receipt has them.
                if pictures.contains(&object.key) {
                    continue;
                }
                again.tell(seen(ChangeKind::Added, object, None));
                continue;
            };
            found.insert(index);
            if is_same(then, &object) {
                again.same += 1;
            } else {
                again.tell(seen(ChangeKind::Differs, object, Some(then.size)));
            }
        }
    }
    let mut after = None;
    loop {
        let page = state.ledger.items().page(&batch.id, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(again) };
        after = Some(last.index);
        for item in page.into_iter().filter(|item| !found.contains(&item.index)) {
            let Some(size_then) = receipted(&item).map(|then| then.size) else { continue };
            let what = if item.replaced_by.is_some() { ChangeKind::Replaced } else { ChangeKind::Missing };
            let by = item.replaced_by;
            again.tell(Change { what, key: item.key, size_then: Some(size_then), size_now: None, by });
        }
    }
}

/// What the receipt says of an item, if it has it.
fn receipted(item: &Item) -> Option<&SeenObject> {
    item.seen.as_ref().filter(|_| item.state == ItemState::Stored)
}

fn is_same(then: &SeenObject, now: &StoredObject) -> bool {
    let same_etag = match (&then.etag, &now.etag) {
        (Some(then), Some(now)) => then == now,
        _ => true,
    };
    then.size == now.size && same_etag
}

/// A change that an object shows.
fn seen(what: ChangeKind, object: StoredObject, size_then: Option<u64>) -> Change {
    Change { what, key: object.key, size_then, size_now: Some(object.size), by: None }
}

/// Counts a change, and names it while there is room.
trait Tell {
    fn tell(&mut self, change: Change);
}

impl Tell for Again {
    fn tell(&mut self, change: Change) {
        match change.what {
            ChangeKind::Missing => self.missing += 1,
            ChangeKind::Differs => self.differs += 1,
            ChangeKind::Added => self.added += 1,
            ChangeKind::Replaced => self.replaced += 1,
        }
        if self.changes.len() < CHANGES_NAMED {
            self.changes.push(change);
        }
    }
}

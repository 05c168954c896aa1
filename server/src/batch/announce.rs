//! Announcing: items become part of a batch.

use std::collections::HashMap;

use ledger::{Announced, AnnouncedItem, Batch};
use transfer::wire::{
    ANNOUNCE_PAGE, AcceptedItem, AnnounceAnswer, AnnounceRequest, HeldItem, ItemIndex, NewItem, Refusal,
    RefusedItem, Rules, media_type_of,
};

use super::{BatchError, Keys, access, error, list, object_path};
use crate::caller::Caller;
use crate::clock;
use crate::state::AppState;

/// Takes a page of items: answers a key for each that may be sent, and a reason for each that may not.
///
/// Every rule is checked again, whatever the page did. Announcing the same item again is harmless, and answers the key of
/// the first time; announcing another file under an index that is taken, or a path again, is refused as a duplicate.
///
/// # Errors
/// `NoSuchBatch`; `Over`; `PageTooLarge`.
pub async fn announce(
    state: &AppState,
    caller: &Caller,
    request: AnnounceRequest,
) -> Result<AnnounceAnswer, BatchError> {
    error::fits(request.items.len(), ANNOUNCE_PAGE)?;
    let batch = access::own_open(state, caller, &request.batch).await?;
    let rules = access::project(state, caller, &batch.project).await?.rules;

    let keys = Keys { prefix: &batch.prefix, template: &batch.key_template };
    let mut answer = AnnounceAnswer { accepted: Vec::new(), refused: Vec::new() };
    let mut bytes = 0_u64;
    let mut taken = Vec::with_capacity(request.items.len());
    for item in request.items {
        let index = item.index;
        match checked(item, &rules, keys) {
            Ok(item) => taken.push(item),
            Err(reason) => answer.refused.push(RefusedItem { index, reason }),
        }
    }

    let files: Vec<_> = taken.iter().map(|item| (item.path.clone(), item.size)).collect();
    let whose = list::seen_by(caller);
    let mut held = state.ledger.items().held(&batch.project, whose, &batch.id, &files).await?;
    let verdicts = state.ledger.items().announce(&batch.id, &taken, rules.max_items, clock::now()).await?;
    let recorded = recorded(state, &batch, &taken).await?;
    for (item, verdict) in taken.into_iter().zip(verdicts) {
        let reason = match verdict {
            Announced::Accepted => {
                bytes = bytes.saturating_add(item.size);
                let held = held.remove(&(item.path, item.size));
                let held = held.map(|held| HeldItem {
                    checksum: held.checksum,
                    modified: held.modified,
                    replaceable: held.replaceable && access::may_replace(caller),
                });
                let key = recorded.get(&item.index).cloned().unwrap_or(item.key);
                answer.accepted.push(AcceptedItem { index: item.index, key, held });
                continue;
            }
            Announced::Duplicate | Announced::IndexTaken => Refusal::Duplicate,
            Announced::Full => Refusal::TooMany { max: rules.max_items },
            Announced::OverQuota => Refusal::OverQuota,
            Announced::OverDailyQuota => Refusal::OverDailyQuota,
            Announced::TooLarge { max } => Refusal::TooLarge { max },
        };
        answer.refused.push(RefusedItem { index: item.index, reason });
    }
    state.metrics.announced(answer.accepted.len(), bytes, answer.refused.len());
    Ok(answer)
}

/// The keys that the ledger has for items. Where keys are paths, they are those that the items came with.
async fn recorded(
    state: &AppState,
    batch: &Batch,
    items: &[AnnouncedItem],
) -> Result<HashMap<ItemIndex, String>, BatchError> {
    if batch.key_template.is_path() {
        return Ok(HashMap::new());
    }
    let indexes: Vec<ItemIndex> = items.iter().map(|item| item.index).collect();
    let items = state.ledger.items().by_index(&batch.id, &indexes).await?;
    Ok(items.into_iter().map(|item| (item.index, item.key)).collect())
}

/// Checks an item by itself and gives it its key.
pub(crate) fn checked(item: NewItem, rules: &Rules, keys: Keys<'_>) -> Result<AnnouncedItem, Refusal> {
    // PostgreSQL keeps none, and no system has one in a name.
    if item.path.contains('\0') {
        return Err(Refusal::PathUnsafe);
    }
    let item = NewItem { media_type: media_type_of(&item.path, &item.media_type), ..item };
    // As it is named, which tells junk; its length only counts as a key.
    match rules.check(&item, keys.prefix) {
        Err(Refusal::PathTooLong { .. }) | Ok(()) => {}
        Err(reason) => return Err(reason),
    }
    let stored = NewItem { path: object_path(&item.path), ..item.clone() };
    rules.check(&stored, keys.prefix)?;
    let key = keys.key(&item.path, item.index)?;
    Ok(AnnouncedItem {
        index: item.index,
        key,
        path: item.path,
        size: item.size,
        modified: item.modified,
        media_type: item.media_type,
    })
}

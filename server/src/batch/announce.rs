//! Announcing: items become part of a batch.

use ledger::{Announced, AnnouncedItem};
use transfer::wire::{
    ANNOUNCE_PAGE, AcceptedItem, AnnounceAnswer, AnnounceRequest, HeldItem, NewItem, Refusal, RefusedItem,
    Rules, media_type_of,
};

use super::{BatchError, access, error, list, object_path};
use crate::caller::Caller;
use crate::state::AppState;

/// Takes a page of items: answers a key for each that may be sent, and a reason for each that may not.
///
/// Every rule is checked again, whatever the page did. Announcing the same item again is harmless; announcing
/// another file under an index or key that is taken is refused as a duplicate.
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

    let mut answer = AnnounceAnswer { accepted: Vec::new(), refused: Vec::new() };
    let mut bytes = 0_u64;
    let mut taken = Vec::with_capacity(request.items.len());
    for item in request.items {
        let index = item.index;
        match checked(item, &rules, &batch.prefix) {
            Ok(item) => taken.push(item),
            Err(reason) => answer.refused.push(RefusedItem { index, reason }),
        }
    }

    let files: Vec<_> = taken.iter().map(|item| (item.path.clone(), item.size)).collect();
    let whose = list::seen_by(caller);
    let mut held = state.ledger.items().held(&batch.project, whose, &batch.id, &files).await?;
    let verdicts = state.ledger.items().announce(&batch.id, &taken, rules.max_items).await?;
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
                answer.accepted.push(AcceptedItem { index: item.index, key: item.key, held });
                continue;
            }
            Announced::Duplicate | Announced::IndexTaken => Refusal::Duplicate,
            Announced::Full => Refusal::TooMany { max: rules.max_items },
            Announced::OverQuota => Refusal::OverQuota,
        };
        answer.refused.push(RefusedItem { index: item.index, reason });
    }
    state.metrics.announced(answer.accepted.len(), bytes, answer.refused.len());
    Ok(answer)
}

/// Checks an item by itself and gives it its key.
pub(crate) fn checked(item: NewItem, rules: &Rules, prefix: &str) -> Result<AnnouncedItem, Refusal> {
    // PostgreSQL keeps none, and no system has one in a name.
    if item.path.contains('\0') {
        return Err(Refusal::PathUnsafe);
    }
    let item = NewItem { media_type: media_type_of(&item.path, &item.media_type), ..item };
    // As it is named, which tells junk; its length only counts as a key.
    match rules.check(&item, prefix) {
        Err(Refusal::PathTooLong { .. }) | Ok(()) => {}
        Err(reason) => return Err(reason),
    }
    let stored = NewItem { path: object_path(&item.path), ..item.clone() };
    rules.check(&stored, prefix)?;
    Ok(AnnouncedItem {
        index: item.index,
        key: format!("{prefix}{}", stored.path),
        path: item.path,
        size: item.size,
        modified: item.modified,
        media_type: item.media_type,
    })
}

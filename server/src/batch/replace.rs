//! Replacing: copies of earlier batches are deleted for items of a batch that is over.
//!
//! A browser only says which items are to replace something; what of that may be is noted by its report. All else is done
//! here, by the server's own rights, and in this order: the batch is over, and its item was seen in the store and is
//! there still; its owner may touch the earlier copy, today; and nothing that was seen of the two differs. Then the copy
//! is deleted, and after that it is written down. A server that is killed in between leaves items that are due: whoever
//! comes next deletes again, which is no failure. What fails any of this is kept, both of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use ledger::{Actor, Batch, Deed, Image, Item, LedgerError, Via, WhoseBatches};
use transfer::wire::{BatchId, BatchState, EarlierFate, ItemIndex};

use super::{BatchError, access, list};
use crate::bucket::FaultKind;
use crate::caller::Caller;
use crate::clock;
use crate::state::AppState;

/// Items that are read from the ledger at a time, and their copies deleted.
const PAGE: u64 = 1_000;

/// Batches in one round; the next one comes in ten minutes.
const ROUND: u64 = 200;

/// Deletes what is still due, of all batches that are over.
///
/// # Errors
/// Of the ledger. What the store gives no word about is left for the next round.
pub async fn replace_due(state: &AppState) -> Result<(), BatchError> {
    for batch in state.ledger.items().due_batches(ROUND).await? {
        match replace(state, &batch).await {
            Err(BatchError::Store(fault)) => drop(fault.report()),
            other => other?,
        }
    }
    Ok(())
}

/// Deletes the copies that items of a batch that is over replace, as far as they may.
pub(super) async fn replace(state: &AppState, batch: &BatchId) -> Result<(), BatchError> {
    let items = state.ledger.items();
    let Some(batch) = state.ledger.batches().get(batch).await? else { return Ok(()) };
    if batch.state == BatchState::Open {
        return Ok(());
    }
    let mut due = items.due(&batch.id, PAGE).await?;
    if due.is_empty() {
        return Ok(());
    }
    let whose = reach(state, &batch).await?;
    while !due.is_empty() {
        let mut by_earlier: BTreeMap<Option<BatchId>, Vec<Item>> = BTreeMap::new();
        for item in due {
            by_earlier.entry(item.same_as.clone()).or_default().push(item);
        }
        for (earlier, items) in by_earlier {
            replace_in(state, (&batch, whose), earlier.as_ref(), &items).await?;
        }
        due = items.due(&batch.id, PAGE).await?;
    }
    Ok(())
}

/// Whose copies the batch's owner may have replaced, as things are now.
async fn reach(state: &AppState, batch: &Batch) -> Result<Option<WhoseBatches>, LedgerError> {
    let ledger = &state.ledger;
    let person = ledger.people().get(batch.person).await?.filter(|person| !person.disabled);
    let project = ledger.projects().get(&batch.project).await?;
    let (Some(person), Some(project)) = (person, project) else { return Ok(None) };
    let caller = Caller::Session((&person).into());
    let may = access::may_replace(&caller)
        && batch.revoked_at.is_none()
        && batch.undo.is_none()
        && access::may_use(state, &caller, &project).await?;
    Ok(may.then(|| list::seen_by(&caller)))
}

/// Deletes what these items replace in one earlier batch, and settles all of them.
async fn replace_in(
    state: &AppState,
    (batch, whose): (&Batch, Option<WhoseBatches>),
    earlier: Option<&BatchId>,
    items: &[Item],
) -> Result<(), BatchError> {
    let ledger = &state.ledger;
    let old = match earlier {
        Some(earlier) => ledger.batches().get(earlier).await?,
        None => None,
    };
    let old = old.filter(|old| whose.is_some_and(|whose| is_within(whose, batch, old)));
    let copies = match &old {
        Some(old) => copies(state, (batch, old), items).await?,
        None => HashMap::new(),
    };
    if let Some(old) = &old
        && !copies.is_empty()
    {
        // Thumbnails first, so that none is left behind if the store refuses half-way.
        let mut keys: Vec<String> = copies.values().filter_map(|copy| copy.thumbnail.clone()).collect();
        keys.extend(copies.values().map(|copy| copy.key.clone()));
        match state.grants.bucket().delete(&keys).await {
            Ok(()) => {
                let pairs: Vec<_> = copies.iter().map(|(new, copy)| (copy.index, *new)).collect();
                let actor = owner(batch);
                let deed = Deed { by: &actor, at: clock::now() };
                ledger.images().replace(deed, &old.id, &batch.id, &pairs).await?;
            }
            Err(fault) if fault.kind() == FaultKind::Refused => {
                drop(fault.report());
                let news: Vec<_> = copies.keys().copied().collect();
                ledger.items().leave_earlier(&batch.id, &news, EarlierFate::Refused).await?;
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    let left: Vec<_> =
        items.iter().map(|item| item.index).filter(|index| !copies.contains_key(index)).collect();
    Ok(ledger.items().leave_earlier(&batch.id, &left, EarlierFate::Left).await?)
}

/// The copies in an earlier batch that are to be deleted, each by the item that replaces it.
async fn copies(
    state: &AppState,
    (batch, old): (&Batch, &Batch),
    items: &[Item],
) -> Result<HashMap<ItemIndex, Image>, BatchError> {
    let ledger = &state.ledger;
    let indexes: Vec<_> = items.iter().map(|item| item.index).collect();
    let there: HashSet<ItemIndex> =
        ledger.images().of_items(&batch.id, &indexes).await?.into_iter().map(|image| image.index).collect();
    let news: HashMap<&str, &Item> = items
        .iter()
        .filter(|item| there.contains(&item.index))
        .map(|item| (item.path.as_str(), item))
        .collect();
    let paths: Vec<String> = news.keys().map(|path| (*path).to_owned()).collect();
    let etags = Etags::of(state);
    let mut same: HashMap<ItemIndex, ItemIndex> = HashMap::new();
    for copy in ledger.items().by_path(&old.id, &paths).await? {
        if let Some(new) = news.get(copy.path.as_str()).filter(|new| is_same(new, &copy, etags)) {
            same.insert(copy.index, new.index);
        }
    }
    let olds: Vec<_> = same.keys().copied().collect();
    let images = ledger.images().of_items(&old.id, &olds).await?;
    Ok(images.into_iter().filter_map(|image| Some((*same.get(&image.index)?, image))).collect())
}

/// Whether an earlier batch is one whose copies may be replaced. Ids of batches are made one after the other (UUID
/// version 7): so the newest of equal copies always stays.
fn is_within(whose: WhoseBatches, batch: &Batch, old: &Batch) -> bool {
    let own = match whose {
        WhoseBatches::All => true,
        WhoseBatches::Of(person) => old.person == person,
    };
    own && old.project == batch.project && old.id < batch.id && old.state != BatchState::Open
}

/// What ETags tell of two objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Etags {
    /// The same of the same bytes.
    OfContent,
    /// Nothing: encrypted with a key of KMS, they are not made of the bytes (S3 API, "Object").
    Opaque,
}

impl Etags {
    fn of(state: &AppState) -> Self {
        if state.grants.bucket().kms_key().is_some() { Self::Opaque } else { Self::OfContent }
    }
}

/// Whether all that is known of two copies agrees: what their senders reported, and what the server saw in the store.
fn is_same(new: &Item, old: &Item, etags: Etags) -> bool {
    let (Some(now), Some(then)) = (&new.seen, &old.seen) else { return false };
    let agree = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    new.path == old.path
        && now.size == then.size
        && new.checksum.is_some()
        && new.checksum == old.checksum
        && agree(&new.reported_etag, &now.etag)
        && (etags == Etags::Opaque || agree(&now.etag, &then.etag))
}

/// Whoever sent the batch, and so asked for it.
fn owner(batch: &Batch) -> Actor {
    let via = if batch.token.is_some() { Via::Token } else { Via::Page };
    Actor { person: Some(batch.person), name: batch.person_name.clone(), via }
}

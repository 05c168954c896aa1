//! What became of items: as browsers report it, and as the server sees it in the store.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use transfer::wire::{BatchId, EarlierFate, ItemIndex, ItemOutcome, ItemReport, UnixMillis};

use super::held::{Held, held};
use super::{CHUNK, Items, index, rows_by_index};
use crate::batches::lock_open;
use crate::entity::item;
use crate::word::{Word, count, millis, size};
use crate::{ItemState, LedgerError, WhoseBatches};

/// An object that the server saw in the store under an item's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The item.
    pub index: ItemIndex,
    /// Bytes.
    pub size: u64,
    /// The ETag, without quotes.
    pub etag: Option<String>,
    /// When it was seen.
    pub time: UnixMillis,
}

impl Items<'_> {
    /// Notes what a browser reports; the last report of an item counts, one of an unknown item is dropped. That an item
    /// was skipped is believed only if another batch holds it; if none does, it was taken out. That it replaces a copy is
    /// noted only if an earlier batch that is over holds one of the same checksum. Answers how many items of the batch are
    /// stored, as far as is known.
    ///
    /// # Errors
    /// `NoSuchBatch`, `BatchNotOpen`.
    pub async fn report(
        &self,
        batch: &BatchId,
        whose: WhoseBatches,
        reports: &[ItemReport],
    ) -> Result<u64, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let owner = lock_open(&write, batch).await?;
        let last: HashMap<ItemIndex, &ItemOutcome> =
            reports.iter().map(|report| (report.index, &report.outcome)).collect();
        let indexes: Vec<ItemIndex> = last.keys().copied().collect();
        let mut rows = rows_by_index(&write, batch, &indexes).await?;
        let before = Stored::of(&rows);
        for row in &mut rows {
            if let Some(outcome) = last.get(&index(row.item_index)?) {
                apply(row, outcome);
            }
        }
        let points =
            |row: &&mut item::Model| row.state == ItemState::Skipped.to_word() || row.earlier.is_some();
        let files: Vec<_> =
            rows.iter_mut().filter(points).map(|row| (row.path.clone(), count(row.size))).collect();
        let held = held(&write, &owner.project_id, whose, batch, &files).await?;
        for row in rows.iter_mut().filter(points) {
            point(row, held.get(&(row.path.clone(), count(row.size))));
        }
        let after = Stored::of(&rows);
        let columns = [
            item::Column::State,
            item::Column::Failure,
            item::Column::ReportedEtag,
            item::Column::Checksum,
            item::Column::SameAs,
            item::Column::Earlier,
        ];
        upsert(&write, rows, &columns).await?;
        let stored = owner.stored_count + after.count - before.count;
        let mut change = owner.clone().into_active_model();
        change.stored_count = sea_orm::Set(stored);
        change.stored_bytes = sea_orm::Set(owner.stored_bytes + after.bytes - before.bytes);
        change.update(&write).await?;
        write.commit().await?;
        Ok(count(stored))
    }

    /// Notes what the store holds: an item becomes `Stored` if size and reported ETag agree, `Differs` if not.
    /// The batch's counters follow with [`Batches::verify`](crate::Batches::verify).
    ///
    /// # Errors
    /// `NoSuchBatch`, `BatchNotOpen`.
    pub async fn mark_seen(&self, batch: &BatchId, seen: &[Seen]) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        lock_open(&write, batch).await?;
        let objects: HashMap<ItemIndex, &Seen> = seen.iter().map(|seen| (seen.index, seen)).collect();
        let indexes: Vec<ItemIndex> = objects.keys().copied().collect();
        let mut rows = rows_by_index(&write, batch, &indexes).await?;
        for row in &mut rows {
            let Some(object) = objects.get(&index(row.item_index)?) else { continue };
            row.state = verdict(row, object).to_word().to_owned();
            row.seen_size = Some(size(object.size));
            row.seen_etag.clone_from(&object.etag);
            row.seen_at = Some(millis(object.time));
        }
        let columns =
            [item::Column::State, item::Column::SeenSize, item::Column::SeenEtag, item::Column::SeenAt];
        upsert(&write, rows, &columns).await?;
        Ok(write.commit().await?)
    }

    /// Marks as `Missing` what should be in the store and was not seen since that time, the start of a listing;
    /// answers which, in order. What was given up stays given up.
    ///
    /// # Errors
    /// `NoSuchBatch`, `BatchNotOpen`.
    pub async fn mark_missing(
        &self,
        batch: &BatchId,
        since: UnixMillis,
    ) -> Result<Vec<ItemIndex>, LedgerError> {
        let write = self.ledger.begin_write().await?;
        lock_open(&write, batch).await?;
        let given_up = [ItemState::Failed, ItemState::Cancelled, ItemState::Skipped].map(Word::to_word);
        let unseen = Condition::all()
            .add(item::Column::BatchId.eq(batch.as_str()))
            .add(item::Column::State.is_not_in(given_up))
            .add(item::Column::SeenAt.is_null().or(item::Column::SeenAt.lt(millis(since))));
        let indexes: Vec<i64> = item::Entity::find()
            .select_only()
            .column(item::Column::ItemIndex)
            .filter(unseen.clone())
            .order_by_asc(item::Column::ItemIndex)
            .into_tuple()
            .all(&write)
            .await?;
        if !indexes.is_empty() {
            item::Entity::update_many()
                .col_expr(item::Column::State, Expr::value(ItemState::Missing.to_word()))
                .filter(unseen)
                .exec(&write)
                .await?;
        }
        write.commit().await?;
        indexes.into_iter().map(index).collect()
    }
}

fn apply(row: &mut item::Model, outcome: &ItemOutcome) {
    let (state, failure, etag, checksum) = match outcome {
        ItemOutcome::Stored { etag, checksum, .. } => {
            (ItemState::Stored, None, etag.clone(), checksum.clone())
        }
        ItemOutcome::Failed { class } => (ItemState::Failed, Some(class.clone()), None, None),
        ItemOutcome::Cancelled => (ItemState::Cancelled, None, None, None),
        ItemOutcome::Skipped => (ItemState::Skipped, None, None, None),
    };
    row.state = state.to_word().to_owned();
    row.failure = failure;
    row.reported_etag = etag.map(|etag| etag.trim_matches('"').to_owned());
    row.checksum = checksum;
    row.same_as = None;
    let replaces = matches!(outcome, ItemOutcome::Stored { replace: true, .. });
    row.earlier = replaces.then(|| EarlierFate::Due.to_word().to_owned());
}

/// Has a row that was skipped, or is to replace something, point to the batch that holds it; where none does, it was
/// taken out, or is kept beside.
fn point(row: &mut item::Model, held: Option<&Held>) {
    let skipped = row.state == ItemState::Skipped.to_word();
    let same = |held: &&Held| held.checksum.is_some() && held.checksum == row.checksum;
    match held {
        Some(held) if skipped => row.same_as = Some(held.batch.as_str().to_owned()),
        None if skipped => ItemState::Cancelled.to_word().clone_into(&mut row.state),
        held => {
            let held = held.filter(|held| held.replaceable).filter(same);
            row.same_as = held.map(|held| held.batch.as_str().to_owned());
            row.earlier = row.earlier.take().filter(|_| row.same_as.is_some());
        }
    }
}

fn verdict(row: &item::Model, object: &Seen) -> ItemState {
    let same_etag = match (&row.reported_etag, &object.etag) {
        (Some(reported), Some(seen)) => reported == seen,
        _ => true,
    };
    if row.size == size(object.size) && same_etag { ItemState::Stored } else { ItemState::Differs }
}

/// How much of some rows is stored.
struct Stored {
    count: i64,
    bytes: i64,
}

impl Stored {
    fn of(rows: &[item::Model]) -> Self {
        let stored = rows.iter().filter(|row| row.state == ItemState::Stored.to_word());
        stored.fold(Self { count: 0, bytes: 0 }, |sum, row| Self {
            count: sum.count + 1,
            bytes: sum.bytes.saturating_add(row.size),
        })
    }
}

/// Writes rows that are there already, many in a statement: the portable way is an insert that conflicts.
async fn upsert(
    db: &impl ConnectionTrait,
    rows: Vec<item::Model>,
    columns: &[item::Column],
) -> Result<(), LedgerError> {
    let conflict = OnConflict::columns([item::Column::BatchId, item::Column::ItemIndex])
        .update_columns(columns.iter().copied())
        .to_owned();
    let rows: Vec<item::ActiveModel> =
        rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    for chunk in rows.chunks(CHUNK) {
        item::Entity::insert_many(chunk.iter().cloned())
            .on_conflict(conflict.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

//! Verifying: a batch ends once the store was seen to hold all of it.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect, Set,
};
use transfer::wire::{BatchId, BatchState, UnixMillis};

use super::{Batches, lock};
use crate::deliveries::queue;
use crate::entity::item;
use crate::quota::{add_to_day, day_of, hold, is_exceeded};
use crate::word::{Word, count, millis, size};
use crate::{Event, ItemState, LedgerError, Usage};

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// `Verified`; `Closed` if it holds more than the quotas allow; or `Open` as before.
    pub state: BatchState,
    /// Items in the store as announced.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Batches<'_> {
    /// Counts again what is stored, and ends the batch as `Verified` if no item is still expected: none announced,
    /// missing or differing. Otherwise it stays open. A batch that is verified already is answered as it is.
    ///
    /// What it was seen to hold beyond its items counts against the quotas from now on. A batch with any of it ends as
    /// `Closed` if that is more than they allow.
    ///
    /// # Errors
    /// `NoSuchBatch`; `BatchNotOpen` if it was closed.
    pub async fn verify(
        &self,
        id: &BatchId,
        beyond: Usage,
        now: UnixMillis,
    ) -> Result<Verification, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let owner = lock(&write, id).await?;
        match BatchState::from_word(&owner.state)? {
            BatchState::Open => {}
            BatchState::Closed => return Err(LedgerError::BatchNotOpen(id.clone())),
            BatchState::Verified => {
                return Ok(Verification {
                    state: BatchState::Verified,
                    stored: count(owner.stored_count),
                    bytes: count(owner.stored_bytes),
                });
            }
        }
        if beyond != Usage::NONE {
            // Before the day's row, as announcing does: two that take turns the other way round wait for each other.
            hold(&write, &owner, day_of(now)).await?;
        }
        let (stored, bytes) = stored(&write, id).await?;
        let mut change = owner.clone().into_active_model();
        change.stored_count = Set(stored);
        change.stored_bytes = Set(bytes);
        change.beyond_count = Set(size(beyond.files));
        change.beyond_bytes = Set(size(beyond.bytes));
        let known = Usage { files: count(owner.beyond_count), bytes: count(owner.beyond_bytes) };
        let mut change = change.update(&write).await?.into_active_model();
        add_to_day(&write, &owner, day_of(now), beyond.beyond(known)).await?;

        let state = if expected(&write, id).await? > 0 {
            BatchState::Open
        } else if beyond != Usage::NONE && is_exceeded(&write, &owner, day_of(now)).await? {
            BatchState::Closed
        } else {
            BatchState::Verified
        };
        let event = match state {
            BatchState::Open => None,
            BatchState::Closed => Some(Event::BatchClosed),
            BatchState::Verified => Some(Event::BatchVerified),
        };
        if let Some(event) = event {
            change.state = Set(state.to_word().to_owned());
            change.verified_at = Set((state == BatchState::Verified).then(|| millis(now)));
            change.closed_at = Set(Some(millis(now)));
            change.update(&write).await?;
            queue(&write, event, id, now).await?;
        }
        write.commit().await?;
        Ok(Verification { state, stored: count(stored), bytes: count(bytes) })
    }
}

/// How many items are still to come.
async fn expected(db: &impl ConnectionTrait, id: &BatchId) -> Result<u64, LedgerError> {
    Ok(item::Entity::find()
        .filter(item::Column::BatchId.eq(id.as_str()))
        .filter(item::Column::State.is_in(ItemState::EXPECTED.map(Word::to_word)))
        .count(db)
        .await?)
}

/// Stored items and their bytes, counted.
async fn stored(db: &impl ConnectionTrait, id: &BatchId) -> Result<(i64, i64), LedgerError> {
    let sum: Option<(i64, Option<i64>)> = item::Entity::find()
        .select_only()
        .column_as(item::Column::ItemIndex.count(), "stored")
        .column_as(Expr::col(item::Column::Size).sum().cast_as("bigint"), "bytes")
        .filter(item::Column::BatchId.eq(id.as_str()))
        .filter(item::Column::State.eq(ItemState::Stored.to_word()))
        .into_tuple()
        .one(db)
        .await?;
    let (stored, bytes) = sum.unwrap_or((0, None));
    Ok((stored, bytes.unwrap_or(0)))
}

//! Items together: how many are in which state, and why some are not in the store.

use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use transfer::wire::{BatchId, UnixMillis};

use super::Items;
use crate::entity::{batch, item};
use crate::word::{Word, count, millis};
use crate::{ItemState, LedgerError};

/// Why items are not in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// `Failed`, `Missing` or `Differs`.
    pub state: ItemState,
    /// The class of the failure, if it is known.
    pub failure: Option<String>,
    /// How many items.
    pub items: u64,
}

impl Items<'_> {
    /// How many items of a batch are in each state; states that none is in are left out.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_state(&self, batch: &BatchId) -> Result<Vec<(ItemState, u64)>, LedgerError> {
        let rows: Vec<(String, i64)> = item::Entity::find()
            .select_only()
            .column(item::Column::State)
            .column_as(item::Column::ItemIndex.count(), "items")
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .group_by(item::Column::State)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        rows.into_iter().map(|(state, items)| Ok((ItemState::from_word(&state)?, count(items)))).collect()
    }

    /// Why items of a batch are not in the store, most first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn causes_in(&self, batch: &BatchId) -> Result<Vec<Cause>, LedgerError> {
        let one = Query::select()
            .column(batch::Column::Id)
            .from(batch::Entity)
            .and_where(batch::Column::Id.eq(batch.as_str()))
            .take();
        self.causes_of(one).await
    }

    /// Why items of batches that were opened since then are not in the store, most first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn causes_since(&self, since: UnixMillis) -> Result<Vec<Cause>, LedgerError> {
        let batches = Query::select()
            .column(batch::Column::Id)
            .from(batch::Entity)
            .and_where(batch::Column::OpenedAt.gte(millis(since)))
            .take();
        self.causes_of(batches).await
    }

    async fn causes_of(&self, batches: SelectStatement) -> Result<Vec<Cause>, LedgerError> {
        let lost = [ItemState::Failed, ItemState::Missing, ItemState::Differs].map(Word::to_word);
        let rows: Vec<(String, Option<String>, i64)> = item::Entity::find()
            .select_only()
            .column(item::Column::State)
            .column(item::Column::Failure)
            .column_as(item::Column::ItemIndex.count(), "items")
            .filter(item::Column::BatchId.in_subquery(batches))
            .filter(item::Column::State.is_in(lost))
            .group_by(item::Column::State)
            .group_by(item::Column::Failure)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        let mut causes = Vec::with_capacity(rows.len());
        for (state, failure, items) in rows {
            causes.push(Cause { state: ItemState::from_word(&state)?, failure, items: count(items) });
        }
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.items));
        Ok(causes)
    }
}

//! Items that replace the copy of an earlier batch: which of those are still to be deleted.
//!
//! That an item replaces something is noted by its report; the rest is done when its batch is over. Of equal copies the
//! newest always stays, because only batches before the item's own count: however many replace one another at once, one
//! is left.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use transfer::wire::{BatchId, BatchState, EarlierFate, ItemIndex};

use super::{Item, Items, record};
use crate::LedgerError;
use crate::entity::{batch, item};
use crate::word::{Word, count};

impl Items<'_> {
    /// Batches that are over and have items whose earlier copies are still to be deleted.
    ///
    /// # Errors
    /// `Database`.
    pub async fn due_batches(&self, limit: u64) -> Result<Vec<BatchId>, LedgerError> {
        let over = Query::select()
            .column(batch::Column::Id)
            .from(batch::Entity)
            .and_where(batch::Column::State.ne(BatchState::Open.to_word()))
            .take();
        let ids: Vec<String> = item::Entity::find()
            .select_only()
            .column(item::Column::BatchId)
            .filter(item::Column::Earlier.eq(EarlierFate::Due.to_word()))
            .filter(item::Column::BatchId.in_subquery(over))
            .distinct()
            .limit(limit)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        Ok(ids.into_iter().filter_map(|id| BatchId::try_from(id).ok()).collect())
    }

    /// Items of a batch whose earlier copies are still to be deleted, in order, at most `limit`.
    ///
    /// # Errors
    /// `Database`.
    pub async fn due(&self, batch: &BatchId, limit: u64) -> Result<Vec<Item>, LedgerError> {
        let query = item::Entity::find()
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(item::Column::Earlier.eq(EarlierFate::Due.to_word()))
            .order_by_asc(item::Column::ItemIndex)
            .limit(limit);
        query.all(self.ledger.db()).await?.into_iter().map(record).collect()
    }

    /// Notes that earlier copies that were due stay where they are.
    ///
    /// # Errors
    /// `Database`.
    pub async fn leave_earlier(
        &self,
        batch: &BatchId,
        indexes: &[ItemIndex],
        fate: EarlierFate,
    ) -> Result<(), LedgerError> {
        settle_earlier(self.ledger.db(), batch, indexes, fate).await
    }

    /// How many earlier copies a batch has deleted, and how many it was to delete and has not.
    ///
    /// # Errors
    /// `Database`.
    pub async fn replaced(&self, batch: &BatchId) -> Result<(u64, u64), LedgerError> {
        let rows: Vec<(String, i64)> = item::Entity::find()
            .select_only()
            .column(item::Column::Earlier)
            .column_as(item::Column::ItemIndex.count(), "items")
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(item::Column::Earlier.is_not_null())
            .group_by(item::Column::Earlier)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        let (mut deleted, mut others) = (0, 0);
        for (fate, items) in rows {
            match EarlierFate::from_word(&fate)? {
                EarlierFate::Deleted => deleted += count(items),
                EarlierFate::Due | EarlierFate::Refused | EarlierFate::Left => others += count(items),
            }
        }
        Ok((deleted, others))
    }
}

/// Notes what became of earlier copies that were due.
pub(crate) async fn settle_earlier(
    db: &impl ConnectionTrait,
    batch: &BatchId,
    indexes: &[ItemIndex],
    fate: EarlierFate,
) -> Result<(), LedgerError> {
    item::Entity::update_many()
        .col_expr(item::Column::Earlier, Expr::value(fate.to_word()))
        .filter(item::Column::BatchId.eq(batch.as_str()))
        .filter(item::Column::ItemIndex.is_in(indexes.iter().map(|index| i64::from(index.0))))
        .filter(item::Column::Earlier.eq(EarlierFate::Due.to_word()))
        .exec(db)
        .await?;
    Ok(())
}

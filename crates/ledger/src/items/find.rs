//! Finding items among many of a batch.
//!
//! A path is looked for in every item of the batch: some tens of milliseconds where there are 100,000.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use transfer::wire::{BatchId, ItemIndex};

use super::{Item, ItemState, Items, record};
use crate::entity::item;
use crate::word::Word;
use crate::{LedgerError, search};

/// Which items to find; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// In this state.
    pub state: Option<ItemState>,
    /// With this in their path, whatever the case of its letters.
    pub about: Option<String>,
}

impl Items<'_> {
    /// The items of a batch that a filter leaves, in order, at most `limit`, after one of them.
    ///
    /// # Errors
    /// `Database`.
    pub async fn find(
        &self,
        batch: &BatchId,
        filter: &ItemFilter,
        after: Option<ItemIndex>,
        limit: u64,
    ) -> Result<Vec<Item>, LedgerError> {
        let mut query = item::Entity::find()
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .order_by_asc(item::Column::ItemIndex)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(item::Column::ItemIndex.gt(i64::from(after.0)));
        }
        if let Some(state) = filter.state {
            query = query.filter(item::Column::State.eq(state.to_word()));
        }
        if let Some(text) = search::wanted(filter.about.as_deref()) {
            query = query.filter(search::holds(item::Column::Path, &text));
        }
        query.all(self.ledger.db()).await?.into_iter().map(record).collect()
    }
}

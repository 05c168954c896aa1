//! Announcing: items become part of a batch.

use std::collections::{HashMap, HashSet};

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use transfer::wire::{BatchId, ItemIndex, UnixMillis};

use super::{CHUNK, Items, is_same, rows_by_index};
use crate::batches::lock_open;
use crate::entity::{batch, item};
use crate::word::{Word, count, millis, size};
use crate::{ItemState, LedgerError};

/// An item that passed the project's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedItem {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// Its path below the folder that was picked.
    pub path: String,
    /// Its whole key in the bucket.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was last changed, on the clock of the machine it comes from.
    pub modified: Option<UnixMillis>,
    /// Media type.
    pub media_type: String,
}

/// What became of an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// Part of the batch now, or the same item was before.
    Accepted,
    /// Another item of the batch has that key.
    Duplicate,
    /// Another item, or the same with another size, has that index.
    IndexTaken,
    /// The batch has as many items as it may.
    Full,
}

impl Items<'_> {
    /// Makes items part of an open batch, all in one transaction; answers each in turn. Announcing the same item
    /// again changes nothing and is accepted.
    ///
    /// # Errors
    /// `NoSuchBatch`, `BatchNotOpen`.
    pub async fn announce(
        &self,
        batch: &BatchId,
        items: &[AnnouncedItem],
        max_items: u32,
    ) -> Result<Vec<Announced>, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let owner = lock_open(&write, batch).await?;
        let known = Known::of(&write, batch, items).await?;
        let mut room = u64::from(max_items).saturating_sub(count(owner.item_count));
        let (answers, fresh) = known.sort(items, &mut room);
        for chunk in fresh.chunks(CHUNK) {
            let rows = chunk.iter().map(|new| row(batch, new));
            item::Entity::insert_many(rows).exec_without_returning(&write).await?;
        }
        if !fresh.is_empty() {
            batch::Entity::update_many()
                .col_expr(
                    batch::Column::ItemCount,
                    Expr::col(batch::Column::ItemCount).add(size(fresh.len() as u64)),
                )
                .filter(batch::Column::Id.eq(batch.as_str()))
                .exec(&write)
                .await?;
        }
        write.commit().await?;
        Ok(answers)
    }
}

/// What the batch has already that could be in the way.
struct Known {
    by_index: HashMap<i64, item::Model>,
    keys: HashSet<String>,
}

impl Known {
    async fn of(
        db: &impl ConnectionTrait,
        batch: &BatchId,
        items: &[AnnouncedItem],
    ) -> Result<Self, LedgerError> {
        let indexes: Vec<ItemIndex> = items.iter().map(|new| new.index).collect();
        let by_index =
            rows_by_index(db, batch, &indexes).await?.into_iter().map(|row| (row.item_index, row)).collect();
        let mut keys = HashSet::new();
        for chunk in items.chunks(CHUNK) {
            let taken: Vec<String> = item::Entity::find()
                .select_only()
                .column(item::Column::Key)
                .filter(item::Column::BatchId.eq(batch.as_str()))
                .filter(item::Column::Key.is_in(chunk.iter().map(|new| new.key.as_str())))
                .into_tuple()
                .all(db)
                .await?;
            keys.extend(taken);
        }
        Ok(Self { by_index, keys })
    }

    /// An answer for each item, and those that are to be written.
    fn sort<'a>(
        mut self,
        items: &'a [AnnouncedItem],
        room: &mut u64,
    ) -> (Vec<Announced>, Vec<&'a AnnouncedItem>) {
        let mut fresh: Vec<&AnnouncedItem> = Vec::new();
        let mut fresh_at: HashMap<ItemIndex, &AnnouncedItem> = HashMap::new();
        let answers = items
            .iter()
            .map(|new| {
                let before = self.by_index.get(&i64::from(new.index.0));
                if let Some(row) = before {
                    return if is_same(row, new) { Announced::Accepted } else { Announced::IndexTaken };
                }
                if let Some(first) = fresh_at.get(&new.index) {
                    return if *first == new { Announced::Accepted } else { Announced::IndexTaken };
                }
                if self.keys.contains(&new.key) {
                    return Announced::Duplicate;
                }
                if *room == 0 {
                    return Announced::Full;
                }
                *room -= 1;
                self.keys.insert(new.key.clone());
                fresh_at.insert(new.index, new);
                fresh.push(new);
                Announced::Accepted
            })
            .collect();
        (answers, fresh)
    }
}

fn row(batch: &BatchId, new: &AnnouncedItem) -> item::ActiveModel {
    item::ActiveModel {
        batch_id: Set(batch.as_str().to_owned()),
        item_index: Set(i64::from(new.index.0)),
        path: Set(new.path.clone()),
        key: Set(new.key.clone()),
        size: Set(size(new.size)),
        modified: Set(new.modified.map(millis)),
        media_type: Set(new.media_type.clone()),
        state: Set(ItemState::Announced.to_word().to_owned()),
        failure: Set(None),
        reported_etag: Set(None),
        checksum: Set(None),
        seen_etag: Set(None),
        seen_size: Set(None),
        seen_at: Set(None),
    }
}

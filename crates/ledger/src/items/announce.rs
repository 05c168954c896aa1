//! Announcing: items become part of a batch.

use std::collections::{HashMap, HashSet};

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter};
use transfer::wire::{BatchId, ItemIndex, UnixMillis};

use super::apart::{self, Clash};
use super::{CHUNK, Items, name_of, rows_by_index};
use crate::batches::{key_template, lock_open};
use crate::entity::{batch, item};
use crate::quota::{Room, Usage, add_to_day, day_of};
use crate::word::{Word, millis, size};
use crate::{ItemState, LedgerError};

/// An item that passed the project's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedItem {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// Its path below the folder that was picked.
    pub path: String,
    /// Its whole key in the bucket, as the batch's template makes it.
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
    /// Another item of the batch has that path; or that key, where keys are paths.
    Duplicate,
    /// Another item, or the same with another size, has that index.
    IndexTaken,
    /// The batch has as many items as it may.
    Full,
    /// The project, the person, or the link that the guest came by, takes no more.
    OverQuota,
    /// The project or the person takes no more on this day.
    OverDailyQuota,
    /// A quota is smaller than this file alone.
    TooLarge {
        /// That quota, in bytes.
        max: u64,
    },
}

impl Items<'_> {
    /// Makes items part of an open batch, all in one transaction; answers each in turn. Announcing the same item
    /// again changes nothing and is accepted.
    ///
    /// Where keys are paths, items keep the keys that they come with. Under another template one may be marked, so that
    /// it is like no other, and an item that is announced again has the key of the first time:
    /// [`by_index`](Self::by_index) tells them.
    ///
    /// # Errors
    /// `NoSuchBatch`, `BatchNotOpen`.
    pub async fn announce(
        &self,
        batch: &BatchId,
        items: &[AnnouncedItem],
        max_items: u32,
        now: UnixMillis,
    ) -> Result<Vec<Announced>, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let owner = lock_open(&write, batch).await?;
        let clash = if key_template(&owner)?.is_path() { Clash::Refused } else { Clash::Marked };
        let known = Known::of(&write, batch, items, clash).await?;
        let mut room = Room::of(&write, &owner, max_items, day_of(now)).await?;
        let (answers, mut fresh, keys) = known.sort(items, &mut room);
        if clash == Clash::Marked {
            apart::tell_apart(&write, batch, &mut fresh, keys).await?;
        }
        for chunk in fresh.chunks(CHUNK) {
            let rows = chunk.iter().map(|new| row(batch, new));
            item::Entity::insert_many(rows).exec_without_returning(&write).await?;
        }
        if !fresh.is_empty() {
            let more = Usage {
                files: fresh.len() as u64,
                bytes: fresh.iter().fold(0_u64, |sum, new| sum.saturating_add(new.size)),
            };
            batch::Entity::update_many()
                .col_expr(batch::Column::ItemCount, Expr::col(batch::Column::ItemCount).add(size(more.files)))
                .col_expr(batch::Column::ItemBytes, Expr::col(batch::Column::ItemBytes).add(size(more.bytes)))
                .filter(batch::Column::Id.eq(batch.as_str()))
                .exec(&write)
                .await?;
            add_to_day(&write, &owner, day_of(now), more).await?;
        }
        write.commit().await?;
        Ok(answers)
    }
}

/// What the batch has already that could be in the way.
struct Known {
    clash: Clash,
    by_index: HashMap<i64, item::Model>,
    keys: HashSet<String>,
    /// Only where keys do not tell them.
    paths: HashSet<String>,
}

impl Known {
    async fn of(
        db: &impl ConnectionTrait,
        batch: &BatchId,
        items: &[AnnouncedItem],
        clash: Clash,
    ) -> Result<Self, LedgerError> {
        let indexes: Vec<ItemIndex> = items.iter().map(|new| new.index).collect();
        let by_index =
            rows_by_index(db, batch, &indexes).await?.into_iter().map(|row| (row.item_index, row)).collect();
        let keys = apart::taken(db, batch, items.iter().map(|new| new.key.as_str())).await?;
        let paths = match clash {
            Clash::Refused => HashSet::new(),
            Clash::Marked => apart::announced(db, batch, items.iter().map(|new| new.path.as_str())).await?,
        };
        Ok(Self { clash, by_index, keys, paths })
    }

    /// An answer for each item, those that are to be written, and the keys that were taken before.
    fn sort(
        mut self,
        items: &[AnnouncedItem],
        room: &mut Room,
    ) -> (Vec<Announced>, Vec<AnnouncedItem>, HashSet<String>) {
        let clash = self.clash;
        let mut fresh: Vec<AnnouncedItem> = Vec::new();
        let mut fresh_at: HashMap<ItemIndex, &AnnouncedItem> = HashMap::new();
        let answers = items
            .iter()
            .map(|new| {
                let before = self.by_index.get(&i64::from(new.index.0));
                if let Some(row) = before {
                    return if is_same(row, new, clash) {
                        Announced::Accepted
                    } else {
                        Announced::IndexTaken
                    };
                }
                if let Some(first) = fresh_at.get(&new.index) {
                    let same = first.path == new.path && first.size == new.size;
                    return if same { Announced::Accepted } else { Announced::IndexTaken };
                }
                let taken = match clash {
                    Clash::Refused => self.keys.contains(&new.key),
                    Clash::Marked => self.paths.contains(&new.path),
                };
                if taken {
                    return Announced::Duplicate;
                }
                if let Err(why) = room.take(new.size) {
                    return why;
                }
                match clash {
                    Clash::Refused => self.keys.insert(new.key.clone()),
                    Clash::Marked => self.paths.insert(new.path.clone()),
                };
                fresh_at.insert(new.index, new);
                fresh.push(new.clone());
                Announced::Accepted
            })
            .collect();
        (answers, fresh, self.keys)
    }
}

/// Whether a row is the item that is announced again. Its key tells nothing where a template makes another one each time.
fn is_same(row: &item::Model, new: &AnnouncedItem, clash: Clash) -> bool {
    let same_key = clash == Clash::Marked || row.key == new.key;
    same_key && row.path == new.path && row.size == size(new.size)
}

/// The row of an item that is announced.
pub(crate) fn row(batch: &BatchId, new: &AnnouncedItem) -> item::ActiveModel {
    item::ActiveModel {
        batch_id: Set(batch.as_str().to_owned()),
        item_index: Set(i64::from(new.index.0)),
        path: Set(new.path.clone()),
        name: Set(name_of(&new.path)),
        key: Set(new.key.clone()),
        size: Set(size(new.size)),
        modified: Set(new.modified.map(millis)),
        media_type: Set(new.media_type.clone()),
        state: Set(ItemState::Announced.to_word().to_owned()),
        failure: Set(None),
        reported_etag: Set(None),
        checksum: Set(None),
        same_as: Set(None),
        earlier: Set(None),
        seen_etag: Set(None),
        seen_size: Set(None),
        seen_at: Set(None),
        deleted_at: Set(None),
        replaced_by: Set(None),
    }
}

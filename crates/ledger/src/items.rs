//! Items: the files of a batch.

mod announce;
mod apart;
mod find;
mod held;
mod outcome;
mod replacement;
mod tally;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use transfer::wire::{BatchId, EarlierFate, ItemIndex, UnixMillis};

pub(crate) use announce::row as announced;
pub use announce::{Announced, AnnouncedItem};
pub use find::ItemFilter;
pub use held::Held;
pub use outcome::Seen;
pub(crate) use replacement::settle_earlier;
pub use tally::Cause;

use crate::entity::item;
use crate::word::{Word, count, time};
use crate::{Ledger, LedgerError};

/// Rows in one statement: with 19 columns, far below SQLite's 32,766 and PostgreSQL's 65,535 variables.
pub(crate) const CHUNK: usize = 1_000;

/// What is known of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemState {
    /// May be sent.
    Announced,
    /// The browser says, or the store was seen, to hold it.
    Stored,
    /// Given up after the retries.
    Failed,
    /// Taken out by the person.
    Cancelled,
    /// Not sent, because the project holds the same file already.
    Skipped,
    /// Should be in the store, and is not.
    Missing,
    /// In the store, but not as announced or reported.
    Differs,
}

impl ItemState {
    /// States of items that must still arrive before the batch is complete.
    pub const EXPECTED: [Self; 3] = [Self::Announced, Self::Missing, Self::Differs];

    /// The word for it, as the ledger keeps it.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.to_word()
    }
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// Its path below the folder that was picked.
    pub path: String,
    /// Its whole key in the bucket.
    pub key: String,
    /// Bytes, as announced.
    pub size: u64,
    /// When it was last changed, on the clock of the machine it comes from.
    pub modified: Option<UnixMillis>,
    /// Media type.
    pub media_type: String,
    /// What is known of it.
    pub state: ItemState,
    /// The class of the failure, if it was given up.
    pub failure: Option<String>,
    /// The ETag that the browser was answered.
    pub reported_etag: Option<String>,
    /// The checksum of what was sent, such as `crc64nvme:<base64>`, as its sender computed it.
    pub checksum: Option<String>,
    /// The earlier batch that holds the same file, if this one was skipped for that, or is to replace it.
    pub same_as: Option<BatchId>,
    /// What becomes of that copy, if this one is to replace it.
    pub earlier: Option<EarlierFate>,
    /// The later batch for which this one was deleted.
    pub replaced_by: Option<BatchId>,
    /// What the store held when the server last looked.
    pub seen: Option<SeenObject>,
}

/// An object as the server saw it in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenObject {
    /// Bytes.
    pub size: u64,
    /// The ETag, without quotes.
    pub etag: Option<String>,
    /// When.
    pub time: UnixMillis,
}

/// Items in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Items<'_> {
    /// The items of a batch in order, at most `limit`, after one of them.
    ///
    /// # Errors
    /// `Database`.
    pub async fn page(
        &self,
        batch: &BatchId,
        after: Option<ItemIndex>,
        limit: u64,
    ) -> Result<Vec<Item>, LedgerError> {
        self.find(batch, &ItemFilter::default(), after, limit).await
    }

    /// Those of these items that the batch has, in order.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_index(&self, batch: &BatchId, indexes: &[ItemIndex]) -> Result<Vec<Item>, LedgerError> {
        rows_by_index(self.ledger.db(), batch, indexes).await?.into_iter().map(record).collect()
    }

    /// Those items of the batch that have one of these keys, in no order.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_key(&self, batch: &BatchId, keys: &[String]) -> Result<Vec<Item>, LedgerError> {
        let mut items = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(CHUNK) {
            let rows = item::Entity::find()
                .filter(item::Column::BatchId.eq(batch.as_str()))
                .filter(item::Column::Key.is_in(chunk))
                .all(self.ledger.db())
                .await?;
            for row in rows {
                items.push(record(row)?);
            }
        }
        Ok(items)
    }

    /// Those items of the batch that have one of these paths, in no order.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_path(&self, batch: &BatchId, paths: &[String]) -> Result<Vec<Item>, LedgerError> {
        let mut items = Vec::with_capacity(paths.len());
        for chunk in paths.chunks(CHUNK) {
            let rows = item::Entity::find()
                .filter(item::Column::BatchId.eq(batch.as_str()))
                .filter(item::Column::Path.is_in(chunk))
                .all(self.ledger.db())
                .await?;
            for row in rows {
                items.push(record(row)?);
            }
        }
        Ok(items)
    }

    /// Items that must still arrive, in order, at most `limit`.
    ///
    /// # Errors
    /// `Database`.
    pub async fn in_state(
        &self,
        batch: &BatchId,
        state: ItemState,
        limit: u64,
    ) -> Result<Vec<ItemIndex>, LedgerError> {
        let indexes: Vec<i64> = item::Entity::find()
            .select_only()
            .column(item::Column::ItemIndex)
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(item::Column::State.eq(state.to_word()))
            .order_by_asc(item::Column::ItemIndex)
            .limit(limit)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        indexes.into_iter().map(index).collect()
    }
}

async fn rows_by_index(
    db: &impl ConnectionTrait,
    batch: &BatchId,
    indexes: &[ItemIndex],
) -> Result<Vec<item::Model>, LedgerError> {
    let mut rows = Vec::with_capacity(indexes.len());
    for chunk in indexes.chunks(CHUNK) {
        let page = item::Entity::find()
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(item::Column::ItemIndex.is_in(chunk.iter().map(|index| i64::from(index.0))))
            .order_by_asc(item::Column::ItemIndex)
            .all(db)
            .await?;
        rows.extend(page);
    }
    Ok(rows)
}

pub(crate) fn index(column: i64) -> Result<ItemIndex, LedgerError> {
    u32::try_from(column)
        .map(ItemIndex)
        .map_err(|_| LedgerError::Corrupt { column: "items.item_index", found: column.to_string() })
}

fn record(row: item::Model) -> Result<Item, LedgerError> {
    let seen = match (row.seen_size, row.seen_at) {
        (Some(bytes), Some(at)) => {
            Some(SeenObject { size: count(bytes), etag: row.seen_etag, time: time(at) })
        }
        _ => None,
    };
    Ok(Item {
        index: index(row.item_index)?,
        path: row.path,
        key: row.key,
        size: count(row.size),
        modified: row.modified.map(time),
        media_type: row.media_type,
        state: ItemState::from_word(&row.state)?,
        failure: row.failure,
        reported_etag: row.reported_etag,
        checksum: row.checksum,
        same_as: row.same_as.and_then(|batch| BatchId::try_from(batch).ok()),
        earlier: row.earlier.as_deref().map(EarlierFate::from_word).transpose()?,
        replaced_by: row.replaced_by.and_then(|batch| BatchId::try_from(batch).ok()),
        seen,
    })
}

/// The name of a file, as it is looked for: what follows the last slash, in small letters.
pub(crate) fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_lowercase()
}

//! Images: what is stored, in the order in which people look at it. A batch by path; a project batch by batch, the
//! newest first.
//!
//! A gallery is asked for any part of it, because people drag scroll bars. The counters of the batches say where a part
//! begins, and an index that has nothing but what is shown finds it: a part of 100,000 images costs a few milliseconds,
//! wherever it is.

mod find;
mod shelf;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    Set,
};
use transfer::wire::{BatchId, EarlierFate, ItemIndex, ProjectId, UnixMillis, thumbnail};

use crate::audit::note;
use crate::batches::lock;
use crate::entity::{batch, item};
use crate::items::{index, settle_earlier};
use crate::word::{count, millis, size};
use crate::{Action, Deed, Ledger, LedgerError, WhoseBatches};

use shelf::Shelf;

/// What is shown: the condition of the index `items_shown`, word for word. As a parameter no database would see that it
/// is the same.
const SHOWN: &str = "state = 'stored' AND deleted_at IS NULL";

/// Whose images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gallery {
    /// Those of a batch.
    Batch(BatchId),
    /// Those of a project's batches.
    Project(ProjectId, WhoseBatches),
}

/// A stored image, or any other file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its batch.
    pub batch: BatchId,
    /// Its place in the batch.
    pub index: ItemIndex,
    /// Its path below the folder that was picked.
    pub path: String,
    /// Its whole key in the bucket.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Media type.
    pub media_type: String,
    /// The key of its thumbnail, if there should be one.
    pub thumbnail: Option<String>,
}

/// A part of a gallery, or of what a search finds in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagesPart {
    /// Images in the whole gallery, as far as is known; or all that the search found.
    pub total: u64,
    /// Those of this part, in order.
    pub images: Vec<Image>,
    /// Where the search ended before the gallery does.
    pub beyond: Option<Beyond>,
}

/// What a search did not look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// So many images.
    pub images: u64,
    /// Those of batches that are older than that one.
    pub older_than: BatchId,
}

/// Images in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Images<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Images<'_> {
    /// So many images of a gallery, from that place on.
    ///
    /// # Errors
    /// `Database`.
    pub async fn part(&self, of: &Gallery, first: u64, most: u64) -> Result<ImagesPart, LedgerError> {
        let total = self.count(of, None).await?;
        let shelves = self.shelves(of, None, first..first.saturating_add(most)).await?;
        let images = self.on_shelves(&shelves, None, first, most).await?;
        Ok(ImagesPart { total, images, beyond: None })
    }

    /// Notes that thumbnails of a batch are in the store.
    ///
    /// # Errors
    /// `Database`.
    pub async fn note_thumbnails(&self, batch: &BatchId) -> Result<(), LedgerError> {
        batch::Entity::update_many()
            .col_expr(batch::Column::Thumbnails, Expr::value(true))
            .filter(batch::Column::Id.eq(batch.as_str()))
            .exec(self.ledger.db())
            .await?;
        Ok(())
    }

    /// Those of these items that a gallery shows, in order.
    ///
    /// # Errors
    /// `Database`.
    pub async fn of_items(&self, batch: &BatchId, indexes: &[ItemIndex]) -> Result<Vec<Image>, LedgerError> {
        let Some(shelf) = self.shelves(&Gallery::Batch(batch.clone()), None, 0..1).await?.pop() else {
            return Ok(Vec::new());
        };
        let rows = item::Entity::find()
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(item::Column::ItemIndex.is_in(indexes.iter().map(|index| i64::from(index.0))))
            .filter(Expr::cust(SHOWN))
            .order_by_asc(item::Column::ItemIndex)
            .all(self.ledger.db())
            .await?;
        rows.into_iter().map(|row| record(row, &shelf)).collect()
    }

    /// Notes that images were deleted from the store; answers how many. What the receipt says stays.
    ///
    /// # Errors
    /// `NoSuchBatch`.
    pub async fn delete(
        &self,
        deed: Deed<'_>,
        batch: &BatchId,
        indexes: &[ItemIndex],
    ) -> Result<u64, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let deleted = take_off(&write, deed.at, batch, indexes, None).await?;
        if deleted > 0 {
            let detail = format!("{deleted} files");
            note(&write, deed, Action::ImagesDeleted, batch.as_str(), &detail).await?;
        }
        write.commit().await?;
        Ok(deleted)
    }

    /// Notes that images of an earlier batch were deleted from the store because items of another batch replace them;
    /// pairs of the two. What either receipt says of its own files stays. Noting it again changes nothing.
    ///
    /// # Errors
    /// `NoSuchBatch`.
    pub async fn replace(
        &self,
        deed: Deed<'_>,
        earlier: &BatchId,
        by: &BatchId,
        pairs: &[(ItemIndex, ItemIndex)],
    ) -> Result<(), LedgerError> {
        let (olds, news): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
        let write = self.ledger.begin_write().await?;
        let deleted = take_off(&write, deed.at, earlier, &olds, Some(by)).await?;
        settle_earlier(&write, by, &news, EarlierFate::Deleted).await?;
        if deleted > 0 {
            let detail = format!("{deleted} files, by {by}");
            note(&write, deed, Action::ImagesReplaced, earlier.as_str(), &detail).await?;
        }
        Ok(write.commit().await?)
    }
}

/// Takes images off a batch's shelf, because they were deleted; answers how many were there.
async fn take_off(
    db: &impl ConnectionTrait,
    at: UnixMillis,
    batch: &BatchId,
    indexes: &[ItemIndex],
    replaced_by: Option<&BatchId>,
) -> Result<u64, LedgerError> {
    let owner = lock(db, batch).await?;
    let update = item::Entity::update_many()
        .col_expr(item::Column::DeletedAt, Expr::value(millis(at)))
        .col_expr(item::Column::ReplacedBy, Expr::value(replaced_by.map(BatchId::as_str)))
        .filter(item::Column::BatchId.eq(batch.as_str()))
        .filter(item::Column::ItemIndex.is_in(indexes.iter().map(|index| i64::from(index.0))))
        .filter(Expr::cust(SHOWN));
    let deleted = update.exec(db).await?.rows_affected;
    if deleted > 0 {
        let before = owner.deleted_count;
        let mut change = owner.into_active_model();
        change.deleted_count = Set(before + size(deleted));
        change.update(db).await?;
    }
    Ok(deleted)
}

fn record(row: item::Model, shelf: &Shelf) -> Result<Image, LedgerError> {
    let (index, bytes) = (index(row.item_index)?, count(row.size));
    let has_thumbnail = shelf.thumbnails && thumbnail::is_wanted(&row.media_type, bytes);
    Ok(Image {
        batch: shelf.batch.clone(),
        thumbnail: has_thumbnail.then(|| thumbnail::key(&shelf.prefix, index)),
        index,
        path: row.path,
        key: row.key,
        size: bytes,
        media_type: row.media_type,
    })
}

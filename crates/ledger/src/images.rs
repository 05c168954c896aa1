//! Images: what is stored, in the order in which people look at it. A batch by path; a project batch by batch, the
//! newest first.
//!
//! A gallery is asked for any part of it, because people drag scroll bars. The counters of the batches say where a part
//! begins, and an index that has nothing but what is shown finds it: a part of 100,000 images costs a few milliseconds,
//! wherever it is.

use std::cmp::min;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use transfer::wire::{BatchId, ItemIndex, ProjectId};

use crate::audit::note;
use crate::batches::lock;
use crate::entity::{batch, item};
use crate::items::index;
use crate::word::{count, millis, size};
use crate::{Action, Deed, Ledger, LedgerError, WhoseBatches};

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
}

/// A part of a gallery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagesPart {
    /// Images in the whole gallery, as far as is known.
    pub total: u64,
    /// Those of this part, in order.
    pub images: Vec<Image>,
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
        let shelves = self.shelves(of).await?;
        let total = shelves.iter().map(|(_, images)| images).sum();
        let (mut skip, mut left) = (first, most);
        let mut images = Vec::new();
        for (batch, here) in shelves {
            if left == 0 {
                break;
            }
            if skip >= here {
                skip -= here;
                continue;
            }
            let taken = min(left, here - skip);
            images.extend(self.of_batch(&batch, skip, taken).await?);
            (skip, left) = (0, left - taken);
        }
        Ok(ImagesPart { total, images })
    }

    /// Those of these items that a gallery shows, in order.
    ///
    /// # Errors
    /// `Database`.
    pub async fn of_items(&self, batch: &BatchId, indexes: &[ItemIndex]) -> Result<Vec<Image>, LedgerError> {
        let rows = item::Entity::find()
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(item::Column::ItemIndex.is_in(indexes.iter().map(|index| i64::from(index.0))))
            .filter(Expr::cust(SHOWN))
            .order_by_asc(item::Column::ItemIndex)
            .all(self.ledger.db())
            .await?;
        rows.into_iter().map(record).collect()
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
        let owner = lock(&write, batch).await?;
        let update = item::Entity::update_many()
            .col_expr(item::Column::DeletedAt, Expr::value(millis(deed.at)))
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(item::Column::ItemIndex.is_in(indexes.iter().map(|index| i64::from(index.0))))
            .filter(Expr::cust(SHOWN));
        let deleted = update.exec(&write).await?.rows_affected;
        if deleted > 0 {
            let before = owner.deleted_count;
            let mut change = owner.into_active_model();
            change.deleted_count = Set(before + size(deleted));
            change.update(&write).await?;
            let detail = format!("{deleted} files");
            note(&write, deed, Action::ImagesDeleted, batch.as_str(), &detail).await?;
        }
        write.commit().await?;
        Ok(deleted)
    }

    /// The batches of a gallery that have something to show, in order, with how much.
    async fn shelves(&self, of: &Gallery) -> Result<Vec<(BatchId, u64)>, LedgerError> {
        let shown = Expr::col(batch::Column::StoredCount).sub(Expr::col(batch::Column::DeletedCount));
        let mut query = batch::Entity::find()
            .select_only()
            .column(batch::Column::Id)
            .column_as(shown.clone(), "shown")
            .filter(shown.gt(0))
            .order_by_desc(batch::Column::OpenedAt)
            .order_by_desc(batch::Column::Id);
        query = match of {
            Gallery::Batch(batch) => query.filter(batch::Column::Id.eq(batch.as_str())),
            Gallery::Project(project, _) => query.filter(batch::Column::ProjectId.eq(project.as_str())),
        };
        if let Gallery::Project(_, WhoseBatches::Of(person)) = of {
            query = query.filter(batch::Column::PersonId.eq(person.0));
        }
        let rows: Vec<(String, i64)> = query.into_tuple().all(self.ledger.db()).await?;
        let shelf = |(id, images): (String, i64)| Some((BatchId::try_from(id).ok()?, count(images)));
        Ok(rows.into_iter().filter_map(shelf).collect())
    }

    async fn of_batch(&self, batch: &BatchId, skip: u64, most: u64) -> Result<Vec<Image>, LedgerError> {
        let shown = item::Entity::find()
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(Expr::cust(SHOWN))
            .order_by_asc(item::Column::Key);
        // First where the part begins, which the index knows by itself; the rows before it are never read.
        let mut part = shown.clone().limit(most);
        if skip > 0 {
            let first: Option<String> = shown
                .select_only()
                .column(item::Column::Key)
                .offset(skip)
                .limit(1)
                .into_tuple()
                .one(self.ledger.db())
                .await?;
            let Some(first) = first else { return Ok(Vec::new()) };
            part = part.filter(item::Column::Key.gte(first));
        }
        part.all(self.ledger.db()).await?.into_iter().map(record).collect()
    }
}

fn record(row: item::Model) -> Result<Image, LedgerError> {
    let batch = row.batch_id;
    Ok(Image {
        batch: batch
            .parse()
            .map_err(|_| LedgerError::Corrupt { column: "items.batch_id", found: batch.clone() })?,
        index: index(row.item_index)?,
        path: row.path,
        key: row.key,
        size: count(row.size),
        media_type: row.media_type,
    })
}

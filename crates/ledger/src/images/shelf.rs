//! The batches of a gallery, one behind the other like shelves, and what stands on them.

use std::cmp::min;
use std::collections::HashMap;
use std::mem::take;
use std::ops::Range;

use sea_orm::sea_query::{Expr, Order, Query, SelectStatement, WindowStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use transfer::wire::BatchId;

use super::{Gallery, Image, Images, SHOWN, record};
use crate::batches::older_than_that;
use crate::entity::{batch, item};
use crate::items::CHUNK;
use crate::word::count;
use crate::{LedgerError, WhoseBatches, search};

/// A batch in a gallery.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) batch: BatchId,
    pub(super) prefix: String,
    /// Whether some browser made thumbnails of it.
    pub(super) thumbnails: bool,
    /// What there is to show, at least one.
    pub(super) images: u64,
    /// What there is on the shelves before it.
    pub(super) before: u64,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    prefix: String,
    thumbnails: bool,
    shown: i64,
    until: i64,
}

impl Images<'_> {
    /// How many images a gallery has, as far as is known; all of them, or those of batches that are older than that one.
    pub(super) async fn count(&self, of: &Gallery, older_than: Option<&BatchId>) -> Result<u64, LedgerError> {
        let sum: Option<Option<i64>> = batch::Entity::find()
            .select_only()
            .column_as(shown().sum().cast_as("bigint"), "images")
            .filter(self.condition(of, older_than).await?)
            .into_tuple()
            .one(self.ledger.db())
            .await?;
        Ok(count(sum.flatten().unwrap_or_default()))
    }

    /// The shelves of a gallery, or of what of it is older than that batch, on which these places are, in order.
    pub(super) async fn shelves(
        &self,
        of: &Gallery,
        older_than: Option<&BatchId>,
        places: Range<u64>,
    ) -> Result<Vec<Shelf>, LedgerError> {
        let [from, to] = [places.start, places.end].map(|place| i64::try_from(place).unwrap_or(i64::MAX));
        let (until, shown) = (Expr::col("until"), Expr::col("shown"));
        let query = Query::select()
            .columns(["id", "prefix", "thumbnails", "shown"])
            .expr_as(until.clone().cast_as("bigint"), "until")
            .from_subquery(in_order(self.condition(of, older_than).await?), "shelves")
            .and_where(until.clone().gt(from))
            .and_where(until.clone().sub(shown).lt(to))
            .order_by_expr(until, Order::Asc)
            .take();
        let db = self.ledger.db();
        let rows = Row::find_by_statement(db.get_database_backend().build(&query)).all(db).await?;
        let shelf = |row: Row| {
            let (images, until) = (count(row.shown), count(row.until));
            let batch = BatchId::try_from(row.id).ok()?;
            let (prefix, thumbnails) = (row.prefix, row.thumbnails);
            Some(Shelf { batch, prefix, thumbnails, images, before: until.saturating_sub(images) })
        };
        Ok(rows.into_iter().filter_map(shelf).collect())
    }

    /// What stands in so many places, from that one on; only what has the text in its path is counted.
    pub(super) async fn on_shelves(
        &self,
        shelves: &[Shelf],
        text: Option<&str>,
        first: u64,
        most: u64,
    ) -> Result<Vec<Image>, LedgerError> {
        let (mut images, mut whole) = (Vec::new(), Vec::new());
        for shelf in shelves {
            let [from, to] = [first, first.saturating_add(most)]
                .map(|place| min(place.saturating_sub(shelf.before), shelf.images));
            if from == to {
                continue;
            }
            if to - from == shelf.images {
                whole.push(shelf);
            } else {
                images.append(&mut self.on_whole(&take(&mut whole), text).await?);
                images.append(&mut self.on_one(shelf, text, from, to - from).await?);
            }
        }
        images.append(&mut self.on_whole(&whole, text).await?);
        Ok(images)
    }

    /// All that stands on some shelves.
    async fn on_whole(&self, shelves: &[&Shelf], text: Option<&str>) -> Result<Vec<Image>, LedgerError> {
        let mut images = Vec::new();
        for chunk in shelves.chunks(CHUNK) {
            let places = (0_usize..).zip(chunk).map(|(place, shelf)| (shelf.batch.as_str(), (place, *shelf)));
            let places: HashMap<&str, (usize, &Shelf)> = places.collect();
            let mut found = Vec::new();
            for row in on(places.keys().copied(), text).all(self.ledger.db()).await? {
                if let Some((place, shelf)) = places.get(row.batch_id.as_str()) {
                    found.push((*place, record(row, shelf)?));
                }
            }
            // Stable: on a shelf they stay by key.
            found.sort_by_key(|(place, _)| *place);
            images.extend(found.into_iter().map(|(_, image)| image));
        }
        Ok(images)
    }

    /// Some of what stands on a shelf.
    async fn on_one(
        &self,
        shelf: &Shelf,
        text: Option<&str>,
        skip: u64,
        most: u64,
    ) -> Result<Vec<Image>, LedgerError> {
        let shown = on([shelf.batch.as_str()], text);
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
        part.all(self.ledger.db()).await?.into_iter().map(|row| record(row, shelf)).collect()
    }

    async fn condition(&self, of: &Gallery, older_than: Option<&BatchId>) -> Result<Condition, LedgerError> {
        // What is being taken back is there no more.
        let mut condition = Condition::all().add(shown().gt(0)).add(batch::Column::UndoBegunAt.is_null());
        condition = condition.add(match of {
            Gallery::Batch(batch) => batch::Column::Id.eq(batch.as_str()),
            Gallery::Project(project, _) => batch::Column::ProjectId.eq(project.as_str()),
        });
        if let Gallery::Project(_, WhoseBatches::Of(person)) = of {
            condition = condition.add(batch::Column::PersonId.eq(person.0));
        }
        if let Some(id) = older_than {
            condition = condition.add(older_than_that(self.ledger.db(), id).await?);
        }
        Ok(condition)
    }
}

/// What a batch has to show.
fn shown() -> Expr {
    Expr::col(batch::Column::StoredCount).sub(Expr::col(batch::Column::DeletedCount))
}

/// Batches, the newest first, each with how much there is until its end.
fn in_order(condition: Condition) -> SelectStatement {
    let newest_first = WindowStatement::new()
        .order_by(batch::Column::OpenedAt, Order::Desc)
        .order_by(batch::Column::Id, Order::Desc)
        .take();
    Query::select()
        .columns([batch::Column::Id, batch::Column::Prefix, batch::Column::Thumbnails])
        .expr_as(shown(), "shown")
        .expr_window_as(shown().sum(), newest_first, "until")
        .from(batch::Entity)
        .cond_where(condition)
        .take()
}

/// What stands on these shelves, each by key; only what has the text in its path.
fn on<'a>(shelves: impl IntoIterator<Item = &'a str>, text: Option<&str>) -> Select<item::Entity> {
    item::Entity::find()
        .filter(item::Column::BatchId.is_in(shelves))
        .filter(Expr::cust(SHOWN))
        .filter(Condition::all().add_option(text.map(|text| search::holds(item::Column::Path, text))))
        .order_by_asc(item::Column::Key)
}

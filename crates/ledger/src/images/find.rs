//! Finding images by a part of their path.
//!
//! No index knows the middle of a path, so each image is looked at: up to 0.2 s for 100,000 if all match. A batch is
//! searched as a whole. In a project, a search ends with the last batch within [`LOOKED_AT`] images; it says so, and can
//! be told to go on with what is older.

use std::collections::HashMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use transfer::wire::BatchId;

use super::{Beyond, Gallery, Images, ImagesPart, SHOWN, Shelf, record};
use crate::entity::item;
use crate::items::CHUNK;
use crate::{LedgerError, search};

/// Images that one search looks at, but always a whole batch: so that it answers within 100 ms on two cores.
const LOOKED_AT: u64 = 40_000;

/// An image that was found: which shelf, and which item of it.
type Place = (usize, i64);

impl Images<'_> {
    /// So many of a gallery's images whose path has a text, whatever the case of its letters, from that place on; of all
    /// batches, or of those that are older than one of them. Without a text, the same as [`part`](Self::part).
    ///
    /// # Errors
    /// `NoSuchBatch` if there is none to be older than.
    pub async fn find(
        &self,
        of: &Gallery,
        about: Option<&str>,
        older_than: Option<&BatchId>,
        first: u64,
        most: u64,
    ) -> Result<ImagesPart, LedgerError> {
        let Some(text) = search::wanted(about) else { return self.part(of, first, most).await };
        let mut shelves = self.shelves(of, older_than).await?;
        let beyond = cut(&mut shelves);
        let places = self.places(&shelves, &text).await?;
        let [skip, take] = [first, most].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let part: Vec<Place> = places.iter().copied().skip(skip).take(take).collect();
        let mut rows = self.rows(&shelves, &part).await?;
        let mut images = Vec::with_capacity(part.len());
        for place in part {
            // What was deleted this very moment is there no more.
            if let (Some(shelf), Some(row)) = (shelves.get(place.0), rows.remove(&place)) {
                images.push(record(row, shelf)?);
            }
        }
        Ok(ImagesPart { total: places.len() as u64, images, beyond })
    }

    /// All images that have the text in their path, shelf by shelf, and each by key.
    async fn places(&self, shelves: &[Shelf], text: &str) -> Result<Vec<Place>, LedgerError> {
        let mut places = Vec::new();
        for (number, chunk) in shelves.chunks(CHUNK).enumerate() {
            let ids = chunk.iter().zip(number * CHUNK..).map(|(known, shelf)| (known.batch.as_str(), shelf));
            let ids: HashMap<&str, usize> = ids.collect();
            let rows: Vec<(String, i64)> = item::Entity::find()
                .select_only()
                .column(item::Column::BatchId)
                .column(item::Column::ItemIndex)
                .filter(item::Column::BatchId.is_in(ids.keys().copied()))
                .filter(Expr::cust(SHOWN))
                .filter(search::holds(item::Column::Path, text))
                .order_by_asc(item::Column::Key)
                .into_tuple()
                .all(self.ledger.db())
                .await?;
            let place = |(batch, index): (String, i64)| Some((*ids.get(batch.as_str())?, index));
            let mut found: Vec<Place> = rows.into_iter().filter_map(place).collect();
            // Stable: within a shelf they stay by key.
            found.sort_by_key(|(shelf, _)| *shelf);
            places.append(&mut found);
        }
        Ok(places)
    }

    /// What is in these places.
    async fn rows(
        &self,
        shelves: &[Shelf],
        places: &[Place],
    ) -> Result<HashMap<Place, item::Model>, LedgerError> {
        let mut wanted = Condition::any();
        for same in places.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(shelf) = same.first().and_then(|(shelf, _)| shelves.get(*shelf)) else { continue };
            let batch = item::Column::BatchId.eq(shelf.batch.as_str());
            let indexes = item::Column::ItemIndex.is_in(same.iter().map(|(_, index)| *index));
            wanted = wanted.add(Condition::all().add(batch).add(indexes));
        }
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let rows =
            item::Entity::find().filter(wanted).filter(Expr::cust(SHOWN)).all(self.ledger.db()).await?;
        let ids: HashMap<&str, usize> =
            shelves.iter().enumerate().map(|(shelf, known)| (known.batch.as_str(), shelf)).collect();
        let place = |row: item::Model| {
            let shelf = *ids.get(row.batch_id.as_str())?;
            Some(((shelf, row.item_index), row))
        };
        Ok(rows.into_iter().filter_map(place).collect())
    }
}

/// Leaves as many shelves as one search looks at; answers what is on the others.
fn cut(shelves: &mut Vec<Shelf>) -> Option<Beyond> {
    let mut sum = 0;
    let within = |shelf: &&Shelf| {
        sum += shelf.images;
        sum <= LOOKED_AT
    };
    let kept = shelves.iter().take_while(within).count().max(1).min(shelves.len());
    let images = shelves.split_off(kept).iter().map(|shelf| shelf.images).sum();
    let older_than = shelves.last()?.batch.clone();
    (images > 0).then_some(Beyond { images, older_than })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    fn cut_of(images: &[u64]) -> (usize, Option<(u64, String)>) {
        let shelf = |(number, images): (usize, &u64)| {
            let batch = format!("b{number}").parse().unwrap();
            Shelf { batch, prefix: String::new(), thumbnails: false, images: *images }
        };
        let mut shelves: Vec<Shelf> = images.iter().enumerate().map(shelf).collect();
        let beyond = cut(&mut shelves);
        (shelves.len(), beyond.map(|beyond| (beyond.images, beyond.older_than.to_string())))
    }

    #[test]
    fn a_search_ends_with_a_whole_batch_and_looks_at_one_at_least() {
        assert_eq!(cut_of(&[]), (0, None));
        assert_eq!(cut_of(&[LOOKED_AT]), (1, None));
        assert_eq!(cut_of(&[1, LOOKED_AT - 1, 1]), (2, Some((1, "b1".to_owned()))));
        assert_eq!(cut_of(&[1, LOOKED_AT, 7]), (1, Some((LOOKED_AT + 7, "b0".to_owned()))));
        assert_eq!(cut_of(&[LOOKED_AT * 9, 3]), (1, Some((3, "b0".to_owned()))));
    }
}

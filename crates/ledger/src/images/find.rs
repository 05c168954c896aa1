//! Finding images by a part of their path.
//!
//! No index knows the middle of a path, so each image is looked at. A batch is searched as a whole. In a project, a search
//! ends with the last batch within [`LOOKED_AT`] images; it says so, and can be told to go on with what is older.

use std::collections::HashMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use transfer::wire::BatchId;

use super::shelf::Shelf;
use super::{Beyond, Gallery, Images, ImagesPart, SHOWN};
use crate::entity::item;
use crate::items::CHUNK;
use crate::word::count;
use crate::{LedgerError, search};

/// Images that one search looks at, but always a whole batch: so that it answers within 100 ms on two cores
/// (`cargo xtask bench ledger`).
const LOOKED_AT: u64 = 30_000;

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
        let all = self.count(of, older_than).await?;
        let mut shelves = self.shelves(of, older_than, 0..LOOKED_AT).await?;
        let beyond = cut(&mut shelves, all);
        let (found, total) = self.matching(shelves, &text).await?;
        let images = self.on_shelves(&found, Some(&text), first, most).await?;
        Ok(ImagesPart { total, images, beyond })
    }

    /// The shelves with nothing on them but what has the text in its path, and how much that is; empty ones are left out.
    async fn matching(&self, shelves: Vec<Shelf>, text: &str) -> Result<(Vec<Shelf>, u64), LedgerError> {
        let mut counts: HashMap<String, u64> = HashMap::new();
        for chunk in shelves.chunks(CHUNK) {
            let rows: Vec<(String, i64)> = item::Entity::find()
                .select_only()
                .column(item::Column::BatchId)
                .column_as(item::Column::ItemIndex.count(), "images")
                .filter(item::Column::BatchId.is_in(chunk.iter().map(|shelf| shelf.batch.as_str())))
                .filter(Expr::cust(SHOWN))
                .filter(search::holds(item::Column::Path, text))
                .group_by(item::Column::BatchId)
                .into_tuple()
                .all(self.ledger.db())
                .await?;
            counts.extend(rows.into_iter().map(|(batch, images)| (batch, count(images))));
        }
        let mut total = 0;
        let found = shelves.into_iter().filter_map(|shelf| {
            let images = counts.get(shelf.batch.as_str()).copied()?;
            let before = total;
            total += images;
            Some(Shelf { images, before, ..shelf })
        });
        Ok((found.collect(), total))
    }
}

/// Leaves as many shelves as one search looks at; answers what is on the others, of so much on all.
fn cut(shelves: &mut Vec<Shelf>, all: u64) -> Option<Beyond> {
    shelves.retain(|shelf| shelf.before == 0 || shelf.before + shelf.images <= LOOKED_AT);
    let last = shelves.last()?;
    let images = all.saturating_sub(last.before + last.images);
    (images > 0).then(|| Beyond { images, older_than: last.batch.clone() })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    fn cut_of(images: &[u64]) -> (usize, Option<(u64, String)>) {
        let mut before = 0;
        let mut shelf = |(number, images): (usize, &u64)| {
            before += images;
            let batch = format!("b{number}").parse().unwrap();
            Shelf {
                batch,
                prefix: String::new(),
                thumbnails: false,
                images: *images,
                before: before - images,
            }
        };
        let mut shelves: Vec<Shelf> = images.iter().enumerate().map(&mut shelf).collect();
        shelves.retain(|shelf| shelf.before < LOOKED_AT);
        let beyond = cut(&mut shelves, before);
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

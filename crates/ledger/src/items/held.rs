//! What a project holds already: items that were seen in the store, of batches before.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use transfer::wire::{BatchId, BatchState, ProjectId, UnixMillis};

use super::{CHUNK, Items};
use crate::entity::{batch, item};
use crate::word::{Word, count, size, time};
use crate::{ItemState, LedgerError, WhoseBatches};

/// A file that an earlier batch holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The batch.
    pub batch: BatchId,
    /// Its checksum, if it was reported.
    pub checksum: Option<String>,
    /// When it was last changed, on the clock of the machine it came from.
    pub modified: Option<UnixMillis>,
    /// Whether that batch came before and is over, so that a file of this one may take its copy's place.
    pub replaceable: bool,
}

impl Items<'_> {
    /// Which of these files, each a path and its bytes, other batches of a project hold: the one seen last of each. Only
    /// what the server itself saw in the store counts.
    ///
    /// # Errors
    /// `Database`.
    pub async fn held(
        &self,
        project: &ProjectId,
        whose: WhoseBatches,
        but: &BatchId,
        files: &[(String, u64)],
    ) -> Result<HashMap<(String, u64), Held>, LedgerError> {
        held(self.ledger.db(), project.as_str(), whose, but, files).await
    }
}

pub(super) async fn held(
    db: &impl ConnectionTrait,
    project: &str,
    whose: WhoseBatches,
    but: &BatchId,
    files: &[(String, u64)],
) -> Result<HashMap<(String, u64), Held>, LedgerError> {
    let mut batches = Query::select();
    batches.column(batch::Column::Id).from(batch::Entity).and_where(batch::Column::ProjectId.eq(project));
    batches.and_where(batch::Column::Id.ne(but.as_str()));
    // What is being deleted is held no more.
    batches.and_where(batch::Column::UndoBegunAt.is_null());
    if let WhoseBatches::Of(person) = whose {
        batches.and_where(batch::Column::PersonId.eq(person.0));
    }
    let mut found = HashMap::new();
    for chunk in files.chunks(CHUNK) {
        let rows = item::Entity::find()
            .filter(item::Column::Path.is_in(chunk.iter().map(|(path, _)| path.as_str())))
            .filter(item::Column::Size.is_in(chunk.iter().map(|(_, bytes)| size(*bytes))))
            .filter(item::Column::State.eq(ItemState::Stored.to_word()))
            .filter(item::Column::SeenAt.is_not_null())
            .filter(item::Column::DeletedAt.is_null())
            .filter(item::Column::BatchId.in_subquery(batches.clone()))
            .order_by_asc(item::Column::SeenAt)
            .all(db)
            .await?;
        for row in rows {
            let Ok(batch) = BatchId::try_from(row.batch_id) else { continue };
            // Ids are made one after the other (UUID version 7).
            let replaceable = batch < *but;
            let modified = row.modified.map(time);
            let held = Held { batch, checksum: row.checksum, modified, replaceable };
            found.insert((row.path, count(row.size)), held);
        }
    }
    if found.is_empty() {
        return Ok(found);
    }
    let open = open(db, found.values().map(|held| held.batch.as_str()).collect()).await?;
    for held in found.values_mut() {
        held.replaceable &= !open.contains(held.batch.as_str());
    }
    Ok(found)
}

/// Which of these batches are open.
async fn open(db: &impl ConnectionTrait, batches: HashSet<&str>) -> Result<HashSet<String>, LedgerError> {
    let query = batch::Entity::find()
        .select_only()
        .column(batch::Column::Id)
        .filter(batch::Column::Id.is_in(batches))
        .filter(batch::Column::State.eq(BatchState::Open.to_word()));
    let open: Vec<String> = query.into_tuple().all(db).await?;
    Ok(open.into_iter().collect())
}

//! Importing: a batch that only the store knew, as it was found there.

use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};
use transfer::wire::{BatchState, UnixMillis};

use super::{Batches, NewBatch, row};
use crate::audit::note;
use crate::entity::{batch, item};
use crate::items::{CHUNK, announced};
use crate::word::{Word, millis, size};
use crate::{Action, AnnouncedItem, Deed, ItemState, LedgerError};

/// An object that the store holds, as the item that it is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundItem {
    /// The item. Its size is the object's.
    pub item: AnnouncedItem,
    /// The object's ETag, without quotes.
    pub etag: Option<String>,
    /// When the object was stored.
    pub stored_at: UnixMillis,
}

impl Batches<'_> {
    /// Records a batch with all that was found of it, as `Closed`: that these items are stored was seen; whether they
    /// are all that was ever announced, nobody knows any more. One transaction, so a batch is there as a whole or not at
    /// all. `false`, and nothing done, if the ledger knows the batch already.
    ///
    /// # Errors
    /// `Database`, also if project or person are not there.
    pub async fn import(
        &self,
        deed: Deed<'_>,
        new: NewBatch,
        found: &[FoundItem],
    ) -> Result<bool, LedgerError> {
        let write = self.ledger.begin_write().await?;
        if batch::Entity::find_by_id(new.id.as_str()).one(&write).await?.is_some() {
            return Ok(false);
        }
        let id = new.id.clone();
        let bytes = found.iter().fold(0_u64, |sum, found| sum.saturating_add(found.item.size));
        let last = found.iter().map(|found| found.stored_at).max().unwrap_or(new.opened_at);
        batch::ActiveModel {
            state: Set(BatchState::Closed.to_word().to_owned()),
            closed_at: Set(Some(millis(last))),
            active_at: Set(millis(last)),
            item_count: Set(size(found.len() as u64)),
            item_bytes: Set(size(bytes)),
            stored_count: Set(size(found.len() as u64)),
            stored_bytes: Set(size(bytes)),
            ..row(new)
        }
        .insert(&write)
        .await?;
        for chunk in found.chunks(CHUNK) {
            let rows = chunk.iter().map(|found| item::ActiveModel {
                state: Set(ItemState::Stored.to_word().to_owned()),
                seen_etag: Set(found.etag.clone()),
                seen_size: Set(Some(size(found.item.size))),
                seen_at: Set(Some(millis(deed.at))),
                ..announced(&id, &found.item)
            });
            item::Entity::insert_many(rows).exec_without_returning(&write).await?;
        }
        note(&write, deed, Action::BatchImported, id.as_str(), &format!("{} files", found.len())).await?;
        write.commit().await?;
        Ok(true)
    }
}

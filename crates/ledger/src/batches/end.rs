//! Ending a batch by an admin's word: no further grants, and nothing of it in the store any more.

use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use transfer::wire::{BatchId, BatchState, UnixMillis};

use super::{Batches, lock, lock_open};
use crate::audit::note;
use crate::word::{Word, millis};
use crate::{Action, Deed, LedgerError};

/// What became of the objects of a batch that is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undo {
    /// Since when they are deleted.
    pub begun_at: UnixMillis,
    /// When the last of them was; nothing if that was never reached.
    pub done_at: Option<UnixMillis>,
}

impl Batches<'_> {
    /// Notes that an open batch gets no further grants. It stays open until it is closed, so that the store can still be
    /// compared with the ledger. `false` if it was revoked before.
    ///
    /// # Errors
    /// `NoSuchBatch`, `BatchNotOpen`.
    pub async fn revoke(&self, deed: Deed<'_>, id: &BatchId) -> Result<bool, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let row = lock_open(&write, id).await?;
        if row.revoked_at.is_some() {
            return Ok(false);
        }
        let mut change = row.into_active_model();
        change.revoked_at = Set(Some(millis(deed.at)));
        change.update(&write).await?;
        note(&write, deed, Action::BatchRevoked, id.as_str(), "").await?;
        write.commit().await?;
        Ok(true)
    }

    /// Notes that the objects of a batch are going to be deleted: from now on nothing of it counts as held. It may be
    /// begun again.
    ///
    /// # Errors
    /// `NoSuchBatch`, `BatchOpen`.
    pub async fn begin_undo(&self, deed: Deed<'_>, id: &BatchId) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let row = lock(&write, id).await?;
        if row.state == BatchState::Open.to_word() {
            return Err(LedgerError::BatchOpen(id.clone()));
        }
        let begun = row.undo_begun_at.unwrap_or(millis(deed.at));
        let mut change = row.into_active_model();
        change.undo_begun_at = Set(Some(begun));
        change.undone_at = Set(None);
        change.update(&write).await?;
        note(&write, deed, Action::BatchUndoBegun, id.as_str(), "").await?;
        Ok(write.commit().await?)
    }

    /// Notes that so many objects of a batch were deleted, and none is left.
    ///
    /// # Errors
    /// `NoSuchBatch`.
    pub async fn end_undo(&self, deed: Deed<'_>, id: &BatchId, deleted: u64) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let mut change = lock(&write, id).await?.into_active_model();
        change.undone_at = Set(Some(millis(deed.at)));
        change.update(&write).await?;
        note(&write, deed, Action::BatchUndone, id.as_str(), &format!("{deleted} objects")).await?;
        Ok(write.commit().await?)
    }
}

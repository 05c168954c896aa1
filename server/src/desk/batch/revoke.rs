//! Revoking a batch's grant, as far as that can be done: no further grant, URL or renewal is given, and the batch is
//! closed. What was given already ends by itself.

use app::desk::batches::BatchCard;
use ledger::LedgerError;
use transfer::wire::{BatchId, BatchState};

use super::{Desk, DeskError};
use crate::batch::end;

impl Desk<'_> {
    /// Gives a batch no further grants, looks what it stored until now, closes it, and aborts its unfinished uploads.
    /// Asking again goes on where the store did not answer.
    ///
    /// # Errors
    /// `NoSuchBatch`; that it is over; what the store says, and then the batch is revoked all the same.
    pub async fn revoke_batch(&self, id: &BatchId) -> Result<BatchCard, DeskError> {
        let batch = self.known(id).await?;
        if batch.state != BatchState::Open {
            return Err(LedgerError::BatchNotOpen(id.clone()).into());
        }
        self.state.ledger.batches().revoke(self.deed(), id).await?;
        // A task of its own: whoever asked may leave meanwhile.
        let state = self.state.clone();
        tokio::spawn(async move { end(&state, &batch).await }).await??;
        self.batch(id).await
    }
}

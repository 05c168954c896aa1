//! Undoing a batch: everything below its prefix is deleted. The receipt stays, and says so.

use app::desk::batches::BatchCard;
use ledger::Deed;
use transfer::wire::BatchId;

use super::{Desk, DeskError};
use crate::batch::BatchError;
use crate::clock;
use crate::grant::BatchPrefix;

impl Desk<'_> {
    /// Deletes what a batch that is over stored. Asking again goes on where the store did not answer.
    ///
    /// # Errors
    /// `NoSuchBatch`; `BatchOpen`; `Delete` for what the store says, and then a part may be gone.
    pub async fn undo_batch(&self, id: &BatchId) -> Result<BatchCard, DeskError> {
        let batch = self.over(id).await?;
        let prefix: BatchPrefix = batch.prefix.parse().map_err(BatchError::from)?;
        self.state.ledger.batches().begin_undo(self.deed(), id).await?;
        // A task of its own: thousands of deletions take longer than a request may, and are better not left half done.
        let (state, actor, batch) = (self.state.clone(), self.actor.clone(), id.clone());
        let work = async move {
            let bucket = state.grants.bucket();
            let deleted = bucket.delete_below(&prefix).await.map_err(DeskError::Delete)?;
            if let Err(fault) = bucket.abort_uploads(&prefix).await {
                drop(fault.report());
            }
            let deed = Deed { by: &actor, at: clock::now() };
            Ok::<_, DeskError>(state.ledger.batches().end_undo(deed, &batch, deleted).await?)
        };
        tokio::spawn(work).await??;
        self.batch(id).await
    }
}

//! Who may touch a batch.

use ledger::{Batch, ProjectRecord};
use transfer::wire::{BatchId, BatchState, ProjectId};

use super::BatchError;
use crate::caller::Caller;
use crate::state::AppState;

/// The batch, if it is the caller's, or the caller is an admin.
pub(super) async fn own(state: &AppState, caller: &Caller, id: &BatchId) -> Result<Batch, BatchError> {
    let batch = state.ledger.batches().get(id).await?.ok_or(BatchError::NoSuchBatch)?;
    if batch.person == caller.person().id || caller.is_admin() {
        Ok(batch)
    } else {
        Err(BatchError::NoSuchBatch)
    }
}

/// As [`own`], and the batch is open.
pub(super) async fn own_open(state: &AppState, caller: &Caller, id: &BatchId) -> Result<Batch, BatchError> {
    let batch = own(state, caller, id).await?;
    match batch.state {
        BatchState::Open => Ok(batch),
        BatchState::Closed | BatchState::Verified => Err(BatchError::Over),
    }
}

/// A project that the caller may upload into. Everybody with an account may, for now.
pub(super) async fn project(
    state: &AppState,
    _caller: &Caller,
    id: &ProjectId,
) -> Result<ProjectRecord, BatchError> {
    state.ledger.projects().get(id).await?.ok_or(BatchError::NoSuchProject)
}

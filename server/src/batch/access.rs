//! Who may touch a batch.

use app::person::Role;
use ledger::{Access, Batch, LedgerError, ProjectRecord};
use transfer::wire::{BatchId, BatchState, ProjectId};

use super::BatchError;
use crate::caller::Caller;
use crate::clock;
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

/// How often it is written down that a batch is in use, in milliseconds.
const TOUCH_EACH: u64 = 60_000;

/// As [`own`], and the batch is open and not revoked, and its project is open to the caller.
pub(super) async fn own_open(state: &AppState, caller: &Caller, id: &BatchId) -> Result<Batch, BatchError> {
    let batch = own(state, caller, id).await?;
    match batch.state {
        BatchState::Open if batch.revoked_at.is_some() => Err(BatchError::Over),
        BatchState::Open => {
            project(state, caller, &batch.project).await?;
            let now = clock::now();
            if batch.active_at.0.saturating_add(TOUCH_EACH) <= now.0 {
                state.ledger.batches().touch(&batch.id, now).await?;
            }
            Ok(batch)
        }
        BatchState::Closed | BatchState::Verified => Err(BatchError::Over),
    }
}

/// A project that the caller may use; to others it does not exist.
pub(crate) async fn project(
    state: &AppState,
    caller: &Caller,
    id: &ProjectId,
) -> Result<ProjectRecord, BatchError> {
    let project = state.ledger.projects().get(id).await?.ok_or(BatchError::NoSuchProject)?;
    if may_use(state, caller, &project).await? { Ok(project) } else { Err(BatchError::NoSuchProject) }
}

/// Whether the caller may have copies of earlier batches replaced, as far as the caller hears of them. Guests may not:
/// others can come by the same link.
pub(super) fn may_replace(caller: &Caller) -> bool {
    caller.person().role != Role::Guest
}

/// Whether a project is open to the caller: to admins each is, to others as its members or the guest's link say.
pub(super) async fn may_use(
    state: &AppState,
    caller: &Caller,
    project: &ProjectRecord,
) -> Result<bool, LedgerError> {
    let person = caller.person();
    match (person.role, project.access) {
        (Role::Admin, _) | (Role::Uploader, Access::Everyone) => Ok(true),
        (Role::Uploader, Access::Members) => state.ledger.projects().is_member(&project.id, person.id).await,
        (Role::Guest, _) => {
            let Some(link) = person.link else { return Ok(false) };
            let link = state.ledger.links().get(link).await?;
            Ok(link.is_some_and(|link| link.project == project.id && link.is_good(clock::now())))
        }
    }
}

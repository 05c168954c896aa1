//! Renewing a grant.

use transfer::wire::{RenewGrantRequest, RenewedGrant};

use super::{BatchError, access};
use crate::caller::Caller;
use crate::clock;
use crate::grant::BatchPrefix;
use crate::state::AppState;

/// Issues a fresh grant for an open batch, of the kind that is asked for, or else as before.
///
/// # Errors
/// `NoSuchBatch`; `Over`; what the grant says.
pub async fn renew(
    state: &AppState,
    caller: &Caller,
    request: RenewGrantRequest,
) -> Result<RenewedGrant, BatchError> {
    let batch = access::own_open(state, caller, &request.batch).await?;
    let kind = request.kind.unwrap_or(batch.grant);
    let prefix: BatchPrefix = batch.prefix.parse()?;
    let project = access::project(state, caller, &batch.project).await?;
    let issued = state.grants.issue(kind, &batch.id, &prefix, &project.rules).await;
    state.metrics.granted(kind, &issued);
    let grant = issued?;
    if kind != batch.grant {
        state.ledger.batches().set_grant(&batch.id, kind).await?;
    }
    let (relay, thumbnails) = (project.relay, project.thumbnails);
    Ok(RenewedGrant { grant, server_time: clock::now(), relay, thumbnails })
}

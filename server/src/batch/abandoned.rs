//! Batches that a vanished browser left open.
//!
//! After a while without a word the server closes them by itself: it aborts uploads that were never completed,
//! compares the store with the ledger, and ends the batch as `verified` if all is there, or else as `closed`. Several
//! servers on one database take turns: a batch is claimed before it is looked at, and the claim ends by itself, so
//! that a server which dies leaves nothing behind.

use std::time::Duration;

use ledger::{Action, Batch, Deed};
use transfer::wire::{BatchState, UnixMillis};

use super::{BatchError, close};
use crate::clock;
use crate::desk::myself;
use crate::grant::BatchPrefix;
use crate::metrics::{ClosedBy, Closing};
use crate::round::Deadline;
use crate::state::AppState;

/// How long a claim holds. Listing a batch of a million items takes minutes.
const CLAIM: Duration = Duration::from_secs(1_800);

/// Batches in one round; the next one comes in ten minutes.
const ROUND: u64 = 200;

/// What became of abandoned batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abandoned {
    /// So many were closed.
    pub closed: u64,
    /// So many are left for a later round, because the store gave no word about them.
    pub left: u64,
    /// Whether the time ran out before all were looked at.
    pub cut: bool,
}

/// Closes what was left open for longer than the configuration allows, until the deadline at most.
///
/// # Errors
/// Of the ledger. A batch that the store gives no word about is left for the next round.
pub async fn close_abandoned(state: &AppState, deadline: Deadline) -> Result<Abandoned, BatchError> {
    let now = clock::now();
    let idle_since = clock::before(now, state.config.batches.idle);
    let mut abandoned = Abandoned::default();
    for batch in state.ledger.batches().abandoned(idle_since, now, ROUND).await? {
        if !deadline.leaves(Duration::ZERO) {
            abandoned.cut = true;
            break;
        }
        let until = clock::after(clock::now(), CLAIM);
        if !state.ledger.batches().claim(&batch.id, idle_since, clock::now(), until).await? {
            continue;
        }
        match close_one(state, &batch, idle_since, deadline).await {
            Ok(Ending::Closed) => abandoned.closed += 1,
            // Somebody came back, or closed it meanwhile.
            Ok(Ending::Alive) | Err(BatchError::Over) => {}
            Ok(Ending::Cut) => {
                tracing::warn!(batch = %batch.id, "there was no time to close a batch: it is tried again in half an hour");
                abandoned.cut = true;
            }
            Err(error) => {
                abandoned.left += 1;
                let problem = error.report();
                tracing::warn!(batch = %batch.id, why = problem.detail, "batch could not be closed yet");
            }
        }
    }
    Ok(abandoned)
}

/// How it went with one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Closed,
    /// Somebody uses it again.
    Alive,
    /// The time ran out.
    Cut,
}

async fn close_one(
    state: &AppState,
    batch: &Batch,
    idle_since: UnixMillis,
    deadline: Deadline,
) -> Result<Ending, BatchError> {
    let prefix: BatchPrefix = batch.prefix.parse()?;
    // This takes the time. What follows is short, and is not left half done.
    let Some(compared) = deadline.bound(close::compare(state, &batch.id, &prefix)).await else {
        return Ok(Ending::Cut);
    };
    let (found, _) = compared?;
    if found.state == BatchState::Open
        && !state.ledger.batches().give_up(&batch.id, idle_since, clock::now()).await?
    {
        return Ok(Ending::Alive);
    }
    let how = if found.state == BatchState::Verified { Closing::Verified } else { Closing::Closed };
    state.metrics.compared(ClosedBy::Sweep, how, found.stored, found.bytes);
    // Only now, when nobody can go on with them. They cost money, and are not worth a failure.
    match state.grants.bucket().abort_uploads(&prefix).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(batch = %batch.id, count, "unfinished uploads were aborted"),
        Err(fault) => drop(fault.report()),
    }
    let actor = myself();
    let detail = format!("{} of {} stored", found.stored, batch.items);
    let deed = Deed { by: &actor, at: clock::now() };
    state.ledger.audit().note(deed, Action::BatchClosed, batch.id.as_str(), &detail).await?;
    Ok(Ending::Closed)
}

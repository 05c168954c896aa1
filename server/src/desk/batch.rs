//! One batch: what is in it, whether it is really there, and what to do about it.

mod again;
mod revoke;
mod undo;

use std::cmp::min;
use std::time::Duration;

use app::desk::batches::{BatchAct, BatchCard, BatchDesk, BatchEnd, BatchRequest, ITEMS_SHOWN};
use ledger::{Batch, Holding, LedgerError};
use transfer::wire::{BatchId, BatchState, UnixMillis};

use super::{Desk, DeskError, quota};
use crate::batch::{BatchError, ItemsWanted, page, shown};
use crate::caller::Caller;
use crate::clock;
use crate::retention;
use crate::setup::{Names, stop_batch};
use crate::state::AppState;

/// A day, as lifecycles count it.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How exactly it is known when a batch was last active.
const ACTIVITY: Duration = Duration::from_secs(60);

/// The longest that a presigned URL may live (see `presign`).
const LONGEST_URL: Duration = Duration::from_secs(3_600);

/// Does what the page asks for, and answers all that it shows.
///
/// # Errors
/// `Forbidden` to all but admins; what the act says.
pub async fn act(state: &AppState, caller: &Caller, request: BatchRequest) -> Result<BatchDesk, DeskError> {
    let desk = Desk::of(state, caller)?;
    let id = &request.batch;
    let mut again = None;
    match request.act {
        BatchAct::Look => {}
        BatchAct::VerifyAgain => again = Some(desk.verify_again(id).await?),
        BatchAct::Revoke => drop(desk.revoke_batch(id).await?),
        BatchAct::Undo => drop(desk.undo_batch(id).await?),
    }
    let card = desk.batch(id).await?;
    let wanted = ItemsWanted { state: request.state, about: request.about, after: request.after };
    let items = state.ledger.items();
    let states = items.by_state(id).await?;
    Ok(BatchDesk {
        stop: desk.stop(&card),
        end: desk.end(&card).await?,
        states: states.into_iter().map(|(state, items)| (shown::state(state), items)).collect(),
        causes: items.causes_in(id).await?.into_iter().map(shown::cause).collect(),
        items: page(state, id, wanted, ITEMS_SHOWN as u64).await?,
        again,
        card,
    })
}

impl Desk<'_> {
    /// A batch.
    ///
    /// # Errors
    /// `NoSuchBatch`.
    pub async fn batch(&self, id: &BatchId) -> Result<BatchCard, DeskError> {
        Ok(self.card(self.known(id).await?))
    }

    async fn known(&self, id: &BatchId) -> Result<Batch, DeskError> {
        let found = self.state.ledger.batches().get(id).await?;
        Ok(found.ok_or(BatchError::NoSuchBatch)?)
    }

    /// A batch that takes nothing more.
    async fn over(&self, id: &BatchId) -> Result<Batch, DeskError> {
        let batch = self.known(id).await?;
        match batch.state {
            BatchState::Open => Err(LedgerError::BatchOpen(id.clone()).into()),
            BatchState::Closed | BatchState::Verified => Ok(batch),
        }
    }

    pub(super) fn card(&self, batch: Batch) -> BatchCard {
        BatchCard {
            grants_end_at: self.grants_end(&batch),
            batch: batch.id,
            project: batch.project,
            person: batch.person_name,
            state: batch.state,
            prefix: batch.prefix,
            grant: batch.grant,
            opened_at: batch.opened_at,
            closed_at: batch.closed_at,
            verified_at: batch.verified_at,
            active_at: batch.active_at,
            items: batch.items,
            announced_bytes: batch.announced_bytes,
            stored: batch.stored,
            bytes: batch.bytes,
            revoked_at: batch.revoked_at,
            undo_begun_at: batch.undo.map(|undo| undo.begun_at),
            undone_at: batch.undo.and_then(|undo| undo.done_at),
            relayed: batch.relayed,
            beyond: quota::used(batch.beyond),
        }
    }

    /// When the last grant of a batch ends, at the latest: it was given while the batch was in use, and before it was
    /// closed or revoked.
    fn grants_end(&self, batch: &Batch) -> Option<UnixMillis> {
        let over = match (batch.revoked_at, batch.closed_at) {
            (Some(revoked), Some(closed)) => min(revoked, closed),
            (one, other) => one.or(other)?,
        };
        let given = min(over, clock::after(batch.active_at, ACTIVITY));
        let grants = self.state.config.grants;
        Some(clock::after(given, grants.session.max(grants.url).max(LONGEST_URL)))
    }

    /// When the files of a batch end by its project's retention. A batch from before the project moved to another
    /// folder is not in the rule's.
    async fn end(&self, card: &BatchCard) -> Result<Option<BatchEnd>, DeskError> {
        let Some(project) = self.state.ledger.projects().get(&card.project).await? else { return Ok(None) };
        let within = card.prefix.starts_with(&retention::folder(&project)) && card.undone_at.is_none();
        let Some(days) = project.retention.days().filter(|_| within) else { return Ok(None) };
        let after = clock::after(card.opened_at, DAY * days.get());
        Ok(Some(match project.holding {
            Holding::Seen => BatchEnd::InBucket(after),
            Holding::Unseen => BatchEnd::Decided(after),
        }))
    }

    /// A policy that stops a grant that may be out still; a store without a role has none.
    fn stop(&self, card: &BatchCard) -> Option<String> {
        let out = card.grants_end_at.is_none_or(|end| end > clock::now());
        let bucket = self.state.grants.bucket();
        let names = Names::known(bucket, &self.state.public_url, None);
        (out && bucket.role().is_some()).then(|| format!("{:#}", stop_batch(&names, &card.prefix)))
    }
}

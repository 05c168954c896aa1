//! One round of what a server does beside requests: it delivers webhooks, forgets what has ended, closes abandoned
//! batches, and deletes what was replaced.
//!
//! A server that runs does so all the time. Where none does, a round is run by `sluice sweep`, or by a function for an
//! event of a schedule ([`crate::lambda`]). Any number may run at once, beside servers too: what is done is claimed in
//! the ledger first, and a round that is killed leaves nothing that the next one cannot go on with.

use std::fmt::Display;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::state::AppState;
use crate::{batch, clock, webhook};

/// Until when something must be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// There is none.
    pub const NONE: Self = Self(None);

    /// That long from now.
    #[must_use]
    pub fn after(wait: Duration) -> Self {
        Self(Instant::now().checked_add(wait))
    }

    /// Whether there is more time than that.
    #[must_use]
    pub fn leaves(self, time: Duration) -> bool {
        self.0.is_none_or(|end| end.saturating_duration_since(Instant::now()) > time)
    }

    /// What comes of that; `None` if it is not over in time, and then it is dropped where it stands.
    pub(crate) async fn bound<T>(self, what: impl Future<Output = T>) -> Option<T> {
        match self.0 {
            Some(end) => tokio::time::timeout_at(end, what).await.ok(),
            None => Some(what.await),
        }
    }
}

/// What a round has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Round {
    /// Attempts to deliver a webhook's message, whatever came of them.
    pub deliveries: u64,
    /// Ended sessions that were forgotten.
    pub sessions: u64,
    /// Abandoned batches that were closed.
    pub batches: u64,
    /// Abandoned batches that the store gave no word about.
    pub left: u64,
    /// Whether something else failed. The log says what.
    pub failed: bool,
    /// Whether the time ran out, so that something may be left for the next round.
    pub cut: bool,
}

impl Round {
    /// Does all of it, once, until the deadline at most.
    pub async fn run(state: &AppState, deadline: Deadline) -> Self {
        let mut round = Self::default();
        // First, because it is quick, and again, because the end of a batch is to be told.
        round.deliver(state, deadline).await;
        round.forget_and_close(state, deadline).await;
        round.deliver(state, deadline).await;
        round
    }

    /// All but the webhooks, which a server looks for far more often.
    pub(crate) async fn sweep(state: &AppState) -> Self {
        let mut round = Self::default();
        round.forget_and_close(state, Deadline::NONE).await;
        round
    }

    /// Whether it did what there was to do, as far as it had the time.
    #[must_use]
    pub fn is_well(&self) -> bool {
        !self.failed && self.left == 0
    }

    async fn deliver(&mut self, state: &AppState, deadline: Deadline) {
        let delivered = webhook::deliver_until(state, deadline).await;
        self.deliveries += self.settle("webhooks could not be served", Some(delivered));
        self.cut |= !webhook::has_time(state, deadline);
    }

    async fn forget_and_close(&mut self, state: &AppState, deadline: Deadline) {
        let sessions = deadline.bound(state.ledger.sessions().sweep(clock::now())).await;
        self.sessions = self.settle("sessions could not be swept", sessions);
        if self.sessions > 0 {
            tracing::debug!(sessions = self.sessions, "swept");
        }
        state.gate.attempts.sweep();
        let old = deadline.bound(webhook::forget_old(state)).await;
        self.settle("deliveries could not be swept", old);
        let abandoned = batch::close_abandoned(state, deadline).await;
        let abandoned = self.settle("abandoned batches could not be closed", Some(abandoned));
        (self.batches, self.left) = (abandoned.closed, abandoned.left);
        self.cut |= abandoned.cut;
        if self.batches > 0 {
            tracing::info!(batches = self.batches, "abandoned batches were closed");
        }
        let replaced = deadline.bound(batch::replace_due(state)).await;
        self.settle("what was replaced could not be deleted", replaced);
        state.metrics.swept(if self.failed { Err(()) } else { Ok(()) });
    }

    /// What a step came to; nothing, if it failed or was cut.
    fn settle<T: Default, E: Display>(&mut self, failure: &str, step: Option<Result<T, E>>) -> T {
        match step {
            Some(Ok(done)) => return done,
            Some(Err(error)) => {
                self.failed = true;
                tracing::error!(%error, "{failure}");
            }
            None => self.cut = true,
        }
        T::default()
    }
}

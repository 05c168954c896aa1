//! How many attempts may run now: fixed, but less when the store asks to slow down or cannot be reached.
//!
//! Halved by each throttling, down to one by an outage, one more by each success. The adaptive limit that follows
//! the goodput will take this place.

use super::random::Random;
use super::{Moment, Settings};

/// Failures of the network in a row, over at least two items, that make an outage. A single item that always fails
/// makes none: that is the item's own fault, and it must come to an end.
const OUTAGE: u16 = 4;

/// The longest wait between two looks whether an outage is over.
const OUTAGE_CAP: u64 = 30_000;

/// The longest that a Retry-After is believed.
const RETRY_AFTER_CAP: u64 = 300_000;

/// Whether a failure of the network is the file's or everybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// Perhaps the file's.
    File,
    /// The network's.
    Outage,
}

/// The gate.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    limit: u16,
    allowed: u16,
    closed_until: Moment,
    /// Throttlings and outage looks since the last success.
    knocks: u8,
    /// Failures of the network since the last success.
    streak: u16,
    last_item: Option<u32>,
    spread: bool,
}

impl Gate {
    pub(super) fn new(limit: u16) -> Self {
        let limit = limit.max(1);
        Self {
            limit,
            allowed: limit,
            closed_until: Moment(0),
            knocks: 0,
            streak: 0,
            last_item: None,
            spread: false,
        }
    }

    /// How many attempts may run.
    pub(super) fn allowed(&self) -> usize {
        usize::from(self.allowed)
    }

    /// Until when no attempt may start, if that is later than now.
    pub(super) fn closed_until(&self, now: Moment) -> Option<Moment> {
        (self.closed_until > now).then_some(self.closed_until)
    }

    pub(super) fn success(&mut self) {
        self.allowed = (self.allowed + 1).min(self.limit);
        self.knocks = 0;
        self.forget_streak();
    }

    /// The store asked to slow down. A single such answer halves what runs; more in a row, or a Retry-After, also
    /// stop everything for a while.
    pub(super) fn throttled(&mut self, after: Option<u64>, now: Moment, random: &mut Random, set: &Settings) {
        if self.closed_until > now && after.is_none() {
            return;
        }
        self.allowed = (self.allowed / 2).max(1);
        self.knocks = self.knocks.saturating_add(1);
        let wait =
            if self.knocks < 3 { 0 } else { random.backoff(set.backoff_base, self.knocks, set.backoff_cap) };
        let wait = wait.max(after.unwrap_or(0).min(RETRY_AFTER_CAP));
        self.closed_until = self.closed_until.max(now.after(wait));
    }

    /// An attempt broke.
    pub(super) fn broke(&mut self, item: u32, now: Moment, random: &mut Random, set: &Settings) -> Blame {
        self.streak = self.streak.saturating_add(1);
        self.spread |= self.last_item.is_some_and(|last| last != item);
        self.last_item = Some(item);
        if self.streak < OUTAGE || !self.spread {
            return Blame::File;
        }
        self.allowed = 1;
        if self.closed_until <= now {
            self.knocks = self.knocks.saturating_add(1);
            let ceiling = set.backoff_base.saturating_mul(1 << self.knocks.min(16)).min(OUTAGE_CAP);
            self.closed_until = now.after(ceiling / 2 + random.up_to(ceiling / 2));
        }
        Blame::Outage
    }

    /// The network came back, or the person wants it now.
    pub(super) fn open(&mut self) {
        self.closed_until = Moment(0);
        self.knocks = 0;
        self.forget_streak();
    }

    fn forget_streak(&mut self) {
        self.streak = 0;
        self.last_item = None;
        self.spread = false;
    }
}

//! How long requests take of late, to tell which of the last ones is slow.

use super::Moment;

/// So many are remembered; fewer than that say nothing.
const LAPS: usize = 20;

/// A request is slow when it takes this many times as long as nearly all others, in quarters.
const SLOW_QUARTERS: u64 = 6;

/// Nothing is slow before that many milliseconds.
const LEAST: u64 = 1_000;

/// The last requests of one kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Laps {
    millis: Vec<u64>,
    next: usize,
}

impl Laps {
    pub(super) fn note(&mut self, started: Moment, now: Moment) {
        let took = now.since(started);
        if self.millis.len() < LAPS {
            self.millis.push(took);
        } else {
            self.millis[self.next] = took;
        }
        self.next = (self.next + 1) % LAPS;
    }

    /// When a request that started then counts as slow; none as long as nobody can tell. Nearly all: the slowest one
    /// in twenty does not count (as in the AWS transfer manager for Rust, which hedges above P95).
    pub(super) fn slow_at(&self, started: Moment) -> Option<Moment> {
        if self.millis.len() < LAPS {
            return None;
        }
        let mut sorted = self.millis.clone();
        sorted.sort_unstable();
        let most = sorted.get(LAPS - 2)?;
        Some(started.after((most * SLOW_QUARTERS / 4).max(LEAST)))
    }
}

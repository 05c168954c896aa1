//! How often the page hears something: at most ten times a second, at once when the phase changes, and never twice
//! the same.

use transfer::engine::Moment;
use transfer::port::{Phase, Snapshot};

/// Between two snapshots, in milliseconds.
const BEAT: u64 = 100;

/// While files are on their way, speed and time left are looked at this often though nothing happens.
const IDLE_BEAT: u64 = 1_000;

/// What the page knows, and since when.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<(Moment, Snapshot)>,
    changed: bool,
}

impl Pace {
    /// Something may look different now.
    pub(super) fn change(&mut self) {
        self.changed = true;
    }

    /// Whether to look now.
    pub(super) fn is_due(&self, phase: &Phase, now: Moment) -> bool {
        match &self.last {
            None => true,
            Some((at, last)) => {
                let beat = if self.changed { BEAT } else { IDLE_BEAT };
                last.phase != *phase || now.since(*at) >= beat
            }
        }
    }

    /// The snapshot, if the page does not know it yet.
    pub(super) fn fresh(&mut self, snapshot: Snapshot, now: Moment) -> Option<&Snapshot> {
        self.changed = false;
        match &mut self.last {
            Some((at, last)) if *last == snapshot => {
                *at = now;
                None
            }
            last => Some(&last.insert((now, snapshot)).1),
        }
    }

    /// When to look next, if ever.
    pub(super) fn next(&self, now: Moment, busy: bool) -> Option<Moment> {
        let (at, _) = self.last.as_ref()?;
        match (self.changed, busy) {
            (true, _) => Some(at.after(BEAT).max(now.after(1))),
            (false, true) => Some(at.after(IDLE_BEAT).max(now.after(1))),
            (false, false) => None,
        }
    }
}

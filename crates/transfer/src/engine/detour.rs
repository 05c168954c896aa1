//! The way through the server, for where a network or a CORS rule lets none of the store's host names be reached.
//!
//! Only if the project allows it, and only when each host name is silent: so that a pause of the network for some seconds
//! sends nothing that way. Grants and signatures play no part in it, but the person must still be who the batch belongs
//! to. Now and then a file goes to the store all the same, to see whether it answers again; then all do.

use crate::port::FailureClass;
use crate::wire::{ItemIndex, Relay, relay_path};

use super::air::{Flight, Work};
use super::gate::Blame;
use super::items::Mark;
use super::outcomes::Next;
use super::{AttemptId, Engine, Lane, Moment};

/// Files that are on the detour at once: the server has few places, and a browser needs connections to it for its calls.
const AT_ONCE: usize = 4;

/// How often a file goes to the store all the same, in milliseconds. A connection that a firewall swallows takes half of
/// that to be given up.
const LOOK: u64 = 60_000;

/// Failures of the network in a row after which the server counts as out of reach, too.
const PATIENCE: u8 = 3;

/// How long the direct way is tried then, in milliseconds.
const REST: u64 = 30_000;

/// The detour.
#[derive(Debug, Clone, Default)]
pub(super) struct Detour {
    allowed: Relay,
    taken: bool,
    /// Not before.
    not_before: Moment,
    /// Failures of the network in a row.
    strikes: u8,
    /// The attempt that looks whether the store answers again.
    look: Option<AttemptId>,
    next_look: Moment,
}

impl Detour {
    /// As the project says.
    pub(super) fn new(allowed: Relay) -> Self {
        Self { allowed, ..Self::default() }
    }

    /// The project may have changed its mind.
    pub(super) fn allow(&mut self, allowed: Relay) {
        self.allowed = allowed;
        if allowed == Relay::Never {
            self.leave();
        }
    }

    pub(super) fn is_allowed(&self) -> bool {
        self.allowed == Relay::WhenBlocked
    }

    pub(super) fn is_taken(&self) -> bool {
        self.taken
    }

    /// The store answers again.
    pub(super) fn leave(&mut self) {
        self.taken = false;
        self.look = None;
    }

    /// An attempt has come to its end.
    pub(super) fn landed(&mut self, attempt: AttemptId, now: Moment) {
        if self.look == Some(attempt) {
            self.look = None;
            self.next_look = now.after(LOOK);
        }
    }

    pub(super) fn arrived(&mut self) {
        self.strikes = 0;
    }

    fn take(&mut self, now: Moment) {
        self.taken = true;
        self.strikes = 0;
        self.next_look = now.after(LOOK);
    }

    fn broke(&mut self, now: Moment) {
        self.strikes = self.strikes.saturating_add(1);
        if self.strikes >= PATIENCE {
            self.not_before = now.after(REST);
            self.leave();
        }
    }
}

impl Engine {
    /// Takes the detour if no other way leads to the store. What is in the air is cut: nobody hears of it any more.
    pub(super) fn consider_detour(&mut self, now: Moment) {
        if self.detour_due().is_some_and(|due| due <= now) {
            self.detour.take(now);
            self.cut_all();
            self.gate.open();
            self.queue.wake_all(&mut self.items);
        }
    }

    /// When the detour is to be taken, if nobody says anything until then.
    pub(super) fn detour_due(&self) -> Option<Moment> {
        let possible = self.detour.is_allowed() && !self.detour.taken;
        let silent = self.air.hosts.silent_from().filter(|_| possible)?;
        Some(silent.max(self.detour.not_before))
    }

    /// Starts one attempt while the detour is taken, if there is one to start.
    pub(super) fn start_on_detour(&mut self, now: Moment) -> bool {
        let usable = self.batch.as_ref().is_some_and(|batch| batch.permit.is_usable(now));
        if !usable || self.signed_out {
            return false;
        }
        self.start_look(now) || self.start_relayed(now)
    }

    fn start_relayed(&mut self, now: Moment) -> bool {
        let Some(batch) = &self.batch else { return false };
        let id = batch.id.clone();
        if self.air.relayed_len() >= AT_ONCE {
            return false;
        }
        let Some(item) = self.next_whole() else { return false };
        let size = self.items.size(item);
        if size > Relay::MOST {
            // There is no other way for it here.
            self.items.note_failure(item, FailureClass::Network);
            self.give_up(item, FailureClass::Network, now);
            return true;
        }
        // What the store was seen to hold of it in parts is of no use.
        self.discard(item);
        // That its form went nowhere says nothing of forms.
        self.items.unmark(item, Mark::Formless);
        let lane = Lane::Relay { path: relay_path(&id, ItemIndex(item)) };
        self.launch(item, (Work::Relay, None), (size, 0), lane, now);
        true
    }

    /// Sends a file to the store, to see whether it answers; never the last one, which would wait for it.
    fn start_look(&mut self, now: Moment) -> bool {
        let looking = self.detour.look.is_some_and(|attempt| self.air.get(attempt).is_some());
        let due = !looking && self.detour.next_look <= now && self.items.to_do() > 1;
        if !due {
            return false;
        }
        let attempt = AttemptId(self.next_attempt);
        let host = self.air.hosts.free(self.settings.per_host, None, now);
        let started = match host {
            _ if self.is_by_url() => self.start_signed(now),
            Some(host) => match self.next_whole() {
                Some(item) if self.items.size(item) <= Relay::MOST => {
                    let (work, size) = (self.whole_work(item), self.items.size(item));
                    let held = self.held_by(work, size);
                    let lane = self.whole_lane(item, work, host);
                    self.launch(item, (work, Some(host)), (size, held), lane, now);
                    true
                }
                Some(item) => {
                    self.queue.put_first(item, &mut self.items);
                    false
                }
                None => false,
            },
            None => false,
        };
        if started {
            self.detour.look = Some(attempt);
        }
        started
    }

    /// The next file, whatever its size and whether it has a URL.
    fn next_whole(&mut self) -> Option<u32> {
        self.queue.pop_ready(&self.items).or_else(|| self.queue.pop_signed(&self.items))
    }

    /// What a failure on the detour means.
    pub(super) fn verdict_on_detour(
        &mut self,
        flight: &Flight,
        class: FailureClass,
        retry_after: Option<u64>,
        now: Moment,
    ) -> Next {
        let next = AttemptId(self.next_attempt);
        match class {
            FailureClass::Network | FailureClass::Stalled => {
                if class == FailureClass::Stalled {
                    self.gate.stalled(flight.attempt, next);
                }
                self.detour.broke(now);
                match self.gate.broke((flight.item, 0), now, &mut self.random, &self.settings) {
                    Blame::File => Next::Free,
                    Blame::Outage => Next::Last,
                }
            }
            FailureClass::Throttled => {
                let attempts = (flight.attempt, next);
                self.gate.throttled(attempts, retry_after, now, &mut self.random, &self.settings);
                Next::Free
            }
            // The session may have ended. A renewal tells, and nothing more is sent until then.
            FailureClass::Denied if !self.items.has(flight.item, Mark::Denied) => {
                self.items.mark(flight.item, Mark::Denied);
                if let Some(batch) = &mut self.batch {
                    batch.permit.doubt(flight.grant);
                }
                Next::Free
            }
            FailureClass::Store
            | FailureClass::Corrupted
            | FailureClass::Conflict
            | FailureClass::Expired
            | FailureClass::Skewed => Next::Count,
            FailureClass::Denied
            | FailureClass::TooLarge
            | FailureClass::FileChanged
            | FailureClass::FileGone
            | FailureClass::Rejected => Next::GiveUp,
        }
    }
}

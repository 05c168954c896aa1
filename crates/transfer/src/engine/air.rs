//! What is in the air: the attempts that run, and the host names they go to.

use super::hosts::Hosts;
use super::laps::Laps;
use super::{AttemptId, ChecksumUse, Moment, Settings};

/// What an attempt sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// The whole file as a POST form.
    Form,
    /// The whole file by one PUT.
    Put,
    /// The whole file through the server.
    Relay,
    /// One part, by its number.
    Part(u32),
    /// A request of an upload in parts that carries no bytes and runs alone.
    Step,
    /// The request that makes one object of the parts.
    Complete,
}

impl Work {
    /// Whether it belongs to an upload in parts.
    pub(super) fn is_multipart(self) -> bool {
        matches!(self, Self::Part(_) | Self::Step | Self::Complete)
    }
}

/// One attempt that runs.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) attempt: AttemptId,
    pub(super) item: u32,
    pub(super) work: Work,
    /// Which of the store's bases; none on the way through the server.
    pub(super) host: Option<usize>,
    /// Bytes that it carries.
    pub(super) size: u64,
    /// Bytes that have left.
    pub(super) sent: u64,
    /// Bytes that it holds in memory.
    pub(super) held: u64,
    /// Which grant it was signed with.
    pub(super) grant: u32,
    /// What becomes of its checksum.
    pub(super) checksum: ChecksumUse,
    pub(super) started: Moment,
    pub(super) moved: Moment,
    /// Sent a second time because the first is slow. Its bytes count only once the first is gone.
    pub(super) spare: bool,
}

impl Flight {
    /// When it counts as stalled, if nothing moves until then.
    pub(super) fn stalls_at(&self, set: &Settings) -> Moment {
        if self.work == Work::Form {
            // `fetch` tells nothing of what has left.
            let seconds = self.size / set.slowest.max(1);
            return self.started.after(set.stall.saturating_add(seconds.saturating_mul(1_000)));
        }
        self.moved.after(if self.sent >= self.size { set.stall_at_end } else { set.stall })
    }

    fn counted(&self) -> u64 {
        if self.spare { 0 } else { self.sent }
    }
}

/// All attempts that run: some dozens at most, so that a walk over them counts as O(1).
#[derive(Debug, Clone, Default)]
pub(super) struct Air {
    flights: Vec<Flight>,
    pub(super) hosts: Hosts,
    sent: u64,
    held: u64,
    whole_laps: Laps,
    part_laps: Laps,
}

impl Air {
    pub(super) fn new(hosts: usize) -> Self {
        Self { hosts: Hosts::new(hosts), ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.flights.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }

    /// How many of them are parts, or the like.
    pub(super) fn multipart_len(&self) -> usize {
        self.flights.iter().filter(|flight| flight.work.is_multipart()).count()
    }

    /// How many of them go through the server.
    pub(super) fn relayed_len(&self) -> usize {
        self.flights.iter().filter(|flight| flight.work == Work::Relay).count()
    }

    /// How many of them are sent a second time.
    pub(super) fn spares(&self) -> usize {
        self.flights.iter().filter(|flight| flight.spare).count()
    }

    /// Bytes that have left for what is in the air.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Bytes that are held in memory.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    pub(super) fn sent_of(&self, item: u32) -> u64 {
        self.flights.iter().filter(|flight| flight.item == item).map(Flight::counted).sum()
    }

    pub(super) fn get(&self, attempt: AttemptId) -> Option<&Flight> {
        self.flights.iter().find(|flight| flight.attempt == attempt)
    }

    pub(super) fn start(&mut self, flight: Flight) {
        if let Some(host) = flight.host {
            self.hosts.start(host);
        }
        self.held += flight.held;
        self.flights.push(flight);
    }

    /// The file is being read: nothing has left, but nothing stands still either.
    pub(super) fn note_reading(&mut self, attempt: AttemptId, now: Moment) {
        if let Some(flight) = self.flights.iter_mut().find(|flight| flight.attempt == attempt) {
            flight.moved = now;
        }
    }

    /// Notes progress, at most to what it carries; answers how many bytes are new.
    pub(super) fn progress(&mut self, attempt: AttemptId, sent: u64, now: Moment) -> Option<u64> {
        let flight = self.flights.iter_mut().find(|flight| flight.attempt == attempt)?;
        let sent = sent.min(flight.size).max(flight.sent);
        let new = sent - flight.sent;
        flight.sent = sent;
        if new > 0 {
            flight.moved = now;
        }
        let new = if flight.spare { 0 } else { new };
        self.sent += new;
        Some(new)
    }

    /// Takes an attempt down, if it is still there. Its bytes no longer count.
    pub(super) fn land(&mut self, attempt: AttemptId) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.attempt == attempt)?;
        Some(self.take(at))
    }

    /// Takes an attempt of an item down.
    pub(super) fn land_item(&mut self, item: u32) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.item == item)?;
        Some(self.take(at))
    }

    /// Takes any attempt down; for when all are cut.
    pub(super) fn land_any(&mut self) -> Option<Flight> {
        let last = self.flights.len().checked_sub(1)?;
        Some(self.take(last))
    }

    /// Takes the other attempt to send the same down, because one is enough.
    pub(super) fn land_twin(&mut self, of: &Flight) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.item == of.item && flight.work == of.work)?;
        Some(self.take(at))
    }

    /// Whether the same is sent by another attempt, which now counts for both.
    pub(super) fn has_twin(&mut self, of: &Flight) -> bool {
        let twin = self.flights.iter_mut().find(|flight| flight.item == of.item && flight.work == of.work);
        match twin {
            Some(twin) => {
                if twin.spare {
                    twin.spare = false;
                    self.sent += twin.sent;
                }
                true
            }
            None => false,
        }
    }

    /// Takes one attempt down that has stalled.
    pub(super) fn land_stalled(&mut self, set: &Settings, now: Moment) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.stalls_at(set) <= now)?;
        Some(self.take(at))
    }

    /// When the next one stalls.
    pub(super) fn next_stall(&self, set: &Settings) -> Option<Moment> {
        self.flights.iter().map(|flight| flight.stalls_at(set)).min()
    }

    /// Remembers how long an attempt took that went well.
    pub(super) fn note_lap(&mut self, flight: &Flight, now: Moment) {
        match flight.work {
            Work::Form | Work::Put => self.whole_laps.note(flight.started, now),
            Work::Part(_) => self.part_laps.note(flight.started, now),
            Work::Step | Work::Complete | Work::Relay => {}
        }
    }

    /// Attempts that would be worth sending a second time, and from when on. Large files that go whole are not: no
    /// other says how long they may take.
    fn slow(&self, set: &Settings) -> impl Iterator<Item = (&Flight, Moment)> {
        self.flights.iter().filter_map(move |flight| {
            let laps = match flight.work {
                Work::Part(_) => &self.part_laps,
                Work::Form | Work::Put if flight.size <= set.form_max => &self.whole_laps,
                _ => return None,
            };
            let twins = |other: &&Flight| other.item == flight.item && other.work == flight.work;
            let alone = self.flights.iter().filter(twins).count() == 1;
            Some((flight, laps.slow_at(flight.started)?)).filter(|_| alone)
        })
    }

    /// The slowest attempt that is to be sent a second time now.
    pub(super) fn to_hedge(&self, set: &Settings, now: Moment) -> Option<&Flight> {
        let slow = self.slow(set).filter(|(_, at)| *at <= now);
        slow.min_by_key(|(_, at)| *at).map(|(flight, _)| flight)
    }

    /// When the next attempt becomes slow.
    pub(super) fn next_slow(&self, set: &Settings) -> Option<Moment> {
        self.slow(set).map(|(_, at)| at).min()
    }

    fn take(&mut self, at: usize) -> Flight {
        let flight = self.flights.swap_remove(at);
        if let Some(host) = flight.host {
            self.hosts.end(host);
        }
        self.sent -= flight.counted();
        self.held -= flight.held;
        flight
    }
}

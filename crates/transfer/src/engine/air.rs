//! What is in the air: the attempts that run, and the host names they go to.

use super::AttemptId;

/// One attempt that runs.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) attempt: AttemptId,
    pub(super) item: u32,
    /// Which of the store's bases.
    pub(super) host: usize,
    /// Bytes that have left.
    pub(super) sent: u64,
    /// Which grant it was signed with.
    pub(super) grant: u32,
}

/// All attempts that run: some dozens at most, so that a walk over them counts as O(1).
#[derive(Debug, Clone, Default)]
pub(super) struct Air {
    flights: Vec<Flight>,
    per_host: Vec<u16>,
    sent: u64,
}

impl Air {
    pub(super) fn new(hosts: usize) -> Self {
        Self { flights: Vec::new(), per_host: vec![0; hosts], sent: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.flights.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }

    /// Bytes that have left for what is in the air.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn sent_of(&self, item: u32) -> u64 {
        self.flights.iter().find(|flight| flight.item == item).map_or(0, |flight| flight.sent)
    }

    /// The host with the fewest requests, if it can take one more.
    pub(super) fn free_host(&self, most: u16) -> Option<usize> {
        let (host, &busy) = self.per_host.iter().enumerate().min_by_key(|&(_, busy)| *busy)?;
        (busy < most).then_some(host)
    }

    /// Whether that host can take one more.
    pub(super) fn has_room(&self, host: usize, most: u16) -> bool {
        self.per_host.get(host).is_some_and(|&busy| busy < most)
    }

    pub(super) fn start(&mut self, flight: Flight) {
        self.per_host[flight.host] += 1;
        self.flights.push(flight);
    }

    /// Notes progress, at most to `size`; answers the item and how many bytes are new.
    pub(super) fn progress(
        &mut self,
        attempt: AttemptId,
        sent: u64,
        size: impl Fn(u32) -> u64,
    ) -> Option<u64> {
        let flight = self.flights.iter_mut().find(|flight| flight.attempt == attempt)?;
        let sent = sent.min(size(flight.item)).max(flight.sent);
        let new = sent - flight.sent;
        flight.sent = sent;
        self.sent += new;
        Some(new)
    }

    /// Takes an attempt down, if it is still there. Its bytes no longer count.
    pub(super) fn land(&mut self, attempt: AttemptId) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.attempt == attempt)?;
        Some(self.take(at))
    }

    /// Takes the attempt of an item down.
    pub(super) fn land_item(&mut self, item: u32) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.item == item)?;
        Some(self.take(at))
    }

    /// Takes any attempt down; for when all are cut.
    pub(super) fn land_any(&mut self) -> Option<Flight> {
        let last = self.flights.len().checked_sub(1)?;
        Some(self.take(last))
    }

    fn take(&mut self, at: usize) -> Flight {
        let flight = self.flights.swap_remove(at);
        self.per_host[flight.host] -= 1;
        self.sent -= flight.sent;
        flight
    }
}

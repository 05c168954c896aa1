//! How many attempts may run now. It follows what gets through.
//!
//! - It begins with what the browser's connections allow: on a short line the first seconds count.
//! - A throttling or a stall halves it, once for all attempts that were under way by then; an outage makes it one.
//! - Each success adds one until half of what was too much is reached, then one for each round of successes, as long as
//!   that brings more through: where one more brings nothing, it is taken back and left for a while.

use super::random::Random;
use super::{AttemptId, Moment, Settings};

/// Failures of the network in a row, over at least two items, that make an outage. A single item that always fails
/// makes none: that is the item's own fault, and it must come to an end.
const OUTAGE: u16 = 4;

/// The longest wait between two looks whether an outage is over.
const OUTAGE_CAP: u64 = 30_000;

/// The longest that a Retry-After is believed.
const RETRY_AFTER_CAP: u64 = 300_000;

/// What gets through is measured over at least this long, in milliseconds.
const ROUND: u64 = 2_000;

/// A file costs about as much as so many bytes, however small it is.
const FILE: u64 = 64 << 10;

/// Rounds to leave it after one more brought nothing.
const REST: u8 = 8;

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
    /// Up to here each success adds one.
    easy: u16,
    closed_until: Moment,
    /// Throttlings and outage looks since the last success.
    knocks: u8,
    /// Attempts before this one were under way as it was halved.
    halved_before: AttemptId,
    round: Round,
    /// Failures of the network since the last success.
    streak: u16,
    last_work: Option<(u32, u32)>,
    spread: bool,
}

/// What gets through.
#[derive(Debug, Clone, Copy, Default)]
struct Round {
    since: Option<Moment>,
    successes: u16,
    amount: u64,
    /// Amount a second in the round before.
    before: u64,
    /// Rounds since it was raised by one: the first still has attempts from before, the second is judged.
    raised: Option<u8>,
    rest: u8,
}

impl Gate {
    pub(super) fn new(limit: u16) -> Self {
        let limit = limit.max(1);
        Self {
            limit,
            allowed: limit,
            easy: limit,
            closed_until: Moment(0),
            knocks: 0,
            halved_before: AttemptId(0),
            round: Round::default(),
            streak: 0,
            last_work: None,
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

    /// So many bytes got through.
    pub(super) fn success(&mut self, bytes: u64, now: Moment) {
        self.knocks = 0;
        self.forget_streak();
        if self.allowed < self.easy {
            self.allowed += 1;
            self.round = Round::default();
            return;
        }
        let round = &mut self.round;
        let since = *round.since.get_or_insert(now);
        round.successes = round.successes.saturating_add(1);
        round.amount = round.amount.saturating_add(bytes).saturating_add(FILE);
        let length = now.since(since);
        if length >= ROUND && round.successes >= self.allowed {
            self.end_round(length, now);
        }
    }

    fn end_round(&mut self, length: u64, now: Moment) {
        let Round { amount, before, raised, rest, .. } = self.round;
        let rate = amount.saturating_mul(1_000) / length.max(1);
        // One in fifty more is more.
        if raised == Some(0) {
            self.round = Round { before, raised: Some(1), rest, since: Some(now), ..Round::default() };
            return;
        }
        let useless = raised.is_some() && rate < before.saturating_add(before / 50);
        let rest = if useless { REST } else { rest.saturating_sub(1) };
        if useless {
            self.allowed = (self.allowed - 1).max(1);
        }
        let raised = (rest == 0 && self.allowed < self.limit).then_some(0);
        self.allowed += u16::from(raised.is_some());
        self.round = Round { since: Some(now), successes: 0, amount: 0, before: rate, raised, rest };
    }

    /// The store asked to slow down. A single such answer halves what runs; more in a row, or a Retry-After, also
    /// stop everything for a while. `next` is the attempt that comes next.
    pub(super) fn throttled(
        &mut self,
        (attempt, next): (AttemptId, AttemptId),
        after: Option<u64>,
        now: Moment,
        random: &mut Random,
        set: &Settings,
    ) {
        if self.closed_until > now && after.is_none() {
            return;
        }
        if attempt >= self.halved_before {
            self.halve(next);
            self.knocks = self.knocks.saturating_add(1);
        }
        let wait =
            if self.knocks < 3 { 0 } else { random.backoff(set.backoff_base, self.knocks, set.backoff_cap) };
        let wait = wait.max(after.unwrap_or(0).min(RETRY_AFTER_CAP));
        self.closed_until = self.closed_until.max(now.after(wait));
    }

    /// An attempt stalled: perhaps too many share the line.
    pub(super) fn stalled(&mut self, attempt: AttemptId, next: AttemptId) {
        if attempt >= self.halved_before {
            self.halve(next);
        }
    }

    fn halve(&mut self, next: AttemptId) {
        self.allowed = (self.allowed / 2).max(1);
        self.easy = self.allowed;
        self.halved_before = next;
        self.round = Round::default();
    }

    /// An attempt broke. `work` is the item and which part of it.
    pub(super) fn broke(
        &mut self,
        work: (u32, u32),
        now: Moment,
        random: &mut Random,
        set: &Settings,
    ) -> Blame {
        self.streak = self.streak.saturating_add(1);
        self.spread |= self.last_work.is_some_and(|last| last != work);
        self.last_work = Some(work);
        if self.streak < OUTAGE || !self.spread {
            return Blame::File;
        }
        if self.allowed > 1 {
            // An outage says nothing of how much the line carries.
            self.easy = self.easy.max(self.allowed);
            self.allowed = 1;
        }
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
        self.last_work = None;
        self.spread = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets rounds pass in which `rate` tells how many files a second get through with so many attempts.
    fn run(gate: &mut Gate, now: &mut u64, rounds: u32, rate: fn(usize) -> u64) {
        for _ in 0..rounds {
            let each = 1_000_000 / rate(gate.allowed()).max(1);
            for step in 0..(3_000_000 / each) {
                gate.success(0, Moment(*now + step * each / 1_000));
            }
            *now += 3_000;
        }
    }

    #[test]
    fn grows_as_long_as_that_brings_more_and_stays_where_it_does_not() {
        let mut gate = Gate::new(24);
        for halving in 1..=3 {
            gate.halve(AttemptId(halving));
        }
        assert_eq!(gate.allowed(), 3);
        let mut now = 0;
        run(&mut gate, &mut now, 40, |allowed| 100 * allowed.min(10) as u64);
        assert!((9..=12).contains(&gate.allowed()), "{}", gate.allowed());
        run(&mut gate, &mut now, 200, |allowed| 100 * allowed as u64);
        assert_eq!(gate.allowed(), 24, "and finds more once there is more");
    }

    #[test]
    fn a_burst_of_throttling_halves_it_once() {
        let (mut gate, mut random, set) = (Gate::new(24), Random::new(1), Settings::default());
        for attempt in 0..24 {
            gate.throttled((AttemptId(attempt), AttemptId(24)), None, Moment(5), &mut random, &set);
        }
        assert_eq!(gate.allowed(), 12);
        gate.throttled((AttemptId(24), AttemptId(36)), None, Moment(9), &mut random, &set);
        assert_eq!(gate.allowed(), 6);
    }
}

//! How often the page hears something: four times a second while files are on their way, ten times after the person
//! did something, at once when the phase changes, and never twice the same.

use transfer::engine::Moment;
use transfer::port::{Phase, Snapshot};

/// Between two snapshots, in milliseconds. What each costs the browser to lay out and paint is missing for sending:
/// with 100 ms here the whole of 1,000 small files takes a tenth more of two cores.
const BEAT: u64 = 250;

/// Between two snapshots after the person did something, such as scrolling the list.
const ANSWER: u64 = 100;

/// While files are on their way, speed and time left are looked at this often though nothing happens.
const IDLE_BEAT: u64 = 1_000;

/// What the page knows, and since when.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<(Moment, Snapshot)>,
    news: News,
}

/// What the page does not know yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum News {
    #[default]
    None,
    /// Something may look different.
    Some,
    /// What the person asked for.
    Asked,
}

impl News {
    /// How long after the last snapshot they are told.
    fn beat(self) -> u64 {
        match self {
            Self::None => IDLE_BEAT,
            Self::Some => BEAT,
            Self::Asked => ANSWER,
        }
    }
}

impl Pace {
    /// Something may look different now.
    pub(super) fn change(&mut self) {
        if self.news == News::None {
            self.news = News::Some;
        }
    }

    /// The person waits for an answer.
    pub(super) fn ask(&mut self) {
        self.news = News::Asked;
    }

    /// Whether to look now.
    pub(super) fn is_due(&self, phase: &Phase, now: Moment) -> bool {
        match &self.last {
            None => true,
            Some((at, last)) => last.phase != *phase || now.since(*at) >= self.news.beat(),
        }
    }

    /// The snapshot, if the page does not know it yet.
    pub(super) fn fresh(&mut self, snapshot: Snapshot, now: Moment) -> Option<&Snapshot> {
        self.news = News::None;
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
        (busy || self.news != News::None).then(|| at.after(self.news.beat()).max(now.after(1)))
    }
}

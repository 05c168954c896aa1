//! One file on its way in parts: what was done, and what comes next.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::crc64::Crc64;
use crate::engine::urls::{StepUrls, Ways};
use crate::engine::{Moment, Step};
use crate::wire::PartPlan;

/// Parts that the server is asked to sign at once: few, because URLs end within minutes ...
const SIGN_AHEAD: usize = 32;

/// ... and again when only so many are left.
const SIGN_AT: usize = 8;

/// Parts that a part may overtake because their URLs lead to a host that is busy.
const OVERTAKEN: u32 = 8;

/// What is to be asked of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Due {
    Create,
    /// The parts behind this number.
    List(u32),
    Part(u32),
    Complete,
}

/// What the server is to sign for an upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engine) struct Unsigned {
    /// What the store calls it, if it began it.
    pub(in crate::engine) upload: Option<String>,
    /// The list begins behind this part.
    pub(in crate::engine) after: u32,
    pub(in crate::engine) parts: Vec<u32>,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// The store is to be asked for an upload.
    New,
    /// The store is to be asked which parts it holds, from the one behind this number.
    Listing(u32),
    /// Parts are sent.
    Filling,
    /// A request runs that nothing else can run beside: creating, listing or completing.
    Busy,
}

/// One file in parts.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) plan: PartPlan,
    pub(super) id: String,
    pub(super) stand: Stand,
    /// The lowest number that was never given out.
    pub(super) next: u32,
    /// Parts to be sent again, and when.
    pub(super) again: VecDeque<(Moment, u32)>,
    pub(super) done: BTreeMap<u32, String>,
    /// Checksums of parts, as far as they are known.
    pub(super) sums: BTreeMap<u32, Crc64>,
    pub(super) done_bytes: u64,
    pub(super) flying: u32,
    /// Tries of parts that failed: those that count, and those that do not.
    pub(super) tries: HashMap<u32, (u8, u8)>,
    /// An ETag could not be read: the list of parts has it.
    pub(super) blind: bool,
    /// Completing was tried, and perhaps done.
    pub(super) completed: bool,
    /// Where the server signs.
    pub(super) urls: StepUrls,
}

impl Upload {
    pub(super) fn new(plan: PartPlan) -> Self {
        Self {
            plan,
            id: String::new(),
            stand: Stand::New,
            next: 1,
            again: VecDeque::new(),
            done: BTreeMap::new(),
            sums: BTreeMap::new(),
            done_bytes: 0,
            flying: 0,
            tries: HashMap::new(),
            blind: false,
            completed: false,
            urls: StepUrls::default(),
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.done.len() == self.plan.parts() as usize
    }

    /// The next request.
    pub(super) fn due(&self, now: Moment) -> Option<Due> {
        match self.stand {
            Stand::Busy => None,
            Stand::New => Some(Due::Create),
            Stand::Listing(after) => Some(Due::List(after)),
            Stand::Filling if self.is_whole() => {
                let last = if self.blind { Due::List(0) } else { Due::Complete };
                (self.flying == 0).then_some(last)
            }
            Stand::Filling => {
                let again = self.again.iter().find(|(at, _)| *at <= now).map(|(_, number)| *number);
                again.or((self.next <= self.plan.parts()).then_some(self.next)).map(Due::Part)
            }
        }
    }

    /// The next request that the server signed and whose host has room. A part may overtake some others.
    pub(super) fn signed_due(&self, now: Moment, ways: Ways<'_>) -> Option<Due> {
        let free = |due: &Due| self.urls.get(*due).is_some_and(|url| ways.is_free(url));
        let due = self.due(now)?;
        if !matches!(due, Due::Part(_)) {
            return Some(due).filter(free);
        }
        let again = self.again.iter().filter(|(at, _)| *at <= now).map(|(_, number)| *number);
        let last = self.plan.parts().min(self.next.saturating_add(OVERTAKEN));
        let fresh = (self.next..=last).filter(|number| !self.done.contains_key(number));
        again.chain(fresh).map(Due::Part).find(free)
    }

    /// What the server is to sign before this can go on.
    pub(super) fn unsigned(&self, ways: Ways<'_>) -> Option<Unsigned> {
        let open = |due: Due| self.urls.get(due).is_some_and(|url| ways.is_open(url));
        let upload = (!self.id.is_empty()).then(|| self.id.clone());
        let step = |due: Due, after: u32| {
            (!open(due)).then(|| Unsigned { upload: upload.clone(), after, parts: Vec::new() })
        };
        match self.stand {
            Stand::Busy => None,
            Stand::New => step(Due::Create, 0),
            Stand::Listing(after) => step(Due::List(after), after),
            Stand::Filling if self.is_whole() && self.blind => step(Due::List(0), 0),
            Stand::Filling if self.is_whole() => step(Due::Complete, 0),
            Stand::Filling => {
                let again = self.again.iter().map(|(_, number)| *number);
                let fresh = (self.next..=self.plan.parts()).filter(|number| !self.done.contains_key(number));
                let ahead = again.chain(fresh).take(SIGN_AHEAD);
                if ahead.clone().take(SIGN_AT).all(|number| open(Due::Part(number))) {
                    return None;
                }
                let parts = ahead.filter(|number| !open(Due::Part(*number))).collect();
                Some(Unsigned { upload, after: 0, parts })
            }
        }
    }

    /// Begins a request; the caller has seen that it is due.
    pub(super) fn take(&mut self, due: Due) -> Step {
        let upload = self.id.clone();
        match due {
            Due::Create => {
                self.stand = Stand::Busy;
                Step::Create
            }
            Due::List(after) => {
                self.stand = Stand::Busy;
                Step::List { upload, after }
            }
            Due::Complete => {
                self.stand = Stand::Busy;
                let parts = self.done.iter().map(|(number, etag)| (*number, etag.clone())).collect();
                Step::Complete { upload, parts, checksum: self.checksum() }
            }
            Due::Part(number) => {
                if let Some(at) = self.again.iter().position(|(_, again)| *again == number) {
                    self.again.remove(at);
                } else {
                    let overtaken = (self.next..number).filter(|number| !self.done.contains_key(number));
                    self.again.extend(overtaken.map(|number| (Moment(0), number)));
                    self.next = number + 1;
                    self.skip_done();
                }
                self.flying += 1;
                let (from, to) = self.plan.range(number);
                Step::Part { upload, number, from, to }
            }
        }
    }

    /// Of the whole file, if those of all parts are known.
    fn checksum(&self) -> Option<Crc64> {
        (1..=self.plan.parts()).try_fold(Crc64::EMPTY, |whole, number| {
            let (from, to) = self.plan.range(number);
            Some(whole.then(*self.sums.get(&number)?, to - from))
        })
    }

    pub(super) fn skip_done(&mut self) {
        while self.done.contains_key(&self.next) {
            self.next += 1;
        }
    }

    pub(super) fn note_done(&mut self, number: u32, etag: Option<String>) -> u64 {
        let (from, to) = self.plan.range(number);
        self.urls.done(number);
        self.blind |= etag.is_none();
        let bytes = if self.done.insert(number, etag.unwrap_or_default()).is_none() { to - from } else { 0 };
        self.done_bytes += bytes;
        bytes
    }
}

//! Calls to the server that are not answered yet: a handful at most.

use std::collections::HashSet;

use crate::wire::ItemReport;

use super::{CallId, Moment};

/// What a call is for, with all that is needed to make it again.
#[derive(Debug, Clone)]
pub(super) enum Job {
    Announce(Vec<u32>),
    Report(Vec<ItemReport>),
    Renew,
    Sign(Vec<u32>),
    /// URLs for the upload of an item in parts; the list of parts behind that one.
    SignUpload(u32, u32),
    /// A URL to throw away what the store holds of an item's upload.
    SignAbort(u32, String),
    Close,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// On its way under that name.
    Asked(CallId),
    /// To be made again then.
    Again(Moment),
}

/// A call.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) job: Job,
    pub(super) status: Status,
    pub(super) tries: u8,
}

/// All calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls(Vec<Pending>);

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn count(&self, of: impl Fn(&Job) -> bool) -> usize {
        self.0.iter().filter(|pending| of(&pending.job)).count()
    }

    /// The items whose outcomes are being reported.
    pub(super) fn reporting(&self) -> HashSet<u32> {
        let pages = self.0.iter().filter_map(|pending| match &pending.job {
            Job::Report(page) => Some(page),
            _ => None,
        });
        pages.flatten().map(|report| report.index.0).collect()
    }

    pub(super) fn push(&mut self, pending: Pending) {
        self.0.push(pending);
    }

    /// Takes out the call that is on its way under that name.
    pub(super) fn take(&mut self, id: CallId) -> Option<Pending> {
        let at = self.0.iter().position(|pending| pending.status == Status::Asked(id))?;
        Some(self.0.remove(at))
    }

    /// Takes out a call whose time has come.
    pub(super) fn take_due(&mut self, now: Moment) -> Option<Pending> {
        let at = self.0.iter().position(|pending| match pending.status {
            Status::Again(until) => until <= now,
            Status::Asked(_) => false,
        })?;
        Some(self.0.remove(at))
    }

    /// When the next call is to be made again.
    pub(super) fn next_again(&self) -> Option<Moment> {
        self.0
            .iter()
            .filter_map(|pending| match pending.status {
                Status::Again(until) => Some(until),
                Status::Asked(_) => None,
            })
            .min()
    }

    /// Whether a call has failed and not been answered since.
    pub(super) fn in_trouble(&self) -> bool {
        self.0.iter().any(|pending| pending.tries > 0)
    }

    /// Nobody waits any longer.
    pub(super) fn hurry(&mut self, now: Moment) {
        for pending in &mut self.0 {
            if let Status::Again(_) = pending.status {
                pending.status = Status::Again(now);
            }
        }
    }
}

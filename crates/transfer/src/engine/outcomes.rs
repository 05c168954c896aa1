//! What became of the attempts.

use crate::port::FailureClass;
use crate::wire::GrantKind;

use super::air::Flight;
use super::gate::Blame;
use super::items::{Mark, State};
use super::{AttemptId, Engine, Moment, SendFailure};

/// The ETag of no bytes: browsers are known to send an empty body for a file that they cannot read any more.
const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// How a failed item goes on.
enum Next {
    /// Again, and it counts.
    Count,
    /// Again, and it does not count.
    Free,
    /// Like `Free`, but behind all others: the gate makes the wait, and the next look is another item's turn.
    Last,
    /// It counts as stored.
    Stored,
    /// Never.
    GiveUp,
}

impl Engine {
    pub(super) fn progressed(&mut self, attempt: AttemptId, sent: u64, now: Moment) {
        let items = &self.items;
        if let Some(new) = self.air.progress(attempt, sent, |item| items.size(item)) {
            self.pace.note(new, now);
        }
    }

    pub(super) fn sent(&mut self, attempt: AttemptId, etag: Option<String>, now: Moment) {
        let Some(flight) = self.air.land(attempt) else { return };
        let item = flight.item;
        let etag = etag.map(|etag| etag.trim_matches('"').to_owned()).filter(|etag| !etag.is_empty());
        if etag.as_deref() == Some(MD5_OF_NOTHING) && self.items.size(item) > 0 {
            let failure = SendFailure { class: FailureClass::Corrupted, retry_after: None };
            self.landed_badly(&flight, failure, now);
            return;
        }
        self.pace.note(self.items.size(item) - flight.sent, now);
        self.gate.success();
        if let Some(batch) = &mut self.batch {
            batch.permit.success();
        }
        self.note_stored(item, etag, now);
    }

    pub(super) fn failed(&mut self, attempt: AttemptId, failure: SendFailure, now: Moment) {
        if let Some(flight) = self.air.land(attempt) {
            self.landed_badly(&flight, failure, now);
        }
    }

    /// Gives an item up for now: only the person can try it again.
    pub(super) fn give_up(&mut self, item: u32, class: FailureClass, now: Moment) {
        self.items.set(item, State::Failed(class));
        self.queue.drop_url(item);
        self.outbox.push(item, None, &mut self.items, now);
    }

    fn note_stored(&mut self, item: u32, etag: Option<String>, now: Moment) {
        self.items.set(item, State::Stored);
        self.queue.drop_url(item);
        self.outbox.push(item, etag, &mut self.items, now);
    }

    fn landed_badly(&mut self, flight: &Flight, failure: SendFailure, now: Moment) {
        let item = flight.item;
        let class = match &self.batch {
            Some(batch) => batch.permit.judge(failure.class, now),
            None => failure.class,
        };
        self.items.note_failure(item, class);
        let next = self.verdict(flight, class, failure.retry_after, now);
        let (tries, allowed) = match next {
            Next::Stored => return self.note_stored(item, None, now),
            Next::GiveUp => return self.give_up(item, class, now),
            Next::Count => (self.items.count_try(item), self.settings.retries),
            Next::Free | Next::Last => (self.items.count_free_try(item), self.settings.free_retries),
        };
        if tries > allowed {
            return self.give_up(item, class, now);
        }
        if matches!(next, Next::Last) {
            self.queue.put_last(item, &mut self.items);
            return;
        }
        if tries == 1 && matches!(class, FailureClass::Expired | FailureClass::Skewed) {
            self.queue.put_first(item, &mut self.items);
            return;
        }
        let set = &self.settings;
        let wait = self.random.backoff(set.backoff_base, tries - 1, set.backoff_cap);
        let wait = wait.max(failure.retry_after.unwrap_or(0).min(set.report_max_age));
        self.items.set(item, State::Delayed);
        self.queue.push_delayed(item, now.after(wait));
    }

    /// What a failure means for the item, the gate and the grant.
    fn verdict(
        &mut self,
        flight: &Flight,
        class: FailureClass,
        retry_after: Option<u64>,
        now: Moment,
    ) -> Next {
        let item = flight.item;
        match class {
            FailureClass::Network | FailureClass::Stalled => {
                match self.gate.broke(item, now, &mut self.random, &self.settings) {
                    Blame::File => Next::Count,
                    Blame::Outage => Next::Last,
                }
            }
            FailureClass::Throttled => {
                self.gate.throttled(retry_after, now, &mut self.random, &self.settings);
                Next::Free
            }
            FailureClass::Expired | FailureClass::Skewed => {
                self.queue.drop_url(item);
                if let Some(batch) = &mut self.batch
                    && batch.permit.kind() != GrantKind::SignedUrls
                {
                    batch.permit.doubt(flight.grant);
                }
                Next::Free
            }
            FailureClass::Denied if !self.items.has(item, Mark::Denied) => {
                self.items.mark(item, Mark::Denied);
                self.queue.drop_url(item);
                if let Some(batch) = &mut self.batch {
                    batch.permit.denied(flight.grant, now);
                }
                Next::Free
            }
            FailureClass::Conflict if self.items.has(item, Mark::Conflicted) => Next::Stored,
            FailureClass::Conflict => {
                self.items.mark(item, Mark::Conflicted);
                Next::Count
            }
            FailureClass::Store | FailureClass::Corrupted => Next::Count,
            FailureClass::Denied
            | FailureClass::TooLarge
            | FailureClass::FileChanged
            | FailureClass::FileGone
            | FailureClass::Rejected => Next::GiveUp,
        }
    }
}

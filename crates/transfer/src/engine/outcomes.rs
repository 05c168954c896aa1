//! What became of the attempts.

use crate::crc64::Crc64;
use crate::port::FailureClass;
use crate::wire::{GrantKind, Relay};

use super::air::{Flight, Work};
use super::calls::Job;
use super::gate::Blame;
use super::items::{Mark, State};
use super::{Action, AttemptId, ChecksumUse, Engine, Moment, SendFailure, StoreTraits, StoredPart, Support};

/// The ETag of no bytes: browsers are known to send an empty body for a file that they cannot read any more.
const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// How what failed goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Again, and it counts.
    Count,
    /// Again, and it does not count.
    Free,
    /// Like `Free`, but at once and to another host.
    Elsewhere,
    /// Like `Free`, but behind all others: the gate makes the wait, and the next look is another item's turn.
    Last,
    /// It counts as stored.
    Stored,
    /// Never.
    GiveUp,
}

impl Engine {
    pub(super) fn progressed(&mut self, attempt: AttemptId, sent: u64, now: Moment) {
        if let Some(new) = self.air.progress(attempt, sent, now) {
            self.pace.note(new, now);
        }
    }

    pub(super) fn sent(&mut self, attempt: AttemptId, etag: Option<String>, now: Moment) {
        let Some(flight) = self.air.land(attempt) else { return };
        let item = flight.item;
        let etag = etag.map(|etag| etag.trim_matches('"').to_owned()).filter(|etag| !etag.is_empty());
        let empty = etag.as_deref() == Some(MD5_OF_NOTHING) && flight.size > 0;
        if empty || flight.work == Work::Step {
            let class = if empty { FailureClass::Corrupted } else { FailureClass::Rejected };
            self.landed_badly(&flight, SendFailure { class, retry_after: None }, now);
            return;
        }
        self.landed_well(&flight, now);
        self.learn_checksums(&flight);
        match flight.work {
            Work::Part(number) => return self.uploads.part_done(item, number, etag),
            Work::Form => self.learn(StoreTraits { forms: Support::Yes, ..self.traits }),
            // The same file that a form could not bring: then forms are not the way.
            Work::Put if self.items.has(item, Mark::Formless) && self.traits.forms == Support::Unknown => {
                self.learn(StoreTraits { forms: Support::No, ..self.traits });
            }
            Work::Put | Work::Relay | Work::Step | Work::Complete => {}
        }
        self.note_stored(item, etag, now);
    }

    pub(super) fn created(&mut self, attempt: AttemptId, upload: &str, now: Moment) {
        let Some(flight) = self.air.land(attempt) else { return };
        if upload.is_empty() || flight.work != Work::Step {
            let failure = SendFailure { class: FailureClass::Rejected, retry_after: None };
            return self.landed_badly(&flight, failure, now);
        }
        self.landed_well(&flight, now);
        self.learn(StoreTraits { multipart: Support::Yes, ..self.traits });
        self.items.journal.item('U', flight.item);
        let part_size = self.uploads.created(flight.item, upload).unwrap_or_default();
        self.items.journal.number(part_size).field(upload).end();
    }

    pub(super) fn listed(&mut self, attempt: AttemptId, parts: Vec<StoredPart>, more: bool, now: Moment) {
        let Some(flight) = self.air.land(attempt) else { return };
        if flight.work != Work::Step {
            let failure = SendFailure { class: FailureClass::Rejected, retry_after: None };
            return self.landed_badly(&flight, failure, now);
        }
        self.landed_well(&flight, now);
        self.uploads.listed(flight.item, parts, more);
    }

    pub(super) fn hashed(&mut self, attempt: AttemptId, checksum: Crc64) {
        match self.air.get(attempt) {
            Some(&Flight { item, work: Work::Part(number), .. }) => {
                self.uploads.note_checksum(item, number, checksum);
            }
            Some(flight) => self.outbox.note_checksum(flight.item, checksum),
            None => {}
        }
    }

    /// The store does not know this way of sending: the file goes another way, and so do all that follow.
    pub(super) fn unsupported(&mut self, attempt: AttemptId, now: Moment) {
        let Some(flight) = self.air.land(attempt) else { return };
        let item = flight.item;
        self.note_heard(&flight, now);
        match flight.work {
            // It carries nothing for this project any more.
            Work::Relay => self.detour.allow(Relay::Never),
            Work::Put => {
                let failure = SendFailure { class: FailureClass::Rejected, retry_after: None };
                return self.landed_badly(&flight, failure, now);
            }
            Work::Form => {
                self.learn(StoreTraits { forms: Support::No, ..self.traits });
                if let Some(batch) = &mut self.batch
                    && batch.permit.kind() == GrantKind::PostPolicy
                {
                    batch.permit.doubt(flight.grant);
                }
            }
            _ if self.is_about_checksums(&flight, FailureClass::Rejected) => {
                self.items.mark(item, Mark::Sumless);
            }
            Work::Part(_) | Work::Step | Work::Complete => {
                self.learn(StoreTraits { multipart: Support::No, ..self.traits });
            }
        }
        self.cut(item);
        self.discard(item);
        if self.items.count_free_try(item) > self.settings.free_retries {
            self.give_up(item, FailureClass::Rejected, now);
        } else {
            self.queue.put_first(item, &mut self.items);
        }
    }

    /// The store does not know the upload any more: it was completed by a try whose answer was lost, or thrown away.
    pub(super) fn upload_gone(&mut self, attempt: AttemptId, now: Moment) {
        let Some(flight) = self.air.land(attempt) else { return };
        let item = flight.item;
        let completed = flight.work == Work::Complete && self.uploads.note_completing(item);
        self.cut(item);
        self.items.journal.item('D', item).end();
        self.uploads.forget(item);
        if completed {
            // Like a second conflict: the comparison at the end finds it if not.
            self.note_stored(item, None, now);
        } else if self.items.count_try(item) > self.settings.retries {
            self.give_up(item, FailureClass::Store, now);
        } else {
            self.queue.put_last(item, &mut self.items);
        }
    }

    pub(super) fn failed(&mut self, attempt: AttemptId, failure: SendFailure, now: Moment) {
        if let Some(flight) = self.air.land(attempt) {
            self.landed_badly(&flight, failure, now);
        }
    }

    pub(super) fn stalled(&mut self, flight: &Flight, now: Moment) {
        let failure = SendFailure { class: FailureClass::Stalled, retry_after: None };
        self.landed_badly(flight, failure, now);
    }

    /// Gives an item up for now: only the person can try it again.
    pub(super) fn give_up(&mut self, item: u32, class: FailureClass, now: Moment) {
        self.items.set(item, State::Failed(class));
        self.queue.drop_url(item);
        self.outbox.push(item, None, &mut self.items, now);
    }

    /// Cuts all attempts of one item. Its state is the caller's to change.
    pub(super) fn cut(&mut self, item: u32) {
        if let Some(attempt) = self.duplicates.cut(item) {
            self.actions.push_back(Action::Abort { attempt });
        }
        while let Some(flight) = self.air.land_item(item) {
            self.actions.push_back(Action::Abort { attempt: flight.attempt });
            if let Work::Part(number) = flight.work
                && !flight.spare
            {
                self.uploads.part_back(item, number, Moment(0));
            }
        }
    }

    /// Throws away what the store holds of an item's upload.
    pub(super) fn discard(&mut self, item: u32) {
        if let Some(upload) = self.uploads.forget(item) {
            self.items.journal.item('D', item).end();
            if self.signs_by_itself() {
                let key = self.items.key(item);
                self.actions.push_back(Action::Discard { url: None, base: 0, key, upload });
            } else {
                self.make(Job::SignAbort(item, upload), 0);
            }
        }
    }

    fn learn(&mut self, traits: StoreTraits) {
        if self.traits != traits {
            self.traits = traits;
            self.actions.push_back(Action::Remember(traits));
        }
    }

    /// What a success says of checksums: that the store takes them, or that it takes this file without its own only.
    fn learn_checksums(&mut self, flight: &Flight) {
        if self.traits.checksums == Support::Unknown && flight.work != Work::Relay {
            let checksums = match flight.checksum {
                ChecksumUse::Sent => Support::Yes,
                ChecksumUse::Reported if self.items.has(flight.item, Mark::Sumless) => Support::No,
                ChecksumUse::Reported => return,
            };
            self.learn(StoreTraits { checksums, ..self.traits });
        }
    }

    fn note_stored(&mut self, item: u32, etag: Option<String>, now: Moment) {
        self.uploads.forget(item);
        self.items.set(item, State::Stored);
        self.items.journal.stored(item, etag.as_deref(), self.outbox.checksum(item));
        self.queue.drop_url(item);
        self.outbox.push(item, etag, &mut self.items, now);
    }

    /// What a success says of the host, the line and the grant.
    fn landed_well(&mut self, flight: &Flight, now: Moment) {
        let counted = if flight.spare { 0 } else { flight.sent };
        self.pace.note(flight.size - counted, now);
        if let Some(twin) = self.air.land_twin(flight) {
            self.actions.push_back(Action::Abort { attempt: twin.attempt });
        }
        self.air.note_lap(flight, now);
        match flight.host {
            Some(host) => {
                self.air.hosts.success(host, now);
                self.detour.leave();
            }
            None => self.detour.arrived(),
        }
        self.gate.success(flight.size, now);
        if let Some(batch) = &mut self.batch {
            batch.permit.success();
        }
    }

    fn landed_badly(&mut self, flight: &Flight, failure: SendFailure, now: Moment) {
        let item = flight.item;
        if self.air.has_twin(flight) {
            if matches!(failure.class, FailureClass::Network | FailureClass::Stalled)
                && let Some(host) = flight.host
            {
                self.air.hosts.broke(host, now);
            }
            if self.is_about_checksums(flight, failure.class) {
                self.items.mark(item, Mark::Sumless);
            }
            return;
        }
        if is_answer(failure.class) {
            self.note_heard(flight, now);
        }
        self.detour.landed(flight.attempt, now);
        let class = match &self.batch {
            // The grant plays no part on the way through the server.
            Some(batch) if flight.work != Work::Relay => batch.permit.judge(failure.class, now),
            _ => failure.class,
        };
        self.items.note_failure(item, class);
        let next = if self.is_about_checksums(flight, class) {
            self.items.mark(item, Mark::Sumless);
            Next::Elsewhere
        } else if let Some(host) = flight.host {
            self.verdict((flight, host), class, failure.retry_after, now)
        } else {
            self.verdict_on_detour(flight, class, failure.retry_after, now)
        };
        match flight.work {
            Work::Part(number) => self.part_failed((item, number), class, next, failure.retry_after, now),
            Work::Step | Work::Complete => {
                if flight.work == Work::Complete {
                    self.uploads.note_completing(item);
                }
                let relist = matches!(class, FailureClass::Rejected | FailureClass::Corrupted);
                self.uploads.step_back(item, relist && flight.work == Work::Complete);
                self.uploads.park(item);
                self.whole_failed(item, class, next, failure.retry_after, now);
            }
            Work::Form | Work::Put | Work::Relay => {
                self.whole_failed(item, class, next, failure.retry_after, now);
            }
        }
    }

    fn whole_failed(&mut self, item: u32, class: FailureClass, next: Next, after: Option<u64>, now: Moment) {
        let (tries, allowed) = match next {
            Next::Stored => return self.note_stored(item, None, now),
            Next::GiveUp => return self.give_up(item, class, now),
            Next::Count => (self.items.count_try(item), self.settings.retries),
            Next::Free | Next::Elsewhere | Next::Last => {
                (self.items.count_free_try(item), self.settings.free_retries)
            }
        };
        if tries > allowed {
            return self.give_up(item, class, now);
        }
        if next == Next::Last {
            self.queue.put_last(item, &mut self.items);
            return;
        }
        let first = tries == 1 && matches!(class, FailureClass::Expired | FailureClass::Skewed);
        if first || next == Next::Elsewhere {
            self.queue.put_first(item, &mut self.items);
            return;
        }
        let wait = self.wait(tries, after);
        self.items.set(item, State::Delayed);
        self.queue.push_delayed(item, now.after(wait));
    }

    fn part_failed(
        &mut self,
        (item, number): (u32, u32),
        class: FailureClass,
        next: Next,
        after: Option<u64>,
        now: Moment,
    ) {
        let counts = matches!(next, Next::Count | Next::Stored);
        let tries = self.uploads.count_try(item, number, counts);
        let allowed = if counts { self.settings.retries } else { self.settings.free_retries };
        let at = match next {
            Next::Elsewhere | Next::Last => now,
            _ => now.after(self.wait(tries, after)),
        };
        self.uploads.part_back(item, number, at);
        if next == Next::GiveUp || tries > allowed {
            self.cut(item);
            // What is done of it stays, for the person who tries it again.
            self.uploads.park(item);
            self.give_up(item, class, now);
        } else {
            self.items.count_retry();
        }
    }

    fn wait(&mut self, tries: u8, after: Option<u64>) -> u64 {
        let set = &self.settings;
        let wait = self.random.backoff(set.backoff_base, tries.saturating_sub(1), set.backoff_cap);
        wait.max(after.unwrap_or(0).min(set.report_max_age))
    }

    /// What a failure means for the item, the host, the gate and the grant.
    fn verdict(
        &mut self,
        (flight, host): (&Flight, usize),
        class: FailureClass,
        retry_after: Option<u64>,
        now: Moment,
    ) -> Next {
        let item = flight.item;
        if self.is_about_forms(flight, class) {
            self.items.mark(item, Mark::Formless);
            self.items.unmark(item, Mark::Sumless);
            if class != FailureClass::Network {
                self.doubt_forms(flight.grant);
                return Next::Elsewhere;
            }
        }
        match class {
            FailureClass::Network | FailureClass::Stalled => {
                let next = AttemptId(self.next_attempt);
                if class == FailureClass::Stalled {
                    self.gate.stalled(flight.attempt, next);
                }
                if self.air.hosts.broke(host, now) || self.detour.is_taken() {
                    return Next::Elsewhere;
                }
                let part = if let Work::Part(number) = flight.work { number } else { 0 };
                match self.gate.broke((item, part), now, &mut self.random, &self.settings) {
                    // Perhaps nothing arrives, and there is another way.
                    Blame::File if self.detour.is_allowed() && self.air.hosts.none_answers() => Next::Free,
                    Blame::File => Next::Count,
                    Blame::Outage => {
                        if self.is_about_forms(flight, class) {
                            self.doubt_forms(flight.grant);
                        }
                        Next::Last
                    }
                }
            }
            FailureClass::Throttled => {
                let attempts = (flight.attempt, AttemptId(self.next_attempt));
                self.gate.throttled(attempts, retry_after, now, &mut self.random, &self.settings);
                Next::Free
            }
            FailureClass::Expired | FailureClass::Skewed => {
                self.drop_urls(item);
                if let Some(batch) = &mut self.batch {
                    // A URL has an end of its own.
                    match batch.permit.kind() {
                        GrantKind::SignedUrls => {}
                        GrantKind::PostPolicy if flight.work.is_multipart() => {}
                        GrantKind::PostPolicy | GrantKind::Credentials => batch.permit.doubt(flight.grant),
                    }
                }
                Next::Free
            }
            FailureClass::Denied if !self.items.has(item, Mark::Denied) => {
                self.items.mark(item, Mark::Denied);
                self.drop_urls(item);
                if let Some(batch) = &mut self.batch {
                    batch.permit.denied(flight.grant, now);
                }
                Next::Free
            }
            // Another part of the same file was under way with the grant that is in doubt.
            FailureClass::Denied if self.is_outdated(flight) => Next::Free,
            FailureClass::Conflict if flight.work.is_multipart() => Next::Count,
            FailureClass::Conflict if self.items.has(item, Mark::Conflicted) => Next::Stored,
            FailureClass::Conflict => {
                self.items.mark(item, Mark::Conflicted);
                Next::Count
            }
            // The list of parts tells what was wrong with it.
            FailureClass::Rejected if flight.work == Work::Complete => Next::Count,
            FailureClass::Store | FailureClass::Corrupted => Next::Count,
            FailureClass::Denied
            | FailureClass::TooLarge
            | FailureClass::FileChanged
            | FailureClass::FileGone
            | FailureClass::Rejected => Next::GiveUp,
        }
    }

    /// The URLs of an item are not believed any more.
    fn drop_urls(&mut self, item: u32) {
        self.queue.drop_url(item);
        self.uploads.drop_urls(item);
    }

    /// Forms come to nothing, perhaps because they are forms: under a policy, which allows nothing else, URLs are asked
    /// for instead.
    fn doubt_forms(&mut self, grant: u32) {
        if let Some(batch) = &mut self.batch
            && batch.permit.kind() == GrantKind::PostPolicy
        {
            self.formless = true;
            batch.permit.doubt(grant);
        }
    }

    /// Whether a failure may be the form's fault and not the file's: the store has taken none yet, and refuses in a way
    /// that says nothing, or that a browser cannot read.
    fn is_about_forms(&self, flight: &Flight, class: FailureClass) -> bool {
        flight.work == Work::Form
            && self.traits.forms == Support::Unknown
            && matches!(class, FailureClass::Network | FailureClass::Denied | FailureClass::Rejected)
    }

    /// Whether a failure may be the checksum's fault and not the file's: the store has taken none yet, and refuses.
    fn is_about_checksums(&self, flight: &Flight, class: FailureClass) -> bool {
        let refused = match class {
            FailureClass::Rejected => true,
            // What a policy does not name is denied.
            FailureClass::Denied => flight.work == Work::Form,
            _ => false,
        };
        let direct = flight.work != Work::Relay;
        refused && direct && flight.checksum == ChecksumUse::Sent && self.traits.checksums == Support::Unknown
    }

    /// The host said something, be it no: the way there is open.
    fn note_heard(&mut self, flight: &Flight, now: Moment) {
        self.detour.landed(flight.attempt, now);
        if let Some(host) = flight.host {
            self.air.hosts.heard(host);
            self.detour.leave();
        }
    }

    fn is_outdated(&self, flight: &Flight) -> bool {
        let doubted = self.batch.as_ref().is_some_and(|batch| batch.permit.is_past(flight.grant));
        flight.work.is_multipart() && doubted
    }
}

/// Whether a failure is what somebody answered; not what the line or the file did.
fn is_answer(class: FailureClass) -> bool {
    !matches!(
        class,
        FailureClass::Network | FailureClass::Stalled | FailureClass::FileChanged | FailureClass::FileGone
    )
}

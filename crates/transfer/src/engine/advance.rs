//! What follows from the state: calls to make, attempts to start, and when to look again.

use crate::wire::{
    ANNOUNCE_PAGE, AnnounceRequest, CloseRequest, GrantKind, ItemIndex, ItemReport, RenewGrantRequest,
    ReportRequest, SIGN_PAGE, SignUploadRequest, SignUrlsRequest,
};

use super::calls::{Job, Pending, Status};
use super::items::State;
use super::{Action, Call, Engine, Moment, Stage, Support};

/// Announcements under way at once: the short first page and the one behind it.
const ANNOUNCING: usize = 2;

impl Engine {
    /// Starts everything that can start now. The work is bounded by what starts, not by the number of files.
    pub(super) fn advance(&mut self, now: Moment) {
        if !self.is_going() {
            return;
        }
        self.queue.wake(now, &mut self.items);
        self.call_again(now);
        self.renew(now);
        self.cut_stalled(now);
        self.consider_detour(now);
        self.start_attempts(now);
        self.hedge(now);
        self.announce();
        self.compare();
        self.sign();
        self.sign_uploads(now);
        self.report(now);
        self.close();
    }

    /// When to come back with a `Tick` though nothing happened; none if only an event can change anything.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        if !self.is_going() {
            return None;
        }
        let online = !self.signed_out;
        let calls = self.calls.next_again().filter(|_| online);
        let renewal = self.renewal_due().filter(|_| online);
        let report = self.outbox.due(&self.settings).filter(|_| online && !self.is_reporting());
        let sending = !self.paused && self.queue.has_ready();
        let gate = self.gate.closed_until(self.now).filter(|_| sending);
        let stall = self.air.next_stall(&self.settings);
        [calls, renewal, report, gate, self.queue.next_delayed(), stall, self.next_start()]
            .into_iter()
            .flatten()
            .min()
            .map(|wake| wake.max(self.now.after(1)))
    }

    fn call_again(&mut self, now: Moment) {
        while !self.signed_out
            && let Some(pending) = self.calls.take_due(now)
        {
            self.make(pending.job, pending.tries);
        }
    }

    /// When the grant is to be renewed; none while it is not needed or being renewed.
    fn renewal_due(&self) -> Option<Moment> {
        let needed = self.items.unsettled() > 0 && !self.paused;
        let under_way = self.calls.count(|job| matches!(job, Job::Renew)) > 0;
        let batch = self.batch.as_ref().filter(|_| needed && !under_way)?;
        Some(batch.permit.renewal_due())
    }

    fn renew(&mut self, now: Moment) {
        if !self.signed_out && self.renewal_due().is_some_and(|due| due <= now) {
            self.make(Job::Renew, 0);
        }
    }

    fn announce(&mut self) {
        while self.stage == Stage::Open
            && !self.signed_out
            && !self.paused
            && self.queue.has_added(&self.items)
        {
            let under_way = self.calls.count(|job| matches!(job, Job::Announce(_)));
            let page = if self.fresh { self.settings.first_page.min(ANNOUNCE_PAGE) } else { ANNOUNCE_PAGE };
            let full = self.queue.added_len() >= page;
            let ahead = self.queue.ready_len() >= self.settings.ready_ahead;
            let ahead = ahead && !self.queue.is_hurried();
            // While files are still being collected, a page that is not full waits as long as there is enough to send.
            let enough = !self.finished
                && !self.queue.is_hurried()
                && self.queue.ready_len() >= self.settings.first_page;
            if ahead || under_way >= ANNOUNCING || (!full && (under_way > 0 || enough)) {
                return;
            }
            let mut items = Vec::with_capacity(page.min(self.queue.added_len()));
            while items.len() < page
                && let Some(item) = self.queue.pop_added(&self.items)
            {
                self.items.set(item, State::Announcing);
                items.push(item);
            }
            self.fresh = false;
            self.make(Job::Announce(items), 0);
        }
    }

    /// Asks for URLs just before they are needed: a page when the last one is half used up, a shorter one only when
    /// nothing else is left to send.
    fn sign(&mut self) {
        let by_url = self.batch.as_ref().is_some_and(|batch| batch.permit.kind() == GrantKind::SignedUrls);
        let under_way = self.calls.count(|job| matches!(job, Job::Sign(_))) > 0;
        if !by_url || under_way || self.signed_out || self.paused {
            return;
        }
        let left = self.queue.signed_len();
        let full = self.queue.ready_len() >= SIGN_PAGE;
        if left >= if full { SIGN_PAGE / 2 } else { usize::from(self.settings.per_host) } {
            return;
        }
        let by_parts = self.sends_parts();
        let mut items = Vec::new();
        while items.len() < SIGN_PAGE
            && let Some(item) =
                if by_parts { self.queue.pop_small(&self.items) } else { self.queue.pop_ready(&self.items) }
        {
            self.items.set(item, State::Signing);
            items.push(item);
        }
        if !items.is_empty() {
            self.make(Job::Sign(items), 0);
        }
    }

    /// Asks for the URLs of the next parts, and of what goes before and after them.
    fn sign_uploads(&mut self, now: Moment) {
        let Some(ways) = self.ways(now) else { return };
        if ways.batch.permit.kind() == GrantKind::Credentials || self.signed_out || self.paused {
            return;
        }
        let mut items = self.uploads.all_unsigned(ways);
        items.retain(|item| {
            self.calls.count(|job| matches!(job, Job::SignUpload(asked, _) if asked == item)) == 0
        });
        for item in items {
            self.make(Job::SignUpload(item, 0), 0);
        }
    }

    fn is_reporting(&self) -> bool {
        self.calls.count(|job| matches!(job, Job::Report(_))) > 0
    }

    fn report(&mut self, now: Moment) {
        let over = self.finished && self.items.to_do() == 0;
        let due = self.outbox.due(&self.settings).is_some_and(|due| due <= now);
        if self.signed_out || self.is_reporting() || self.outbox.is_empty() {
            return;
        }
        if over || due || self.outbox.is_full(&self.settings) {
            let page = self.outbox.take(&mut self.items, now, &self.settings);
            if !page.is_empty() {
                self.make(Job::Report(page), 0);
            }
        }
    }

    /// Ends the batch when everything is settled and reported.
    fn close(&mut self) {
        let settled = self.items.unsettled() == 0 && self.outbox.is_empty() && self.calls.is_empty();
        if self.stage != Stage::Open || !self.finished || !settled {
            return;
        }
        let totals = self.items.totals();
        if self.items.announced() == 0 || (totals.failed > 0 && !self.accepted) {
            self.stage = Stage::Done(None);
        } else {
            self.stage = Stage::Closing;
            self.make(Job::Close, 0);
        }
    }

    /// Makes a call.
    pub(super) fn make(&mut self, mut job: Job, tries: u8) {
        let Some(batch) = &self.batch else { return };
        let id = batch.id.clone();
        let bases = self.air.hosts.up(self.now);
        let call = match &mut job {
            Job::Announce(page) => {
                let items = page.iter().map(|&item| self.items.announcement(item)).collect();
                Call::Announce(AnnounceRequest { batch: id, items })
            }
            Job::Report(page) => {
                Call::Report(ReportRequest { batch: id, items: page.iter().map(ItemReport::clone).collect() })
            }
            Job::Renew => {
                let kind = match batch.permit.kind() {
                    // The store has no forms, so a policy is of no use.
                    GrantKind::PostPolicy if self.traits.forms == Support::No || self.formless => {
                        GrantKind::SignedUrls
                    }
                    kind => kind,
                };
                Call::RenewGrant(RenewGrantRequest { batch: id, kind: Some(kind) })
            }
            Job::Sign(page) => {
                let items = page.iter().map(|&item| ItemIndex(item)).collect();
                Call::SignUrls(SignUrlsRequest { batch: id, items, bases })
            }
            Job::SignUpload(item, after) => {
                let unsigned = self.ways(self.now).and_then(|ways| self.uploads.unsigned(*item, ways));
                // Nobody needs it any more.
                let Some(unsigned) = unsigned else { return };
                *after = unsigned.after;
                Call::SignUpload(SignUploadRequest {
                    batch: id,
                    index: ItemIndex(*item),
                    upload: unsigned.upload,
                    after: unsigned.after,
                    parts: unsigned.parts,
                    bases,
                })
            }
            Job::SignAbort(item, upload) => Call::SignUpload(SignUploadRequest {
                batch: id,
                index: ItemIndex(*item),
                upload: Some(upload.clone()),
                after: 0,
                parts: Vec::new(),
                bases,
            }),
            Job::Close => Call::Close(CloseRequest { batch: id }),
        };
        let id = self.name_call();
        self.calls.push(Pending { job, status: Status::Asked(id), tries });
        self.actions.push_back(Action::Call { id, call });
    }
}

//! What follows from the state: calls to make, attempts to start, and when to look again.

use crate::wire::{
    ANNOUNCE_PAGE, AnnounceRequest, CloseRequest, GrantKind, ItemIndex, ItemReport, RenewGrantRequest,
    ReportRequest, SIGN_PAGE, SignUrlsRequest,
};

use super::air::Flight;
use super::calls::{Job, Pending, Status};
use super::items::{Mark, State};
use super::{Action, AttemptId, Call, Engine, Lane, Moment, Send, Stage};

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
        self.start_attempts(now);
        self.announce();
        self.sign();
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
        [calls, renewal, report, gate, self.queue.next_delayed()]
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
            if ahead || under_way >= ANNOUNCING || (under_way > 0 && !full) {
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
        let mut items = Vec::new();
        while items.len() < SIGN_PAGE
            && let Some(item) = self.queue.pop_ready(&self.items)
        {
            self.items.set(item, State::Signing);
            items.push(item);
        }
        if !items.is_empty() {
            self.make(Job::Sign(items), 0);
        }
    }

    fn start_attempts(&mut self, now: Moment) {
        while !self.paused
            && self.gate.closed_until(now).is_none()
            && self.air.len() < self.gate.allowed()
            && let Some((item, host, lane)) = self.next_to_send(now)
        {
            let attempt = AttemptId(self.next_attempt);
            self.next_attempt = self.next_attempt.wrapping_add(1);
            let grant = self.batch.as_ref().map_or(0, |batch| batch.permit.serial());
            if self.items.has(item, Mark::Tried) {
                self.items.count_retry();
            }
            self.items.mark(item, Mark::Tried);
            self.items.set(item, State::Sending);
            self.air.start(Flight { attempt, item, host, sent: 0, grant });
            self.actions.push_back(Action::Send(Box::new(Send {
                attempt,
                item: ItemIndex(item),
                lane,
                media_type: self.items.media_type(item).to_owned(),
                size: self.items.size(item),
                modified: self.items.modified(item),
            })));
        }
    }

    /// The next item, which host it goes to and how it travels; none if the grant or the hosts allow no more.
    fn next_to_send(&mut self, now: Moment) -> Option<(u32, usize, Lane)> {
        let batch = self.batch.as_ref()?;
        let most = self.settings.per_host;
        if batch.permit.kind() != GrantKind::SignedUrls {
            if !batch.permit.is_usable(now) {
                return None;
            }
            let base = self.air.free_host(most)?;
            let item = self.queue.pop_ready(&self.items)?;
            return Some((item, base, Lane::Put { base, key: self.items.key(item).to_owned() }));
        }
        loop {
            let item = self.queue.pop_signed(&self.items)?;
            match self.queue.url(item) {
                Some(url) if batch.permit.is_ahead(url.ends, now) => {
                    let to = batch.store.bases.iter().position(|base| url.url.starts_with(base.as_str()));
                    let host = to.unwrap_or(0);
                    if !self.air.has_room(host, most) {
                        self.queue.put_first(item, &mut self.items);
                        return None;
                    }
                    let lane = Lane::SignedPut { url: url.url.clone(), headers: url.headers.clone() };
                    return Some((item, host, lane));
                }
                _ => {
                    self.queue.drop_url(item);
                    self.queue.put_first(item, &mut self.items);
                }
            }
        }
    }

    fn is_reporting(&self) -> bool {
        self.calls.count(|job| matches!(job, Job::Report(_))) > 0
    }

    fn report(&mut self, now: Moment) {
        let over = self.finished && self.items.unsettled() == 0;
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
    fn make(&mut self, job: Job, tries: u8) {
        let Some(batch) = &self.batch else { return };
        let id = batch.id.clone();
        let call = match &job {
            Job::Announce(page) => {
                let items = page.iter().map(|&item| self.items.announcement(item)).collect();
                Call::Announce(AnnounceRequest { batch: id, items })
            }
            Job::Report(page) => {
                Call::Report(ReportRequest { batch: id, items: page.iter().map(ItemReport::clone).collect() })
            }
            Job::Renew => Call::RenewGrant(RenewGrantRequest { batch: id, kind: Some(batch.permit.kind()) }),
            Job::Sign(page) => {
                let items = page.iter().map(|&item| ItemIndex(item)).collect();
                Call::SignUrls(SignUrlsRequest { batch: id, items })
            }
            Job::Close => Call::Close(CloseRequest { batch: id }),
        };
        let id = self.name_call();
        self.calls.push(Pending { job, status: Status::Asked(id), tries });
        self.actions.push_back(Action::Call { id, call });
    }
}

//! What is sent next, on which lane, and to which host name.
//!
//! The grant, the store and the size choose the lane:
//!
//! | grant | up to 8 MiB | larger | from 32 MiB |
//! |---|---|---|---|
//! | `Credentials` | form | PUT | parts |
//! | `PostPolicy` | form | form | parts to URLs |
//! | `SignedUrls` | PUT to a URL | PUT to a URL | parts to URLs |
//!
//! A store that refuses forms gets PUTs instead; under `PostPolicy` the server is asked for URLs then. One that refuses
//! parts gets large files whole. Where no host name of the store can be reached, files go through the server, whatever the
//! grant and the size, if the project allows it.

use crate::port::FailureClass;
use crate::wire::{GrantKind, ItemIndex};

use super::air::{Flight, Work};
use super::items::{Mark, State};
use super::urls::Ways;
use super::{Action, AttemptId, ChecksumUse, Engine, Lane, Moment, Send, Step, Support};

/// Attempts that are sent a second time at once, at most.
const SPARES: usize = 4;

impl Engine {
    pub(super) fn start_attempts(&mut self, now: Moment) {
        while self.can_start(now) && self.start_one(now) {}
    }

    fn can_start(&self, now: Moment) -> bool {
        !self.paused && self.gate.closed_until(now).is_none() && self.air.len() < self.gate.allowed()
    }

    /// When something may start though nothing happened, if not at once.
    pub(super) fn next_start(&self) -> Option<Moment> {
        if self.paused {
            return None;
        }
        let waiting = self.queue.has_ready() || self.uploads.has_work(self.now);
        let host = self.air.hosts.next_return(self.now).filter(|_| waiting);
        let slow = self.air.next_slow(&self.settings).filter(|_| !waiting);
        [host, slow, self.uploads.next_again(), self.detour_due()]
            .into_iter()
            .flatten()
            .filter(|at| *at > self.now)
            .min()
    }

    /// Starts one attempt, if there is one to start.
    fn start_one(&mut self, now: Moment) -> bool {
        if self.detour.is_taken() {
            return self.start_on_detour(now);
        }
        let Some(batch) = &self.batch else { return false };
        let by_url = self.is_by_url();
        // URLs have an end of their own.
        let usable = !by_url && batch.permit.is_usable(now);
        let by_parts = self.sends_parts();
        let host = self.air.hosts.free(self.settings.per_host, None, now).filter(|_| usable);
        while by_parts
            && (host.is_some() || !self.signs_by_itself())
            && self.uploads.has_room(&self.settings)
            && let Some(item) = self.queue.pop_large(&self.items)
        {
            self.items.set(item, State::Sending);
            self.uploads.activate(item, self.items.size(item), &self.settings);
        }
        let parts = match self.ways(now) {
            Some(ways) if !self.signs_by_itself() => self.uploads.has_signed(now, ways),
            _ => host.is_some() && self.uploads.has_work(now),
        };
        let whole = if by_url {
            self.queue.has_signed(&self.items)
        } else {
            let large = !by_parts && self.queue.has_large(&self.items);
            host.is_some() && (large || self.queue.has_small(&self.items))
        };
        // Each may have half of the slots, and more if the other leaves them.
        let half = self.gate.allowed().div_ceil(2);
        if parts && (!whole || self.air.multipart_len() < half) {
            return self.start_step(host, now);
        }
        let started = match host {
            _ if !whole => false,
            Some(host) => self.start_whole(host, by_parts, now),
            None => self.start_signed(now),
        };
        started || (parts && self.start_step(host, now))
    }

    /// Whether large files go in parts.
    pub(super) fn sends_parts(&self) -> bool {
        self.batch.is_some() && self.traits.multipart != Support::No
    }

    /// Whether all goes to URLs that the server signs.
    pub(super) fn is_by_url(&self) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.permit.kind() == GrantKind::SignedUrls)
    }

    /// Whether the grant signs each request of an upload in parts; otherwise the server does.
    pub(super) fn signs_by_itself(&self) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.permit.kind() == GrantKind::Credentials)
    }

    fn start_whole(&mut self, host: usize, only_small: bool, now: Moment) -> bool {
        let next =
            if only_small { self.queue.pop_small(&self.items) } else { self.queue.pop_ready(&self.items) };
        let Some(item) = next else { return false };
        let size = self.items.size(item);
        let work = self.whole_work(item);
        let held = self.held_by(work, size);
        if self.air.held() > 0 && self.air.held().saturating_add(held) > self.settings.held_bytes {
            self.queue.put_first(item, &mut self.items);
            return false;
        }
        let lane = self.whole_lane(item, work, host);
        self.launch(item, (work, Some(host)), (size, held), lane, now);
        true
    }

    /// Bytes that sending a whole file holds in memory. What is larger than a form may be goes by reference.
    pub(super) fn held_by(&self, work: Work, size: u64) -> u64 {
        if work == Work::Form && size <= self.settings.form_max { size } else { 0 }
    }

    /// How a file goes that is not sent in parts.
    pub(super) fn whole_work(&self, item: u32) -> Work {
        let by_policy = self.batch.as_ref().is_some_and(|batch| batch.permit.kind() == GrantKind::PostPolicy);
        let small = self.items.size(item) <= self.settings.form_max;
        let form = small && self.traits.forms != Support::No && !self.items.has(item, Mark::Formless);
        if by_policy || form { Work::Form } else { Work::Put }
    }

    pub(super) fn whole_lane(&self, item: u32, work: Work, base: usize) -> Lane {
        let key = self.items.key(item);
        if work == Work::Form { Lane::Form { base, key } } else { Lane::Put { base, key } }
    }

    fn start_step(&mut self, host: Option<usize>, now: Moment) -> bool {
        if !self.signs_by_itself() {
            return self.start_signed_step(now);
        }
        let Some(host) = host else { return false };
        let Some((item, step)) = self.uploads.take_step(now) else { return false };
        let (work, size) = self.work_of(item, &step);
        let lane = Lane::Multipart { base: host, key: self.items.key(item), step };
        self.launch(item, (work, Some(host)), (size, 0), lane, now);
        true
    }

    fn start_signed_step(&mut self, now: Moment) -> bool {
        let Some(batch) = &self.batch else { return false };
        let ways = Ways { batch, hosts: &self.air.hosts, most: self.settings.per_host, now };
        let Some((item, step, url)) = self.uploads.take_signed(now, ways) else { return false };
        let host = ways.host(&url);
        let (work, size) = self.work_of(item, &step);
        let lane = Lane::SignedMultipart { url: url.url, headers: url.headers, step };
        self.launch(item, (work, Some(host)), (size, 0), lane, now);
        true
    }

    /// What a request carries, and how many bytes.
    fn work_of(&mut self, item: u32, step: &Step) -> (Work, u64) {
        match step {
            Step::Part { number, from, to, .. } => (Work::Part(*number), to - from),
            Step::Complete { checksum, .. } => {
                if let Some(checksum) = checksum {
                    self.outbox.note_checksum(item, *checksum);
                }
                (Work::Complete, 0)
            }
            Step::Create | Step::List { .. } => (Work::Step, 0),
        }
    }

    pub(super) fn start_signed(&mut self, now: Moment) -> bool {
        while let Some(item) = self.queue.pop_signed(&self.items) {
            let Some(ways) = self.ways(now) else { return false };
            let Some(url) = self.queue.url(item).filter(|url| ways.is_open(url)) else {
                self.queue.drop_url(item);
                self.queue.put_first(item, &mut self.items);
                continue;
            };
            if !ways.is_free(url) {
                self.queue.put_first(item, &mut self.items);
                return false;
            }
            let host = ways.host(url);
            let lane = Lane::SignedPut { url: url.url.clone(), headers: url.headers.clone() };
            self.launch(item, (Work::Put, Some(host)), (self.items.size(item), 0), lane, now);
            return true;
        }
        false
    }

    /// Sends what is slow a second time, when nothing else is left to send.
    pub(super) fn hedge(&mut self, now: Moment) {
        let usable = self
            .batch
            .as_ref()
            .is_some_and(|batch| batch.permit.kind() != GrantKind::SignedUrls && batch.permit.is_usable(now));
        while usable
            && !self.detour.is_taken()
            && self.can_start(now)
            && !self.queue.has_ready()
            && !self.uploads.has_work(now)
            && self.air.spares() < SPARES
            && let Some(slow) = self.air.to_hedge(&self.settings, now).cloned()
        {
            let most = self.settings.per_host;
            let elsewhere = self.air.hosts.free(most, slow.host, now);
            let Some(mut host) = elsewhere.or_else(|| self.air.hosts.free(most, None, now)) else { return };
            let lane = match slow.work {
                Work::Part(number) => {
                    let Some(step) = self.uploads.part_again(slow.item, number) else { return };
                    if self.signs_by_itself() {
                        Lane::Multipart { base: host, key: self.items.key(slow.item), step }
                    } else {
                        let (Some(ways), Some(url)) =
                            (self.ways(now), self.uploads.url_of_part(slow.item, number))
                        else {
                            return;
                        };
                        if !ways.is_free(url) {
                            return;
                        }
                        host = ways.host(url);
                        Lane::SignedMultipart { url: url.url.clone(), headers: url.headers.clone(), step }
                    }
                }
                work => self.whole_lane(slow.item, work, host),
            };
            let attempt = self.name_attempt();
            let checksum = self.checksum_use(slow.item, slow.work);
            let (sent, started, moved, spare) = (0, now, now, true);
            let host = Some(host);
            self.air.start(Flight { attempt, host, sent, checksum, started, moved, spare, ..slow });
            self.say_send(attempt, slow.item, lane, checksum);
        }
    }

    /// Cuts what has not moved for too long.
    pub(super) fn cut_stalled(&mut self, now: Moment) {
        while let Some(flight) = self.air.land_stalled(&self.settings, now) {
            self.actions.push_back(Action::Abort { attempt: flight.attempt });
            self.stalled(&flight, now);
        }
    }

    pub(super) fn launch(
        &mut self,
        item: u32,
        to: (Work, Option<usize>),
        bytes: (u64, u64),
        lane: Lane,
        now: Moment,
    ) {
        let ((work, host), (size, held)) = (to, bytes);
        let attempt = self.name_attempt();
        let grant = self.batch.as_ref().map_or(0, |batch| batch.permit.serial());
        if !work.is_multipart() {
            if self.items.has(item, Mark::Tried) {
                self.items.count_retry();
            }
            self.items.mark(item, Mark::Tried);
            self.items.set(item, State::Sending);
        }
        let (started, moved) = (now, now);
        let checksum = self.checksum_use(item, work);
        let (sent, spare) = (0, false);
        self.air.start(Flight {
            attempt,
            item,
            work,
            host,
            size,
            sent,
            held,
            grant,
            checksum,
            started,
            moved,
            spare,
        });
        self.say_send(attempt, item, lane, checksum);
    }

    fn checksum_use(&self, item: u32, work: Work) -> ChecksumUse {
        // The server compares it, whatever the store can do.
        if work == Work::Relay {
            return ChecksumUse::Sent;
        }
        // The server signs before the file is read; and a policy's condition holds every form to the field, also where
        // a store refuses it.
        let signed_here =
            self.batch.as_ref().is_some_and(|batch| batch.permit.kind() == GrantKind::Credentials);
        // A preflight that does not allow the header looks like that. It may as well be the network, so nothing is
        // learned from it.
        let in_doubt = self.traits.checksums == Support::Unknown
            && work != Work::Form
            && self.items.last_failure(item) == Some(FailureClass::Network);
        let refused = self.traits.checksums == Support::No || self.items.has(item, Mark::Sumless);
        if !signed_here || in_doubt || refused { ChecksumUse::Reported } else { ChecksumUse::Sent }
    }

    pub(super) fn name_attempt(&mut self) -> AttemptId {
        let attempt = AttemptId(self.next_attempt);
        self.next_attempt = self.next_attempt.wrapping_add(1);
        attempt
    }

    fn say_send(&mut self, attempt: AttemptId, item: u32, lane: Lane, checksum: ChecksumUse) {
        self.actions.push_back(Action::Send(Box::new(Send {
            attempt,
            item: ItemIndex(item),
            lane,
            media_type: self.items.media_type(item).to_owned(),
            size: self.items.size(item),
            modified: self.items.modified(item),
            checksum,
        })));
    }
}

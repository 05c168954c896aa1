//! What the server answered.

use crate::crc64::Crc64;
use crate::port::FailureClass;
use crate::wire::{AnnounceAnswer, BatchState, CloseAnswer, ItemIndex, SignedUpload, SignedUrls};

use super::calls::{Job, Pending, Status};
use super::items::{Mark, State};
use super::{Action, Answer, CallFailure, CallId, Engine, Moment, Persist, Stage};

/// The longest wait between two tries of a call.
const CALL_CAP: u64 = 30_000;

/// Tries to get a URL that throws an upload away.
const ABORT_TRIES: u8 = 3;

/// The longest that the server's Retry-After is believed.
const RETRY_AFTER_CAP: u64 = 300_000;

impl Engine {
    pub(super) fn answered(&mut self, id: CallId, answer: Result<Answer, CallFailure>, now: Moment) {
        let Some(pending) = self.calls.take(id) else { return };
        match (pending.job, answer) {
            (Job::Announce(page), Ok(Answer::Announce(answer))) => self.announced(&page, answer, now),
            (Job::Report(page), Ok(Answer::Report(_))) => {
                self.items.journal.line('R');
                for report in page {
                    self.items.journal.number(u64::from(report.index.0));
                }
                self.items.journal.end();
            }
            (Job::Renew, Ok(Answer::RenewGrant(renewed))) => {
                if let Some(batch) = &mut self.batch {
                    batch.permit.replace(renewed.grant, renewed.server_time, now);
                }
                self.detour.allow(renewed.relay);
            }
            (Job::Sign(page), Ok(Answer::SignUrls(answer))) => self.signed(page, answer, pending.tries, now),
            (Job::SignUpload(item, after), Ok(Answer::SignUpload(answer))) => {
                self.upload_signed((item, after), *answer, pending.tries, now);
            }
            (Job::SignAbort(item, upload), Ok(Answer::SignUpload(answer))) => {
                let key = self.items.key(item);
                self.actions.push_back(Action::Discard { url: answer.abort, base: 0, key, upload });
            }
            // What is left over, the bucket's lifecycle rule takes.
            (Job::SignAbort(..), Ok(_) | Err(CallFailure::Refused { .. })) => {}
            (Job::SignAbort(..), Err(CallFailure::Unavailable { .. })) if pending.tries >= ABORT_TRIES => {}
            (Job::Close, Ok(Answer::Close(answer))) => self.closed(answer, now),
            (job, Ok(_)) => self.again(job, pending.tries, None, now),
            (job, Err(CallFailure::Unavailable { retry_after })) => {
                self.again(job, pending.tries, retry_after, now);
            }
            (job, Err(CallFailure::SignedOut)) => {
                self.signed_out = true;
                let status = Status::Again(now);
                self.calls.push(Pending { job, status, tries: pending.tries });
            }
            (_, Err(CallFailure::Refused { message })) => self.break_off(message),
        }
    }

    /// Puts a call back, to be made again later.
    fn again(&mut self, job: Job, tries: u8, retry_after: Option<u64>, now: Moment) {
        let wait = self.random.backoff(self.settings.backoff_base, tries, CALL_CAP);
        // Never at once: a server that answers nonsense must not be asked in a tight loop.
        let wait = wait.max(retry_after.unwrap_or(0).min(RETRY_AFTER_CAP)).max(50);
        let status = Status::Again(now.after(wait));
        self.calls.push(Pending { job, status, tries: tries.saturating_add(1) });
    }

    fn announced(&mut self, page: &[u32], answer: AnnounceAnswer, now: Moment) {
        let mut first = Vec::new();
        for accepted in answer.accepted {
            let Some(item) = self.items.known(accepted.index).filter(|_| !accepted.key.is_empty()) else {
                continue;
            };
            match self.items.state(item) {
                State::Announcing => {
                    self.items.accept(item, Some(accepted.key));
                    if let Some(held) = accepted.held
                        && let Some(checksum) = held.checksum.as_deref().and_then(Crc64::parse)
                    {
                        self.suspect(item, checksum, held.replaceable);
                    }
                    if self.queue.goes_first(item, &self.items) {
                        first.push(item);
                    } else {
                        self.rest(item);
                    }
                }
                // Taken out meanwhile: now the server has to know.
                State::Cancelled => {
                    self.items.accept(item, Some(accepted.key));
                    self.outbox.push(item, None, &mut self.items, now);
                }
                _ => {}
            }
        }
        for item in first.into_iter().rev() {
            self.rest(item);
            self.queue.bring_forward(item, &self.items);
        }
        for refused in answer.refused {
            match self.items.known(refused.index) {
                Some(item) if self.items.state(item) == State::Announcing => {
                    self.items.refuse(item, refused.reason);
                }
                _ => {}
            }
        }
        // What the server left out must not wait for ever.
        for &item in page {
            if self.items.state(item) == State::Announcing {
                self.items.set(item, State::Failed(FailureClass::Rejected));
            }
        }
    }

    fn signed(&mut self, page: Vec<u32>, answer: SignedUrls, tries: u8, now: Moment) {
        let Some(batch) = &mut self.batch else { return };
        batch.permit.set_clock(answer.server_time, now);
        if !batch.permit.is_ahead(answer.expires_at, now) {
            self.again(Job::Sign(page), tries, None, now);
            return;
        }
        for url in answer.urls {
            match self.items.known(url.index) {
                Some(item)
                    if self.items.state(item) == State::Signing && self.items.has(item, Mark::Held) =>
                {
                    self.items.set(item, State::Held);
                }
                Some(item) if self.items.state(item) == State::Signing => {
                    self.items.set(item, State::Signed);
                    self.queue.push_signed(item, url, answer.expires_at);
                }
                _ => {}
            }
        }
        for item in page {
            if self.items.state(item) == State::Signing {
                self.give_up(item, FailureClass::Denied, now);
            }
        }
    }

    fn upload_signed(&mut self, (item, after): (u32, u32), answer: SignedUpload, tries: u8, now: Moment) {
        let Some(batch) = &mut self.batch else { return };
        batch.permit.set_clock(answer.server_time, now);
        if !self.uploads.signed(item, answer, after) {
            self.cut(item);
            self.discard(item);
            self.queue.put_first(item, &mut self.items);
            return;
        }
        let unsigned = self.ways(now).and_then(|ways| self.uploads.unsigned(item, ways));
        if unsigned.is_none() {
            return;
        }
        if tries >= self.settings.retries {
            self.cut(item);
            self.uploads.park(item);
            self.give_up(item, FailureClass::Denied, now);
        } else {
            self.again(Job::SignUpload(item, 0), tries, None, now);
        }
    }

    fn closed(&mut self, answer: CloseAnswer, now: Moment) {
        if answer.state == BatchState::Open {
            self.close_rounds = self.close_rounds.saturating_add(1);
            let mut more = self.send_again(&answer.missing, FailureClass::Store, now);
            more |= self.send_again(&answer.differing, FailureClass::Corrupted, now);
            if more || self.items.unsettled() > 0 {
                self.stage = Stage::Open;
                return;
            }
        }
        if answer.state != BatchState::Open {
            self.actions.push_back(Action::Persist(Persist::Forget));
        }
        while let Some(item) = self.queue.pop_added(&self.items) {
            // Added while the batch was being closed.
            self.items.set(item, State::Failed(FailureClass::Rejected));
        }
        self.stage = Stage::Done(Some(answer));
    }

    /// Sends again what the store does not hold though it said so; gives it up after some rounds. Answers whether
    /// there was any.
    fn send_again(&mut self, lost: &[ItemIndex], class: FailureClass, now: Moment) -> bool {
        let mut any = false;
        for &item in lost {
            let Some(item) = self.items.known(item) else { continue };
            if self.items.state(item) != State::Stored {
                continue;
            }
            any = true;
            self.items.forgive(item);
            self.items.note_failure(item, class);
            self.queue.drop_url(item);
            if self.close_rounds > self.settings.close_rounds {
                self.give_up(item, class, now);
            } else {
                self.queue.put_last(item, &mut self.items);
            }
        }
        any
    }
}

//! What the person wants.

use crate::port::{Command, FileFacts};
use crate::wire::{BatchState, ItemIndex, Refusal, is_junk};

use super::items::{Mark, State};
use super::{Engine, Moment, Stage, Watch};

/// Most rows in one snapshot: more than any screen shows.
const MOST_ROWS: u32 = 500;

impl Engine {
    pub(super) fn command(&mut self, command: Command, now: Moment) {
        match command {
            // The driver makes another engine, see `restore`.
            Command::Recall { .. } | Command::Adopt => {}
            Command::Open { batch } => self.begin(*batch, now),
            Command::Add { files } => self.add(files),
            Command::Finish => {
                if !std::mem::replace(&mut self.finished, true) {
                    self.items.journal.line('E').end();
                }
            }
            Command::Hold { item } => self.hold(item),
            Command::Release { item } => self.release(item),
            Command::First { folder } => self.put_first(&folder),
            Command::Bring { files } => self.bring(&files, now),
            Command::Duplicates { choice } => self.choose(choice, now),
            Command::Pause => {
                if self.is_going() {
                    self.paused = true;
                    self.cut_all();
                }
            }
            Command::Resume => {
                self.paused = false;
                self.gate.open();
                self.calls.hurry(now);
                self.queue.wake_all(&mut self.items);
            }
            Command::Cancel { item } => {
                if let Some(item) = self.items.known(item) {
                    self.cancel(item, now);
                }
                self.reopen();
            }
            Command::CancelAll => {
                for item in 0..self.items.len() {
                    self.cancel(item, now);
                }
                self.queue.clear();
                self.reopen();
            }
            Command::Retry { item } => self.retry(item),
            Command::RetryFailed => self.retry_failed(),
            Command::CloseAnyway => {
                self.accepted = true;
                self.reopen();
            }
            Command::SignedIn => {
                self.signed_out = false;
                self.calls.hurry(now);
            }
            Command::Watch { filter, first, count } => {
                self.watch = Watch::Window { filter, first, count: count.min(MOST_ROWS) };
            }
            Command::Look { items } => {
                let items = items.into_iter().take(MOST_ROWS as usize).map(|item| item.0).collect();
                self.watch = Watch::Items(items);
            }
        }
    }

    fn add(&mut self, files: Vec<FileFacts>) {
        let open = match &self.stage {
            Stage::Open | Stage::Closing => true,
            Stage::Done(_) => self.reopen(),
            Stage::Idle | Stage::Broken(_) => false,
        };
        if !open {
            return;
        }
        // Said again when these are all.
        self.finished = false;
        for file in files {
            if let Some(item) = self.items.add(file) {
                self.admit(item);
            }
        }
    }

    /// Queues an item that was just added, unless nobody would want it.
    pub(super) fn admit(&mut self, item: u32) {
        if is_junk(self.items.path(item)) {
            self.items.refuse(item, Refusal::Junk);
        } else {
            self.queue.push_added(item);
        }
    }

    /// Puts an item that is not settled where it waits.
    pub(super) fn rest(&mut self, item: u32) {
        if self.items.has(item, Mark::Held) {
            self.items.set(item, State::Held);
        } else if !self.items.has(item, Mark::Announced) {
            self.items.set(item, State::Added);
            self.queue.push_added(item);
        } else if self.items.has(item, Mark::Absent) {
            self.items.set(item, State::Absent);
        } else if self.duplicates.held(item).is_some() {
            self.items.set(item, State::Alike);
            self.duplicates.push(item);
        } else {
            self.queue.put_last(item, &mut self.items);
        }
    }

    fn hold(&mut self, item: ItemIndex) {
        let Some(item) = self.items.known(item).filter(|_| self.is_going()) else { return };
        match self.items.state(item) {
            State::Stored
            | State::Same
            | State::Skipped
            | State::Failed(_)
            | State::Refused
            | State::Cancelled => return,
            // Held when the answer comes.
            State::Announcing | State::Signing => {}
            _ => {
                self.cut(item);
                self.uploads.park(item);
                self.items.set(item, State::Held);
            }
        }
        self.items.mark(item, Mark::Held);
    }

    fn release(&mut self, item: ItemIndex) {
        let Some(item) = self.items.known(item) else { return };
        self.items.unmark(item, Mark::Held);
        if self.items.state(item) == State::Held {
            self.rest(item);
        }
    }

    fn put_first(&mut self, folder: &str) {
        self.queue.put_folder_first(folder, &self.items);
    }

    /// Takes an item out, unless it is settled otherwise.
    fn cancel(&mut self, item: u32, now: Moment) {
        match self.items.state(item) {
            State::Stored | State::Skipped | State::Refused | State::Cancelled => return,
            State::Failed(_) if self.is_verified() => return,
            _ => self.cut(item),
        }
        self.discard(item);
        self.items.set(item, State::Cancelled);
        self.queue.drop_url(item);
        self.outbox.push(item, None, &mut self.items, now);
    }

    fn retry(&mut self, item: ItemIndex) {
        let Some(item) = self.items.known(item) else { return };
        if matches!(self.items.state(item), State::Failed(_)) && (self.is_going() || self.reopen()) {
            self.try_anew(item);
            self.accepted = false;
        }
    }

    fn retry_failed(&mut self) {
        if !self.is_going() && !self.reopen() {
            return;
        }
        // Refused items stay in the list, so walk it by hand.
        let mut at = 0;
        while let Some(item) = self.items.trouble().nth(at) {
            if matches!(self.items.state(item), State::Failed(_)) {
                self.try_anew(item);
            } else {
                at += 1;
            }
        }
        self.accepted = false;
    }

    /// Gives a failed item a new life.
    fn try_anew(&mut self, item: u32) {
        self.items.forgive(item);
        self.queue.drop_url(item);
        self.rest(item);
    }

    /// Goes on after the end, if the server still takes something; answers whether.
    fn reopen(&mut self) -> bool {
        match self.stage {
            Stage::Done(_) if !self.is_verified() => {
                self.stage = Stage::Open;
                self.close_rounds = 0;
                true
            }
            Stage::Open => true,
            _ => false,
        }
    }

    /// Whether the server has closed the batch for good.
    fn is_verified(&self) -> bool {
        matches!(&self.stage, Stage::Done(Some(answer)) if answer.state != BatchState::Open)
    }
}

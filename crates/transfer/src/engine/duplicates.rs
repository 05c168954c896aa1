//! Files that the project holds already.
//!
//! The server says of an announced file that an earlier batch holds one of its path and size, and with which checksum.
//! Such a file is set aside and read, beside what is sent and never instead of it. With the same checksum it is a
//! duplicate: the person is asked once for the whole batch what becomes of those, and nothing but the end of the batch
//! waits for the answer. With another checksum it is a new version, and goes like any file.
//!
//! One that is to replace what the project holds is sent like any file, too, and reported with that wish. All else is
//! the server's.

use std::collections::{HashMap, VecDeque};

use crate::crc64::Crc64;
use crate::port::{DuplicateChoice, FailureClass};
use crate::wire::ItemIndex;

use super::items::{Items, Mark, State};
use super::{Action, AttemptId, Engine, Moment};

/// Files that are read at once while others are being sent, ...
const BESIDE: usize = 1;

/// ... and while nothing is. More of them only wait for the same disk.
const ALONE: usize = 4;

/// Which files may be duplicates, and which are.
#[derive(Debug, Clone, Default)]
pub(super) struct Duplicates {
    /// What the project holds under the path and size of these items.
    held: HashMap<u32, Crc64>,
    /// `Alike`.
    queue: VecDeque<u32>,
    /// `Comparing`: a handful at most.
    reading: Vec<(AttemptId, u32)>,
    /// `Same`, and what was that once.
    same: Vec<u32>,
    choice: Option<DuplicateChoice>,
}

impl Duplicates {
    /// The project holds a file of the item's path and size.
    pub(super) fn recall(&mut self, item: u32, held: Crc64) {
        self.held.insert(item, held);
    }

    /// What the project holds in place of an item that may be a duplicate.
    pub(super) fn held(&self, item: u32) -> Option<Crc64> {
        self.held.get(&item).copied()
    }

    /// The item is to be compared; the caller sets the state.
    pub(super) fn push(&mut self, item: u32) {
        self.queue.push_back(item);
    }

    pub(super) fn choice(&self) -> Option<DuplicateChoice> {
        self.choice
    }

    pub(super) fn recall_choice(&mut self, choice: DuplicateChoice) {
        self.choice = Some(choice);
    }

    /// Nobody wants the item to be compared any more; answers what is to be aborted.
    pub(super) fn cut(&mut self, item: u32) -> Option<AttemptId> {
        let at = self.reading.iter().position(|(_, read)| *read == item)?;
        Some(self.reading.swap_remove(at).0)
    }

    fn land(&mut self, attempt: AttemptId) -> Option<u32> {
        let at = self.reading.iter().position(|(reading, _)| *reading == attempt)?;
        Some(self.reading.swap_remove(at).1)
    }

    fn pop(&mut self, items: &Items) -> Option<u32> {
        while let Some(item) = self.queue.pop_front() {
            if items.state(item) == State::Alike {
                return Some(item);
            }
        }
        None
    }
}

impl Engine {
    /// The project holds a file of the item's path and size; which matters unless the person wants it sent anyhow.
    pub(super) fn suspect(&mut self, item: u32, held: Crc64, replaceable: bool) {
        match self.duplicates.choice {
            Some(DuplicateChoice::SendAgain) => return,
            Some(DuplicateChoice::Replace) if !replaceable => return,
            _ => {}
        }
        if replaceable {
            self.items.mark(item, Mark::Replaceable);
        }
        self.duplicates.held.insert(item, held);
        self.items.journal.held(item, held, replaceable);
    }

    /// Begins to read what is to be compared.
    pub(super) fn compare(&mut self) {
        let most = if self.air.is_empty() { ALONE } else { BESIDE };
        while !self.paused
            && self.duplicates.reading.len() < most
            && let Some(item) = self.duplicates.pop(&self.items)
        {
            let attempt = self.name_attempt();
            self.items.set(item, State::Comparing);
            self.duplicates.reading.push((attempt, item));
            let (size, modified) = (self.items.size(item), self.items.modified(item));
            self.actions.push_back(Action::Compare { attempt, item: ItemIndex(item), size, modified });
        }
    }

    /// A file was read, or could not be.
    pub(super) fn compared(&mut self, attempt: AttemptId, read: Result<Crc64, FailureClass>, now: Moment) {
        let Some(item) = self.duplicates.land(attempt) else { return };
        match read {
            Ok(checksum) if self.duplicates.held(item) == Some(checksum) => self.found_same(item, now),
            Ok(_) => {
                self.duplicates.held.remove(&item);
                self.rest(item);
                if self.queue.goes_first(item, &self.items) {
                    self.queue.bring_forward(item, &self.items);
                }
            }
            Err(class) => {
                self.items.note_failure(item, class);
                self.give_up(item, class, now);
            }
        }
    }

    /// An item is a duplicate: it waits for the person, who may have chosen already.
    pub(super) fn found_same(&mut self, item: u32, now: Moment) {
        match self.duplicates.choice {
            None => {
                self.items.set(item, State::Same);
                self.duplicates.same.push(item);
            }
            Some(DuplicateChoice::Skip) => {
                self.items.set(item, State::Skipped);
                self.outbox.push(item, None, &mut self.items, now);
            }
            Some(DuplicateChoice::SendAgain) => self.rest(item),
            Some(DuplicateChoice::Replace) => {
                self.replace(item);
                self.rest(item);
            }
        }
    }

    /// An item is to be sent in place of what the project holds, as far as that may be replaced.
    pub(super) fn replace(&mut self, item: u32) {
        self.duplicates.held.remove(&item);
        if self.items.has(item, Mark::Replaceable) {
            self.items.mark(item, Mark::Replaces);
            self.items.journal.item('P', item).end();
        }
    }

    /// The person chose: for the duplicates that were found, and for those that will be.
    pub(super) fn choose(&mut self, choice: DuplicateChoice, now: Moment) {
        if !self.is_going() || self.duplicates.choice.is_some() {
            return;
        }
        self.duplicates.choice = Some(choice);
        self.items.journal.line('Q').field(choice.name()).end();
        if choice == DuplicateChoice::SendAgain {
            self.compare_no_more();
        }
        for item in std::mem::take(&mut self.duplicates.same) {
            if self.items.state(item) == State::Same {
                self.found_same(item, now);
            }
        }
    }

    /// Cuts what is being read; answers which items those were.
    pub(super) fn stop_comparing(&mut self) -> Vec<u32> {
        let reading = std::mem::take(&mut self.duplicates.reading);
        let aborts = reading.iter().map(|&(attempt, _)| Action::Abort { attempt });
        self.actions.extend(aborts);
        reading.into_iter().map(|(_, item)| item).collect()
    }

    /// Whatever they are, they are sent.
    fn compare_no_more(&mut self) {
        self.duplicates.held.clear();
        for item in self.stop_comparing() {
            self.rest(item);
        }
        while let Some(item) = self.duplicates.pop(&self.items) {
            self.rest(item);
        }
    }
}

//! The items of the batch: one array for each field, and the counts over them, kept with every change.

use std::collections::HashMap;

use crate::port::{FailureClass, FileFacts, RowState, Totals};
use crate::wire::{ItemIndex, ItemOutcome, NewItem, Refusal, UnixMillis};

use super::journal::Journal;
use super::trouble::Trouble;

/// Where an item stands. Each state from `Added` to `Delayed` has its own queue; an item is in the queue of its
/// state exactly once, and what a queue still holds of cancelled items is skipped when it comes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Not announced.
    Added,
    /// In a page that is being announced.
    Announcing,
    /// Has a key; to be sent, or to be signed first.
    Ready,
    /// In a page that is being signed.
    Signing,
    /// Has a URL; to be sent.
    Signed,
    /// Waits for its next try.
    Delayed,
    /// Of an earlier life of the engine: its file is not at hand yet.
    Absent,
    /// The person holds it back.
    Held,
    /// The project holds a file of its path and size: to be compared with that.
    Alike,
    /// Being read, to be compared.
    Comparing,
    /// The project holds it: waits for the person's choice.
    Same,
    /// Being sent.
    Sending,
    /// In the store.
    Stored,
    /// Not sent, because the project holds it.
    Skipped,
    /// Given up.
    Failed(FailureClass),
    /// Refused by the server; the reason is kept beside.
    Refused,
    /// Taken out.
    Cancelled,
}

/// Small facts of an item, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Mark {
    /// The server accepted it.
    Announced = 1,
    /// It was sent at least once.
    Tried = 2,
    /// The store denied it once.
    Denied = 4,
    /// The store had a conflict about it once.
    Conflicted = 8,
    /// Its outcome is to be reported.
    Reporting = 16,
    /// A form of it failed while nobody knows whether the store takes forms.
    Formless = 32,
    /// Its file is not at hand.
    Absent = 64,
    /// The person holds it back.
    Held = 128,
    /// It failed with its checksum while nobody knows whether the store takes checksums: it goes without.
    Sumless = 256,
    /// What the project holds under its path may be replaced.
    Replaceable = 512,
    /// It is sent to replace that.
    Replaces = 1024,
}

/// The items.
#[derive(Debug, Clone, Default)]
pub(super) struct Items {
    state: Vec<State>,
    size: Vec<u64>,
    modified: Vec<UnixMillis>,
    path: Vec<Box<str>>,
    /// Empty while it is what the prefix and the path make.
    key: Vec<Box<str>>,
    media: Vec<u32>,
    marks: Vec<u16>,
    tries: Vec<u8>,
    free_tries: Vec<u8>,
    last_failure: Vec<Option<FailureClass>>,
    media_types: Vec<String>,
    media_numbers: HashMap<String, u32>,
    reasons: HashMap<u32, Refusal>,
    trouble: Trouble,
    totals: Totals,
    announced: u32,
    failed_bytes: u64,
    prefix: String,
    pub(super) journal: Journal,
    /// How often an item was looked at: what an event costs is counted, not timed.
    #[cfg(test)]
    pub(super) touches: std::cell::Cell<u64>,
}

impl Items {
    /// No items, of a batch whose keys begin like this.
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix, ..Self::default() }
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn len(&self) -> u32 {
        self.totals.files
    }

    /// Adds a file; answers its index, or nothing when the batch cannot count any further.
    pub(super) fn add(&mut self, file: FileFacts) -> Option<u32> {
        let index = self.totals.files;
        self.totals.files = index.checked_add(1)?;
        let media = match self.media_numbers.get(&file.media_type) {
            Some(&number) => number,
            None => {
                let number = u32::try_from(self.media_types.len()).ok()?;
                self.media_types.push(file.media_type.clone());
                self.media_numbers.insert(file.media_type, number);
                number
            }
        };
        self.state.push(State::Added);
        self.size.push(file.size);
        self.modified.push(file.modified);
        self.path.push(file.path.into_boxed_str());
        self.key.push(Box::default());
        self.media.push(media);
        self.marks.push(0);
        self.tries.push(0);
        self.free_tries.push(0);
        self.last_failure.push(None);
        self.trouble.grow();
        let mut journal = std::mem::take(&mut self.journal);
        self.write_added(index, &mut journal);
        self.journal = journal;
        self.totals.waiting += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(file.size);
        Some(index)
    }

    /// The item that the outside named, if there is such a one.
    pub(super) fn known(&self, item: ItemIndex) -> Option<u32> {
        (item.0 < self.len()).then_some(item.0)
    }

    pub(super) fn state(&self, item: u32) -> State {
        #[cfg(test)]
        self.touches.set(self.touches.get() + 1);
        self.state[item as usize]
    }

    pub(super) fn size(&self, item: u32) -> u64 {
        self.size[item as usize]
    }

    pub(super) fn modified(&self, item: u32) -> UnixMillis {
        self.modified[item as usize]
    }

    /// When the file was changed, for an item of which that was not known.
    pub(super) fn learn_modified(&mut self, item: u32, modified: UnixMillis) {
        self.modified[item as usize] = modified;
        self.journal.item('M', item).number(modified.0).end();
    }

    pub(super) fn path(&self, item: u32) -> &str {
        &self.path[item as usize]
    }

    /// The key; only accepted items have one.
    pub(super) fn key(&self, item: u32) -> String {
        let key = &self.key[item as usize];
        if key.is_empty() { format!("{}{}", self.prefix, self.path(item)) } else { key.to_string() }
    }

    pub(super) fn media_type(&self, item: u32) -> &str {
        &self.media_types[self.media[item as usize] as usize]
    }

    /// What the page knows of the item.
    pub(super) fn facts(&self, item: u32) -> FileFacts {
        FileFacts {
            path: self.path(item).to_owned(),
            size: self.size(item),
            modified: self.modified(item),
            media_type: self.media_type(item).to_owned(),
        }
    }

    /// The item as it is announced.
    pub(super) fn announcement(&self, item: u32) -> NewItem {
        NewItem {
            index: ItemIndex(item),
            path: self.path[item as usize].to_string(),
            size: self.size(item),
            modified: Some(self.modified(item)),
            media_type: self.media_type(item).to_owned(),
        }
    }

    /// The server accepted it, under a key of its own or the one that prefix and path make. The state is the caller's
    /// to change.
    pub(super) fn accept(&mut self, item: u32, key: Option<String>) {
        if !self.has(item, Mark::Announced) {
            self.mark(item, Mark::Announced);
            self.announced += 1;
        }
        let path = &self.path[item as usize];
        let own = key.filter(|key| key.strip_prefix(&self.prefix) != Some(path));
        self.journal.item('K', item);
        if let Some(key) = &own {
            self.journal.field(key);
        }
        self.journal.end();
        self.key[item as usize] = own.unwrap_or_default().into_boxed_str();
    }

    /// The server refused it.
    pub(super) fn refuse(&mut self, item: u32, reason: Refusal) {
        self.reasons.insert(item, reason);
        self.set(item, State::Refused);
    }

    pub(super) fn has(&self, item: u32, mark: Mark) -> bool {
        self.marks[item as usize] & mark as u16 != 0
    }

    pub(super) fn mark(&mut self, item: u32, mark: Mark) {
        self.marks[item as usize] |= mark as u16;
    }

    pub(super) fn unmark(&mut self, item: u32, mark: Mark) {
        self.marks[item as usize] &= !(mark as u16);
    }

    /// One more failure that counts; answers how many that makes.
    pub(super) fn count_try(&mut self, item: u32) -> u8 {
        let tries = &mut self.tries[item as usize];
        *tries = tries.saturating_add(1);
        *tries
    }

    /// One more failure that is not the file's; answers how many that makes.
    pub(super) fn count_free_try(&mut self, item: u32) -> u8 {
        let tries = &mut self.free_tries[item as usize];
        *tries = tries.saturating_add(1);
        *tries
    }

    pub(super) fn note_failure(&mut self, item: u32, class: FailureClass) {
        self.last_failure[item as usize] = Some(class);
    }

    /// Why it failed last, if it has failed.
    pub(super) fn last_failure(&self, item: u32) -> Option<FailureClass> {
        self.last_failure[item as usize]
    }

    pub(super) fn count_retry(&mut self) {
        self.totals.retries = self.totals.retries.saturating_add(1);
    }

    /// A new life: the person wants it tried again.
    pub(super) fn forgive(&mut self, item: u32) {
        self.tries[item as usize] = 0;
        self.free_tries[item as usize] = 0;
        self.last_failure[item as usize] = None;
        self.unmark(item, Mark::Denied);
        self.unmark(item, Mark::Conflicted);
    }

    /// Moves an item to another state, and the counts with it.
    pub(super) fn set(&mut self, item: u32, state: State) {
        let old = std::mem::replace(&mut self.state[item as usize], state);
        let size = self.size(item);
        self.log_change(item, old, state);
        match old {
            State::Absent => {
                self.totals.absent -= 1;
                self.totals.waiting -= 1;
            }
            State::Sending => self.totals.sending -= 1,
            State::Alike | State::Comparing => {
                self.totals.comparing -= 1;
                self.totals.bytes += size;
            }
            State::Same => {
                self.totals.same -= 1;
                self.totals.replaceable -= u32::from(self.has(item, Mark::Replaceable));
                self.totals.bytes += size;
            }
            State::Skipped => {
                self.totals.skipped -= 1;
                self.totals.bytes += size;
            }
            State::Stored => {
                self.totals.stored -= 1;
                self.totals.sent_bytes -= size;
            }
            State::Failed(_) => {
                self.totals.failed -= 1;
                self.failed_bytes -= size;
                self.trouble.remove(item);
            }
            State::Refused => {
                self.totals.refused -= 1;
                self.totals.bytes += size;
                self.trouble.remove(item);
            }
            State::Cancelled => {
                self.totals.cancelled -= 1;
                self.totals.bytes += size;
            }
            _ => self.totals.waiting -= 1,
        }
        match state {
            State::Absent => {
                self.totals.absent += 1;
                self.totals.waiting += 1;
            }
            State::Sending => self.totals.sending += 1,
            State::Alike | State::Comparing => {
                self.totals.comparing += 1;
                self.totals.bytes -= size;
            }
            State::Same => {
                self.totals.same += 1;
                self.totals.replaceable += u32::from(self.has(item, Mark::Replaceable));
                self.totals.bytes -= size;
            }
            State::Skipped => {
                self.totals.skipped += 1;
                self.totals.bytes -= size;
            }
            State::Stored => {
                self.totals.stored += 1;
                self.totals.sent_bytes += size;
            }
            State::Failed(_) => {
                self.totals.failed += 1;
                self.failed_bytes += size;
                self.trouble.insert(item);
            }
            State::Refused => {
                self.totals.refused += 1;
                self.totals.bytes -= size;
                self.trouble.insert(item);
            }
            State::Cancelled => {
                self.totals.cancelled += 1;
                self.totals.bytes -= size;
            }
            _ => self.totals.waiting += 1,
        }
    }

    /// Notes what another life must know. That it is stored is noted with its ETag, by the caller.
    fn log_change(&mut self, item: u32, old: State, new: State) {
        let was_settled = matches!(old, State::Stored | State::Failed(_) | State::Cancelled);
        match new {
            State::Failed(class) => self.journal.item('F', item).field(class.name()).end(),
            State::Cancelled => self.journal.item('C', item).end(),
            State::Same => self.journal.item('Y', item).end(),
            State::Skipped => self.journal.item('Z', item).end(),
            State::Stored | State::Refused => {}
            _ if was_settled => self.journal.item('W', item).end(),
            _ => {}
        }
    }

    /// The item as it was added.
    pub(super) fn write_added(&self, item: u32, log: &mut Journal) {
        log.line('A').number(self.size(item)).number(self.modified(item).0);
        log.field(self.media_type(item)).field(self.path(item)).end();
    }

    /// Where the item stands, unless it is stored.
    pub(super) fn write_state(&self, item: u32, log: &mut Journal) {
        if self.has(item, Mark::Announced) {
            log.item('K', item);
            if !self.key[item as usize].is_empty() {
                log.field(&self.key[item as usize]);
            }
            log.end();
        }
        match self.state(item) {
            State::Failed(class) => log.item('F', item).field(class.name()).end(),
            State::Cancelled => log.item('C', item).end(),
            State::Same => log.item('Y', item).end(),
            State::Skipped => log.item('Z', item).end(),
            _ => {}
        }
    }

    /// What became of the item, if that is settled and the server knows the item.
    pub(super) fn outcome(
        &self,
        item: u32,
        etag: Option<String>,
        checksum: Option<String>,
    ) -> Option<ItemOutcome> {
        if !self.has(item, Mark::Announced) {
            return None;
        }
        match self.state(item) {
            State::Stored => {
                Some(ItemOutcome::Stored { etag, checksum, replace: self.has(item, Mark::Replaces) })
            }
            State::Failed(class) => Some(ItemOutcome::Failed { class: class.name().to_owned() }),
            State::Cancelled => Some(ItemOutcome::Cancelled),
            State::Skipped => Some(ItemOutcome::Skipped),
            _ => None,
        }
    }

    /// The item as the list shows it; `sent` is asked only for items on their way.
    pub(super) fn row(&self, item: u32, sent: impl Fn(u32) -> u64) -> RowState {
        match self.state(item) {
            State::Sending => RowState::Sending { sent: sent(item) },
            State::Stored => RowState::Stored,
            State::Failed(class) => RowState::Failed { class },
            State::Refused => {
                let reason = self.reasons.get(&item).cloned().unwrap_or(Refusal::PathUnsafe);
                RowState::Refused { reason }
            }
            State::Cancelled => RowState::Cancelled,
            State::Absent => RowState::Absent,
            State::Alike | State::Comparing => RowState::Comparing,
            State::Same => RowState::Same,
            State::Skipped => RowState::Skipped,
            _ if self.has(item, Mark::Held) => RowState::Held,
            _ => match self.last_failure[item as usize] {
                Some(class) => RowState::Retrying { class },
                None => RowState::Waiting,
            },
        }
    }

    pub(super) fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Counts and sums; `sent_bytes` is of what is stored only.
    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    /// How many items are neither stored nor skipped, given up, refused or taken out.
    pub(super) fn unsettled(&self) -> u32 {
        self.to_do() + self.totals.same
    }

    /// How many of them wait for more than the person's word on duplicates.
    pub(super) fn to_do(&self) -> u32 {
        self.totals.waiting + self.totals.sending + self.totals.comparing
    }

    /// How many items the server accepted.
    pub(super) fn announced(&self) -> u32 {
        self.announced
    }

    /// Bytes of what was given up.
    pub(super) fn failed_bytes(&self) -> u64 {
        self.failed_bytes
    }
}

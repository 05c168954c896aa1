//! Another life: an engine from the log of the one before.

use std::collections::HashMap;

use crate::crc64::Crc64;
use crate::port::{DuplicateChoice, FailureClass, FileFacts};
use crate::wire::{BatchId, GrantKind, ItemIndex, StoreAddress, UnixMillis};

use super::items::{Mark, State};
use super::journal::{Journal, Line};
use super::permit::Permit;
use super::{Action, Batch, Engine, Moment, Persist, Settings, Stage};

/// Lines that a log may have beyond five for each item, before it is written anew.
const SLACK: usize = 1_000;

/// When a file was changed, where only the server knew of it.
const UNKNOWN: UnixMillis = UnixMillis(0);

impl Engine {
    /// An engine that goes on where the log ends; none if there is no batch in it. A log that a crash cut off in the
    /// middle of a line is whole up to there.
    ///
    /// It asks for a fresh grant by itself, but cannot send before the files are there again:
    /// [`Command::Bring`](crate::port::Command::Bring).
    #[must_use]
    pub fn restore(seed: u64, settings: Settings, log: &str, now: Moment) -> Option<Self> {
        let mut engine = Self::new(seed, settings);
        engine.now = now;
        let mut known = HashMap::new();
        for line in Line::all(log) {
            // What cannot be understood is left: the worst is that a file is sent again.
            let _ = engine.replay(line, &mut known);
        }
        engine.batch.as_ref()?;
        for item in 0..engine.items.len() {
            engine.settle_in(item, known.remove(&item), now);
        }
        engine.rewrite();
        Some(engine)
    }

    /// The lines that lead to where the engine stands now.
    pub(super) fn rewrite(&mut self) {
        let mut log = Journal::default();
        let Some(batch) = &self.batch else { return };
        write_batch(&mut log, batch, self.items.prefix());
        let reporting = self.calls.reporting();
        for item in 0..self.items.len() {
            self.items.write_added(item, &mut log);
        }
        for item in 0..self.items.len() {
            if self.items.has(item, Mark::Replaces) {
                log.item('P', item).end();
            }
            self.items.write_state(item, &mut log);
            let state = self.items.state(item);
            if state == State::Stored {
                log.stored(item, self.outbox.etag(item), self.outbox.checksum(item));
            }
            let settled =
                matches!(state, State::Stored | State::Skipped | State::Failed(_) | State::Cancelled);
            if settled && !self.items.has(item, Mark::Reporting) && !reporting.contains(&item) {
                log.item('R', item).end();
            }
            if let Some(held) = self.duplicates.held(item).filter(|_| !settled) {
                log.held(item, held, self.items.has(item, Mark::Replaceable));
            }
            if let Some((id, part_size)) = self.uploads.begun(item) {
                log.item('U', item).number(part_size).field(id).end();
            }
        }
        if let Some(choice) = self.duplicates.choice() {
            log.line('Q').field(choice.name()).end();
        }
        if self.finished {
            log.line('E').end();
        }
        let text = log.take().unwrap_or_default();
        self.items.journal = log;
        self.actions.push_back(Action::Persist(Persist::Replace(text)));
    }

    /// Hands the lines of an event out, before what the event asks for.
    pub(super) fn persist(&mut self) {
        if let Some(lines) = self.items.journal.take() {
            self.actions.push_front(Action::Persist(Persist::Append(lines)));
        }
        if self.items.journal.lines() > 5 * self.items.len() as usize + SLACK {
            self.rewrite();
        }
    }

    /// Notes the beginning of a batch.
    pub(super) fn log_batch(&mut self) {
        if let Some(batch) = &self.batch {
            let mut log = Journal::default();
            write_batch(&mut log, batch, self.items.prefix());
            let text = log.take().unwrap_or_default();
            self.items.journal = log;
            self.actions.push_back(Action::Persist(Persist::Replace(text)));
        }
    }

    /// The files of an earlier life are there again: each that is as it was goes on, one that is not is said.
    pub(super) fn bring(&mut self, files: &[FileFacts], now: Moment) {
        if !self.is_going() {
            return;
        }
        let mut pairs = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let Some(&item) = self.absent.get(file.path.as_str()) else { continue };
            let then = self.items.modified(item);
            let same_time = then == UNKNOWN || then == file.modified;
            if self.items.size(item) != file.size || !same_time {
                if !matches!(self.items.state(item), State::Failed(_) | State::Cancelled) {
                    self.items.set(item, State::Failed(FailureClass::FileChanged));
                    self.items.note_failure(item, FailureClass::FileChanged);
                    self.outbox.push(item, None, &mut self.items, now);
                    self.discard(item);
                }
                continue;
            }
            self.absent.remove(file.path.as_str());
            self.items.unmark(item, Mark::Absent);
            if then != file.modified {
                self.items.learn_modified(item, file.modified);
            }
            pairs.push((u32::try_from(at).unwrap_or(u32::MAX), ItemIndex(item)));
            if self.items.state(item) == State::Absent {
                self.rest(item);
            }
        }
        if !pairs.is_empty() {
            self.actions.push_back(Action::Attach { pairs });
        }
    }

    fn replay(&mut self, mut line: Line<'_>, known: &mut HashMap<u32, Known>) -> Option<()> {
        match line.letter {
            "B" => {
                let id = BatchId::try_from(line.field()?).ok()?;
                let prefix = line.field()?;
                let kind = match line.field()?.as_str() {
                    "credentials" => GrantKind::Credentials,
                    "post_policy" => GrantKind::PostPolicy,
                    _ => GrantKind::SignedUrls,
                };
                let region = line.field()?;
                let mut bases = Vec::new();
                while let Some(base) = line.field() {
                    bases.push(base);
                }
                let store = StoreAddress { region, bases };
                if self.batch.is_none() && !store.bases.is_empty() {
                    self.start_over(prefix, store.bases.len());
                    self.stage = Stage::Open;
                    self.batch = Some(Batch { id, store, permit: Permit::ended(kind, self.now) });
                }
            }
            "A" => {
                let (size, modified) = (line.number()?, UnixMillis(line.number()?));
                let (media_type, path) = (line.field()?, line.field()?);
                self.items.add(FileFacts { path, size, modified, media_type });
            }
            "E" => self.finished = true,
            "Q" => {
                let name = line.field()?;
                let choice = DuplicateChoice::ALL.into_iter().find(|choice| choice.name() == name)?;
                self.duplicates.recall_choice(choice);
            }
            "R" => {
                while let Some(item) = line.number() {
                    known.entry(item).or_default().reported = true;
                }
            }
            letter => {
                let item = line.number::<u32>()?;
                self.items.known(ItemIndex(item))?;
                let known = known.entry(item).or_default();
                match letter {
                    "K" => self.items.accept(item, line.field()),
                    "M" => self.items.learn_modified(item, UnixMillis(line.number()?)),
                    "S" => {
                        known.state = Some(State::Stored);
                        known.reported = false;
                        known.etag = line.field().filter(|etag| !etag.is_empty());
                        known.checksum = line.field().and_then(|text| Crc64::parse(&text));
                    }
                    "F" => {
                        let name = line.field()?;
                        let class = FailureClass::ALL.into_iter().find(|class| class.name() == name);
                        known.state = Some(State::Failed(class.unwrap_or(FailureClass::Rejected)));
                        known.reported = false;
                    }
                    "C" => {
                        known.state = Some(State::Cancelled);
                        known.reported = false;
                    }
                    "H" => {
                        known.held = line.field().and_then(|text| Crc64::parse(&text));
                        if line.field().as_deref() == Some("r") {
                            self.items.mark(item, Mark::Replaceable);
                        }
                    }
                    "P" => {
                        self.items.mark(item, Mark::Replaces);
                        (known.held, known.state) = (None, None);
                    }
                    "Y" => known.state = Some(State::Same),
                    "Z" => {
                        known.state = Some(State::Skipped);
                        known.reported = false;
                    }
                    "W" => known.state = None,
                    "U" => known.upload = Some((line.number()?, line.field()?)),
                    "D" => known.upload = None,
                    _ => {}
                }
            }
        }
        Some(())
    }

    /// Puts an item where the log left it.
    fn settle_in(&mut self, item: u32, known: Option<Known>, now: Moment) {
        let known = known.unwrap_or_default();
        let suspected = !matches!(known.state, Some(State::Stored | State::Skipped))
            && self.duplicates.choice() != Some(DuplicateChoice::SendAgain);
        if let Some(held) = known.held.filter(|_| suspected) {
            self.duplicates.recall(item, held);
        }
        match known.state {
            // Killed between the answer and what comes of it.
            Some(State::Same) if self.duplicates.choice() == Some(DuplicateChoice::Replace) => {
                self.replace(item);
                self.wait_for_file(item);
            }
            Some(State::Same) if suspected => self.found_same(item, now),
            None | Some(State::Same) => self.wait_for_file(item),
            Some(state) => {
                self.items.set(item, state);
                if let State::Failed(class) = state {
                    self.items.note_failure(item, class);
                }
                if !known.reported {
                    if let Some(checksum) = known.checksum {
                        self.outbox.note_checksum(item, checksum);
                    }
                    self.outbox.push(item, known.etag, &mut self.items, now);
                }
            }
        }
        if !matches!(self.items.state(item), State::Stored | State::Skipped) {
            self.items.mark(item, Mark::Absent);
            self.absent.insert(self.items.path(item).into(), item);
            if let Some((part_size, id)) = known.upload {
                self.uploads.recall(item, self.items.size(item), id, part_size);
            }
        }
    }

    fn wait_for_file(&mut self, item: u32) {
        if self.items.has(item, Mark::Announced) {
            self.items.set(item, State::Absent);
        } else {
            self.admit(item);
        }
    }
}

fn write_batch(log: &mut Journal, batch: &Batch, prefix: &str) {
    write_head(log, &batch.id, prefix, batch.permit.kind(), &batch.store);
}

/// The first line.
pub(super) fn write_head(
    log: &mut Journal,
    id: &BatchId,
    prefix: &str,
    kind: GrantKind,
    store: &StoreAddress,
) {
    let kind = match kind {
        GrantKind::Credentials => "credentials",
        GrantKind::PostPolicy => "post_policy",
        GrantKind::SignedUrls => "signed_urls",
    };
    let line = log.line('B').field(id.as_str()).field(prefix).field(kind).field(&store.region);
    for base in &store.bases {
        line.field(base);
    }
    log.end();
}

/// What the log says of an item beyond its facts.
#[derive(Debug, Default)]
struct Known {
    /// None while it waits.
    state: Option<State>,
    etag: Option<String>,
    checksum: Option<Crc64>,
    held: Option<Crc64>,
    upload: Option<(u64, String)>,
    reported: bool,
}

//! The upload engine: a state machine without I/O.
//!
//! [`Engine::handle`] takes what happened, [`Engine::next_action`] gives what to do, [`Engine::next_wake`] says when
//! to come back though nothing happened, and [`Engine::snapshot`] is what the page draws from. Time, randomness and
//! the network come from outside, so whole batches run in a simulator in milliseconds.
//!
//! - An event costs O(1) whatever the number of files (O(log n) for a retry or a change in the list of troubles);
//!   only the commands that name many files (`Add`, `First`, `Bring`, `Duplicates`, `CancelAll`, `RetryFailed`) cost as
//!   much as they touch, and writing the log anew, which comes once in some lines for each file.
//! - The grant, the store and the size choose how a file travels: as a form, by one PUT, in parts. The store's host
//!   names share the requests, and how many run at once follows what gets through. Where none of them can be reached,
//!   files may go through the server.
//! - What another life must know goes out as [`Persist`]; [`Engine::restore`] goes on from it.
//! - Announcing, sending and reporting overlap: sending starts with the first page that is answered.
//! - An expiry, a throttling or an outage is nobody's fault and uses up no file's retries.
//! - A batch in which files failed is not closed by itself: closing gives the failed up for good, and the person may
//!   want to try them again. It stands at `Done` without an answer until `RetryFailed`, `Cancel`, `CloseAnyway`,
//!   or the next `Open`, which closes it on the way.
//! - What the project holds already waits for the person, and only the end of the batch waits with it.
//! - A second conflict (412, 409) about a key counts as stored: keys are never used twice, so what is there is what a
//!   try with a lost answer left, and the comparison at the end finds it if not.

mod action;
mod adopt;
mod advance;
mod air;
mod answers;
mod calls;
mod commands;
mod detour;
mod duplicates;
mod event;
mod gate;
mod hosts;
mod items;
mod journal;
mod lanes;
mod laps;
mod moment;
mod outbox;
mod outcomes;
mod pace;
mod permit;
mod queue;
mod random;
mod resume;
mod settings;
mod traits;
mod trouble;
mod uploads;
mod urls;
mod view;

use std::collections::{HashMap, VecDeque};

pub use action::{Action, AttemptId, Call, CallId, ChecksumUse, Lane, Send, Step};
pub use adopt::{AdoptedBatch, AdoptedItem, Fate};
pub use event::{Answer, CallFailure, Event, SendFailure, StoredPart};
pub use journal::Persist;
pub use moment::Moment;
pub use settings::Settings;
pub use traits::{StoreTraits, Support};

use air::{Air, Work};
use calls::Calls;
use detour::Detour;
use duplicates::Duplicates;
use gate::Gate;
use items::{Items, State};
use outbox::Outbox;
use pace::Pace;
use permit::Permit;
use queue::Queue;
use random::Random;
use uploads::Uploads;
use urls::Ways;

use crate::port::{FileFacts, Filter};
use crate::wire::{BatchId, CloseAnswer, CloseRequest, Grant, OpenedBatch, StoreAddress, UnixMillis};

/// The engine.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    random: Random,
    actions: VecDeque<Action>,
    next_call: u32,
    next_attempt: u32,
    watch: Watch,
    now: Moment,
    stage: Stage,
    batch: Option<Batch>,
    items: Items,
    queue: Queue,
    calls: Calls,
    outbox: Outbox,
    uploads: Uploads,
    duplicates: Duplicates,
    traits: StoreTraits,
    air: Air,
    gate: Gate,
    detour: Detour,
    pace: Pace,
    paused: bool,
    signed_out: bool,
    finished: bool,
    /// The person gave the failed up.
    accepted: bool,
    /// Whether the short first page is still to be announced.
    fresh: bool,
    close_rounds: u8,
    /// Forms under a policy come to nothing, and nobody says why: URLs are to be asked for.
    formless: bool,
    /// Files of an earlier life that are not at hand, by path.
    absent: HashMap<Box<str>, u32>,
}

/// What is known of the batch.
#[derive(Debug)]
struct Batch {
    id: BatchId,
    store: StoreAddress,
    permit: Permit,
}

/// How far the batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Idle,
    Open,
    Closing,
    Done(Option<CloseAnswer>),
    Broken(String),
}

/// What the page shows of the list.
#[derive(Debug, Clone)]
enum Watch {
    /// A window of it.
    Window { filter: Filter, first: u32, count: u32 },
    /// Some items.
    Items(Vec<u32>),
}

impl Default for Watch {
    fn default() -> Self {
        Self::Window { filter: Filter::All, first: 0, count: 0 }
    }
}

impl Engine {
    /// An engine without a batch. The seed is for jitter only.
    #[must_use]
    pub fn new(seed: u64, settings: Settings) -> Self {
        Self {
            random: Random::new(seed),
            actions: VecDeque::new(),
            next_call: 0,
            next_attempt: 0,
            watch: Watch::default(),
            now: Moment(0),
            stage: Stage::Idle,
            batch: None,
            items: Items::default(),
            queue: Queue::new(settings.multipart_from),
            calls: Calls::default(),
            outbox: Outbox::default(),
            uploads: Uploads::default(),
            duplicates: Duplicates::default(),
            traits: StoreTraits::default(),
            air: Air::new(0),
            gate: Gate::new(settings.in_flight),
            detour: Detour::default(),
            pace: Pace::default(),
            paused: false,
            signed_out: false,
            finished: false,
            accepted: false,
            fresh: true,
            close_rounds: 0,
            formless: false,
            absent: HashMap::new(),
            settings,
        }
    }

    /// Takes what happened. Time that goes backwards stands still.
    pub fn handle(&mut self, event: Event, now: Moment) {
        let now = now.max(self.now);
        self.now = now;
        match event {
            Event::Command(command) => self.command(command, now),
            Event::Answered { id, answer } => self.answered(id, answer, now),
            Event::Progress { attempt, sent } => self.progressed(attempt, sent, now),
            Event::Sent { attempt, etag } => self.sent(attempt, etag, now),
            Event::Created { attempt, upload } => self.created(attempt, &upload, now),
            Event::Listed { attempt, parts, more } => self.listed(attempt, parts, more, now),
            Event::Reading { attempt } => self.air.note_reading(attempt, now),
            Event::Hashed { attempt, checksum } => self.hashed(attempt, checksum),
            Event::Compared { attempt, read } => self.compared(attempt, read, now),
            Event::Unsupported { attempt } => self.unsupported(attempt, now),
            Event::UploadGone { attempt } => self.upload_gone(attempt, now),
            Event::Failed { attempt, failure } => self.failed(attempt, failure, now),
            Event::Online => {
                self.gate.open();
                self.calls.hurry(now);
            }
            Event::Tick => {}
        }
        self.advance(now);
        self.persist();
    }

    /// The next thing to do, until there is none.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// How many files the batch has.
    #[must_use]
    pub fn files(&self) -> u32 {
        self.items.len()
    }

    /// What is known of so many files, from this one on.
    #[must_use]
    pub fn facts(&self, first: u32, count: u32) -> Vec<FileFacts> {
        let end = first.saturating_add(count).min(self.items.len());
        (first..end).map(|item| self.items.facts(item)).collect()
    }

    /// The batch, if there is one.
    #[must_use]
    pub fn batch(&self) -> Option<&BatchId> {
        self.batch.as_ref().map(|batch| &batch.id)
    }

    /// Where the batch's objects go; empty if there is none.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.items.prefix()
    }

    /// The grant that the driver signs with.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        self.batch.as_ref().map(|batch| batch.permit.grant())
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> Option<&StoreAddress> {
        self.batch.as_ref().map(|batch| &batch.store)
    }

    /// The server's clock at that moment, as far as can be told: what signatures are dated with.
    #[must_use]
    pub fn server_time(&self, now: Moment) -> Option<UnixMillis> {
        self.batch.as_ref().map(|batch| batch.permit.server_time(now))
    }

    /// What the store has shown that it can do.
    #[must_use]
    pub fn traits(&self) -> StoreTraits {
        self.traits
    }

    /// What the store of the batch that is open showed earlier; the engine asks to keep it by
    /// [`Action::Remember`].
    pub fn recall(&mut self, traits: StoreTraits) {
        self.traits = traits;
    }

    /// Begins a batch: nothing of the one before stays, but the names of calls and attempts go on.
    fn begin(&mut self, opened: OpenedBatch, now: Moment) {
        self.cut_all();
        self.stop_comparing();
        self.leave();
        self.start_over(opened.prefix, opened.store.bases.len());
        self.stage = if opened.store.bases.is_empty() {
            Stage::Broken(
                "The server named no address of the store. Please tell the people who run it.".to_owned(),
            )
        } else {
            Stage::Open
        };
        if self.store() != Some(&opened.store) {
            self.traits = StoreTraits::default();
        }
        self.detour = Detour::new(opened.relay);
        let permit = Permit::new(opened.grant, opened.server_time, now);
        self.batch = Some(Batch { id: opened.batch, store: opened.store, permit });
        self.log_batch();
    }

    /// Forgets all but the names of calls and attempts.
    fn start_over(&mut self, prefix: String, hosts: usize) {
        self.items = Items::new(prefix);
        self.queue = Queue::new(self.settings.multipart_from);
        self.calls = Calls::default();
        self.outbox = Outbox::default();
        self.uploads = Uploads::default();
        self.duplicates = Duplicates::default();
        self.air = Air::new(hosts);
        self.gate = Gate::new(self.settings.in_flight);
        self.detour = Detour::default();
        self.pace = Pace::default();
        self.absent = HashMap::new();
        self.paused = false;
        self.signed_out = false;
        self.finished = false;
        self.accepted = false;
        self.fresh = true;
        self.close_rounds = 0;
        self.formless = false;
    }

    /// Closes a batch that only waited for its failed items to be tried again: they are given up now. Nobody waits
    /// for the answer.
    fn leave(&mut self) {
        if self.stage == Stage::Done(None)
            && self.items.announced() > 0
            && let Some(batch) = &self.batch
        {
            let call = Call::Close(CloseRequest { batch: batch.id.clone() });
            let id = self.name_call();
            self.actions.push_back(Action::Call { id, call });
        }
    }

    fn name_call(&mut self) -> CallId {
        let id = CallId(self.next_call);
        self.next_call = self.next_call.wrapping_add(1);
        id
    }

    /// Cuts all that is in the air; the items go back to the front of their queue.
    fn cut_all(&mut self) {
        while let Some(flight) = self.air.land_any() {
            self.actions.push_back(Action::Abort { attempt: flight.attempt });
            match flight.work {
                Work::Part(number) if !flight.spare => {
                    self.uploads.part_back(flight.item, number, Moment(0));
                }
                work if !work.is_multipart() && self.items.state(flight.item) == State::Sending => {
                    self.queue.put_first(flight.item, &mut self.items);
                }
                _ => {}
            }
        }
        for item in self.uploads.park_all() {
            self.queue.put_first(item, &mut self.items);
        }
        self.pace.reset();
    }

    /// Stops for good.
    fn break_off(&mut self, message: String) {
        self.cut_all();
        self.calls = Calls::default();
        self.stage = Stage::Broken(message);
        // Another life would be told the same.
        self.actions.push_back(Action::Persist(Persist::Forget));
    }

    /// The ways to the store as they are now.
    fn ways(&self, now: Moment) -> Option<Ways<'_>> {
        let (hosts, most) = (&self.air.hosts, self.settings.per_host);
        self.batch.as_ref().map(|batch| Ways { batch, hosts, most, now })
    }

    /// Whether the batch can go on being filled.
    fn is_going(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Closing)
    }
}

#[cfg(test)]
mod tests;

//! One run: the engine, the model, and the events between them in the order of time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use transfer::engine::{Action, AttemptId, Engine, Event, Lane, Moment, Send, SendFailure, Settings};
use transfer::port::{Command, FileFacts, Phase, Totals};
use transfer::wire::{
    BatchState, Grant, ItemIndex, ItemOutcome, OpenedBatch, Rules, StoreAddress, UnixMillis,
};

use super::chance::Chance;
use super::model::{MINUTE, Model, Put, World};

/// Host names of the modelled store.
const HOSTS: usize = 4;
/// How long the person takes to sign in again.
const SIGN_IN: u64 = 45_000;
/// Where the browser's clock stands as the simulation begins; in the middle, so that it can be off to both sides.
const LOCAL: i64 = 1_000_000_000_000;

/// What came out of a run.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    #[expect(dead_code, reason = "for the message of a failing test")]
    seed: u64,
    #[expect(dead_code, reason = "for the message of a failing test")]
    took: u64,
    pub(crate) phase: Phase,
    pub(crate) totals: Totals,
    /// Calls to the server.
    pub(crate) requests: u32,
    pub(crate) renewals: u32,
    pub(crate) puts: u32,
    pub(crate) announced: usize,
    pub(crate) most_puts_of_one: u32,
    pub(crate) wrong: Vec<String>,
    phases: Vec<Phase>,
}

impl Outcome {
    pub(crate) fn is_verified(&self) -> bool {
        matches!(&self.phase, Phase::Done { answer: Some(answer) } if answer.state == BatchState::Verified)
    }

    pub(crate) fn saw(&self, phase: &Phase) -> bool {
        self.phases.contains(phase)
    }

    /// What must hold after every run.
    pub(crate) fn check(&self) {
        assert!(matches!(self.phase, Phase::Done { .. }), "ends: {self:?}");
        assert!(self.wrong.is_empty(), "the ledger and the store agree with the engine: {self:?}");
        let set = Settings::default();
        let rounds = u32::from(set.close_rounds) + 1;
        let most = (2 + u32::from(set.retries) + u32::from(set.free_retries)) * rounds;
        assert!(self.most_puts_of_one <= most, "no file over its budget: {self:?}");
    }
}

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    seed: u64,
    engine: Engine,
    model: Model,
    chance: Chance,
    now: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    due: HashMap<u64, Happening>,
    sequence: u64,
    line_free: u64,
    flying: BTreeMap<AttemptId, (u32, usize)>,
    puts: HashMap<u32, u32>,
    requests: u32,
    files: u32,
    phases: Vec<Phase>,
    signing_in: bool,
}

#[derive(Debug)]
enum Happening {
    Event(Event),
    Arrives(Box<Arrival>),
    Asked(transfer::engine::CallId, Box<transfer::engine::Call>),
    SignsIn,
}

#[derive(Debug)]
struct Arrival {
    attempt: AttemptId,
    item: u32,
    issued: u64,
    signed: u64,
}

impl Run {
    pub(crate) fn new(seed: u64, files: u32, world: World) -> Self {
        let start = world.stale_open;
        let size = world.size;
        let mut run = Self {
            seed,
            engine: Engine::new(seed, Settings::default()),
            chance: Chance::new(seed),
            model: Model::new(world),
            now: start,
            queue: BinaryHeap::new(),
            due: HashMap::new(),
            sequence: 0,
            line_free: 0,
            flying: BTreeMap::new(),
            puts: HashMap::new(),
            requests: 0,
            files,
            phases: Vec::new(),
            signing_in: false,
        };
        let opened = OpenedBatch {
            batch: "b1".parse().unwrap(),
            prefix: "p/b1/".to_owned(),
            grant: run.model.grant(0),
            store: StoreAddress {
                region: "r".to_owned(),
                bases: (0..HOSTS).map(|host| format!("https://s{host}.test")).collect(),
            },
            rules: Rules::default(),
            server_time: Model::clock(0),
        };
        run.command(Command::Open { batch: Box::new(opened) });
        let facts = (0..files).map(|item| FileFacts {
            path: format!("{item}.jpg"),
            size,
            modified: UnixMillis(7),
            media_type: "image/jpeg".to_owned(),
        });
        run.command(Command::Add { files: facts.collect() });
        run.command(Command::Finish);
        run
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.event(Event::Command(command));
    }

    pub(crate) fn heal(&mut self, item: u32) {
        self.model.world.cursed.retain(|(cursed, _)| *cursed != item);
    }

    pub(crate) fn outcome_of(&self, item: ItemIndex) -> Option<&ItemOutcome> {
        self.model.ledger.get(&item.0)?.1.as_ref()
    }

    /// Runs until that many milliseconds have passed since the beginning.
    pub(crate) fn until(&mut self, time: u64) {
        while self.step(time) {}
        self.now = self.now.max(time);
    }

    pub(crate) fn finish(&mut self) -> Outcome {
        while !matches!(self.engine.phase(), Phase::Done { .. } | Phase::Broken { .. }) {
            let most = 7 * 24 * 60 * MINUTE;
            if !self.step(most) {
                panic!("nothing happens any more: {:?}", self.outcome());
            }
        }
        self.outcome()
    }

    /// Lets the next thing happen, if it does until then.
    fn step(&mut self, until: u64) -> bool {
        let wake = self.engine.next_wake().map(|wake| self.unlocal(wake));
        let next = self.queue.peek().map(|Reverse((time, _))| *time);
        let time = match (wake, next) {
            (Some(wake), Some(next)) => wake.min(next),
            (wake, next) => match wake.or(next) {
                Some(time) => time,
                None => return false,
            },
        };
        if time > until {
            return false;
        }
        assert!(self.sequence < 200 * u64::from(self.files) + 100_000, "busy loop: {:?}", self.outcome());
        self.now = self.now.max(time);
        if next != Some(time) {
            self.sequence += 1;
            self.event(Event::Tick);
            return true;
        }
        let Some(Reverse((_, key))) = self.queue.pop() else { return false };
        match self.due.remove(&key) {
            Some(Happening::Event(event)) => self.event(event),
            Some(Happening::Arrives(arrival)) => self.arrives(&arrival),
            Some(Happening::Asked(id, call)) => {
                let answer = self.model.call(*call, self.now, &mut self.chance);
                if self.model.signed_out && !self.signing_in {
                    self.signing_in = true;
                    self.later(SIGN_IN, Happening::SignsIn);
                }
                let half = self.model.world.latency / 2;
                self.later(half, Happening::Event(Event::Answered { id, answer }));
            }
            Some(Happening::SignsIn) => {
                self.signing_in = false;
                self.model.signed_out = false;
                self.command(Command::SignedIn);
            }
            None => {}
        }
        true
    }

    fn event(&mut self, event: Event) {
        if let Event::Sent { attempt, .. } | Event::Failed { attempt, .. } = &event
            && self.flying.remove(attempt).is_none()
        {
            return;
        }
        let local = self.local();
        self.engine.handle(event, local);
        while let Some(action) = self.engine.next_action() {
            match action {
                Action::Call { id, call } => {
                    self.requests += 1;
                    let half = self.model.world.latency / 2;
                    self.later(half, Happening::Asked(id, Box::new(call)));
                }
                Action::Send(send) => self.send(&send),
                Action::Abort { attempt } => {
                    assert!(self.flying.remove(&attempt).is_some(), "only what flies is cut");
                }
            }
        }
        self.look();
    }

    fn send(&mut self, send: &Send) {
        let item = send.item.0;
        *self.puts.entry(item).or_default() += 1;
        let (host, issued) = match &send.lane {
            Lane::Put { base, key } => {
                assert_eq!(*key, Model::key(item));
                let Some(Grant::Credentials(grant)) = self.engine.grant() else { panic!("no credentials") };
                (*base, grant.session_token.parse().unwrap())
            }
            Lane::SignedPut { url, .. } => {
                let (host, issued) = url.split_once(".test/").unwrap();
                (host.trim_start_matches("https://s").parse().unwrap(), issued.parse().unwrap())
            }
        };
        self.flying.insert(send.attempt, (item, host));
        let on_host = self.flying.values().filter(|(_, at)| *at == host).count();
        assert!(on_host <= 6 && self.flying.len() <= 24, "in flight: seed {}", self.seed);
        let signed = self.engine.server_time(self.local()).unwrap().0;
        let world = &self.model.world;
        let transfer = send.size * 1_000 / world.bytes_per_second;
        let begin = self.line_free.max(self.now);
        self.line_free = begin + transfer;
        let arrives = self.line_free + world.latency / 2 - self.now;
        let attempt = send.attempt;
        self.later(arrives / 2, Happening::Event(Event::Progress { attempt, sent: send.size / 2 }));
        self.later(arrives, Happening::Arrives(Box::new(Arrival { attempt, item, issued, signed })));
    }

    fn arrives(&mut self, arrival: &Arrival) {
        let (attempt, ends) = (arrival.attempt, self.model.ends(arrival.issued));
        if !self.flying.contains_key(&attempt) {
            return;
        }
        // The store looks at the permission as the request begins; here that is when it ends, which is harder.
        let put =
            self.model.put(arrival.item, self.now, arrival.issued, ends, arrival.signed, &mut self.chance);
        let event = match put {
            Put::Stored => {
                Event::Sent { attempt, etag: Some("\"0cc175b9c0f1b6a831c399e269772661\"".to_owned()) }
            }
            Put::Failed(class, retry_after) => {
                Event::Failed { attempt, failure: SendFailure { class, retry_after } }
            }
        };
        let half = self.model.world.latency / 2;
        self.later(half, Happening::Event(event));
    }

    fn later(&mut self, millis: u64, happening: Happening) {
        self.sequence += 1;
        self.queue.push(Reverse((self.now + millis, self.sequence)));
        self.due.insert(self.sequence, happening);
    }

    fn local(&self) -> Moment {
        Moment(self.now.saturating_add_signed(LOCAL + self.model.world.skew))
    }

    fn unlocal(&self, moment: Moment) -> u64 {
        moment.0.saturating_add_signed(-(LOCAL + self.model.world.skew))
    }

    /// What must hold at every moment.
    fn look(&mut self) {
        let totals = self.engine.totals();
        let sum = totals.waiting
            + totals.sending
            + totals.stored
            + totals.failed
            + totals.refused
            + totals.cancelled;
        assert_eq!(sum, totals.files, "seed {}", self.seed);
        assert_eq!(totals.sending as usize, self.flying.len(), "seed {}", self.seed);
        assert!(totals.sent_bytes <= totals.bytes, "seed {}: {totals:?}", self.seed);
        let phase = self.engine.phase();
        if self.phases.last() != Some(&phase) && !self.phases.contains(&phase) {
            self.phases.push(phase);
        }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        let mut wrong = Vec::new();
        let mut stored = 0;
        for (&index, (item, outcome)) in &self.model.ledger {
            match outcome {
                Some(ItemOutcome::Stored { .. }) => {
                    stored += 1;
                    let holds = self.model.objects.get(&Model::key(index)) == Some(&item.size);
                    if self.model.verified && !holds {
                        wrong.push(format!("{index} is reported stored and is not"));
                    }
                }
                Some(_) => {}
                None => wrong.push(format!("{index} is not reported")),
            }
        }
        let totals = self.engine.totals();
        if stored != totals.stored {
            wrong.push(format!("{stored} reported stored, {} counted", totals.stored));
        }
        wrong.truncate(5);
        Outcome {
            seed: self.seed,
            took: self.now,
            phase: self.engine.phase(),
            totals,
            requests: self.requests,
            renewals: self.model.renewals,
            puts: self.puts.values().sum(),
            announced: self.model.ledger.len(),
            most_puts_of_one: self.puts.values().copied().max().unwrap_or(0),
            wrong,
            phases: self.phases.clone(),
        }
    }
}

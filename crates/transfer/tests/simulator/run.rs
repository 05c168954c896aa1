//! One run: the engine, the model, and the events between them in the order of time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use transfer::crc64::Crc64;
use transfer::engine::{
    Action, AttemptId, ChecksumUse, Engine, Event, Lane, Moment, Persist, Send, SendFailure, Settings, Step,
    StoreTraits,
};
use transfer::port::{Command, DuplicateChoice, FileFacts, Phase, Totals};
use transfer::wire::{
    BatchState, Grant, GrantKind, ItemIndex, ItemOutcome, OpenedBatch, Rules, StoreAddress, UnixMillis,
};

use super::chance::Chance;
use super::content::Contents;
use super::model::{Checksums, MINUTE, Model, Reply, Signed, World};

/// Host names of the modelled store.
const HOSTS: usize = 4;
/// Where the server stands among the host names.
const SERVER: usize = HOSTS;
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
    /// Attempts to send a file or a part of one.
    pub(crate) puts: u32,
    /// The same by lane.
    pub(crate) lanes: BTreeMap<&'static str, u32>,
    /// Bytes that were sent, and how many of them were in the air at a crash.
    pub(crate) sent_bytes: u64,
    pub(crate) in_flight: u64,
    /// How many of them were second tries while the first still ran.
    pub(crate) spares: u32,
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

    /// Every file is in the store exactly as it was sent, or the person was told why not.
    pub(crate) fn check_honest(&self) {
        assert!(matches!(self.phase, Phase::Done { answer: Some(_) }), "ends: {self:?}");
        assert!(self.wrong.is_empty(), "the ledger and the store agree with the engine: {self:?}");
        let Totals { stored, skipped, failed, files, .. } = self.totals;
        assert_eq!(stored + skipped + failed, files, "{self:?}");
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
    contents: Contents,
    chance: Chance,
    now: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    due: HashMap<u64, Happening>,
    sequence: u64,
    line_free: u64,
    /// The item, the host and what it sends of each attempt that runs.
    flying: BTreeMap<AttemptId, (u32, usize, String)>,
    /// Items of which a part went without its checksum.
    untold: BTreeSet<u32>,
    /// Attempts to read a file, for comparing it.
    reading: BTreeSet<AttemptId>,
    /// Attempts that sent what another was sending at the same time.
    spares: u32,
    /// What the engine asked to keep.
    log: String,
    crashes: u32,
    /// Bytes that were in the air at the crashes.
    in_flight: u64,
    sent_bytes: u64,
    lanes: BTreeMap<&'static str, u32>,
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
    /// Asked in that life of the tab.
    Asked(u32, transfer::engine::CallId, Box<transfer::engine::Call>),
    SignsIn,
}

#[derive(Debug)]
struct Arrival {
    /// In which life of the tab it was sent.
    life: u32,
    attempt: AttemptId,
    item: u32,
    host: usize,
    lane: Lane,
    checksum: ChecksumUse,
    began: u64,
    issued: u64,
    signed: u64,
}

impl Run {
    pub(crate) fn new(seed: u64, files: u32, world: World) -> Self {
        let start = world.stale_open;
        let mut run = Self {
            seed,
            engine: Engine::new(seed, Settings::default()),
            contents: Contents::default(),
            chance: Chance::new(seed),
            model: Model::new(world),
            now: start,
            queue: BinaryHeap::new(),
            due: HashMap::new(),
            sequence: 0,
            line_free: 0,
            flying: BTreeMap::new(),
            untold: BTreeSet::new(),
            reading: BTreeSet::new(),
            spares: 0,
            log: String::new(),
            crashes: 0,
            in_flight: 0,
            sent_bytes: 0,
            lanes: BTreeMap::new(),
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
            thumbnails: false,
            relay: run.model.world.relay,
        };
        run.command(Command::Open { batch: Box::new(opened) });
        let facts = run.facts();
        run.command(Command::Add { files: facts });
        run.command(Command::Finish);
        run
    }

    fn facts(&self) -> Vec<FileFacts> {
        let facts = (0..self.files).map(|item| FileFacts {
            path: format!("{item}.jpg"),
            size: self.model.size(item),
            modified: UnixMillis(7),
            media_type: "image/jpeg".to_owned(),
        });
        facts.collect()
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.event(Event::Command(command));
    }

    /// The person says what becomes of duplicates.
    pub(crate) fn choose(&mut self) {
        self.command(Command::Duplicates { choice: self.model.world.choice });
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

    /// Lets so many things happen, or all there are.
    pub(crate) fn steps(&mut self, count: u64) {
        for _ in 0..count {
            if self.is_over() || !self.step(u64::MAX) {
                return;
            }
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.engine.phase(), Phase::Done { .. } | Phase::Broken { .. })
    }

    pub(crate) fn finish(&mut self) -> Outcome {
        while !self.is_over() {
            if self.engine.phase() == Phase::Asking {
                self.choose();
                continue;
            }
            let most = 7 * 24 * 60 * MINUTE;
            if !self.step(most) {
                let outcome = self.outcome();
                panic!("nothing happens any more: {outcome:?}");
            }
        }
        self.outcome()
    }

    /// The tab is killed, perhaps while the last line of the log was written, and opened again; the person picks the
    /// same folder. What was on its way to the store may still arrive, but nobody hears of it.
    pub(crate) fn crash(&mut self, changed: &[u32]) {
        self.crashes += 1;
        for (item, _, what) in self.flying.values() {
            let size = self.model.size(*item);
            self.in_flight += if what.starts_with("part") { size.min(16 << 20) } else { size };
        }
        let lost: Vec<_> = self.queue.drain().collect();
        for Reverse((time, key)) in lost {
            if matches!(self.due.get(&key), Some(Happening::Arrives(_) | Happening::Asked(..))) {
                self.queue.push(Reverse((time, key)));
            } else {
                self.due.remove(&key);
            }
        }
        self.flying.clear();
        self.reading.clear();
        self.signing_in = false;
        let torn = self.chance.below(40) as usize;
        let log = format!("{}{}", self.log, &"S\t0\tabcdefghijklmnopqrstuvwxyz0123456789"[..torn.min(38)]);
        let now = self.local();
        let Some(engine) = Engine::restore(self.seed + 1, Settings::default(), &log, now) else {
            panic!("the log of an open batch can be read: seed {}", self.seed)
        };
        self.engine = engine;
        let mut facts = self.facts();
        for &item in changed {
            facts[item as usize].modified = UnixMillis(8);
        }
        self.command(Command::Bring { files: facts });
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
        assert!(self.sequence < 200 * u64::from(self.files) + 100_000, "busy loop: seed {}", self.seed);
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
            Some(Happening::Asked(life, id, call)) => {
                let answer = self.model.call(*call, self.now, &mut self.chance);
                if self.model.signed_out && !self.signing_in {
                    self.signing_in = true;
                    self.later(SIGN_IN, Happening::SignsIn);
                }
                let half = self.model.world.latency / 2;
                if life == self.crashes {
                    self.later(half, Happening::Event(Event::Answered { id, answer }));
                }
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
        if let Event::Sent { attempt, .. }
        | Event::Failed { attempt, .. }
        | Event::Created { attempt, .. }
        | Event::Listed { attempt, .. }
        | Event::Unsupported { attempt }
        | Event::UploadGone { attempt } = &event
            && self.flying.remove(attempt).is_none()
        {
            return;
        }
        if let Event::Compared { attempt, .. } = &event
            && !self.reading.remove(attempt)
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
                    self.later(half, Happening::Asked(self.crashes, id, Box::new(call)));
                }
                Action::Send(send) => self.send(&send),
                Action::Compare { attempt, item, size, .. } => {
                    self.reading.insert(attempt);
                    assert!(self.reading.len() <= 4, "a handful is read at once: seed {}", self.seed);
                    let read = Ok(self.contents.checksum(item.0, 0, size));
                    let millis = 1 + size / 500_000;
                    self.later(millis, Happening::Event(Event::Compared { attempt, read }));
                }
                Action::Abort { attempt } => {
                    let flew = self.flying.remove(&attempt).is_some();
                    assert!(flew || self.reading.remove(&attempt), "only what flies or is read is cut");
                }
                Action::Remember(_) => {}
                Action::Persist(Persist::Append(lines)) => self.log.push_str(&lines),
                Action::Persist(Persist::Replace(lines)) => self.log = lines,
                Action::Persist(Persist::Forget) => self.log.clear(),
                Action::Attach { pairs } => {
                    for (at, item) in pairs {
                        assert_eq!(at, item.0, "each file is its own item's");
                    }
                }
                Action::Discard { upload, .. } => self.model.discard(&upload),
            }
        }
        self.look();
    }

    fn send(&mut self, send: &Send) {
        let item = send.item.0;
        let (host, what, bytes) = match &send.lane {
            Lane::Form { base, .. } => (*base, "form".to_owned(), send.size),
            Lane::Put { base, .. } => (*base, "put".to_owned(), send.size),
            Lane::Relay { path } => {
                assert_eq!(*path, format!("/api/relay/b1/{item}"));
                (SERVER, "relay".to_owned(), send.size)
            }
            Lane::SignedPut { url, .. } => (signed(url, item).0, "put".to_owned(), send.size),
            Lane::Multipart { base, step, .. } => with_bytes(*base, step),
            Lane::SignedMultipart { url, step, .. } => with_bytes(signed(url, item).0, step),
        };
        let issued = match (&send.lane, self.engine.grant()) {
            (Lane::SignedPut { url, .. } | Lane::SignedMultipart { url, .. }, _) => signed(url, item).1,
            (Lane::Relay { .. }, _) => self.now,
            (_, Some(Grant::Credentials(grant))) => grant.session_token.parse().unwrap(),
            (_, Some(Grant::PostPolicy(grant))) => grant.fields[0].1.parse().unwrap(),
            _ => panic!("a lane that the grant does not allow: {:?}", send.lane),
        };
        if let Lane::Form { key, .. } | Lane::Put { key, .. } | Lane::Multipart { key, .. } = &send.lane {
            assert_eq!(*key, Model::key(item));
        }
        let again = self.model.world.choice != DuplicateChoice::Skip;
        assert!(again || !self.model.is_duplicate(item), "a duplicate is sent: seed {}", self.seed);
        if what.starts_with("part") && send.checksum == ChecksumUse::Reported {
            self.untold.insert(item);
        }
        self.sent_bytes += bytes;
        if bytes > 0 {
            *self.puts.entry(item).or_default() += 1;
            let lane = ["form", "put", "part", "relay"].into_iter().find(|lane| what.starts_with(lane));
            *self.lanes.entry(lane.unwrap_or_default()).or_default() += 1;
        }
        let to = (item, host, what);
        self.spares += u32::from(self.flying.values().any(|other| (other.0, &other.2) == (item, &to.2)));
        self.flying.insert(send.attempt, to);
        let on_host = self.flying.values().filter(|(_, at, _)| *at == host).count();
        assert!(on_host <= 6 && self.flying.len() <= 24, "in flight: seed {}", self.seed);
        let signed = self.engine.server_time(self.local()).unwrap().0;
        let world = &self.model.world;
        let transfer = bytes * 1_000 / world.bytes_per_second;
        let begin = self.line_free.max(self.now);
        self.line_free = begin + transfer;
        let arrives = self.line_free + world.latency / 2 - self.now;
        let attempt = send.attempt;
        if !matches!(send.lane, Lane::Form { .. }) {
            // The line serves one after the other; a driver would see all of them creep forward.
            for quarter in 1..=4 {
                let sent = bytes * quarter / 5;
                self.later(arrives * quarter / 5, Happening::Event(Event::Progress { attempt, sent }));
            }
        }
        let began = self.now;
        let arrival = Arrival {
            began,
            life: self.crashes,
            attempt,
            item,
            host,
            lane: send.lane.clone(),
            checksum: send.checksum,
            issued,
            signed,
        };
        self.later(arrives, Happening::Arrives(Box::new(arrival)));
    }

    fn arrives(&mut self, arrival: &Arrival) {
        let attempt = arrival.attempt;
        let heard = arrival.life == self.crashes;
        if heard && !self.flying.contains_key(&attempt) {
            return;
        }
        let began = self.now - arrival.began;
        let ends =
            self.model.ends(&arrival.lane, arrival.issued) + if self.model.world.strict { 0 } else { began };
        let read = self.read(arrival.item, &arrival.lane);
        if let Some(checksum) = read.filter(|_| heard) {
            self.event(Event::Hashed { attempt, checksum });
        }
        let sent = arrival.checksum == ChecksumUse::Sent;
        let (at, issued) = (arrival.signed, arrival.issued);
        let signed = Signed { began: arrival.began, at, issued, ends, checksum: sent };
        let to = (arrival.item, arrival.host);
        let what = (&arrival.lane, read.filter(|_| sent));
        let event = match self.model.ask(to, what, self.now, signed, &mut self.chance) {
            Reply::Stored(etag) => Event::Sent { attempt, etag },
            Reply::Created(upload) => Event::Created { attempt, upload },
            Reply::Listed(parts, more) => Event::Listed { attempt, parts, more },
            Reply::Unsupported => Event::Unsupported { attempt },
            Reply::Gone => Event::UploadGone { attempt },
            Reply::Silence => return,
            Reply::Failed(class, retry_after) => {
                Event::Failed { attempt, failure: SendFailure { class, retry_after } }
            }
        };
        let half = self.model.world.latency / 2;
        if heard {
            self.later(half, Happening::Event(event));
        }
    }

    /// The checksum of what a request carries.
    fn read(&mut self, item: u32, lane: &Lane) -> Option<Crc64> {
        let (from, to) = match lane {
            Lane::Multipart { step, .. } | Lane::SignedMultipart { step, .. } => match step {
                Step::Part { from, to, .. } => (*from, *to),
                Step::Complete { checksum, .. } => {
                    let whole = self.contents.checksum(item, 0, self.model.size(item));
                    assert!(checksum.is_none_or(|checksum| checksum == whole), "seed {}", self.seed);
                    return None;
                }
                Step::Create | Step::List { .. } => return None,
            },
            Lane::Form { .. } | Lane::Put { .. } | Lane::SignedPut { .. } | Lane::Relay { .. } => {
                (0, self.model.size(item))
            }
        };
        Some(self.contents.checksum(item, from, to))
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
            + totals.comparing
            + totals.same
            + totals.skipped
            + totals.stored
            + totals.failed
            + totals.refused
            + totals.cancelled;
        assert_eq!(sum, totals.files, "seed {}", self.seed);
        if self.model.world.large_each == 0 {
            let flying = self.flying.len() as u32;
            assert!(totals.sending <= flying && flying <= totals.sending + 4, "seed {}", self.seed);
        }
        assert!(totals.sent_bytes <= totals.bytes, "seed {}: {totals:?}", self.seed);
        let phase = self.engine.phase();
        if self.phases.last() != Some(&phase) && !self.phases.contains(&phase) {
            self.phases.push(phase);
        }
    }

    /// Whether the page says that files go through the server.
    pub(crate) fn is_relaying(&mut self) -> bool {
        let now = self.local();
        self.engine.snapshot(now).relaying
    }

    /// What the store has shown that it can do.
    pub(crate) fn traits(&self) -> StoreTraits {
        self.engine.traits()
    }

    pub(crate) fn outcome(&mut self) -> Outcome {
        let mut wrong = Vec::new();
        let (mut stored, mut skipped) = (0, 0);
        for (&index, (item, outcome)) in &self.model.ledger {
            match outcome {
                Some(ItemOutcome::Stored { checksum, replace, .. }) => {
                    stored += 1;
                    let wanted = self.model.world.choice == DuplicateChoice::Replace;
                    let may = self.model.is_duplicate(index) && self.model.is_replaceable(index);
                    if *replace != (wanted && may) {
                        wrong.push(format!("{index} is reported with replace: {replace}"));
                    }
                    let whole = self.contents.checksum(index, 0, item.size).to_string();
                    // What a store does not keep of parts, or was not told of because the server signed them or the
                    // line was in doubt, another life cannot know.
                    let world = &self.model.world;
                    let told = world.checksums == Checksums::Checked && world.kind == GrantKind::Credentials;
                    let excused = (!told || self.untold.contains(&index)) && self.crashes > 0;
                    if checksum.as_ref().map_or(!excused, |checksum| *checksum != whole) {
                        wrong.push(format!("{index} is reported with the checksum {checksum:?}"));
                    }
                    let holds = self.model.objects.get(&Model::key(index)) == Some(&item.size);
                    if self.model.verified && !holds {
                        wrong.push(format!("{index} is reported stored and is not"));
                    }
                }
                Some(ItemOutcome::Skipped) => {
                    skipped += 1;
                    if !self.model.is_duplicate(index) {
                        wrong.push(format!("{index} is skipped and is nowhere else"));
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
        if skipped != totals.skipped {
            wrong.push(format!("{skipped} reported skipped, {} counted", totals.skipped));
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
            spares: self.spares,
            sent_bytes: self.sent_bytes,
            in_flight: self.in_flight,
            lanes: self.lanes.clone(),
            announced: self.model.ledger.len(),
            most_puts_of_one: self.puts.values().copied().max().unwrap_or(0),
            wrong,
            phases: self.phases.clone(),
        }
    }
}

/// The host and the time of signing of a URL, which is for that item.
fn signed(url: &str, item: u32) -> (usize, u64) {
    let (host, path) = url.trim_start_matches("https://s").split_once(".test/").unwrap();
    let (issued, of) = path.split_once('/').unwrap();
    assert_eq!(of.parse(), Ok(item), "each URL is for its own item");
    (host.parse().unwrap(), issued.parse().unwrap())
}

/// The host, the name and the bytes of a request of an upload in parts.
fn with_bytes(host: usize, step: &Step) -> (usize, String, u64) {
    match step {
        Step::Part { number, from, to, .. } => (host, format!("part {number}"), to - from),
        _ => (host, "step".to_owned(), 0),
    }
}

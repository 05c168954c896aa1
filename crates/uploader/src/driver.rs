//! The driver: hands the engine what happens, and does what it asks for.
//!
//! One task owns the engine; files are read and requests made elsewhere, and tell it by messages.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use lane::checksum;
use lane::errand::Errand;
use lane::form::{Form, Forms};
use lane::outcome::{self, Outcome};
use lane::request::{Body, Request, Requests};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;
use transfer::crc64::Crc64;
use transfer::engine::{
    Action, Answer, AttemptId, CallFailure, CallId, ChecksumUse, Engine, Event, Lane, Moment, Send,
    SendFailure,
};
use transfer::port::{Command, FailureClass, FileFacts, Phase, Snapshot};
use transfer::wire::{ItemIndex, UnixMillis};

use crate::api::Api;
use crate::client::{self, Unanswered};
use crate::limit::Limit;
use crate::load::{Content, Load};
use crate::log::Log;
use crate::read::{self, Hashed, Unreadable};

/// How often it is told how far things are.
const NEWS: Duration = Duration::from_millis(200);

/// Messages that are worked off before the engine is asked what to do.
const AT_ONCE: usize = 64;

/// What the driver tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// How far things are.
    Progress(Snapshot),
    /// The store has said that it has this file.
    Stored(FileFacts),
    /// Nothing can be kept for another run.
    Unkept(std::io::Error),
}

/// What happened elsewhere.
#[derive(Debug)]
enum Message {
    Answered { id: CallId, answer: Result<Answer, CallFailure> },
    Reading { attempt: AttemptId },
    Read { send: Box<Send>, read: Result<Hashed, Unreadable> },
    Compared { attempt: AttemptId, item: ItemIndex, read: Result<Hashed, Unreadable> },
    Ended { attempt: AttemptId, ended: Ended },
}

/// How a request ended.
#[derive(Debug)]
enum Ended {
    Answered { outcome: Outcome, body: String },
    Unanswered,
    Unreadable,
}

/// An attempt that runs.
#[derive(Debug)]
struct Flight {
    item: ItemIndex,
    errand: Errand,
    /// Whether it ends the item.
    last: bool,
    task: Option<AbortHandle>,
    wanted: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    told: u64,
}

/// The driver.
pub(crate) struct Driver {
    pub(crate) engine: Engine,
    api: Arc<Api>,
    limit: Option<Arc<Limit>>,
    log: Option<Log>,
    /// Where the files are, by item.
    places: Vec<Option<PathBuf>>,
    /// The files of the command that is being worked on.
    brought: Vec<PathBuf>,
    /// What the system said of files that cannot be read.
    reasons: HashMap<ItemIndex, String>,
    requests: Requests,
    forms: Forms,
    flights: HashMap<AttemptId, Flight>,
    /// Files that are read to be compared with what the project holds, and whether that is still wanted.
    comparing: HashMap<AttemptId, Arc<AtomicBool>>,
    outbox: mpsc::UnboundedSender<Message>,
    inbox: mpsc::UnboundedReceiver<Message>,
    start: Instant,
    tell: Box<dyn FnMut(Told) + std::marker::Send>,
}

impl Driver {
    pub(crate) fn new(
        engine: Engine,
        api: Arc<Api>,
        limit: Option<Arc<Limit>>,
        log: Log,
        tell: Box<dyn FnMut(Told) + std::marker::Send>,
    ) -> Self {
        let (outbox, inbox) = mpsc::unbounded_channel();
        Self {
            engine,
            api,
            limit,
            log: Some(log),
            places: Vec::new(),
            brought: Vec::new(),
            reasons: HashMap::new(),
            requests: Requests::default(),
            forms: Forms::default(),
            flights: HashMap::new(),
            comparing: HashMap::new(),
            outbox,
            inbox,
            start: Instant::now(),
            tell,
        }
    }

    /// Adds files, each with its place.
    pub(crate) fn add(&mut self, files: Vec<(FileFacts, PathBuf)>) {
        let (files, places): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        self.places.resize(self.engine.files() as usize, None);
        self.places.extend(places.into_iter().map(Some));
        self.command(Command::Add { files });
    }

    /// Brings the files of an earlier run.
    pub(crate) fn bring(&mut self, files: Vec<(FileFacts, PathBuf)>) {
        let (files, places): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        self.places.resize(self.engine.files() as usize, None);
        self.brought = places;
        self.command(Command::Bring { files });
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.handle(Event::Command(command));
    }

    /// Where it stands, with the rows that are watched.
    pub(crate) fn snapshot(&mut self) -> Snapshot {
        let now = self.now();
        self.engine.snapshot(now)
    }

    /// What the system said of a file that cannot be read.
    pub(crate) fn reason(&self, item: ItemIndex) -> Option<&str> {
        self.reasons.get(&item).map(String::as_str)
    }

    /// Goes on until nothing more comes of it, or `stop` ends; answers the phase that it came to.
    pub(crate) async fn run(&mut self, stop: &mut (impl Future<Output = ()> + Unpin)) -> Phase {
        let mut news = tokio::time::interval(NEWS);
        news.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let phase = self.engine.phase();
            if is_over(&phase) {
                self.tell_progress();
                return phase;
            }
            let wake = self.engine.next_wake().map(|wake| Duration::from_millis(wake.since(self.now())));
            tokio::select! {
                biased;
                () = &mut *stop => {
                    self.command(Command::Pause);
                    self.tell_progress();
                    return Phase::Paused;
                }
                Some(message) = self.inbox.recv() => {
                    self.take(message);
                    for _ in 0..AT_ONCE {
                        let Ok(message) = self.inbox.try_recv() else { break };
                        self.take(message);
                    }
                }
                _ = news.tick() => self.tell_progress(),
                () = tokio::time::sleep(wake.unwrap_or(NEWS)) => self.handle(Event::Tick),
            }
        }
    }

    fn now(&self) -> Moment {
        Moment(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn tell_progress(&mut self) {
        let mut news = Vec::new();
        for (attempt, flight) in &mut self.flights {
            let sent = flight.sent.load(Ordering::Relaxed);
            if sent > flight.told {
                flight.told = sent;
                news.push((*attempt, sent));
            }
        }
        let now = self.now();
        for (attempt, sent) in news {
            self.engine.handle(Event::Progress { attempt, sent }, now);
        }
        self.act();
        let snapshot = self.engine.snapshot(now);
        (self.tell)(Told::Progress(snapshot));
    }

    /// Hands the engine an event, and does what it asks for.
    fn handle(&mut self, event: Event) {
        self.engine.handle(event, self.now());
        self.act();
    }

    fn act(&mut self) {
        while let Some(action) = self.engine.next_action() {
            match action {
                Action::Call { id, call } => {
                    let (api, outbox) = (Arc::clone(&self.api), self.outbox.clone());
                    tokio::spawn(async move {
                        let answer = api.call(&call).await;
                        let _ = outbox.send(Message::Answered { id, answer });
                    });
                }
                Action::Send(send) => self.send(send),
                Action::Compare { attempt, item, size, modified } => {
                    self.compare(attempt, item, (size, modified));
                }
                Action::Abort { attempt } => self.cut(attempt),
                Action::Discard { url, key, upload, .. } => self.discard(url, &key, upload),
                Action::Persist(persist) => {
                    if let Some(log) = &mut self.log
                        && let Err(error) = log.persist(persist)
                    {
                        self.log = None;
                        (self.tell)(Told::Unkept(error));
                    }
                }
                Action::Attach { pairs } => {
                    let mut brought: Vec<Option<PathBuf>> =
                        std::mem::take(&mut self.brought).into_iter().map(Some).collect();
                    for (at, item) in pairs {
                        let place = brought.get_mut(at as usize).and_then(Option::take);
                        if let Some(known) = self.places.get_mut(item.0 as usize) {
                            *known = place;
                        }
                    }
                }
                // One file of the next run finds it out again.
                Action::Remember(_) => {}
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Answered { id, answer } => self.handle(Event::Answered { id, answer }),
            Message::Reading { attempt } => {
                if self.flights.contains_key(&attempt) {
                    self.handle(Event::Reading { attempt });
                }
            }
            Message::Read { send, read } => self.was_read(*send, read),
            Message::Compared { attempt, item, read } => self.was_compared(attempt, item, read),
            Message::Ended { attempt, ended } => self.ended(attempt, ended),
        }
    }

    fn send(&mut self, send: Box<Send>) {
        let attempt = send.attempt;
        let errand = Errand::of(&send.lane);
        let part = matches!(send.lane, Lane::Multipart { .. } | Lane::SignedMultipart { .. });
        let wanted = Arc::new(AtomicBool::new(true));
        let flight = Flight {
            item: send.item,
            errand,
            last: errand == Errand::Complete || !part,
            task: None,
            wanted: Arc::clone(&wanted),
            sent: Arc::default(),
            told: 0,
        };
        self.flights.insert(attempt, flight);
        let range = match &send.lane {
            Lane::Form { .. } => Some((0, send.size)),
            _ => checksum::range(&send),
        };
        let Some(range) = range else { return self.dispatch(*send, None) };
        let Some(place) = self.places.get(send.item.0 as usize).cloned().flatten() else {
            return self.fail(attempt, FailureClass::FileGone);
        };
        let outbox = self.outbox.clone();
        tokio::task::spawn_blocking(move || {
            let told = std::cell::Cell::new(Instant::now());
            let still_wanted = || {
                if told.get().elapsed() > Duration::from_secs(1) {
                    told.set(Instant::now());
                    let _ = outbox.send(Message::Reading { attempt });
                }
                wanted.load(Ordering::Relaxed)
            };
            let read = read::hash(&place, (send.size, send.modified), range, still_wanted);
            let _ = outbox.send(Message::Read { send, read });
        });
    }

    /// Reads a file, to compare it with what the project holds.
    fn compare(&mut self, attempt: AttemptId, item: ItemIndex, about: (u64, UnixMillis)) {
        let wanted = Arc::new(AtomicBool::new(true));
        self.comparing.insert(attempt, Arc::clone(&wanted));
        let place = self.places.get(item.0 as usize).cloned().flatten();
        let outbox = self.outbox.clone();
        tokio::task::spawn_blocking(move || {
            let read = match place {
                Some(place) => read::hash(&place, about, (0, about.0), || wanted.load(Ordering::Relaxed)),
                None => Err(Unreadable { class: FailureClass::FileGone, why: None }),
            };
            let _ = outbox.send(Message::Compared { attempt, item, read });
        });
    }

    fn was_compared(&mut self, attempt: AttemptId, item: ItemIndex, read: Result<Hashed, Unreadable>) {
        if self.comparing.remove(&attempt).is_none() {
            return;
        }
        let read = match read {
            Ok(hashed) => Ok(hashed.checksum),
            Err(Unreadable { class, why }) => {
                self.reasons.extend(why.map(|why| (item, why)));
                Err(class)
            }
        };
        self.handle(Event::Compared { attempt, read });
    }

    fn was_read(&mut self, send: Send, read: Result<Hashed, Unreadable>) {
        let (attempt, item) = (send.attempt, send.item);
        if !self.flights.contains_key(&attempt) {
            return;
        }
        match read {
            Ok(hashed) => {
                self.handle(Event::Hashed { attempt, checksum: hashed.checksum });
                // What the engine makes of that may be that it wants it no more.
                if self.flights.contains_key(&attempt) {
                    self.dispatch(send, Some(hashed));
                }
            }
            Err(Unreadable { class, why }) => {
                if let Some(why) = why {
                    self.reasons.insert(item, why);
                }
                self.fail(attempt, class);
            }
        }
    }

    /// Makes the request, and waits for its answer elsewhere.
    fn dispatch(&mut self, send: Send, hashed: Option<Hashed>) {
        let attempt = send.attempt;
        let read = hashed.as_ref().map(|hashed| hashed.checksum);
        let errand = Errand::of(&send.lane);
        let Some((request, session_form)) = self.request(send, read) else {
            return self.fail(attempt, FailureClass::Rejected);
        };
        let Some(flight) = self.flights.get_mut(&attempt) else { return };
        let broken = Arc::<AtomicBool>::default();
        let content = |hashed: Option<Hashed>| {
            hashed.map_or(Content::None, |hashed| hashed.content(self.limit.clone(), &broken))
        };
        let nothing = Bytes::new;
        let load = match request.body {
            Carried::Nothing => Load::of(""),
            Carried::Text(text) => Load::of(text),
            Carried::File => Load::new(nothing(), content(hashed), nothing(), Arc::clone(&flight.sent)),
            Carried::Form(head) => {
                let tail = Bytes::from_static(Form::TAIL.as_bytes());
                Load::new(head.into(), content(hashed), tail, Arc::clone(&flight.sent))
            }
        };
        let (client, outbox) = (self.api.client().clone(), self.outbox.clone());
        let task = tokio::spawn(async move {
            let answer = client.ask(request.method, &request.url, &request.headers, load).await;
            let ended = match answer {
                Ok(answer) => understood(&answer, errand, session_form),
                Err(_) if broken.load(Ordering::Relaxed) => Ended::Unreadable,
                Err(_) => Ended::Unanswered,
            };
            let _ = outbox.send(Message::Ended { attempt, ended });
        });
        flight.task = Some(task.abort_handle());
    }

    /// The request for an attempt, and whether it is a form that a session signed.
    fn request(&mut self, send: Send, read: Option<Crc64>) -> Option<(Ready, bool)> {
        let now = self.now();
        let (grant, store) = (self.engine.grant()?, self.engine.store()?);
        let date = self.engine.server_time(now)?;
        let Lane::Form { base, key } = &send.lane else {
            let checksum = (read, send.checksum);
            let relayed = matches!(send.lane, Lane::Relay { .. });
            let mut request =
                self.requests.make(send.lane, &send.media_type, checksum, grant, store, date)?;
            if relayed {
                // The way that the lane names is for sessions.
                let (url, bearer) = self.api.relay(self.engine.batch()?, send.item);
                request.url = url;
                request.headers.push(bearer);
            }
            return Some((Ready::of(request)?, false));
        };
        let what = (key.as_str(), send.media_type.as_str(), send.checksum);
        let form = self.forms.make(what, grant, (store, *base), date, &mut self.requests)?;
        let head = form.head(read.filter(|_| send.checksum == ChecksumUse::Sent));
        let headers = vec![("content-type".to_owned(), Form::CONTENT_TYPE.to_owned())];
        let ready = Ready { method: Method::POST, url: form.url, headers, body: Carried::Form(head) };
        Some((ready, form.by_session))
    }

    fn ended(&mut self, attempt: AttemptId, ended: Ended) {
        let Some(flight) = self.flights.get(&attempt) else { return };
        match ended {
            Ended::Answered { outcome, body } => {
                let (item, errand) = (flight.item, flight.errand);
                let stored = flight.last && matches!(outcome, Outcome::Stored { .. });
                self.flights.remove(&attempt);
                self.handle(errand.event(attempt, outcome, &body));
                if stored && let Some(facts) = self.engine.facts(item.0, 1).pop() {
                    (self.tell)(Told::Stored(facts));
                }
            }
            Ended::Unanswered => self.fail(attempt, FailureClass::Network),
            Ended::Unreadable => self.fail(attempt, FailureClass::FileChanged),
        }
    }

    fn fail(&mut self, attempt: AttemptId, class: FailureClass) {
        self.flights.remove(&attempt);
        self.handle(Event::Failed { attempt, failure: SendFailure { class, retry_after: None } });
    }

    fn cut(&mut self, attempt: AttemptId) {
        if let Some(wanted) = self.comparing.remove(&attempt) {
            wanted.store(false, Ordering::Relaxed);
        }
        if let Some(flight) = self.flights.remove(&attempt) {
            flight.wanted.store(false, Ordering::Relaxed);
            if let Some(task) = flight.task {
                task.abort();
            }
        }
    }

    /// Throws an unfinished upload away; nobody waits for it.
    fn discard(&mut self, url: Option<String>, key: &str, upload: String) {
        let now = self.now();
        let (Some(grant), Some(store), Some(date)) =
            (self.engine.grant(), self.engine.store(), self.engine.server_time(now))
        else {
            return;
        };
        let request = self.requests.discard(url, key, upload, grant, store, date);
        if let Some(request) = request.and_then(Ready::of) {
            let client = self.api.client().clone();
            tokio::spawn(async move {
                let Ready { method, url, headers, .. } = request;
                let answer: Result<_, Unanswered> = client.ask(method, &url, &headers, Load::of("")).await;
                drop(answer);
            });
        }
    }
}

/// A request that is ready to leave.
struct Ready {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Carried,
}

/// What a request carries.
enum Carried {
    Nothing,
    Text(String),
    /// What was read of the file.
    File,
    /// The file in a form that begins like this.
    Form(String),
}

impl Ready {
    fn of(request: Request) -> Option<Self> {
        let body = match request.body {
            Body::Empty => Carried::Nothing,
            Body::File | Body::Slice(..) => Carried::File,
            Body::Text(text) => Carried::Text(text),
        };
        let method = Method::from_bytes(request.method.as_bytes()).ok()?;
        Some(Self { method, url: request.url, headers: request.headers, body })
    }
}

/// Nothing more comes by itself.
fn is_over(phase: &Phase) -> bool {
    matches!(phase, Phase::Done { .. } | Phase::Broken { .. } | Phase::NeedsFiles | Phase::SignedOut)
}

fn understood(answer: &client::Answer, errand: Errand, session_form: bool) -> Ended {
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let headers = lines(&answer.headers);
    let told = outcome::Answer { status: answer.status, headers: &headers, body: &body };
    let outcome = if session_form { told.outcome_of_sessions_form() } else { errand.outcome(&told) };
    Ended::Answered { outcome, body }
}

/// The headers that say something, as a browser lists them.
fn lines(headers: &HeaderMap) -> String {
    let mut lines = String::new();
    for name in ["etag", "retry-after"] {
        if let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) {
            lines.push_str(name);
            lines.push(':');
            lines.push_str(value);
            lines.push('\n');
        }
    }
    lines
}

//! The driver: hands the engine what happens, and does what it asks for.
//!
//! Every borrow is short and none spans a call into the browser, because some of these call back at once.

mod compare;
mod files;
mod pace;
mod read;
mod recall;
mod thumbnails;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use transfer::crc64::Crc64;
use transfer::engine::{Action, AttemptId, CallId, Engine, Event, Lane, Moment, Send, SendFailure, Settings};
use transfer::port::{Command, FailureClass};
use transfer::wire::ItemIndex;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, Performance};

use crate::checksum::Reads;
use crate::clock::Clock;
use crate::form::Forms;
use crate::line::{Errand, Line};
use crate::lock::Lock;
use crate::log::Log;
use crate::outcome::{Answer, Outcome};
use crate::post::Posts;
use crate::request::Requests;
use crate::{call, checksum, multipart, page, post};

use files::Files;
use pace::Pace;
use thumbnails::Thumbnails;

/// The driver.
#[derive(Debug)]
pub struct Driver {
    scope: DedicatedWorkerGlobalScope,
    performance: Option<Performance>,
    clock: Cell<Clock>,
    engine: RefCell<Engine>,
    files: RefCell<Files>,
    requests: RefCell<Requests>,
    forms: RefCell<Forms>,
    posts: RefCell<Posts>,
    reads: RefCell<Reads>,
    shelf: RefCell<read::Shelf>,
    thumbnails: RefCell<Thumbnails>,
    lines: RefCell<Vec<Rc<Line>>>,
    log: Rc<Log>,
    /// Tells other tabs that the batch is sent by this one.
    lock: RefCell<Option<Lock>>,
    /// The files of the message that is being worked on.
    brought: RefCell<Array>,
    /// Counts the engines: answers to calls of one before are nobody's.
    life: Cell<u32>,
    pace: RefCell<Pace>,
    /// The timer's handle, and what it is set to.
    timer: Cell<Option<(i32, Moment)>>,
    on_timer: RefCell<Option<Closure<dyn FnMut()>>>,
}

impl Driver {
    /// Listens to the page for as long as the worker lives, beginning with the messages that came before.
    pub fn start(early: &Array) {
        let Some(scope) = page::scope() else { return };
        let performance = scope.performance();
        let clock = Clock::new(performance.as_ref().map_or(0.0, Performance::now), js_sys::Date::now());
        let driver = Rc::new(Self {
            scope: scope.clone(),
            performance,
            clock: Cell::new(clock),
            engine: RefCell::new(Engine::new(seed(), Settings::default())),
            files: RefCell::default(),
            requests: RefCell::default(),
            forms: RefCell::default(),
            posts: RefCell::default(),
            reads: RefCell::default(),
            shelf: RefCell::default(),
            thumbnails: RefCell::default(),
            lines: RefCell::default(),
            log: Rc::default(),
            lock: RefCell::default(),
            brought: RefCell::default(),
            life: Cell::new(0),
            pace: RefCell::default(),
            timer: Cell::new(None),
            on_timer: RefCell::new(None),
        });
        let on_timer = Closure::new({
            let driver = Rc::downgrade(&driver);
            move || {
                if let Some(driver) = driver.upgrade() {
                    driver.timer.set(None);
                    driver.tick();
                }
            }
        });
        *driver.on_timer.borrow_mut() = Some(on_timer);
        let on_online = Closure::<dyn FnMut()>::new({
            let driver = Rc::clone(&driver);
            move || driver.handle(Event::Online)
        });
        scope.set_ononline(Some(on_online.as_ref().unchecked_ref()));
        on_online.forget();
        for event in early.iter().filter_map(|event| event.dyn_into::<MessageEvent>().ok()) {
            driver.message(&event);
        }
        let on_message =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| driver.message(&event));
        scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> Moment {
        let mut clock = self.clock.get();
        let steady = self.performance.as_ref().map_or_else(js_sys::Date::now, Performance::now);
        let now = clock.read(steady, js_sys::Date::now());
        self.clock.set(clock);
        now
    }

    /// Something moved on a line; the page will hear of it with the next snapshot.
    pub fn moved(self: &Rc<Self>) {
        self.pace.borrow_mut().change();
        self.settle();
    }

    /// What a line sent has come to an end.
    pub fn ended(self: &Rc<Self>, line: &Line) {
        let Some(load) = line.take() else { return };
        let (status, headers, body) = line.answer();
        let (attempt, item) = (load.attempt, load.item);
        let outcome = load.errand.outcome(&Answer { status, headers: &headers, body: &body });
        match outcome {
            outcome if !load.is_whole(&outcome) => {
                self.handle(Event::Failed { attempt, failure: failed(FailureClass::FileChanged) });
            }
            Outcome::Stored { etag } => {
                let event = match load.errand {
                    Errand::Send | Errand::Relay => Event::Sent { attempt, etag },
                    Errand::Complete => Event::Sent { attempt, etag: multipart::etag(&body) },
                    Errand::Create => {
                        Event::Created { attempt, upload: multipart::upload(&body).unwrap_or_default() }
                    }
                    Errand::List => {
                        let (parts, more) = multipart::parts(&body);
                        Event::Listed { attempt, parts, more }
                    }
                };
                self.handle(event);
                // Once the store has all of it; and not where it cannot be reached, to which a thumbnail would have to go.
                if matches!(load.errand, Errand::Send | Errand::Complete) {
                    self.picture(item);
                }
            }
            Outcome::Unsupported => self.handle(Event::Unsupported { attempt }),
            Outcome::UploadGone => self.handle(Event::UploadGone { attempt }),
            // A file that cannot be read looks like a broken connection.
            Outcome::Failed(SendFailure { class: FailureClass::Network, .. }) => {
                self.explain(attempt, load.item, FailureClass::Network);
            }
            Outcome::Failed(failure) => self.handle(Event::Failed { attempt, failure }),
        }
    }

    fn message(self: &Rc<Self>, event: &MessageEvent) {
        let Some(page::Message { command, files, handles, owner, log }) = page::read(event) else { return };
        let mut adding = false;
        match &command {
            Command::Recall { person } => return self.recall(person.clone()),
            Command::Adopt => return self.adopt(log, owner),
            Command::Open { batch } => {
                self.forget_batch();
                self.thumbnails.borrow_mut().begin(batch.thumbnails, &batch.batch, &batch.prefix);
                self.keep_log(batch, owner);
            }
            Command::Add { .. } => {
                adding = true;
                // Before the engine, which may want to send them at once; as many as it takes.
                self.files.borrow().add(&files);
            }
            Command::Bring { .. } => *self.brought.borrow_mut() = files,
            _ => self.pace.borrow_mut().ask(),
        }
        self.handle(Event::Command(command));
        if adding {
            let taken = self.engine.borrow().files();
            self.files.borrow().keep(taken);
        }
        if handles.length() > 0 {
            self.log.keep_handles(&handles);
        }
    }

    /// Nothing of the batch before is of use to the next.
    fn forget_batch(&self) {
        self.files.borrow_mut().clear();
        self.requests.borrow_mut().forget();
        self.forms.borrow_mut().forget();
        self.reads.borrow_mut().cut_all();
        self.thumbnails.borrow_mut().forget();
    }

    fn tick(self: &Rc<Self>) {
        // Before the engine looks for what has stalled.
        self.tell_progress(self.now());
        self.handle(Event::Tick);
    }

    /// Hands the engine an event, does what it asks for, and sees to the page and the timer.
    fn handle(self: &Rc<Self>, event: Event) {
        let now = self.now();
        self.tell(event, now);
        while let Some(action) = self.next_action() {
            match action {
                Action::Call { id, call } => self.call(id, call),
                Action::Send(send) => {
                    let (attempt, item) = (send.attempt, send.item);
                    match self.send(*send, now) {
                        Ok(()) => {}
                        // One that is gone has another size and date as well.
                        Err(class @ FailureClass::FileChanged) => self.explain(attempt, item, class),
                        Err(class) => self.tell(Event::Failed { attempt, failure: failed(class) }, now),
                    }
                }
                Action::Compare { attempt, item, size, modified } => {
                    self.compare(attempt, item, size, modified);
                }
                Action::Abort { attempt } => self.abort(attempt),
                Action::Discard { url, key, upload, .. } => self.discard(url, &key, upload, now),
                Action::Persist(persist) => self.persist(persist),
                Action::Attach { pairs } => self.files.borrow().attach(&self.brought.take(), pairs),
                Action::Remember(traits) => self.remember(traits),
            }
        }
        self.pace.borrow_mut().change();
        self.settle();
    }

    /// Tells the engine of a failure, when it is known whether the file can still be read.
    fn explain(self: &Rc<Self>, attempt: AttemptId, item: ItemIndex, otherwise: FailureClass) {
        let file = self.files.borrow().get(item);
        let driver = Rc::clone(self);
        spawn_local(async move {
            let class = files::why_unreadable(file).await.unwrap_or(otherwise);
            driver.handle(Event::Failed { attempt, failure: failed(class) });
        });
    }

    fn tell(&self, event: Event, now: Moment) {
        self.engine.borrow_mut().handle(event, now);
    }

    fn next_action(&self) -> Option<Action> {
        self.engine.borrow_mut().next_action()
    }

    fn call(self: &Rc<Self>, id: CallId, call: transfer::engine::Call) {
        let (driver, life) = (Rc::clone(self), self.life.get());
        spawn_local(async move {
            let answer = call::make(call).await;
            if driver.life.get() == life {
                driver.hear_of_thumbnails(&answer);
                driver.handle(Event::Answered { id, answer });
            }
        });
    }

    fn send(self: &Rc<Self>, send: Send, now: Moment) -> Result<(), FailureClass> {
        let file = self.files.borrow().get(send.item).ok_or(FailureClass::FileGone)?;
        files::check_unchanged(&file, send.size, send.modified)?;
        let (attempt, item) = (send.attempt, send.item);
        if let Lane::Form { base, key } = &send.lane {
            let form = {
                let engine = self.engine.borrow();
                let (Some(grant), Some(store), Some(date)) =
                    (engine.grant(), engine.store(), engine.server_time(now))
                else {
                    return Err(FailureClass::Rejected);
                };
                let store = (store, *base);
                let mut requests = self.requests.borrow_mut();
                let what = (key.as_str(), send.media_type.as_str(), send.checksum);
                self.forms.borrow_mut().make(what, grant, store, date, &mut requests)
            };
            let form = form.ok_or(FailureClass::Rejected)?;
            let abort = self.posts.borrow_mut().begin(attempt);
            let driver = Rc::clone(self);
            spawn_local(async move {
                let hashed = |checksum| driver.handle(Event::Hashed { attempt, checksum });
                let what = (send.size, send.checksum);
                let outcome = post::send(&form, &file, what, abort.as_ref(), hashed).await;
                driver.posted(attempt, item, outcome);
            });
            return Ok(());
        }
        match checksum::range(&send) {
            Some(range) => self.read_first(send, file, range),
            None => self.dispatch(send, &file, None, now)?,
        }
        Ok(())
    }

    /// Puts a request on a line; `read` is the checksum of what it carries.
    fn dispatch(
        self: &Rc<Self>,
        send: Send,
        file: &File,
        read: Option<Crc64>,
        now: Moment,
    ) -> Result<(), FailureClass> {
        let (attempt, item) = (send.attempt, send.item);
        let errand = Errand::of(&send.lane);
        let request = {
            let engine = self.engine.borrow();
            let (Some(grant), Some(store), Some(date)) =
                (engine.grant(), engine.store(), engine.server_time(now))
            else {
                return Err(FailureClass::Rejected);
            };
            let checksum = (read, send.checksum);
            self.requests.borrow_mut().make(send.lane, &send.media_type, checksum, grant, store, date)
        };
        let request = request.ok_or(FailureClass::Rejected)?;
        let line = self.free_line().ok_or(FailureClass::Rejected)?;
        line.send(attempt, item, errand, &request, file).map_err(|_| FailureClass::Rejected)
    }

    /// A form has come to an end.
    fn posted(self: &Rc<Self>, attempt: AttemptId, item: ItemIndex, outcome: Result<Outcome, FailureClass>) {
        if !self.posts.borrow_mut().end(attempt) {
            return;
        }
        match outcome {
            Ok(Outcome::Stored { etag }) => {
                self.handle(Event::Sent { attempt, etag });
                self.picture(item);
            }
            Ok(Outcome::Unsupported) => self.handle(Event::Unsupported { attempt }),
            Ok(Outcome::Failed(failure)) => self.handle(Event::Failed { attempt, failure }),
            Ok(Outcome::UploadGone) => {
                self.handle(Event::Failed { attempt, failure: failed(FailureClass::Rejected) });
            }
            Err(class @ FailureClass::Network) => {
                self.handle(Event::Failed { attempt, failure: failed(class) });
            }
            Err(class) => self.explain(attempt, item, class),
        }
    }

    /// Throws an unfinished upload away; nobody waits for it.
    fn discard(self: &Rc<Self>, url: Option<String>, key: &str, upload: String, now: Moment) {
        let request = {
            let engine = self.engine.borrow();
            let (Some(grant), Some(store), Some(date)) =
                (engine.grant(), engine.store(), engine.server_time(now))
            else {
                return;
            };
            self.requests.borrow_mut().discard(url, key, upload, grant, store, date)
        };
        if let Some(request) = request {
            spawn_local(async move { post::forget(&request).await });
        }
    }

    /// A line that carries nothing; made if there is none.
    fn free_line(self: &Rc<Self>) -> Option<Rc<Line>> {
        let free = self.lines.borrow().iter().find(|line| line.is_free()).cloned();
        if free.is_some() {
            return free;
        }
        let line = Line::new(self).ok()?;
        self.lines.borrow_mut().push(Rc::clone(&line));
        Some(line)
    }

    fn abort(&self, attempt: AttemptId) {
        self.posts.borrow_mut().cut(attempt);
        self.reads.borrow_mut().cut(attempt);
        let line = self.lines.borrow().iter().find(|line| line.carries(attempt)).cloned();
        if let Some(line) = line {
            line.cut();
        }
    }

    /// Sees to the page and the timer.
    fn settle(self: &Rc<Self>) {
        let now = self.now();
        if self.pace.borrow().is_due(&self.engine.borrow().phase(), now) {
            self.tell_progress(now);
            let snapshot = self.engine.borrow_mut().snapshot(now);
            if let Some(snapshot) = self.pace.borrow_mut().fresh(snapshot, now) {
                page::post(snapshot);
            }
        }
        self.set_timer(now);
    }

    fn tell_progress(&self, now: Moment) {
        let news: Vec<_> = self.lines.borrow().iter().filter_map(|line| line.news()).collect();
        for (attempt, sent) in news {
            self.tell(Event::Progress { attempt, sent }, now);
        }
    }

    /// Sets the timer to whatever comes first, unless it already goes off by then.
    fn set_timer(&self, now: Moment) {
        let engine = self.engine.borrow().next_wake();
        let busy = self.engine.borrow().totals().sending > 0;
        let page = self.pace.borrow().next(now, busy);
        let Some(wake) = [engine, page].into_iter().flatten().min() else { return };
        if let Some((handle, at)) = self.timer.get() {
            if at <= wake {
                return;
            }
            self.scope.clear_timeout_with_handle(handle);
        }
        let on_timer = self.on_timer.borrow();
        let Some(on_timer) = on_timer.as_ref() else { return };
        // A timer takes no more than 2^31 milliseconds; waking an hour early harms nobody.
        let millis = i32::try_from(wake.since(now).clamp(1, 3_600_000)).unwrap_or(1);
        let callback = on_timer.as_ref().unchecked_ref();
        let set = self.scope.set_timeout_with_callback_and_timeout_and_arguments_0(callback, millis);
        self.timer.set(set.ok().map(|handle| (handle, wake)));
    }
}

/// Any seed will do; 2^53 of them are enough to keep two tabs apart.
fn seed() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}

fn failed(class: FailureClass) -> SendFailure {
    SendFailure { class, retry_after: None }
}

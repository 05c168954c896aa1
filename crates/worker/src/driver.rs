//! The driver: hands the engine what happens, and does what it asks for.
//!
//! Every borrow is short and none spans a call into the browser, because some of these call back at once.

mod files;
mod pace;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use transfer::engine::{Action, AttemptId, CallId, Engine, Event, Moment, Send, SendFailure, Settings};
use transfer::port::{Command, FailureClass};
use transfer::wire::ItemIndex;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Performance};

use crate::clock::Clock;
use crate::line::Line;
use crate::outcome::{Answer, Outcome};
use crate::put::Puts;
use crate::{call, page};

use files::Files;
use pace::Pace;

/// The driver.
#[derive(Debug)]
pub struct Driver {
    scope: DedicatedWorkerGlobalScope,
    performance: Option<Performance>,
    clock: Cell<Clock>,
    engine: RefCell<Engine>,
    files: RefCell<Files>,
    puts: RefCell<Puts>,
    lines: RefCell<Vec<Rc<Line>>>,
    pace: RefCell<Pace>,
    /// The timer's handle, and what it is set to.
    timer: Cell<Option<(i32, Moment)>>,
    on_timer: RefCell<Option<Closure<dyn FnMut()>>>,
}

impl Driver {
    /// Listens to the page for as long as the worker lives, beginning with the messages that came before.
    pub fn start(early: &Array) {
        let Some(scope) = page::scope() else {
            page::complain("the worker's WASM was not started in a worker");
            return;
        };
        let performance = scope.performance();
        let clock = Clock::new(performance.as_ref().map_or(0.0, Performance::now), js_sys::Date::now());
        // Any seed will do; 2^53 of them are enough to keep two tabs apart.
        let seed = (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64;
        let driver = Rc::new(Self {
            scope: scope.clone(),
            performance,
            clock: Cell::new(clock),
            engine: RefCell::new(Engine::new(seed, Settings::default())),
            files: RefCell::default(),
            puts: RefCell::default(),
            lines: RefCell::default(),
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
        let attempt = load.attempt;
        let outcome = (Answer { status, headers: &headers, body: &body }).outcome();
        match outcome {
            outcome if !load.is_whole(&outcome) => {
                self.handle(Event::Failed { attempt, failure: failed(FailureClass::FileChanged) });
            }
            Outcome::Stored { etag } => self.handle(Event::Sent { attempt, etag }),
            // A file that cannot be read looks like a broken connection.
            Outcome::Failed(SendFailure { class: FailureClass::Network, .. }) => {
                self.explain(attempt, load.item, FailureClass::Network);
            }
            Outcome::Failed(failure) => self.handle(Event::Failed { attempt, failure }),
        }
    }

    fn message(self: &Rc<Self>, event: &MessageEvent) {
        let Some(page::Message { command, files }) = page::read(event) else { return };
        let adding = match &command {
            Command::Open { .. } => {
                self.files.borrow_mut().clear();
                self.puts.borrow_mut().forget();
                false
            }
            Command::Add { .. } => true,
            _ => false,
        };
        if adding {
            // Before the engine, which may want to send them at once; as many as it takes.
            self.files.borrow().add(&files);
        }
        self.handle(Event::Command(command));
        if adding {
            let taken = self.engine.borrow().files();
            self.files.borrow().keep(taken);
        }
    }

    fn tick(self: &Rc<Self>) {
        let now = self.now();
        let lines = self.lines.borrow().clone();
        for line in lines.iter().filter(|line| line.stalls_at().is_some_and(|at| at <= now)) {
            if let Some(load) = line.take() {
                line.cut();
                self.tell(
                    Event::Failed { attempt: load.attempt, failure: failed(FailureClass::Stalled) },
                    now,
                );
            }
        }
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
                Action::Abort { attempt } => self.abort(attempt),
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
        let driver = Rc::clone(self);
        spawn_local(async move {
            let answer = call::make(call).await;
            driver.handle(Event::Answered { id, answer });
        });
    }

    fn send(self: &Rc<Self>, send: Send, now: Moment) -> Result<(), FailureClass> {
        let file = self.files.borrow().get(send.item).ok_or(FailureClass::FileGone)?;
        files::check_unchanged(&file, send.size, send.modified)?;
        let put = {
            let engine = self.engine.borrow();
            let (Some(grant), Some(store), Some(date)) =
                (engine.grant(), engine.store(), engine.server_time(now))
            else {
                return Err(FailureClass::Rejected);
            };
            self.puts.borrow_mut().make(send.lane, &send.media_type, grant, store, date)
        };
        let put = put.ok_or(FailureClass::Rejected)?;
        let line = self.free_line().ok_or(FailureClass::Rejected)?;
        line.send(send.attempt, send.item, send.size, &put, &file, now).map_err(|_| FailureClass::Rejected)
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
        let line = self.lines.borrow().iter().find(|line| line.carries(attempt)).cloned();
        if let Some(line) = line {
            line.cut();
        }
    }

    /// Sees to the page and the timer.
    fn settle(self: &Rc<Self>) {
        let now = self.now();
        if self.pace.borrow().is_due(&self.engine.borrow().phase(), now) {
            let news: Vec<_> = self.lines.borrow().iter().filter_map(|line| line.news()).collect();
            for (attempt, sent) in news {
                self.tell(Event::Progress { attempt, sent }, now);
            }
            let snapshot = self.engine.borrow_mut().snapshot(now);
            if let Some(snapshot) = self.pace.borrow_mut().fresh(snapshot, now) {
                page::post(snapshot);
            }
        }
        self.set_timer(now);
    }

    /// Sets the timer to whatever comes first, unless it already goes off by then.
    fn set_timer(&self, now: Moment) {
        let engine = self.engine.borrow().next_wake();
        let stall = self.lines.borrow().iter().filter_map(|line| line.stalls_at()).min();
        let page = self.pace.borrow().next(now, stall.is_some());
        let Some(wake) = [engine, stall, page].into_iter().flatten().min() else { return };
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

fn failed(class: FailureClass) -> SendFailure {
    SendFailure { class, retry_after: None }
}

//! The dedicated worker: commands to it, snapshots from it.
//!
//! Where none can be started (an old browser, a policy of the person's company), the same code runs in the page, behind
//! a port that is spoken to like a worker.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use app::engine::Engine;
use app::history::LeftBatch;
use js_sys::{Array, Object, Reflect};
use leptos::prelude::*;
use transfer::port::{Command, Phase, Recalled, Snapshot};
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

use crate::bridge::{self, engine};
use crate::ffi::now;
use crate::handles;

/// Milliseconds between two changes of the snapshot that the page draws from.
const PACE: f64 = 100.0;

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    /// The snapshot that waits for its turn.
    static NEXT: RefCell<Option<Snapshot>> = const { RefCell::new(None) };
    static LAST_SHOWN: Cell<f64> = const { Cell::new(0.0) };
    static TIMER: Cell<bool> = const { Cell::new(false) };
    /// What was said to the worker as long as it has said nothing: it may never come up.
    static UNHEARD: RefCell<Option<Vec<Object>>> = const { RefCell::new(Some(Vec::new())) };
    /// How often the code was started in the page.
    static IN_PAGE: Cell<u32> = const { Cell::new(0) };
    /// The worker has stopped for good.
    static BROKEN: Cell<bool> = const { Cell::new(false) };
    static STARTED: Cell<f64> = const { Cell::new(0.0) };
}

/// Whether there is a worker.
pub(crate) fn is_up() -> bool {
    WORKER.with_borrow(Option::is_some)
}

/// Starts the worker, if there is none.
pub(crate) fn warm() {
    if is_up() {
        return;
    }
    if IN_PAGE.get() > 0 {
        return start_in_page();
    }
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    match Worker::new_with_options("/worker-start.js", &options) {
        Ok(worker) => listen(worker),
        Err(_) => start_in_page(),
    }
}

/// Runs the worker's code in the page, and tells it what no worker heard.
fn start_in_page() {
    let Some(port) = in_page() else { return broke() };
    listen(port.unchecked_into());
    for message in UNHEARD.take().unwrap_or_default() {
        tell(&message);
    }
}

/// Loads the worker's code into the page; answers its port.
fn in_page() -> Option<MessagePort> {
    let channel = MessageChannel::new().ok()?;
    Reflect::set(&js_sys::global(), &"sluicePort".into(), &channel.port2()).ok()?;
    let document = web_sys::window()?.document()?;
    let script = document.create_element("script").ok()?;
    script.set_attribute("type", "module").ok()?;
    // A module runs once for each address.
    let times = IN_PAGE.replace(IN_PAGE.get() + 1);
    script.set_attribute("src", &format!("/worker-start.js?{times}")).ok()?;
    document.document_element()?.append_child(&script).ok()?;
    Some(channel.port1())
}

/// Hears what the worker, or the port that stands for it, has to say.
fn listen(worker: Worker) {
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        UNHEARD.set(None);
        let data = event.data();
        match data.as_string() {
            Some(text) => {
                if let Ok(snapshot) = serde_json::from_str::<Snapshot>(&text) {
                    hear(snapshot);
                }
            }
            None => recall(&data),
        }
    });
    let failed = Closure::<dyn Fn()>::new(|| {
        // A worker that never spoke was not started: its script was not let in, or not understood.
        if UNHEARD.with_borrow(Option::is_some) && IN_PAGE.get() == 0 {
            start_in_page();
        } else {
            broke();
        }
    });
    worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
    // There is one worker for as long as there is a page.
    heard.forget();
    failed.forget();
    WORKER.set(Some(worker));
}

/// Passes a command on, with the `File` objects that belong to it, and handles to be kept for another visit.
pub(crate) fn send(command: &Command, files: Option<&Array>, handles: &Array) {
    warm();
    let Ok(json) = serde_json::to_string(command) else { return };
    let message = Object::new();
    let set = |key: &str, value: &JsValue| Reflect::set(&message, &key.into(), value).is_ok();
    let mut whole = set("json", &json.into());
    if let Some(files) = files {
        whole &= set("files", files);
    }
    if handles.length() > 0 {
        whole &= set("handles", handles);
    }
    if let (Command::Open { .. }, Some(engine)) = (command, engine()) {
        let project = engine.project.with_untracked(|project| project.as_ref().map(|it| it.id.to_string()));
        whole &= set("person", &engine.person.get_untracked().into());
        whole &= set("project", &project.into());
    }
    UNHEARD.with_borrow_mut(|unheard| unheard.iter_mut().for_each(|all| all.push(message.clone())));
    if !whole || !tell(&message) {
        broke();
    }
}

/// Has the worker go on with a batch that was begun elsewhere.
pub(crate) fn adopt(left: &LeftBatch) {
    warm();
    let Some(engine) = engine() else { return };
    let Ok(json) = serde_json::to_string(&Command::Adopt) else { return };
    let message = Object::new();
    let set = |key: &str, value: JsValue| Reflect::set(&message, &key.into(), &value).is_ok();
    let whole = set("json", json.into())
        && set("log", left.log.as_str().into())
        && set("person", engine.person.get_untracked().into())
        && set("project", left.project.as_str().into());
    UNHEARD.with_borrow_mut(|unheard| unheard.iter_mut().for_each(|all| all.push(message.clone())));
    if !whole || !tell(&message) {
        broke();
    }
}

fn tell(message: &Object) -> bool {
    WORKER.with_borrow(|worker| worker.as_ref().is_some_and(|it| it.post_message(message).is_ok()))
}

/// A batch begins now; with a new worker, if the one before has stopped for good.
pub(crate) fn begins() {
    if BROKEN.replace(false)
        && let Some(worker) = WORKER.take()
    {
        worker.set_onmessage(None);
        worker.set_onerror(None);
        match worker.dyn_ref::<MessagePort>() {
            Some(port) => port.close(),
            None => worker.terminate(),
        }
    }
    STARTED.set(now());
    NEXT.set(None);
}

/// Takes some files of a batch of an earlier visit.
fn recall(data: &JsValue) {
    let get = |key: &str| Reflect::get(data, &key.into()).ok();
    let Some(recalled) = get("recalled")
        .and_then(|text| text.as_string())
        .and_then(|text| serde_json::from_str::<Recalled>(&text).ok())
    else {
        return;
    };
    let Some(engine) = engine() else { return };
    if engine.batch.with_untracked(Option::is_none) {
        begins();
    }
    let last = recalled.last;
    if !engine.recalled(recalled) {
        return;
    }
    bridge::recall(engine.handed.get_untracked());
    if last && let Some(handles) = get("handles").and_then(|handles| handles.dyn_into::<Array>().ok()) {
        handles::recall(handles);
    }
}

/// Takes a snapshot; the page gets the latest one, ten times a second at most, whatever the worker sends.
fn hear(snapshot: Snapshot) {
    NEXT.set(Some(snapshot));
    let wait = LAST_SHOWN.get() + PACE - now();
    if wait <= 0.0 {
        show();
    } else if !TIMER.replace(true) {
        set_timeout(
            || {
                TIMER.set(false);
                show();
            },
            Duration::from_millis(wait as u64 + 1),
        );
    }
}

fn show() {
    let (Some(snapshot), Some(engine)) = (NEXT.take(), engine()) else { return };
    LAST_SHOWN.set(now());
    if is_stale(engine, &snapshot) {
        return;
    }
    let broken = matches!(snapshot.phase, Phase::Broken { .. });
    if broken {
        BROKEN.set(true);
    }
    let over = broken || matches!(snapshot.phase, Phase::Done { .. });
    match (over, engine.elapsed.get_untracked()) {
        (true, None) => engine.elapsed.set(Some(((now() - STARTED.get()) / 1_000.0).ceil() as u32)),
        // Something is tried again.
        (false, Some(_)) => engine.elapsed.set(None),
        _ => {}
    }
    engine.snapshot.set(snapshot);
}

/// Whether it tells of a batch before this one, or of this one before the last files were added.
fn is_stale(engine: Engine, snapshot: &Snapshot) -> bool {
    if matches!(snapshot.phase, Phase::Broken { .. }) {
        return false;
    }
    let handed = engine.handed.get_untracked();
    let none = engine.batch.with_untracked(Option::is_none);
    none || (matches!(snapshot.phase, Phase::Done { .. }) && snapshot.totals.files < handed)
}

/// The worker is lost: what it would have sent stays here.
fn broke() {
    BROKEN.set(true);
    if let Some(engine) = engine() {
        engine.broke();
    }
}

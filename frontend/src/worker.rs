//! The dedicated worker: commands to it, snapshots from it.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use app::engine::Engine;
use js_sys::{Array, Object, Reflect};
use leptos::prelude::*;
use transfer::port::{Command, Phase, Recalled, Snapshot};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

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
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options("/worker-start.js", &options) else {
        return broke();
    };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
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
    let failed = Closure::<dyn Fn()>::new(broke);
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
    let sent =
        WORKER.with_borrow(|worker| worker.as_ref().is_some_and(|it| it.post_message(&message).is_ok()));
    if !whole || !sent {
        broke();
    }
}

/// A batch begins now; with a new worker, if the one before has stopped for good.
pub(crate) fn begins() {
    if BROKEN.replace(false)
        && let Some(worker) = WORKER.take()
    {
        worker.set_onmessage(None);
        worker.set_onerror(None);
        worker.terminate();
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

/// Takes a snapshot; the page gets the latest one, ten times a second at most.
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

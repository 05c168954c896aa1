//! The page: what it posts, and what is posted to it.

use std::cell::RefCell;

use js_sys::{Array, JsString, Object, Reflect};
use transfer::port::{Command, Phase, Recalled, Snapshot};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::json;
use crate::log::Owner;

thread_local! {
    static SCOPE: RefCell<Option<DedicatedWorkerGlobalScope>> = const { RefCell::new(None) };
}

/// A message of the page.
#[derive(Debug)]
pub struct Message {
    /// What the person wants.
    pub command: Command,
    /// The files of an `Add` or a `Bring`, in its order.
    pub files: Array,
    /// Handles of what was dropped, which the browser lets a page keep.
    pub handles: Array,
    /// Whose batch an `Open` begins, or an `Adopt` goes on with.
    pub owner: Owner,
    /// The log of an `Adopt`. Beside the JSON, so that its keys stay as they are, byte for byte.
    pub log: String,
}

/// Reads a message; what cannot be read is noted in the console and left.
#[must_use]
pub fn read(event: &MessageEvent) -> Option<Message> {
    let data = event.data();
    let json: JsString = Reflect::get(&data, &JsValue::from_str("json")).ok()?.dyn_into().ok()?;
    // macOS hands out names in parts (NFD), others whole (NFC): the same name must make the same key. JSON's own
    // characters compose with nothing.
    let json = json.normalize("NFC").as_string()?;
    let Some(command) = json::read(&json, json::command) else {
        complain("the page sent a command that cannot be read");
        return None;
    };
    let get = |key: &str| Reflect::get(&data, &JsValue::from_str(key)).ok();
    let array = |key: &str| get(key).and_then(|value| value.dyn_into().ok()).unwrap_or_default();
    let text = |key: &str| get(key).and_then(|value| value.as_string()).unwrap_or_default();
    let owner = Owner { person: text("person"), project: text("project") };
    Some(Message { command, files: array("files"), handles: array("handles"), owner, log: text("log") })
}

/// Posts some files of a batch of an earlier visit, and what was dropped then.
pub fn post_recalled(recalled: &Recalled, handles: &Array) {
    let Some(scope) = scope() else { return };
    let message = Object::new();
    let _ = Reflect::set(&message, &"recalled".into(), &json::recalled(recalled).into());
    let _ = Reflect::set(&message, &"handles".into(), handles);
    let _ = scope.post_message(&message);
}

/// Posts a snapshot.
pub fn post(snapshot: &Snapshot) {
    let Some(scope) = scope() else { return };
    // Fails only for what cannot be cloned, and a string can.
    let _ = scope.post_message(&JsValue::from_str(&json::snapshot(snapshot)));
}

/// Tells the page when the worker panics: nothing more will come from it.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        complain(&info.to_string());
        let message =
            "Something went wrong in this page, and sending stopped. Files that are stored are safe; \
                       reload the page to send the others."
                .to_owned();
        post(&Snapshot { phase: Phase::Broken { message }, ..Snapshot::default() });
    }));
}

/// Notes a defect in the console.
pub fn complain(what: &str) {
    web_sys::console::error_1(&JsValue::from_str(what));
}

/// From now on this is where messages and requests go.
pub fn enter(scope: DedicatedWorkerGlobalScope) {
    SCOPE.set(Some(scope));
}

/// The worker's global scope, or what stands in for it in a page; none before [`enter`].
#[must_use]
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    SCOPE.with_borrow(Clone::clone)
}

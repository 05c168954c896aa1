//! The page: what it posts, and what is posted to it.

use js_sys::{Array, Reflect};
use transfer::port::{Command, Phase, Snapshot};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

/// A message of the page.
#[derive(Debug)]
pub struct Message {
    /// What the person wants.
    pub command: Command,
    /// The files of an `Add`, in its order; none where the page sent something else.
    pub files: Vec<Option<File>>,
}

/// Reads a message; what cannot be read is noted in the console and left.
#[must_use]
pub fn read(event: &MessageEvent) -> Option<Message> {
    let data = event.data();
    let json = Reflect::get(&data, &JsValue::from_str("json")).ok()?.as_string()?;
    let command = match serde_json::from_str(&json) {
        Ok(command) => command,
        Err(error) => {
            complain(&format!("the page sent a command that cannot be read: {error}"));
            return None;
        }
    };
    let files = Reflect::get(&data, &JsValue::from_str("files")).unwrap_or(JsValue::UNDEFINED);
    let files = files
        .dyn_ref::<Array>()
        .map_or_else(Vec::new, |files| files.iter().map(|file| file.dyn_into::<File>().ok()).collect());
    Some(Message { command, files })
}

/// Posts a snapshot.
pub fn post(snapshot: &Snapshot) {
    let Some(scope) = scope() else { return };
    match serde_json::to_string(snapshot) {
        Ok(json) => {
            // Fails only for what cannot be cloned, and a string can.
            let _ = scope.post_message(&JsValue::from_str(&json));
        }
        Err(error) => complain(&format!("a snapshot cannot be written: {error}")),
    }
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

/// The worker's global scope; none on the page, where this crate has no business.
#[must_use]
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

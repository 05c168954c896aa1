//! The WASM of the dedicated worker: drives the engine, sends the bytes. No Leptos: small, loaded after the page.
//!
//! - [`driver`]: the engine, what it asks for, its timer, and the snapshots that go to the page.
//! - [`call`]: calls to the server's functions.
//! - [`line`]: one `XMLHttpRequest` that sends one file, or part of one, after the other.
//! - [`post`]: a form, sent by `fetch` and without a preflight.
//! - [`thumbnail`]: a small picture of what was sent.
//! - [`log`], [`database`]: what another visit must know, kept by the browser; [`lock`]: which tab sends a batch.
//! - [`checksum`]: reads what is to be sent, for its checksum.
//! - [`json`]: what goes in and out, as text.
//! - [`request`], [`form`], [`multipart`], [`outcome`], [`clock`]: what is pure, and tested natively: the signed
//!   request, the form, the texts of an upload in parts, the class of an answer, time that only goes forwards.
//!
//! The page posts `{ json, files?, handles?, person?, project? }`, where `json` is a
//! [`Command`](transfer::port::Command); the worker posts strings, each the JSON of a
//! [`Snapshot`](transfer::port::Snapshot), and before those of a batch of an earlier visit `{ recalled, handles }`,
//! where `recalled` is a [`Recalled`](transfer::port::Recalled).

pub mod call;
pub mod checksum;
pub mod clock;
pub mod database;
pub mod driver;
pub mod json;
pub mod line;
pub mod lock;
pub mod log;
pub mod page;
pub mod post;
pub mod thumbnail;

pub use lane::{form, multipart, outcome, request};

use wasm_bindgen::prelude::wasm_bindgen;

/// Begins to listen to the page.
///
/// `scope` is the worker's own, or what stands in for it where no worker can be started and this runs in the page;
/// `early` are the `message` events that came before the WASM was ready.
#[wasm_bindgen]
pub fn start(scope: web_sys::DedicatedWorkerGlobalScope, early: &js_sys::Array) {
    page::enter(scope);
    page::report_panics();
    driver::Driver::start(early);
}

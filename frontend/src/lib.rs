//! The WASM entry of the page: hydration, and what only a browser can do for the application.
//!
//! - `bridge`: the application's port, and the state behind it.
//! - `worker`: the dedicated worker, commands to it and snapshots from it.
//! - `preconnect`: connections to the store before there is anything to send.
//! - `gather`, `entries`: files from pickers, drops and the clipboard.
//! - `handles`: what was dropped on an earlier visit.
//! - `thumbnail`: pictures for the rows in view.
//! - `leaving`, `awake`: the question before leaving, and a screen that stays on while something is sent.
//! - `save`, `pause`: files for the person, and room for the browser to breathe.

mod awake;
mod bridge;
mod entries;
mod ffi;
mod gather;
mod handles;
mod leaving;
mod pause;
mod preconnect;
mod save;
mod thumbnail;
mod worker;

use app::app::App;
use app::engine::Port;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Makes the page that the server rendered come alive.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(|| {
        provide_context::<&'static dyn Port>(&bridge::Bridge);
        App()
    });
}

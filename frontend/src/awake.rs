//! Keeps the screen on while photographs are being sent: a phone that goes to sleep stops sending.

use std::cell::RefCell;

use app::engine::Engine;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use transfer::port::Phase;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "wakeLock"], js_name = request)]
    fn request(kind: &str) -> Result<Promise, JsValue>;
}

thread_local! {
    /// The browser's word that it stays awake.
    static WORD: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

/// Stays awake whenever something is on its way. The browser takes its word back when the page is hidden, so it is
/// asked again when the page is seen.
pub(crate) fn while_sending(engine: Engine) {
    let sending = Memo::new(move |_| {
        engine.snapshot.with(|snapshot| matches!(snapshot.phase, Phase::Sending | Phase::Verifying))
            && engine.batch.with(Option::is_some)
    });
    Effect::new(move || if sending.get() { stay() } else { rest() });
    let seen = window_event_listener_untyped("visibilitychange", move |_| {
        if sending.get_untracked() && document().visibility_state() == web_sys::VisibilityState::Visible {
            stay();
        }
    });
    on_cleanup(move || seen.remove());
}

/// Does nothing in a browser that cannot, or over plain HTTP.
fn stay() {
    let Ok(asked) = request("screen") else { return };
    spawn_local(async move {
        if let Ok(word) = JsFuture::from(asked).await {
            rest();
            WORD.set(Some(word));
        }
    });
}

fn rest() {
    if let Some(word) = WORD.take()
        && let Ok(release) = Reflect::get(&word, &"release".into())
        && let Ok(release) = release.dyn_into::<Function>()
    {
        let _ = release.call0(&word);
    }
}

//! Asks before the page is left while something is being sent.

use app::engine::Engine;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::BeforeUnloadEvent;

/// Listens only while it matters: a page that listens cannot be kept for the back button.
pub(crate) fn ask_while_busy(engine: Engine) {
    let ask = Closure::<dyn Fn(BeforeUnloadEvent)>::new(|event: BeforeUnloadEvent| {
        event.prevent_default();
        // Older browsers ask only if this is set; none shows the text.
        event.set_return_value("…");
    });
    let listener: js_sys::Function = ask.into_js_value().unchecked_into();
    let listener = StoredValue::new_local(listener);
    let busy = Memo::new(move |_| engine.is_busy());
    Effect::new(move || {
        let busy = busy.get();
        listener.with_value(|listener| {
            let window = window();
            let _ = if busy {
                window.add_event_listener_with_callback("beforeunload", listener)
            } else {
                window.remove_event_listener_with_callback("beforeunload", listener)
            };
        });
    });
}

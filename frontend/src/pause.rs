//! Room for the browser: long work is cut into slices that no person notices.

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

use crate::ffi::now;

/// Milliseconds of a slice. A task is long from 50 ms on (W3C Long Tasks); what a slice ends with, such as a message
/// with its files, comes on top, and the machine may be four times slower than the one this was tried on.
const SLICE: f64 = 8.0;

/// Measures a slice of work.
pub(crate) struct Slice {
    ends: f64,
}

impl Slice {
    pub(crate) fn begin() -> Self {
        Self { ends: now() + SLICE }
    }

    /// Lets the browser draw and answer, if the slice is used up.
    pub(crate) async fn breathe(&mut self) {
        if now() >= self.ends {
            sleep(0).await;
            *self = Self::begin();
        }
    }
}

/// Waits so many milliseconds.
pub(crate) async fn sleep(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    });
    let _ = JsFuture::from(promise).await;
}

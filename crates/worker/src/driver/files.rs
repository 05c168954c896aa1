//! The files, by reference: nothing is read but what is sent.

use js_sys::{Array, Reflect};
use transfer::port::FailureClass;
use transfer::wire::{ItemIndex, UnixMillis};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// The files of the batch, in the order of their indexes. In a JS array: each that WASM holds by itself takes a place
/// in a table that only grows.
#[derive(Debug, Default)]
pub(super) struct Files(Array);

impl Files {
    pub(super) fn clear(&mut self) {
        self.0 = Array::new();
    }

    pub(super) fn add(&self, files: &Array) {
        for at in 0..files.length() {
            self.0.push(&files.get(at));
        }
    }

    /// Puts files that were brought where their items are.
    pub(super) fn attach(&self, brought: &Array, pairs: Vec<(u32, ItemIndex)>) {
        for (at, item) in pairs {
            self.0.set(item.0, brought.get(at));
        }
    }

    /// Makes the list as long as the engine's, whatever the page sent.
    pub(super) fn keep(&self, count: u32) {
        self.0.set_length(count);
    }

    /// The file, if the page sent one for that item.
    pub(super) fn get(&self, item: ItemIndex) -> Option<File> {
        self.0.get(item.0).dyn_into().ok()
    }
}

/// Whether a file still is what was announced.
pub(super) fn check_unchanged(file: &File, size: u64, modified: UnixMillis) -> Result<(), FailureClass> {
    // Both are whole numbers below 2^53.
    let same = file.size() as u64 == size && file.last_modified().max(0.0) as u64 == modified.0;
    if same { Ok(()) } else { Err(FailureClass::FileChanged) }
}

/// Why a file cannot be read, if it cannot: a request with such a body fails like a broken connection.
pub(super) async fn why_unreadable(file: Option<File>) -> Option<FailureClass> {
    let Some(file) = file else { return Some(FailureClass::FileGone) };
    let probe = file.slice_with_i32_and_i32(0, 1).ok()?;
    let error = JsFuture::from(probe.array_buffer()).await.err()?;
    let name = Reflect::get(&error, &JsValue::from_str("name")).ok().and_then(|name| name.as_string());
    Some(match name.as_deref() {
        Some("NotFoundError") => FailureClass::FileGone,
        // What Chromium says of a file that was written to since it was picked.
        _ => FailureClass::FileChanged,
    })
}

//! What `web-sys` lacks.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the page began, which no change of the clock disturbs.
    #[wasm_bindgen(js_namespace = performance)]
    pub(crate) fn now() -> f64;

    /// A `File` with the path below the folder that was picked, which is not in any standard.
    #[wasm_bindgen(extends = web_sys::File, js_name = File)]
    pub(crate) type PickedFile;

    #[wasm_bindgen(method, getter, js_name = webkitRelativePath)]
    pub(crate) fn webkit_relative_path(this: &PickedFile) -> Option<String>;
}

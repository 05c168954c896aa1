//! Locks between tabs: a batch is sent by one of them, and another finds that out without asking a server.
//!
//! The browser keeps them (Web Locks) and lets go of them when the tab ends, however it ends.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, options: &Object, granted: &JsValue) -> Result<JsValue, JsValue>;
}

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Lock(Option<Function>);

impl Lock {
    /// Takes the lock; none if another tab has it. A browser without locks, or a page that came over plain HTTP, gets
    /// one that holds nobody up.
    pub async fn take(name: &str) -> Option<Self> {
        let let_go = Rc::new(RefCell::new(None));
        let held = Promise::new(&mut |resolve, _| *let_go.borrow_mut() = Some(resolve));
        let answer = Promise::new(&mut |answer, _| {
            let (tell, held) = (answer.clone(), held.clone());
            let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
                let got = !lock.is_null();
                let _ = tell.call1(&JsValue::UNDEFINED, &got.into());
                if got { held.into() } else { JsValue::UNDEFINED }
            });
            let options = Object::new();
            let _ = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
            if request(name, &options, &granted).is_err() {
                let _ = answer.call1(&JsValue::UNDEFINED, &JsValue::TRUE);
            }
        });
        let got = JsFuture::from(answer).await.is_ok_and(|got| got.is_truthy());
        got.then(|| Self(let_go.take()))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(let_go) = self.0.take() {
            let _ = let_go.call0(&JsValue::UNDEFINED);
        }
    }
}

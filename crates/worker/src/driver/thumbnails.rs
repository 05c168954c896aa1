//! Thumbnails of what is stored, for galleries: made and sent beside the engine, which knows nothing of them.
//!
//! Nothing waits for a thumbnail, and none is tried twice: while files are sent, one at a time and with rests between
//! them, because decoding takes the processor; a few at a time when that is over.
//! They lie below the batch's prefix and go by the same grant, as forms. A grant that signs no forms gets none, and a
//! store or a policy that refuses some in a row is not asked again.

use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Promise;
use transfer::engine::ChecksumUse;
use transfer::wire::{BatchId, ItemIndex, OpenedBatch, thumbnail};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope};

use super::Driver;
use crate::outcome::Outcome;
use crate::{call, post};

/// At a time when nothing else is sent. More would only wait for the processor.
const AT_ONCE: u32 = 3;

/// While files are sent, a rest after each as many times as long as it took: a fifth of one core at most.
const REST: u32 = 4;

/// Refusals in a row after which the rest is left.
const PATIENCE: u32 = 4;

/// The thumbnails of a batch.
#[derive(Debug, Default)]
pub(super) struct Thumbnails {
    /// The batch and its prefix; none if nobody wants thumbnails of it.
    batch: Option<(BatchId, String)>,
    waiting: VecDeque<ItemIndex>,
    running: u32,
    refused: u32,
    /// Whether the server knows that there are some.
    told: bool,
}

impl Thumbnails {
    /// Of a new batch.
    pub(super) fn begin(&mut self, opened: &OpenedBatch) {
        let wanted = opened.thumbnails && crate::thumbnail::is_possible();
        let batch = wanted.then(|| (opened.batch.clone(), opened.prefix.clone()));
        *self = Self { batch, running: self.running, ..Self::default() };
    }

    /// Of none.
    pub(super) fn forget(&mut self) {
        *self = Self { running: self.running, ..Self::default() };
    }

    fn next(&mut self, at_once: u32) -> Option<(ItemIndex, BatchId, String)> {
        if self.running >= at_once || self.refused >= PATIENCE {
            return None;
        }
        let (batch, prefix) = self.batch.clone()?;
        let item = self.waiting.pop_front()?;
        self.running += 1;
        Some((item, batch, thumbnail::key(&prefix, item)))
    }
}

impl Driver {
    /// A file is in the store.
    pub(super) fn picture(self: &Rc<Self>, item: ItemIndex) {
        {
            let mut thumbnails = self.thumbnails.borrow_mut();
            if thumbnails.batch.is_none() {
                return;
            }
            thumbnails.waiting.push_back(item);
        }
        self.make_thumbnails();
    }

    fn make_thumbnails(self: &Rc<Self>) {
        let at_once = if self.engine.borrow().totals().sending > 0 { 1 } else { AT_ONCE };
        loop {
            let next = self.thumbnails.borrow_mut().next(at_once);
            let Some((item, batch, key)) = next else { return };
            let driver = Rc::clone(self);
            spawn_local(async move {
                let begun = driver.now();
                let sent = driver.thumbnail(item, &key).await;
                if driver.engine.borrow().totals().sending > 0 {
                    let took = driver.now().since(begun).min(10_000) as u32;
                    pause(&driver.scope, took * REST).await;
                }
                driver.thumbnail_ended(sent, batch);
                driver.make_thumbnails();
            });
        }
    }

    /// Makes and sends one; whether it is stored, or none if there was nothing to send.
    async fn thumbnail(&self, item: ItemIndex, key: &str) -> Option<bool> {
        let file = self.files.borrow().get(item)?;
        if !thumbnail::is_wanted(&file.type_(), file.size() as u64) {
            return None;
        }
        let made: Blob = crate::thumbnail::make(&file).await?;
        let form = {
            let engine = self.engine.borrow();
            let (grant, store) = (engine.grant()?, engine.store()?);
            let date = engine.server_time(self.now())?;
            let media_type = made.type_();
            let what = (key, media_type.as_str(), ChecksumUse::Reported);
            let mut requests = self.requests.borrow_mut();
            self.forms.borrow_mut().make(what, grant, (store, 0), date, &mut requests)
        };
        let Some(form) = form else { return Some(false) };
        Some(matches!(post::send_blob(&form, &made).await, Ok(Outcome::Stored { .. })))
    }

    fn thumbnail_ended(self: &Rc<Self>, sent: Option<bool>, of: BatchId) {
        let mut thumbnails = self.thumbnails.borrow_mut();
        thumbnails.running = thumbnails.running.saturating_sub(1);
        // Another batch may have begun meanwhile.
        if thumbnails.batch.as_ref().is_none_or(|(batch, _)| *batch != of) {
            return;
        }
        match sent {
            Some(true) => {
                thumbnails.refused = 0;
                if !std::mem::replace(&mut thumbnails.told, true) {
                    spawn_local(async move { call::has_thumbnails(&of).await });
                }
            }
            Some(false) => thumbnails.refused += 1,
            None => {}
        }
    }
}

/// Waits for so many milliseconds.
async fn pause(scope: &DedicatedWorkerGlobalScope, millis: u32) {
    let millis = i32::try_from(millis).unwrap_or(i32::MAX);
    let timer = Promise::new(&mut |resolve, _| {
        // Without a timer there is no rest.
        if scope.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis).is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    let _ = JsFuture::from(timer).await;
}

//! Thumbnails of what is stored, for galleries: made and sent beside the engine, which knows nothing of them.
//!
//! Nothing waits for a thumbnail, and none is tried twice: while files are sent, one at a time and with rests between
//! them, because decoding takes the processor; a few at a time when that is over.
//! They lie below the batch's prefix and go by the same grant: as forms, or by PUT where the store has shown that it
//! takes none. Presigned URLs are asked for by the page, because each costs the server a signature and the link a round
//! trip. A store or a policy that refuses some in a row is not asked again under that grant.

mod signed;

use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Promise;
use transfer::engine::{Answer, CallFailure, ChecksumUse, Lane, Support};
use transfer::wire::{BatchId, GrantKind, ItemIndex, thumbnail};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope};

use super::Driver;
use crate::form::Form;
use crate::outcome::Outcome;
use crate::request::Request;
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
    /// Those that wait for URLs.
    unsigned: signed::Unsigned,
}

/// How a thumbnail travels.
enum Way {
    Form(Form),
    Put(Request),
}

impl Thumbnails {
    /// Of that batch, if they are wanted; what is known of it stays.
    pub(super) fn begin(&mut self, wanted: bool, batch: &BatchId, prefix: &str) {
        self.refused = 0;
        if self.batch.as_ref().is_some_and(|(known, _)| wanted && known == batch) {
            return;
        }
        let wanted = wanted && crate::thumbnail::is_possible();
        let batch = wanted.then(|| (batch.clone(), prefix.to_owned()));
        *self = Self { batch, running: self.running, ..Self::default() };
    }

    /// Of none.
    pub(super) fn forget(&mut self) {
        *self = Self { running: self.running, ..Self::default() };
    }

    fn is_of(&self, batch: &BatchId) -> bool {
        self.batch.as_ref().is_some_and(|(known, _)| known == batch)
    }

    fn next(&mut self, at_once: u32) -> Option<(ItemIndex, BatchId)> {
        if self.running >= at_once || self.refused >= PATIENCE {
            return None;
        }
        let (batch, _) = self.batch.clone()?;
        let item = self.waiting.pop_front()?;
        self.running += 1;
        Some((item, batch))
    }

    fn end(&mut self) {
        self.running = self.running.saturating_sub(1);
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

    /// The server says with each grant whether thumbnails are wanted: that is how one hears of it who goes on with a
    /// batch of an earlier visit.
    pub(super) fn hear_of_thumbnails(&self, answer: &Result<Answer, CallFailure>) {
        let Ok(Answer::RenewGrant(renewed)) = answer else { return };
        let engine = self.engine.borrow();
        if let Some(batch) = engine.batch() {
            self.thumbnails.borrow_mut().begin(renewed.thumbnails, batch, engine.prefix());
        }
    }

    fn make_thumbnails(self: &Rc<Self>) {
        let at_once = if self.is_sending() { 1 } else { AT_ONCE };
        loop {
            let next = self.thumbnails.borrow_mut().next(at_once);
            let Some((item, batch)) = next else { return };
            let driver = Rc::clone(self);
            spawn_local(async move {
                let begun = driver.now();
                if let Some(made) = driver.thumbnail(item).await {
                    driver.bring(item, made, &batch).await;
                }
                if driver.is_sending() {
                    let took = driver.now().since(begun).min(10_000) as u32;
                    pause(&driver.scope, took * REST).await;
                }
                driver.thumbnails.borrow_mut().end();
                driver.make_thumbnails();
                driver.sign_thumbnails();
            });
        }
    }

    fn is_sending(&self) -> bool {
        self.engine.borrow().totals().sending > 0
    }

    /// Makes one; none if nobody needs it, or the browser cannot.
    async fn thumbnail(&self, item: ItemIndex) -> Option<Blob> {
        let file = self.files.borrow().get(item)?;
        let wanted = thumbnail::is_wanted(&file.type_(), file.size() as u64);
        if wanted { crate::thumbnail::make(&file).await } else { None }
    }

    /// Sends one, or puts it with those that wait for URLs.
    async fn bring(self: &Rc<Self>, item: ItemIndex, made: Blob, batch: &BatchId) {
        let by_url = self.engine.borrow().grant().is_some_and(|grant| grant.kind() == GrantKind::SignedUrls);
        if by_url {
            let mut thumbnails = self.thumbnails.borrow_mut();
            if thumbnails.is_of(batch) {
                thumbnails.unsigned.push(item, made);
            }
            return;
        }
        let way = self.way(item, &made.type_(), batch);
        let sent = match way {
            Some(Way::Form(form)) => post::send_blob(&form, &made).await,
            Some(Way::Put(request)) => post::put_blob(&request, &made).await,
            None => return self.brought(false, batch),
        };
        self.brought(matches!(sent, Ok(Outcome::Stored { .. })), batch);
    }

    fn way(&self, item: ItemIndex, media_type: &str, batch: &BatchId) -> Option<Way> {
        let engine = self.engine.borrow();
        let (grant, store) = (engine.grant()?, engine.store()?);
        let date = engine.server_time(self.now())?;
        let key = {
            let thumbnails = self.thumbnails.borrow();
            let (_, prefix) = thumbnails.batch.as_ref().filter(|(known, _)| known == batch)?;
            thumbnail::key(prefix, item)
        };
        let mut requests = self.requests.borrow_mut();
        if grant.kind() == GrantKind::Credentials && engine.traits().forms == Support::No {
            let (lane, checksum) = (Lane::Put { base: 0, key }, (None, ChecksumUse::Reported));
            return requests.make(lane, media_type, checksum, grant, store, date).map(Way::Put);
        }
        let what = (key.as_str(), media_type, ChecksumUse::Reported);
        self.forms.borrow_mut().make(what, grant, (store, 0), date, &mut requests).map(Way::Form)
    }

    /// One was sent, and is stored or not.
    fn brought(&self, stored: bool, batch: &BatchId) {
        let mut thumbnails = self.thumbnails.borrow_mut();
        // Another batch may have begun meanwhile.
        if !thumbnails.is_of(batch) {
            return;
        }
        if !stored {
            thumbnails.refused += 1;
            return;
        }
        thumbnails.refused = 0;
        if !std::mem::replace(&mut thumbnails.told, true) {
            let batch = batch.clone();
            spawn_local(async move { call::has_thumbnails(&batch).await });
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

//! Thumbnails under presigned URLs: some are gathered, and asked for in one request.

use std::rc::Rc;

use js_sys::{Array, Promise};
use transfer::wire::thumbnail::{Format, NewThumbnail};
use transfer::wire::{BatchId, ItemIndex, SignedUrl};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::Blob;

use super::{AT_ONCE, Driver, PATIENCE, Thumbnails, pause};
use crate::outcome::Outcome;
use crate::request::{Body, Request};
use crate::{call, post};

/// In one request; some 15 kB each, which are kept in memory until then.
const PAGE: usize = 100;

/// While files are sent, fewer wait for others that many milliseconds.
const GATHERING: u32 = 10_000;

/// Those that have no URL yet.
#[derive(Debug, Default)]
pub(super) struct Unsigned {
    made: Vec<(ItemIndex, Blob)>,
    /// Whether somebody sees to them.
    busy: bool,
}

impl Unsigned {
    pub(super) fn push(&mut self, item: ItemIndex, made: Blob) {
        self.made.push((item, made));
    }
}

impl Thumbnails {
    /// The batch whose thumbnails are to be seen to now.
    fn due(&mut self) -> Option<BatchId> {
        let (batch, _) = self.batch.as_ref()?;
        let last = self.waiting.is_empty() && self.running == 0 && !self.unsigned.made.is_empty();
        let due = !self.unsigned.busy && (last || self.unsigned.made.len() >= PAGE);
        self.unsigned.busy |= due;
        due.then(|| batch.clone())
    }

    fn page(&mut self, batch: &BatchId) -> Option<Vec<(ItemIndex, Blob)>> {
        if !self.is_of(batch) {
            return None;
        }
        let made = &mut self.unsigned.made;
        if made.is_empty() || self.refused >= PATIENCE {
            made.clear();
            self.unsigned.busy = false;
            return None;
        }
        Some(made.drain(..made.len().min(PAGE)).collect())
    }
}

impl Driver {
    /// Sends those that wait for URLs, if they are enough or the last.
    pub(super) fn sign_thumbnails(self: &Rc<Self>) {
        let Some(batch) = self.thumbnails.borrow_mut().due() else { return };
        let driver = Rc::clone(self);
        spawn_local(async move {
            if driver.is_sending() && driver.thumbnails.borrow().unsigned.made.len() < PAGE {
                pause(&driver.scope, GATHERING).await;
            }
            loop {
                let page = driver.thumbnails.borrow_mut().page(&batch);
                let Some(page) = page else { return };
                driver.send_thumbnails(page, &batch).await;
            }
        });
    }

    async fn send_thumbnails(self: &Rc<Self>, page: Vec<(ItemIndex, Blob)>, batch: &BatchId) {
        let wanted: Vec<NewThumbnail> = page
            .iter()
            .filter_map(|(index, made)| {
                let format = Format::of(&made.type_())?;
                Some(NewThumbnail { index: *index, size: made.size() as u64, format })
            })
            .collect();
        let Some(signed) = call::sign_thumbnails(batch, wanted).await else {
            return self.brought(false, batch);
        };
        for urls in signed.chunks(AT_ONCE as usize) {
            let sent: Array = urls
                .iter()
                .filter_map(|url| {
                    let (_, made) = page.iter().find(|(index, _)| *index == url.index)?;
                    Some(self.put_thumbnail(url.clone(), made.clone(), batch.clone()))
                })
                .collect();
            let _ = JsFuture::from(Promise::all(&sent)).await;
        }
    }

    fn put_thumbnail(self: &Rc<Self>, url: SignedUrl, made: Blob, batch: BatchId) -> Promise {
        let driver = Rc::clone(self);
        future_to_promise(async move {
            let SignedUrl { url, headers, .. } = url;
            let request = Request { method: "PUT", url, headers, body: Body::File };
            let sent = post::put_blob(&request, &made).await;
            driver.brought(matches!(sent, Ok(Outcome::Stored { .. })), &batch);
            Ok(JsValue::UNDEFINED)
        })
    }
}

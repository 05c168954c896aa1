//! A line to the store: one `XMLHttpRequest` that sends one file, or part of one, after the other.
//!
//! `XMLHttpRequest` rather than `fetch`, because it alone tells how much has left; and each is used again and again,
//! so that a file costs neither a new object nor new callbacks.

use std::cell::Cell;
use std::rc::{Rc, Weak};

pub use lane::errand::Errand;
use transfer::engine::AttemptId;
use transfer::wire::ItemIndex;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, ProgressEvent, XmlHttpRequest};

use crate::driver::Driver;
use crate::outcome::Outcome;
use crate::request::{Body, Request};

/// What a line is sending.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The attempt.
    pub attempt: AttemptId,
    /// The item.
    pub item: ItemIndex,
    /// What for.
    pub errand: Errand,
    /// Bytes of the file that it must have.
    size: u64,
    /// Bytes that the browser says it sends.
    total: Option<u64>,
    /// Bytes that have left.
    sent: u64,
    /// What of it the engine knows.
    told: u64,
}

/// A line.
#[derive(Debug)]
pub struct Line {
    request: XmlHttpRequest,
    load: Cell<Option<Load>>,
    /// Kept alive as long as the request may call them.
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_end: Closure<dyn FnMut()>,
}

impl Line {
    /// A line that tells the driver what happens on it.
    ///
    /// # Errors
    /// Where there is no `XMLHttpRequest`.
    pub fn new(driver: &Rc<Driver>) -> Result<Rc<Self>, JsValue> {
        let request = XmlHttpRequest::new()?;
        let upload = request.upload()?;
        Ok(Rc::new_cyclic(|line: &Weak<Self>| {
            let on_progress = Closure::new({
                let (line, driver) = (Weak::clone(line), Rc::downgrade(driver));
                move |event: ProgressEvent| {
                    if let (Some(line), Some(driver)) = (line.upgrade(), driver.upgrade()) {
                        line.note(&event);
                        driver.moved();
                    }
                }
            });
            let on_end = Closure::new({
                let (line, driver) = (Weak::clone(line), Rc::downgrade(driver));
                move || {
                    if let (Some(line), Some(driver)) = (line.upgrade(), driver.upgrade()) {
                        driver.ended(&line);
                    }
                }
            });
            upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
            upload.set_onload(Some(on_progress.as_ref().unchecked_ref()));
            request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
            Self { request, load: Cell::new(None), _on_progress: on_progress, _on_end: on_end }
        }))
    }

    /// Whether it can take a file.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.load.get().is_none()
    }

    /// Whether it sends that attempt.
    #[must_use]
    pub fn carries(&self, attempt: AttemptId) -> bool {
        self.load.get().is_some_and(|load| load.attempt == attempt)
    }

    /// Sends a file by reference: its bytes never come into this worker.
    ///
    /// # Errors
    /// If the browser does not take the request; then nothing more is heard of it.
    pub fn send(
        &self,
        attempt: AttemptId,
        item: ItemIndex,
        errand: Errand,
        request: &Request,
        file: &File,
    ) -> Result<(), JsValue> {
        self.request.open(request.method, &request.url)?;
        for (name, value) in &request.headers {
            self.request.set_request_header(name, value)?;
        }
        let size = match request.body {
            Body::File => file.size() as u64,
            Body::Slice(from, to) => to - from,
            Body::Empty | Body::Text(_) => 0,
        };
        self.load.set(Some(Load { attempt, item, errand, size, total: None, sent: 0, told: 0 }));
        let sent = match &request.body {
            Body::Empty => self.request.send(),
            Body::File => self.request.send_with_opt_blob(Some(file)),
            // Whole numbers far below 2^53.
            Body::Slice(from, to) => file
                .slice_with_f64_and_f64(*from as f64, *to as f64)
                .and_then(|slice| self.request.send_with_opt_blob(Some(&slice))),
            Body::Text(text) => self.request.send_with_opt_str(Some(text)),
        };
        sent.inspect_err(|_| self.load.set(None))
    }

    /// Cuts what is being sent; the engine wants to hear no more of it.
    pub fn cut(&self) {
        // First, because `abort` fires `loadend` at once.
        self.load.set(None);
        let _ = self.request.abort();
    }

    /// Takes the load off at the end.
    #[must_use]
    pub fn take(&self) -> Option<Load> {
        self.load.take()
    }

    /// Progress that the engine does not know yet.
    #[must_use]
    pub fn news(&self) -> Option<(AttemptId, u64)> {
        let mut load = self.load.get().filter(|load| load.sent > load.told)?;
        load.told = load.sent;
        self.load.set(Some(load));
        Some((load.attempt, load.sent))
    }

    /// Status, headers and body of the answer; a status of 0 if there was none.
    #[must_use]
    pub fn answer(&self) -> (u16, String, String) {
        let status = self.request.status().unwrap_or(0);
        if status == 0 {
            return (0, String::new(), String::new());
        }
        let headers = self.request.get_all_response_headers().unwrap_or_default();
        let body = self.request.response_text().ok().flatten();
        (status, headers, body.unwrap_or_default())
    }

    fn note(&self, event: &ProgressEvent) {
        if let Some(mut load) = self.load.get() {
            // Bytes, far below 2^53.
            load.sent = load.sent.max(event.loaded() as u64);
            load.total = Some(event.total() as u64);
            self.load.set(Some(load));
        }
    }
}

impl Load {
    /// Whether the browser sent as many bytes as the file had when it was added. Browsers send what is on the disk,
    /// also if that is more, less, or nothing by now, and go on calling it the same file.
    #[must_use]
    pub fn is_whole(&self, outcome: &Outcome) -> bool {
        match (self.total, outcome) {
            _ if !matches!(self.errand, Errand::Send | Errand::Relay) => true,
            (Some(total), _) => total == self.size,
            // An empty body has no progress.
            (None, Outcome::Stored { .. }) => self.size == 0,
            (None, _) => true,
        }
    }
}

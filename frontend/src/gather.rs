//! Collects files, whatever they come from, and hands them over; never holds the page up.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use app::engine::{Admission, Engine, Stage};
use js_sys::{Array, JsString};
use leptos::prelude::*;
use leptos::task::spawn_local;
use transfer::port::{Command, FileFacts};
use transfer::wire::{Rules, UnixMillis, media_type_by_name, media_type_of};
use wasm_bindgen::JsCast;
use web_sys::FileSystemEntry;

use crate::bridge::{engine, keep, keep_returned, next_files, next_returned};
use crate::ffi::{PickedFile, now};
use crate::pause::Slice;
use crate::preconnect::preconnect;
use crate::{entries, handles, worker};

/// Files in one message to the worker: a millisecond or two of the main thread.
const MESSAGE: usize = 250;

/// Files after which the first message goes: the first byte does not wait until a folder is read to its end.
const FIRST: u32 = 32;

/// More files than that are left as they come: to sort them would hold the page up for longer than a frame or two.
const SORTED: usize = 20_000;

/// Milliseconds between two changes of the count on the page.
const PACE: f64 = 120.0;

/// Where files come from.
pub(crate) enum Source {
    /// A picker, or the clipboard.
    Files(Array),
    /// A drop: files and folders.
    Entries(VecDeque<FileSystemEntry>),
    /// What was dropped on an earlier visit, and may be read again.
    Handles(Array),
}

thread_local! {
    static SOURCES: RefCell<VecDeque<Source>> = const { RefCell::new(VecDeque::new()) };
    static GATHERING: Cell<bool> = const { Cell::new(false) };
    static HANDING: Cell<bool> = const { Cell::new(false) };
}

/// Takes a source; one is worked on after the other.
pub(crate) fn take(source: Source) {
    let Some(engine) = engine() else { return };
    SOURCES.with_borrow_mut(|sources| sources.push_back(source));
    if GATHERING.replace(true) {
        return;
    }
    preconnect();
    engine.gathers();
    spawn_local(async move {
        let mut desk = Desk::open(engine);
        while let Some(source) = SOURCES.with_borrow_mut(VecDeque::pop_front) {
            match source {
                Source::Files(files) => desk.take_files(&files).await,
                Source::Entries(entries) => entries::walk(&mut desk, entries).await,
                Source::Handles(some) => handles::walk(&mut desk, &some).await,
            }
        }
        GATHERING.set(false);
        engine.gathered();
    });
}

/// Where each file is checked.
pub(crate) struct Desk {
    engine: Engine,
    rules: Rules,
    prefix: String,
    found: u32,
    accepted: u32,
    shown: f64,
    slice: Slice,
}

impl Desk {
    fn open(engine: Engine) -> Self {
        let (rules, prefix) = (engine.rules(), engine.likely_prefix());
        Self { engine, rules, prefix, found: 0, accepted: 0, shown: now(), slice: Slice::begin() }
    }

    async fn take_files(&mut self, files: &Array) {
        for (path, at) in self.in_order(files).await {
            if let Ok(file) = files.get(at).dyn_into::<web_sys::File>() {
                self.offer(path, &file);
            }
            self.breathe().await;
        }
    }

    /// The paths and places of files, sorted as people expect; a picker has them as they lie on the disk.
    async fn in_order(&mut self, files: &Array) -> Vec<(String, u32)> {
        let mut order = Vec::with_capacity(files.length() as usize);
        for at in 0..files.length() {
            if let Ok(file) = files.get(at).dyn_into::<PickedFile>() {
                let path = file.webkit_relative_path().filter(|path| !path.is_empty());
                order.push((path.unwrap_or_else(|| file.name()), at));
            }
            self.breathe().await;
        }
        if order.len() <= SORTED {
            order.sort_unstable();
        }
        order
    }

    /// Checks a file, and keeps it if it is accepted.
    pub(crate) fn offer(&mut self, path: String, file: &web_sys::File) {
        let path = composed(path);
        let media_type = match media_type_by_name(&path) {
            Some(known) => known.to_owned(),
            None => media_type_of(&path, &file.type_()),
        };
        // For a picked file Chromium asks its main process here and waits, 0.4 to 1 ms; it does the same before a file
        // that was never asked is passed to a worker, so that none can do it instead. For a dropped one it knows.
        let modified = UnixMillis(file.last_modified().max(0.0) as u64);
        match self.check(FileFacts { path, size: file.size() as u64, modified, media_type }) {
            Admission::Accepted => keep(file),
            Admission::Returned(item) => keep_returned(item, file),
            Admission::Refused => return,
        }
        self.accepted += 1;
        // The first opens the batch; it is open by the time that some are there to be announced.
        if self.accepted == 1 || self.accepted == FIRST || self.accepted.is_multiple_of(MESSAGE as u32) {
            self.engine.flows();
        }
    }

    /// Something that cannot be read counts as empty, so that the person hears of it.
    pub(crate) fn offer_unreadable(&mut self, path: String) {
        let media_type = media_type_of(&path, "image/jpeg");
        self.check(FileFacts { path, size: 0, modified: UnixMillis(0), media_type });
    }

    fn check(&mut self, facts: FileFacts) -> Admission {
        self.found += 1;
        let mut admission = Admission::Refused;
        let (rules, prefix) = (&self.rules, &self.prefix);
        self.engine.intake.update_value(|intake| admission = intake.offer(facts, rules, prefix));
        admission
    }

    /// Lets the browser breathe now and then, and the person see how far it is.
    pub(crate) async fn breathe(&mut self) {
        if now() - self.shown > PACE {
            self.shown = now();
            self.engine.stage.maybe_update(|stage| {
                let gathers = matches!(stage, Stage::Gathering(_));
                if gathers {
                    *stage = Stage::Gathering(self.found);
                }
                gathers
            });
        }
        self.slice.breathe().await;
    }
}

/// macOS hands out names in parts (NFD), others whole (NFC): the same name must be the same path.
fn composed(path: String) -> String {
    if path.is_ascii() {
        return path;
    }
    JsString::from(path.as_str()).normalize("NFC").as_string().unwrap_or(path)
}

/// Gives the worker all files that wait, a message at a time, and says that these were all when no more are collected.
pub(crate) fn hand_over() {
    let Some(engine) = engine() else { return };
    if HANDING.replace(true) {
        return;
    }
    spawn_local(async move {
        let mut slice = Slice::begin();
        while give_some(engine) {
            slice.breathe().await;
        }
        HANDING.set(false);
        if !GATHERING.get() {
            worker::send(&Command::Finish, None, &handles::take_fresh());
        }
    });
}

/// Gives the worker the next message; answers whether there was anything.
fn give_some(engine: Engine) -> bool {
    let mut facts = Vec::new();
    engine.intake.update_value(|intake| facts = intake.take_returned(MESSAGE));
    if !facts.is_empty() {
        let files = next_returned(facts.len() as u32);
        worker::send(&Command::Bring { files: facts }, Some(&files), &handles::take_fresh());
        return true;
    }
    engine.intake.update_value(|intake| facts = intake.hand_over(MESSAGE));
    if facts.is_empty() {
        return false;
    }
    let count = facts.len() as u32;
    let files = next_files(count);
    worker::send(&Command::Add { files: facts }, Some(&files), &handles::take_fresh());
    engine.handed.update(|handed| *handed += count);
    true
}

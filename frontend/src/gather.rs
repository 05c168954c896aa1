//! Collects files, whatever they come from, and hands them over; never holds the page up.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use app::engine::{Admission, Engine, Stage};
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use transfer::port::{Command, FileFacts};
use transfer::wire::{Rules, UnixMillis, media_type_of};
use wasm_bindgen::JsCast;
use web_sys::FileSystemEntry;

use crate::bridge::{engine, keep, next_files};
use crate::entries;
use crate::ffi::{PickedFile, now};
use crate::pause::Slice;
use crate::worker;

/// Files in one message to the worker: a millisecond or two of the main thread.
const MESSAGE: usize = 250;

/// Milliseconds between two changes of the count on the page.
const PACE: f64 = 120.0;

/// Where files come from.
pub(crate) enum Source {
    /// A picker, or the clipboard.
    Files(Array),
    /// A drop: files and folders.
    Entries(VecDeque<FileSystemEntry>),
}

thread_local! {
    static SOURCES: RefCell<VecDeque<Source>> = const { RefCell::new(VecDeque::new()) };
    static GATHERING: Cell<bool> = const { Cell::new(false) };
    static HANDING: Cell<bool> = const { Cell::new(false) };
    /// How many files the batch is to have.
    static GOAL: Cell<usize> = const { Cell::new(0) };
}

/// Takes a source; one is worked on after the other.
pub(crate) fn take(source: Source) {
    let Some(engine) = engine() else { return };
    SOURCES.with_borrow_mut(|sources| sources.push_back(source));
    if GATHERING.replace(true) {
        return;
    }
    engine.gathers();
    spawn_local(async move {
        let mut desk = Desk::open(engine);
        while let Some(source) = SOURCES.with_borrow_mut(VecDeque::pop_front) {
            match source {
                Source::Files(files) => desk.take_files(&files).await,
                Source::Entries(entries) => entries::walk(&mut desk, entries).await,
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
    shown: f64,
    slice: Slice,
}

impl Desk {
    fn open(engine: Engine) -> Self {
        let (rules, prefix) = (engine.rules(), engine.likely_prefix());
        Self { engine, rules, prefix, found: 0, shown: now(), slice: Slice::begin() }
    }

    async fn take_files(&mut self, files: &Array) {
        for at in 0..files.length() {
            if let Ok(file) = files.get(at).dyn_into::<PickedFile>() {
                let path = file.webkit_relative_path().filter(|path| !path.is_empty());
                self.offer(path.unwrap_or_else(|| file.name()), &file);
            }
            self.breathe().await;
        }
    }

    /// Checks a file, and keeps it if it is accepted.
    pub(crate) fn offer(&mut self, path: String, file: &web_sys::File) {
        let facts = FileFacts {
            size: file.size() as u64,
            modified: UnixMillis(file.last_modified().max(0.0) as u64),
            media_type: media_type_of(&path, &file.type_()),
            path,
        };
        if self.check(facts) == Admission::Accepted {
            keep(file);
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
            self.engine.stage.set(Stage::Gathering(self.found));
        }
        self.slice.breathe().await;
    }
}

/// Gives the worker all files that wait now, a message at a time, and says that these were all.
pub(crate) fn hand_over() {
    let Some(engine) = engine() else { return };
    // Files that are collected meanwhile are not the person's word yet: they wait for their own turn.
    GOAL.set(engine.intake.with_value(|intake| intake.handed() + intake.pending()));
    if HANDING.replace(true) {
        return;
    }
    spawn_local(async move {
        let mut slice = Slice::begin();
        loop {
            let handed = engine.intake.with_value(app::engine::Intake::handed);
            let count = MESSAGE.min(GOAL.get().saturating_sub(handed));
            if count == 0 {
                break;
            }
            let mut facts = Vec::new();
            engine.intake.update_value(|intake| facts = intake.hand_over(count));
            let files = next_files(count as u32);
            worker::send(&Command::Add { files: facts }, Some(&files));
            engine.handed.set((handed + count) as u32);
            slice.breathe().await;
        }
        HANDING.set(false);
        worker::send(&Command::Finish, None);
    });
}

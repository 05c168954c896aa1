//! The application's port in the browser, and the state behind it: one for the page, on its only thread.

use std::cell::{Cell, RefCell};

use app::engine::{Engine, Port};
use app::history::LeftBatch;
use js_sys::Array;
use transfer::port::Command;
use transfer::wire::{ItemIndex, UnixMillis};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DataTransfer, HtmlCanvasElement, HtmlInputElement};

use crate::{awake, entries, gather, handles, leaving, preconnect, save, thumbnail, worker};

thread_local! {
    static ENGINE: Cell<Option<Engine>> = const { Cell::new(None) };
    static FILES: RefCell<Files> = RefCell::new(Files::default());
}

/// The `File` objects, in the order of the facts that the application has of them. In JS arrays, because each one held
/// from WASM takes a place in a table that only grows.
#[derive(Default)]
struct Files {
    waiting: Waiting,
    returned: Waiting,
    batch: Array,
}

/// Files in a queue. Taking some moves a mark: an array that is cut at its front is copied.
#[derive(Default)]
struct Waiting {
    files: Array,
    taken: u32,
}

impl Waiting {
    fn take(&mut self, count: u32) -> Array {
        let end = self.taken.saturating_add(count);
        let some = self.files.slice(self.taken, end);
        self.taken = end;
        if end >= self.files.length() {
            *self = Self::default();
        }
        some
    }
}

/// The port.
#[derive(Debug)]
pub(crate) struct Bridge;

impl Port for Bridge {
    fn connect(&self, engine: Engine) {
        ENGINE.set(Some(engine));
        leaving::ask_while_busy(engine);
        awake::while_sending(engine);
    }

    fn warm(&self) {
        worker::warm();
        preconnect::preconnect();
    }

    fn command(&self, command: Command) {
        if matches!(command, Command::Open { .. }) {
            FILES.with_borrow_mut(|files| files.batch = Array::new());
            thumbnail::forget_all();
            worker::begins();
        }
        // Without a batch the worker has nothing to show.
        let shows_nothing = matches!(command, Command::Watch { .. }) && !worker::is_up();
        if !shows_nothing {
            worker::send(&command, None, &Array::new());
        }
    }

    fn adopt(&self, left: LeftBatch) {
        FILES.with_borrow_mut(|files| files.batch = Array::new());
        thumbnail::forget_all();
        worker::adopt(&left);
    }

    fn picked(&self, input: &HtmlInputElement) {
        let Some(list) = input.files() else { return };
        let files = Array::from(&list);
        // Emptied, so that picking the same folder again is a change again.
        input.set_value("");
        gather::take(gather::Source::Files(files));
    }

    fn dropped(&self, data: &DataTransfer) {
        gather::take(entries::source(data));
    }

    fn hand_over(&self) {
        gather::hand_over();
    }

    fn reopen(&self) {
        handles::reopen();
    }

    fn forget(&self) {
        FILES.with_borrow_mut(|files| files.waiting = Waiting::default());
    }

    fn draw(&self, slot: u32, item: Option<ItemIndex>, canvas: HtmlCanvasElement) {
        thumbnail::draw(slot, item, canvas);
    }

    fn save(&self, name: &str, media_type: &str, content: &str) {
        let _ = save::save(name, media_type, content);
    }

    fn utc_offset(&self, at: UnixMillis) -> i32 {
        let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
        -(date.get_timezone_offset() as i32)
    }
}

/// The application's engine, once it is there.
pub(crate) fn engine() -> Option<Engine> {
    ENGINE.get()
}

/// Keeps a file that was accepted.
pub(crate) fn keep(file: &web_sys::File) {
    FILES.with_borrow(|files| {
        files.waiting.files.push(file);
    });
}

/// Keeps a file of an earlier visit that came back.
pub(crate) fn keep_returned(item: ItemIndex, file: &web_sys::File) {
    FILES.with_borrow(|files| {
        files.returned.files.push(file);
        files.batch.set(item.0, file.into());
    });
}

/// Makes room for the files of a batch of an earlier visit.
pub(crate) fn recall(count: u32) {
    FILES.with_borrow(|files| files.batch.set_length(count));
}

/// Makes the next waiting files part of the batch, and answers them.
pub(crate) fn next_files(count: u32) -> Array {
    FILES.with_borrow_mut(|files| {
        let next = files.waiting.take(count);
        for at in 0..next.length() {
            files.batch.push(&next.get(at));
        }
        next
    })
}

/// The next files of an earlier visit that came back.
pub(crate) fn next_returned(count: u32) -> Array {
    FILES.with_borrow_mut(|files| files.returned.take(count))
}

/// A file of the batch.
pub(crate) fn file_of(item: ItemIndex) -> Option<web_sys::File> {
    FILES.with_borrow(|files| files.batch.get(item.0).dyn_into().ok())
}

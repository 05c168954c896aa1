//! The application's port in the browser, and the state behind it: one for the page, on its only thread.

use std::cell::{Cell, RefCell};

use app::engine::{Engine, Port};
use js_sys::Array;
use transfer::port::Command;
use transfer::wire::{ItemIndex, UnixMillis};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DataTransfer, HtmlCanvasElement, HtmlInputElement};

use crate::{entries, gather, leaving, save, thumbnail, worker};

thread_local! {
    static ENGINE: Cell<Option<Engine>> = const { Cell::new(None) };
    static FILES: RefCell<Files> = RefCell::new(Files { waiting: Array::new(), batch: Array::new() });
}

/// The `File` objects, in the order of the facts that the application has of them. In JS arrays, because each one held
/// from WASM takes a place in a table that only grows.
struct Files {
    waiting: Array,
    batch: Array,
}

/// The port.
#[derive(Debug)]
pub(crate) struct Bridge;

impl Port for Bridge {
    fn connect(&self, engine: Engine) {
        ENGINE.set(Some(engine));
        leaving::ask_while_busy(engine);
    }

    fn warm(&self) {
        worker::warm();
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
            worker::send(&command, None);
        }
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

    fn forget(&self) {
        FILES.with_borrow_mut(|files| files.waiting = Array::new());
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
        files.waiting.push(file);
    });
}

/// Makes the next waiting files part of the batch, and answers them.
pub(crate) fn next_files(count: u32) -> Array {
    FILES.with_borrow_mut(|files| {
        let next = files.waiting.slice(0, count);
        files.waiting = files.waiting.slice(count, files.waiting.length());
        for file in next.iter() {
            files.batch.push(&file);
        }
        next
    })
}

/// A file of the batch.
pub(crate) fn file_of(item: ItemIndex) -> Option<web_sys::File> {
    FILES.with_borrow(|files| files.batch.get(item.0).dyn_into().ok())
}

//! Reading what is sent by reference, for its checksum: before it is sent, because the checksum goes ahead of it.

use std::collections::VecDeque;
use std::rc::Rc;

use transfer::engine::{Event, Send};
use transfer::port::FailureClass;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::{Driver, failed};
use crate::checksum::{self, Wanted};

/// Bytes that are read in the same time, unless one thing has more. All parts of a file at once would all be ready
/// only at its end, and nothing would leave until then.
const TOGETHER: u64 = 32 << 20;

/// What is to be read, first come first served.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    waiting: VecDeque<Reading>,
    /// Bytes that are being read.
    open: u64,
}

/// A range of a file, and what it is sent by once it was read.
#[derive(Debug)]
struct Reading {
    send: Send,
    file: File,
    range: (u64, u64),
    wanted: Wanted,
}

impl Reading {
    fn length(&self) -> u64 {
        self.range.1 - self.range.0
    }
}

impl Shelf {
    /// The next, if there is room for it.
    fn take(&mut self) -> Option<Reading> {
        let length = self.waiting.front()?.length();
        if self.open > 0 && self.open + length > TOGETHER {
            return None;
        }
        self.open += length;
        self.waiting.pop_front()
    }
}

impl Driver {
    /// Reads that range of a file, and then sends it.
    pub(super) fn read_first(self: &Rc<Self>, send: Send, file: File, range: (u64, u64)) {
        let wanted = self.reads.borrow_mut().begin(send.attempt);
        self.shelf.borrow_mut().waiting.push_back(Reading { send, file, range, wanted });
        self.read_on();
    }

    fn read_on(self: &Rc<Self>) {
        loop {
            let next = self.shelf.borrow_mut().take();
            let Some(reading) = next else { return };
            let driver = Rc::clone(self);
            spawn_local(async move {
                let length = reading.length();
                driver.read(reading).await;
                driver.shelf.borrow_mut().open -= length;
                driver.read_on();
            });
        }
    }

    async fn read(self: &Rc<Self>, Reading { send, file, range, wanted }: Reading) {
        if !wanted.get() {
            return;
        }
        let (attempt, item) = (send.attempt, send.item);
        let still_wanted = || {
            // Those that wait for this one do not stand still either.
            let attempts = self.reads.borrow().attempts();
            for attempt in attempts {
                self.handle(Event::Reading { attempt });
            }
            wanted.get()
        };
        let read = checksum::of_slice(&file, range, still_wanted).await;
        if let Ok(checksum) = read
            && wanted.get()
        {
            self.handle(Event::Hashed { attempt, checksum });
        }
        // What the engine makes of that may be that it wants it no more.
        if !self.reads.borrow_mut().end(&wanted) {
            return;
        }
        let sent = read.and_then(|checksum| self.dispatch(send, &file, Some(checksum), self.now()));
        match sent {
            Ok(()) => {}
            Err(class @ FailureClass::FileChanged) => self.explain(attempt, item, class),
            Err(class) => self.handle(Event::Failed { attempt, failure: failed(class) }),
        }
    }
}

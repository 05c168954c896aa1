//! Reading what is sent by reference, for its checksum: before it is sent, because the checksum goes ahead of it.

use std::rc::Rc;

use transfer::engine::{Event, Send};
use transfer::port::FailureClass;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::{Driver, failed};
use crate::checksum;

impl Driver {
    /// Reads that range of a file, and then sends it.
    pub(super) fn read_first(self: &Rc<Self>, send: Send, file: File, range: (u64, u64)) {
        let (attempt, item) = (send.attempt, send.item);
        let wanted = self.reads.borrow_mut().begin(attempt);
        let driver = Rc::clone(self);
        spawn_local(async move {
            let still_wanted = || {
                driver.handle(Event::Reading { attempt });
                wanted.get()
            };
            let read = checksum::of_slice(&file, range, still_wanted).await;
            if let Ok(checksum) = read
                && wanted.get()
            {
                driver.handle(Event::Hashed { attempt, checksum });
            }
            // What the engine makes of that may be that it wants it no more.
            if !driver.reads.borrow_mut().end(&wanted) {
                return;
            }
            let sent = read.and_then(|checksum| driver.dispatch(send, &file, Some(checksum), driver.now()));
            match sent {
                Ok(()) => {}
                Err(class @ FailureClass::FileChanged) => driver.explain(attempt, item, class),
                Err(class) => driver.handle(Event::Failed { attempt, failure: failed(class) }),
            }
        });
    }
}

//! Reading whole files of which the project may hold the same, to compare them. Beside what is read to be sent, which
//! never waits for it.

use std::rc::Rc;

use transfer::engine::{AttemptId, Event};
use transfer::port::FailureClass;
use transfer::wire::{ItemIndex, UnixMillis};
use wasm_bindgen_futures::spawn_local;

use super::{Driver, files};
use crate::checksum;

impl Driver {
    /// Reads a file as it was added, and tells its checksum.
    pub(super) fn compare(
        self: &Rc<Self>,
        attempt: AttemptId,
        item: ItemIndex,
        size: u64,
        modified: UnixMillis,
    ) {
        let file = self.files.borrow().get(item);
        let wanted = self.reads.borrow_mut().begin(attempt);
        let driver = Rc::clone(self);
        spawn_local(async move {
            let mut read = match &file {
                Some(file) => match files::check_unchanged(file, size, modified) {
                    Ok(()) => checksum::of_slice(file, (0, size), || wanted.get()).await,
                    Err(class) => Err(class),
                },
                None => Err(FailureClass::FileGone),
            };
            if let Err(class) = read {
                read = Err(files::why_unreadable(file).await.unwrap_or(class));
            }
            if driver.reads.borrow_mut().end(&wanted) {
                driver.handle(Event::Compared { attempt, read });
            }
        });
    }
}

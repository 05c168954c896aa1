//! How many files may go through the server at once.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use transfer::engine::Support;

/// At most. Each holds two pieces of what came over its connection, and a connection to the store; browsers send four at
/// a time each.
const MOST: usize = 16;

/// The files that are on their way through this server, and what is known of the store.
#[derive(Debug)]
pub struct Relays {
    slots: Arc<Semaphore>,
    /// Whether the store takes the checksum that goes along.
    checksums: Mutex<Support>,
}

impl Default for Relays {
    fn default() -> Self {
        Self { slots: Arc::new(Semaphore::new(MOST)), checksums: Mutex::default() }
    }
}

impl Relays {
    /// A place for one more, if there is one, until it is dropped.
    #[must_use]
    pub fn slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }

    /// Whether the store takes the checksum that goes along.
    pub(super) fn checksums(&self) -> Support {
        *self.checksums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn learn(&self, checksums: Support) {
        *self.checksums.lock().unwrap_or_else(PoisonError::into_inner) = checksums;
    }
}

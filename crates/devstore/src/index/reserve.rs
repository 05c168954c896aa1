//! Room for deleting on a disk that has none.
//!
//! To forget an object, the index writes too. On a full disk it could not, and nobody could make
//! room by deleting; so some of the disk is taken from the start, and given back for that.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The largest DeleteObjects of 1,000 keys writes about half of this to the log of the index.
const SIZE: usize = 1024 * 1024;

/// A file of no use but its size.
#[derive(Debug, Clone)]
pub(super) struct Reserve(PathBuf);

impl Reserve {
    pub(super) fn beside(index: &Path) -> Self {
        Self(index.with_file_name("reserve"))
    }

    /// Takes the room, as far as the disk has it; otherwise somebody tries again. Blocks.
    pub(super) fn fill(&self) {
        if fs::metadata(&self.0).is_ok_and(|file| file.len() == SIZE as u64) {
            return;
        }
        let filled = File::create(&self.0).and_then(|mut file| file.write_all(&vec![1; SIZE]));
        if let Err(error) = filled {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "there is no room to keep for deleting"
            );
            self.release();
        }
    }

    /// Gives the room back. Blocks.
    pub(super) fn release(&self) {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(error = &error as &dyn std::error::Error, "room for deleting stays taken");
            }
            _ => {}
        }
    }
}

//! The ledger on SQLite files, through its public interface.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod batches;
mod identity;
mod items;
mod scene;

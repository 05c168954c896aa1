//! The ledger through its public interface, on SQLite files or on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod batches;
mod database;
mod desk;
mod identity;
mod images;
mod items;
mod keys;
mod looking_back;
mod quotas;
mod scene;
mod webhooks;

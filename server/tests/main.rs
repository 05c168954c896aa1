//! The server as a whole, asked as browsers and programs ask it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod api;
mod commands;
mod config;
#[path = "../../crates/ledger/tests/database.rs"]
mod database;
mod desk;
mod grants;
mod http;
mod program;
mod session;
mod setup;
mod store;
mod test_app;

//! The server as a whole, asked as browsers and programs ask it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod adopt;
mod api;
mod batches;
mod chain;
mod commands;
mod config;
#[path = "../../crates/ledger/tests/database.rs"]
mod database;
mod desk;
mod doctor;
mod forms;
mod gallery;
mod grants;
mod http;
mod import;
mod keys;
mod lambda;
mod metrics;
mod options;
mod patient;
mod program;
mod provider;
mod quotas;
mod receiver;
mod relay;
mod replace;
mod retention;
mod rights;
mod rounds;
mod session;
mod setup;
mod sso;
mod start;
mod store;
mod test_app;
mod upload;
mod uploads;
mod webhooks;

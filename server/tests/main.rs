//! The server as a whole, asked as browsers and programs ask it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod api;
mod commands;
mod config;
mod database;
mod doctor;

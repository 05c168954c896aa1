//! The `sluice` server.

pub mod bucket;
pub mod caller;
pub mod config;
pub mod grant;
pub mod problem;
pub mod state;

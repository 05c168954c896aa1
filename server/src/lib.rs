//! The `sluice` server.

pub mod api;
pub mod backend;
pub mod batch;
pub mod bucket;
pub mod caller;
pub mod config;
pub mod grant;
pub mod presign;
pub mod problem;
pub mod state;

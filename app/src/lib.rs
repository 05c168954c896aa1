//! Pages, components and server functions: compiled once for the server (`ssr`), once for the browser (`hydrate`).
//!
//! - [`person`], [`project`], [`history`]: what the pages show.
//! - [`error`]: a [`Problem`](transfer::wire::Problem) as server functions answer it.
//! - [`backend`] (server only): what the server functions ask the server for.

#[cfg(feature = "ssr")]
pub mod backend;
pub mod error;
pub mod history;
pub mod person;
pub mod project;

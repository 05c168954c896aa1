//! Pages, components and server functions: compiled once for the server (`ssr`), once for the browser (`hydrate`).
//!
//! - [`app`]: the application. [`shell`] (server only): the document around it.
//! - [`rpc`]: what the pages and the worker ask the server. [`backend`] (server only): what answers.
//! - [`error`]: a [`Problem`](transfer::wire::Problem) as server functions answer it.
//! - [`person`], [`project`], [`history`]: what the pages show.
//! - [`text`]: every word on the pages, in each language.

pub mod app;
#[cfg(feature = "ssr")]
pub mod backend;
pub mod error;
pub mod history;
pub mod person;
pub mod project;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod text;

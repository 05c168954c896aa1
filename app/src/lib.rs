//! Pages, components and server functions: compiled once for the server (`ssr`), once for the browser (`hydrate`).
//!
//! - [`app`]: the application. [`shell`] (server only): the document around it.
//! - [`rpc`]: what the pages and the worker ask the server. [`backend`] (server only): what answers.
//! - [`error`]: a [`Problem`](transfer::wire::Problem) as server functions answer it.
//! - [`engine`]: the page's side of the upload engine; what only a browser can do is behind its port.
//! - [`entrance`]: how people come in.
//! - [`person`], [`project`], [`history`], [`gallery`]: what the pages show. [`desk`]: the same for admins.
//! - [`text`]: every word on the pages, in each language.

#[cfg(not(erase_components))]
compile_error!(
    "`--cfg erase_components` is missing. `.cargo/config.toml` gives it, unless RUSTFLAGS are set: add it there."
);

pub mod account;
mod address;
pub mod app;
#[cfg(feature = "ssr")]
pub mod backend;
pub mod desk;
pub mod engine;
pub mod entrance;
mod erase;
pub mod error;
mod form;
mod frame;
pub mod gallery;
pub mod history;
mod page;
mod part;
pub mod person;
pub mod project;
mod receipt_file;
pub mod rpc;
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod text;

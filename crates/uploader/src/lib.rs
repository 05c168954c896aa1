//! Folders sent natively: the upload engine of the browser, driven with an API token.
//!
//! - [`folder`]: what is in a folder, and what of it is left out.
//! - [`api`]: the server's JSON API.
//! - [`run`]: which batch a folder goes into (a new one, one of an earlier run, one that was begun elsewhere), and how it
//!   ended. [`driver`]: does what the engine asks for.
//! - [`log`]: what another run must know.
//! - [`client`], [`load`], [`read`], [`limit`]: the way to the store: connections, bodies, files, bandwidth.

pub mod api;
mod client;
mod driver;
pub mod folder;
pub mod limit;
mod load;
pub mod log;
mod read;
pub mod run;

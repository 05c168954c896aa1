//! The `sluice` server.
//!
//! - [`command`]: the command line. [`config`]: settings. [`server`]: the server as a whole, with [`embedded`] store; [`lambda`]: as a function.
//! - [`http`]: which request goes where. [`session`]: who comes with a cookie or a token, a [`caller`].
//! - [`oidc`]: single sign-on.
//! - [`setup`]: what a store must be set up with. [`doctor`]: whether it is.
//! - [`grant`], [`batch`], [`presign`], [`bucket`]: what the server decides, and its own way to the store.
//! - [`import`]: what only the bucket knows.
//! - [`gallery`]: what is stored, as pictures.
//! - [`desk`]: the admin's side. [`retention`]: how long a project keeps, as the bucket's rule. [`webhook`]: telling others when a batch is over. [`round`]: what is done beside requests. [`metrics`]: what an operator watches.
//! - [`api`] and [`backend`]: the same for programs and for the pages. [`problem`]: what is answered instead.

pub mod api;
pub mod backend;
pub mod batch;
pub mod bucket;
pub mod caller;
pub mod clock;
pub mod command;
pub mod config;
pub mod desk;
pub mod doctor;
pub mod embedded;
pub mod gallery;
pub mod grant;
pub mod http;
pub mod import;
pub mod lambda;
pub mod log;
pub mod metrics;
pub mod oidc;
pub mod presign;
pub mod problem;
pub mod retention;
pub mod round;
pub mod server;
pub mod session;
pub mod setup;
pub mod state;
pub mod webhook;

//! An S3 and STS endpoint inside the process: for a first try, small installations and tests.
//!
//! - The protocol (routes, XML, SigV4, payload hashes) is `s3s`; storage, sessions, policies,
//!   STS and CORS are ours. `docs/decisions/0002-embedded-store.md` says why.
//! - Objects are files named by a random id, outside the key space; a SQLite index maps the keys.
//! - Rights are role ∩ session policy. What a policy says and the store does not understand
//!   is refused when the session is made, never ignored.
//! - It is not: replicated, versioned, or a place for many users with keys of their own.

mod access;
mod auth;
mod blob;
mod caller;
mod checksum;
mod config;
mod cors;
mod error;
mod fault;
mod form;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod gate;
mod hosts;
mod identity;
mod index;
mod object;
mod policy;
mod server;
mod session;
mod store;
mod sts;
mod tags;

pub use config::{BucketName, BucketNameError, Durability, StoreConfig};
pub use fault::{
    Corruption, Fault, FaultPlan, FaultRule, Faults, LogEntry, LogPage, Moment, Operation, Share, Side,
    Status, WrongRule,
};
pub use identity::{SecretKey, StoreIdentity};
pub use store::{DevStore, OpenError};

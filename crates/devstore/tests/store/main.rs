//! The store as its clients see it: over HTTP, with the AWS SDK, and with raw requests for what
//! the SDK would never send.

#![expect(clippy::unwrap_used, reason = "a failure here is the test's")]

mod buckets;
mod copies;
mod cors;
mod crashes;
mod durability;
mod faults;
mod forms;
mod harness;
mod hosts;
mod listing;
mod multipart;
mod objects;
mod presigned;
mod raw;
mod refusals;
mod rights;
mod signatures;
mod sts;
mod tokens;

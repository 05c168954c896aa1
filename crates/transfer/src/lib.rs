//! The upload engine, and the types that cross its borders.
//!
//! - [`wire`]: what the browser and the server say to each other, and the rules both of them check.
//! - [`engine`]: the state machine that announces, sends, retries, reports and closes.
//! - [`port`]: what the page and the worker say to each other: commands in, snapshots out.
//! - [`crc64`]: the checksum of files and of their parts.
//!
//! The crate does no I/O and knows no clock: time, randomness and the network come from outside.

pub mod crc64;
pub mod engine;
pub mod port;
pub mod wire;

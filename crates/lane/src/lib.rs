//! What a lane says to a store, and what the store's answer means. Pure: the browser's worker and the native uploader
//! send the same.
//!
//! - [`request`]: a signed request. [`form`]: a POST form that carries one file.
//! - [`multipart`]: the texts of an upload in parts.
//! - [`errand`], [`outcome`]: what a request is for, and what its answer means.
//! - [`checksum`]: where a checksum travels, and of what.
//!
//! No serde, nothing that formats floats: it is in the worker's WASM.

pub mod checksum;
pub mod errand;
pub mod form;
pub mod multipart;
pub mod outcome;
pub mod request;

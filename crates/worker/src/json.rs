//! JSON by hand: what the page and the server say, read and written without `serde_json`.
//!
//! `serde`'s code for tagged enums and its floats were half of the worker's WASM. The tests hold this to `serde`'s own
//! reading and writing of the same types; a field that is added there does not compile here until it is named.

mod answer;
mod command;
mod grant;
mod reader;
mod request;
mod snapshot;
mod writer;

pub use answer::{
    announce_answer, close_answer, problem, renewed_grant, report_answer, signed_upload, signed_urls,
};
pub use command::command;
pub use reader::Reader;
pub use request::{request, sign_thumbnails};
pub use snapshot::{recalled, snapshot};

/// Reads a whole text as one value; none if it is anything else.
pub fn read<T>(text: &str, value: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Option<T> {
    let mut reader = Reader::new(text);
    let value = value(&mut reader)?;
    reader.is_at_end().then_some(value)
}

#[cfg(test)]
mod tests;

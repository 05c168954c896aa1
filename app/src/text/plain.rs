//! The pages' words for a terminal, in English.

use transfer::port::FailureClass;
use transfer::wire::Refusal;

use super::{Language, figure};

/// Why a file may not be part of a batch, and what to do.
#[must_use]
pub fn refusal(reason: &Refusal) -> String {
    (Language::English.words().refusal)(reason)
}

/// Why sending failed, and what to do.
#[must_use]
pub fn failure(class: FailureClass) -> &'static str {
    (Language::English.words().failure)(class)
}

/// A count with groups of three: `12,345`.
#[must_use]
pub fn count(number: u64) -> String {
    figure::count(number)
}

/// A size in decimal units: `3.2 MB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    figure::bytes(bytes)
}

/// A duration in its two largest units: `2 min 5 s`.
#[must_use]
pub fn duration(seconds: u32) -> String {
    figure::duration(Language::English, seconds)
}

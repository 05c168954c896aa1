//! Lines for people.

use std::io::{self, Write};

/// Writes a line to standard output. A reader that has gone is no reason to fail.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Writes why something failed to standard error.
pub(super) fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "sluice: {line}");
}

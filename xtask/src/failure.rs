//! Why a task ended: one text for the terminal.

use std::{error, fmt, io};

/// The result of a task.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// What went wrong and what to do, ready to print.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure with its text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<Box<dyn error::Error>> for Failure {
    fn from(error: Box<dyn error::Error>) -> Self {
        Self(error.to_string())
    }
}

/// Says what was being done when an error came.
pub(crate) trait Context<T> {
    /// Puts `doing` before the error's own text.
    fn context(self, doing: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}

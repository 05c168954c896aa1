//! What goes wrong at the store: the details for the log, a kind sentence for the person.

use std::error::Error;
use std::fmt::Write;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use transfer::wire::{Problem, ProblemCode};

/// The store, or its STS, did not do what the server asked.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {detail}")]
pub struct StoreFault {
    /// What was asked, as the API names it.
    operation: &'static str,
    /// The code and the words of the answer, or why there was none.
    detail: String,
}

impl StoreFault {
    /// An answer of the SDK. Only codes and messages are kept: a raw answer of STS may hold a secret.
    pub(crate) fn sdk<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug,
    {
        let detail = match error {
            SdkError::ServiceError(answer) => format!(
                "{}: {}",
                answer.err().code().unwrap_or("no code"),
                answer.err().message().unwrap_or("no message")
            ),
            SdkError::DispatchFailure(failure) => {
                failure.as_connector_error().map_or_else(|| "not sent".to_owned(), |error| chain(error))
            }
            SdkError::TimeoutError(_) => "no answer in time".to_owned(),
            SdkError::ResponseError(_) => "an answer that makes no sense".to_owned(),
            _ => "the request could not be built".to_owned(),
        };
        Self { operation, detail }
    }

    /// The default chain found no credentials.
    pub(crate) fn identity(error: &(dyn Error + 'static)) -> Self {
        Self { operation: "credentials", detail: chain(error) }
    }

    /// Nothing says who the server is at the store.
    pub(crate) fn nobody() -> Self {
        Self { operation: "credentials", detail: "no source of credentials is configured".to_owned() }
    }

    /// An answer that lacks what it must have.
    pub(crate) fn incomplete(operation: &'static str, what: &'static str) -> Self {
        Self { operation, detail: format!("the answer has no {what}") }
    }

    /// Writes it to the log, this once, and gives what the client may see.
    #[must_use]
    pub fn report(&self) -> Problem {
        tracing::error!(store.operation = self.operation, store.detail = %self.detail, "store failed");
        Problem::new(
            ProblemCode::Store,
            "The store did not answer as it should. Nothing is lost; try again in a minute.",
        )
    }
}

/// An error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

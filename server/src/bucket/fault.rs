//! What goes wrong at the store: the details for the log, a kind sentence for the person.

use std::error::Error;
use std::fmt::Write;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use transfer::wire::{Problem, ProblemCode};

/// The store, or its STS, did not do what the server asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {detail}")]
pub struct StoreFault {
    /// What was asked, as the API names it.
    operation: &'static str,
    /// What kind of failure it is.
    kind: FaultKind,
    /// The code of the answer, if it had one.
    code: Option<String>,
    /// The code and the words of the answer, or why there was none.
    detail: String,
}

/// What kind of failure it is, for who has to decide what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The server has no credentials, and asking again will not find any.
    NoCredentials,
    /// The store answered, and means it: permissions, names, signatures.
    Refused,
    /// Nobody answered, or the answer was that there is too much to do. Another time it may work.
    Passing,
}

/// Codes of refusals that pass, whatever their status (S3 and STS API references, "Error responses"; S3 throttles with
/// 503, STS with 400).
const PASSING: [&str; 9] = [
    "InternalError",
    "InternalFailure",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

impl StoreFault {
    /// An answer of the SDK. Only codes and messages are kept: a raw answer of STS may hold a secret.
    pub(crate) fn sdk<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let code = error.code().map(str::to_owned);
        let (kind, detail) = match error {
            SdkError::ServiceError(answer) => {
                let passing = code.as_deref().is_some_and(|code| PASSING.contains(&code))
                    || answer.raw().status().is_server_error() && answer.raw().status().as_u16() != 501;
                let kind = if passing { FaultKind::Passing } else { FaultKind::Refused };
                let code = code.as_deref().unwrap_or("no code");
                let status = answer.raw().status().as_u16();
                (kind, format!("{status} {code}: {}", answer.err().message().unwrap_or("no message")))
            }
            SdkError::DispatchFailure(failure) => (
                FaultKind::Passing,
                failure.as_connector_error().map_or_else(|| "not sent".to_owned(), |error| chain(error)),
            ),
            SdkError::TimeoutError(_) => (FaultKind::Passing, "no answer in time".to_owned()),
            SdkError::ResponseError(_) => (FaultKind::Refused, "an answer that makes no sense".to_owned()),
            _ => (FaultKind::Refused, "the request could not be built".to_owned()),
        };
        Self { operation, kind, code, detail }
    }

    /// The default chain found no credentials, or could not ask for them.
    pub(crate) fn identity(error: &CredentialsError) -> Self {
        let kind = match error {
            CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_) => {
                FaultKind::NoCredentials
            }
            // The endpoint of a container or an instance that does not answer yet, or STS that does not.
            _ => FaultKind::Passing,
        };
        Self { operation: "credentials", kind, code: None, detail: chain(error) }
    }

    /// Nothing says who the server is at the store.
    pub(crate) fn nobody() -> Self {
        let detail = "no source of credentials is configured".to_owned();
        Self { operation: "credentials", kind: FaultKind::NoCredentials, code: None, detail }
    }

    /// An answer that lacks what it must have.
    pub(crate) fn incomplete(operation: &'static str, what: &'static str) -> Self {
        let detail = format!("the answer has no {what}");
        Self { operation, kind: FaultKind::Refused, code: None, detail }
    }

    /// The refusal of one of many things that were asked at once.
    pub(crate) fn of_one(operation: &'static str, code: &str, message: &str) -> Self {
        let kind = if PASSING.contains(&code) { FaultKind::Passing } else { FaultKind::Refused };
        Self { operation, kind, code: Some(code.to_owned()), detail: format!("{code}: {message}") }
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The code of the answer, such as `AccessDenied`; empty if it had none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    /// What the store said, or why it said nothing. For the owner, not for uploaders.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
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

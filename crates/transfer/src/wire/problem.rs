//! Problems: what the server answers instead (RFC 9457).

use std::fmt;

use serde::{Deserialize, Serialize};

/// An error as the client may see it: one kind sentence with what to do. What happened inside is logged, not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI reference for the kind of problem, `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// What a program branches on.
    pub code: ProblemCode,
    /// The kind of problem in a few words.
    pub title: String,
    /// What went wrong this time, and what to do.
    pub detail: String,
}

/// What a program branches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// 400: the request makes no sense.
    Invalid,
    /// 401: nobody is signed in, or the session ended.
    SignedOut,
    /// 403: this person may not do that.
    Forbidden,
    /// 404: no such thing, or not yours.
    NotFound,
    /// 409: not in this state (for example, the batch is closed).
    Conflict,
    /// 413: more than one request may carry.
    TooLarge,
    /// 429: too often; wait.
    TooMany,
    /// 503: too much to do just now; wait.
    Busy,
    /// 501: this server cannot issue that kind of grant.
    Unsupported,
    /// 502 or 503: the store or its STS did not answer as it should.
    Store,
    /// 500: our own fault.
    Internal,
}

impl ProblemCode {
    /// The HTTP status that goes with it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Unsupported => 501,
            Self::Busy | Self::Store => 503,
            Self::Internal => 500,
        }
    }

    /// A few words for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Invalid => "The request makes no sense",
            Self::SignedOut => "Not signed in",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::Conflict => "Not possible in this state",
            Self::TooLarge => "Too large",
            Self::TooMany => "Too many requests",
            Self::Busy => "Too much to do just now",
            Self::Unsupported => "Not supported here",
            Self::Store => "The store does not answer",
            Self::Internal => "Something went wrong on our side",
        }
    }

    /// The serde name, for the problem's URI.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::SignedOut => "signed_out",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Busy => "busy",
            Self::Unsupported => "unsupported",
            Self::Store => "store",
            Self::Internal => "internal",
        }
    }
}

impl Problem {
    /// A problem of a kind, with the sentence for this case.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{}", code.name()),
            status: code.status(),
            code,
            title: code.title().to_owned(),
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}

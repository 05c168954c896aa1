//! The words of labels.

use ledger::LedgerError;
use transfer::wire::GrantKind;

use crate::bucket::{FaultKind, StoreFault};
use crate::grant::GrantError;
use crate::session::{GateError, PasswordError};

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The JSON API.
    Api,
    /// The pages' server functions.
    Rpc,
    /// A file on its way through the server.
    Relay,
    /// A page.
    Page,
    /// One of the page's files.
    File,
    /// `/healthz`, `/readyz`.
    Health,
}

impl Route {
    pub(super) const ALL: [Self; 6] =
        [Self::Api, Self::Rpc, Self::Relay, Self::Page, Self::File, Self::Health];

    /// By its path. What is no file of the page's is a page, which the path alone does not tell.
    #[must_use]
    pub fn of(path: &str, is_file: bool) -> Self {
        match path {
            "/healthz" | "/readyz" => Self::Health,
            _ if path == "/api/v1" || path.starts_with("/api/v1/") => Self::Api,
            _ if path.starts_with("/api/rpc/") => Self::Rpc,
            _ if path.starts_with("/api/relay/") => Self::Relay,
            _ if is_file => Self::File,
            _ => Self::Page,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Rpc => "rpc",
            Self::Relay => "relay",
            Self::Page => "page",
            Self::File => "file",
            Self::Health => "health",
        }
    }
}

/// Who asked that a batch be compared with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedBy {
    /// Who uploads: the page or a program, when all is sent.
    Owner,
    /// An admin, who revokes it.
    Admin,
    /// The server itself, because nobody came back.
    Sweep,
}

impl ClosedBy {
    pub(super) const ALL: [Self; 3] = [Self::Owner, Self::Admin, Self::Sweep];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Sweep => "sweep",
        }
    }
}

/// How a comparison ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The store holds all of it; the batch is over.
    Verified,
    /// Something is missing and was given up; the batch is over.
    Closed,
    /// Something is missing or differs; the batch stays open.
    Incomplete,
}

impl Closing {
    pub(super) const ALL: [Self; 3] = [Self::Verified, Self::Closed, Self::Incomplete];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Closed => "closed",
            Self::Incomplete => "incomplete",
        }
    }
}

pub(super) fn grant(kind: GrantKind) -> &'static str {
    match kind {
        GrantKind::Credentials => "credentials",
        GrantKind::PostPolicy => "post_policy",
        GrantKind::SignedUrls => "signed_urls",
    }
}

/// All that [`grant_failure`] answers.
pub(super) const GRANT_FAILURES: [&str; 8] =
    ["no_credentials", "denied", "expired", "policy", "throttled", "unreachable", "refused", "unsupported"];

/// Codes of throttling (STS and S3 API references, "Common errors").
const THROTTLED: [&str; 5] =
    ["RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"];

pub(super) fn grant_failure(error: &GrantError) -> &'static str {
    match error {
        GrantError::Unsupported(_) => "unsupported",
        GrantError::Store(fault) => store_fault(fault),
    }
}

fn store_fault(fault: &StoreFault) -> &'static str {
    match (fault.kind(), fault.code()) {
        (FaultKind::NoCredentials, _) => "no_credentials",
        (FaultKind::Passing, code) if THROTTLED.contains(&code) => "throttled",
        (FaultKind::Passing, _) => "unreachable",
        (FaultKind::Refused, "AccessDenied") => "denied",
        (FaultKind::Refused, "ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => "expired",
        (FaultKind::Refused, "PackedPolicyTooLarge" | "MalformedPolicyDocument") => "policy",
        (FaultKind::Refused, _) => "refused",
    }
}

/// All that [`sign_in_failure`] answers.
pub(super) const SIGN_IN_FAILURES: [&str; 4] = ["wrong", "too_often", "unacceptable", "internal"];

pub(super) fn sign_in_failure(error: &GateError) -> &'static str {
    match error {
        GateError::Wrong | GateError::Ledger(LedgerError::LinkInvalid) => "wrong",
        GateError::TooSoon(_) => "too_often",
        GateError::Name
        | GateError::Password(PasswordError::TooShort | PasswordError::TooLong)
        | GateError::Ledger(LedgerError::NameTaken(_)) => "unacceptable",
        GateError::Password(PasswordError::Hash(_)) | GateError::Ledger(_) | GateError::Session(_) => {
            "internal"
        }
    }
}

/// Whether all of a sweep worked, or not.
pub(super) const SWEEPS: [&str; 2] = ["ok", "failed"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_anybody_may_think_up_is_one_of_six_routes() {
        for (path, route) in [
            ("/readyz", Route::Health),
            ("/api/v1", Route::Api),
            ("/api/v1/batches/0190", Route::Api),
            ("/api/v1x", Route::Page),
            ("/api/rpc/whatever", Route::Rpc),
            ("/api/relay/0190/0", Route::Relay),
            ("/no/such/page", Route::Page),
        ] {
            assert_eq!(Route::of(path, false), route, "{path}");
        }
        assert_eq!(Route::of("/pkg/sluice.wasm", true), Route::File);
    }

    #[test]
    fn what_sts_says_is_one_of_the_causes() {
        let of = |code| store_fault(&StoreFault::of_one("AssumeRole", code, ""));
        assert_eq!(of("AccessDenied"), "denied");
        assert_eq!(of("Throttling"), "throttled");
        assert_eq!(of("InternalFailure"), "unreachable");
        assert_eq!(of("PackedPolicyTooLarge"), "policy");
        assert_eq!(of("ValidationError"), "refused");
        assert_eq!(store_fault(&StoreFault::nobody()), "no_credentials");
        for code in ["AccessDenied", "Throttling", "InternalFailure", "ValidationError", "ExpiredToken"] {
            assert!(GRANT_FAILURES.contains(&of(code)), "{code}");
        }
    }
}

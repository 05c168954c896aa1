//! Why nobody came in by single sign-on: what the log says, and what the page says.

use app::entrance::SsoProblem;
use ledger::LedgerError;

use super::fetch::FetchError;
use super::token::TokenError;
use crate::session::TooSoon;

/// Text of others in the log: no longer than that, in characters.
const MOST_TEXT: usize = 200;

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// No flow of this browser, or one that is over or was used already.
    #[error("the sign-in was not begun in this browser, was used already, or took too long")]
    Flow,
    /// The person said no, there.
    #[error("the person declined: {0}")]
    Cancelled(String),
    /// The provider would not.
    #[error("the provider declined: {0}")]
    Declined(String),
    /// The answer says that it comes from somebody else, or does not say where from.
    #[error("the answer names {0:?} as its sender, which is not the provider (RFC 9207)")]
    Sender(String),
    /// The provider did not answer, or nothing that makes sense.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What it says of itself is not what was configured.
    #[error("{0}")]
    Discovery(String),
    /// A token that proves nothing.
    #[error("the ID token was refused: {0}")]
    Token(#[from] TokenError),
    /// UserInfo of somebody else.
    #[error("UserInfo tells of another subject than the ID token")]
    Subject,
    /// Somebody who may not come in.
    #[error("subject {subject:?} was refused: {why}")]
    Refused {
        /// The provider's name for the person.
        subject: String,
        /// Why.
        why: Refusal,
    },
    /// Too many attempts.
    #[error("too many attempts")]
    TooSoon(TooSoon),
    /// A form that cannot be written.
    #[error(transparent)]
    Form(#[from] serde_urlencoded::ser::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why somebody whom the provider knows may not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Disabled here.
    #[error("the person is disabled")]
    Disabled,
    /// Never here, and not invited.
    #[error("unknown, and SLUICE_OIDC_NEWCOMERS lets in only who brings a one-time link")]
    Unknown,
    /// No value of the claim gives a role.
    #[error("no value of the claim SLUICE_OIDC_ROLE_CLAIM gives a role")]
    NoRole,
    /// The role would leave nobody as admin.
    #[error(
        "the claims make the last admin an uploader; make somebody else an admin first (`sluice user role`)"
    )]
    LastAdmin,
    /// No verified address of the domains.
    #[error("no verified e-mail address of SLUICE_OIDC_DOMAINS")]
    Domain,
    /// The one-time link was used, or has ended.
    #[error("the one-time link is not valid any more")]
    Link,
    /// The identity is another person's already.
    #[error("the identity is another person's already")]
    Taken,
    /// Every name that the claims give is somebody else's.
    #[error("no name of the claims is free")]
    Name,
}

impl OidcError {
    /// An answer with an error (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6). What it says came through the
    /// browser, so anybody may have written it.
    pub(super) fn declined(error: &str, description: Option<&str>) -> Self {
        let whole = format!("{error}: {}", description.unwrap_or("no description"));
        let text = format!("{:?}", whole.chars().take(MOST_TEXT).collect::<String>());
        match error {
            "access_denied" => Self::Cancelled(text),
            _ => Self::Declined(text),
        }
    }

    /// Logs what must be logged, this once, and gives what the page may say.
    #[must_use]
    pub fn report(&self) -> SsoProblem {
        match self {
            Self::Flow => {
                tracing::info!(error = %self, "single sign-on did not end");
                SsoProblem::Over
            }
            Self::Cancelled(_) => {
                tracing::info!(error = %self, "single sign-on did not end");
                SsoProblem::Cancelled
            }
            Self::TooSoon(_) => SsoProblem::TooOften,
            Self::Refused { why: Refusal::Link, .. } => {
                tracing::warn!(error = %self, "single sign-on was refused");
                SsoProblem::Link
            }
            Self::Refused { .. } => {
                tracing::warn!(error = %self, "single sign-on was refused");
                SsoProblem::Refused
            }
            Self::Declined(_)
            | Self::Sender(_)
            | Self::Fetch(_)
            | Self::Discovery(_)
            | Self::Token(_)
            | Self::Subject
            | Self::Form(_)
            | Self::Ledger(_) => {
                tracing::error!(error = %self, "single sign-on failed");
                SsoProblem::Failed
            }
        }
    }
}

//! Who calls: whoever a bearer token belongs to.

use axum::extract::FromRequestParts;
use http::request::Parts;
use ledger::Scope;
use transfer::wire::{Problem, ProblemCode};

use crate::caller::Caller;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// The caller, recognised by an API token. A session cookie is not looked at. A token for reading is refused where
/// anything could change: what `GET` does is safe (RFC 9110, section 9.2.1).
#[derive(Debug)]
pub(super) struct ApiCaller(pub(super) Caller);

impl FromRequestParts<AppState> for ApiCaller {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, HttpProblem> {
        let _ = state;
        match parts.extensions.get::<Caller>() {
            Some(Caller::Token { scope: Scope::Read, .. }) if !parts.method.is_safe() => {
                Err(HttpProblem(Problem::new(
                    ProblemCode::Forbidden,
                    "This API token is for reading. Use one that was made for sending, or for everything.",
                )))
            }
            Some(caller @ Caller::Token { .. }) => Ok(Self(caller.clone())),
            _ => Err(HttpProblem(Problem::new(
                ProblemCode::SignedOut,
                "Send an API token: `Authorization: Bearer <token>`. `sluice token create` makes one.",
            ))),
        }
    }
}

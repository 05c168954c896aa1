//! Who calls: whoever a bearer token belongs to.

use axum::extract::FromRequestParts;
use http::request::Parts;
use transfer::wire::{Problem, ProblemCode};

use crate::caller::Caller;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// The caller, recognised by an API token. A session cookie is not looked at.
#[derive(Debug)]
pub(super) struct ApiCaller(pub(super) Caller);

impl FromRequestParts<AppState> for ApiCaller {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, HttpProblem> {
        let _ = state;
        match parts.extensions.get::<Caller>() {
            Some(caller @ Caller::Token { .. }) => Ok(Self(caller.clone())),
            _ => Err(HttpProblem(Problem::new(
                ProblemCode::SignedOut,
                "Send an API token: `Authorization: Bearer <token>`. `sluice token create` makes one.",
            ))),
        }
    }
}

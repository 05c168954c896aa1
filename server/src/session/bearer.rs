//! Bearer tokens of the JSON API.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use ledger::{LedgerError, TokenRecord};
use subtle::ConstantTimeEq;
use transfer::wire::{Problem, ProblemCode, UnixMillis};

use super::secret::TokenText;
use crate::caller::{Caller, CallerPerson};
use crate::clock;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// How often a token's last use is written down, in milliseconds.
const TOUCH_EACH: u64 = 60_000;

/// Puts the [`Caller`] of a good bearer token into the request. A request without one goes on without a caller; a
/// token that is not good is refused.
pub async fn recognise_token(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(header) = request.headers().get(AUTHORIZATION) else { return next.run(request).await };
    let token = header.to_str().ok().and_then(bearer).and_then(TokenText::parse);
    let found = match token {
        None => Ok(None),
        Some(token) => caller(&state, &token).await,
    };
    match found {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) => HttpProblem(Problem::new(
            ProblemCode::SignedOut,
            "This API token is not valid: it is mistyped, revoked or expired. `sluice token create` makes a new one.",
        ))
        .into_response(),
        Err(error) => {
            tracing::error!(%error, "token could not be checked");
            let detail = "Something went wrong on the server. Try again in a moment.";
            HttpProblem(Problem::new(ProblemCode::Internal, detail)).into_response()
        }
    }
}

/// The token of `Bearer <token>`; the scheme's case does not matter (RFC 9110).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn caller(state: &AppState, token: &TokenText) -> Result<Option<Caller>, LedgerError> {
    let now = clock::now();
    let Some(record) = state.ledger.tokens().by_prefix(&token.prefix).await? else { return Ok(None) };
    let same: bool = record.secret.as_bytes().ct_eq(token.secret.as_bytes()).into();
    if !same || !record.is_good(now) {
        return Ok(None);
    }
    let Some(person) = state.ledger.people().get(record.person).await?.filter(|person| !person.disabled)
    else {
        return Ok(None);
    };
    if is_stale(&record, now) {
        state.ledger.tokens().touch(record.id, now).await?;
    }
    Ok(Some(Caller::Token { token: record.id, scope: record.scope, person: CallerPerson::from(&person) }))
}

fn is_stale(record: &TokenRecord, now: UnixMillis) -> bool {
    record.last_used_at.is_none_or(|last| last.0.saturating_add(TOUCH_EACH) < now.0)
}

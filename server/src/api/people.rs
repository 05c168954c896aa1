//! People and their tokens; for admins.

use app::account::SessionCard;
use app::desk::Quota;
use app::desk::people::{PersonCard, TokenCard, TokenScope};
use app::person::Role;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use ledger::{PersonId, WhoseSessions};
use serde::{Deserialize, Serialize};
use transfer::wire::Problem;
use utoipa::ToSchema;

use super::body::{Body, Of, OfSession};
use super::caller::ApiCaller;
use crate::desk::Desk;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// A person to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct InviteBody {
    /// Sign-in name.
    name: String,
    /// `admin` or `uploader`.
    role: Role,
}

/// What changes about a person; the rest stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PersonBody {
    /// Another role: `admin` or `uploader`. The person signs in again.
    #[serde(default)]
    role: Option<Role>,
    /// Whether the person is kept out. Sessions end at once, tokens are refused.
    #[serde(default)]
    disabled: Option<bool>,
    /// The most that is taken from the person at all, over all projects; `{}` for no limit.
    #[serde(default)]
    quota: Option<Quota>,
    /// The most that is taken from the person a day, from midnight to midnight UTC; `{}` for no limit.
    #[serde(default)]
    daily_quota: Option<Quota>,
}

/// A person who was added.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitedPerson {
    /// The person.
    person: PersonCard,
    /// The one-time link with which the person chooses a password; shown this once.
    link: String,
}

/// A one-time link.
#[derive(Serialize, ToSchema)]
pub(super) struct WelcomeLink {
    /// The link; shown this once.
    link: String,
}

/// A token to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TokenBody {
    /// The id of the person whom it acts for.
    person: i64,
    /// What it is for.
    name: String,
    /// What it may be used for: `full` (what its person may do), `send` or `read`; `full` if not given.
    #[serde(default)]
    scope: TokenScope,
    /// Days until it ends: 1 to 3,650; 90 if not given.
    #[serde(default = "ninety")]
    days: u32,
}

fn ninety() -> u32 {
    90
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    /// What is known of it later.
    token: TokenCard,
    /// The token itself; shown this once.
    secret: String,
}

/// Lists everybody with an account.
#[utoipa::path(get, path = "/api/v1/people", tag = "people",
    responses((status = 200, body = [PersonCard]), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
) -> Result<Json<Vec<PersonCard>>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.everybody().await?))
}

/// Adds a person, who chooses a password by a one-time link.
#[utoipa::path(post, path = "/api/v1/people", tag = "people", request_body = InviteBody,
    responses((status = 201, body = InvitedPerson), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn invite(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Body(body): Body<InviteBody>,
) -> Result<(StatusCode, Json<InvitedPerson>), HttpProblem> {
    let made = Desk::of(&state, &caller)?.invite(&body.name, body.role).await?;
    Ok((StatusCode::CREATED, Json(InvitedPerson { person: made.what, link: made.issued.secret })))
}

/// Shows a person.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = PersonCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn show(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<Json<PersonCard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.person(PersonId(id)).await?))
}

/// Gives a person another role or other limits, or keeps a person out.
#[utoipa::path(patch, path = "/api/v1/people/{id}", tag = "people", params(("id" = i64, Path)),
    request_body = PersonBody,
    responses((status = 200, body = PersonCard), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn change(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
    Body(body): Body<PersonBody>,
) -> Result<Json<PersonCard>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    if let Some(role) = body.role {
        desk.set_role(PersonId(id), role).await?;
    }
    if let Some(disabled) = body.disabled {
        desk.set_disabled(PersonId(id), disabled).await?;
    }
    if body.quota.is_some() || body.daily_quota.is_some() {
        let now = desk.person(PersonId(id)).await?;
        let (quota, daily) = (body.quota.unwrap_or(now.quota), body.daily_quota.unwrap_or(now.daily_quota));
        desk.set_quota(PersonId(id), quota, daily).await?;
    }
    Ok(Json(desk.person(PersonId(id)).await?))
}

/// Makes a new one-time link for a person; older ones end.
#[utoipa::path(post, path = "/api/v1/people/{id}/link", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = WelcomeLink), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn link(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<Json<WelcomeLink>, HttpProblem> {
    let issued = Desk::of(&state, &caller)?.link(PersonId(id)).await?;
    Ok(Json(WelcomeLink { link: issued.secret }))
}

/// Ends all sessions of a person.
#[utoipa::path(post, path = "/api/v1/people/{id}/sign-out", tag = "people", params(("id" = i64, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn sign_out(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<StatusCode, HttpProblem> {
    Desk::of(&state, &caller)?.sign_out(PersonId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists where a person is signed in, latest used first.
#[utoipa::path(get, path = "/api/v1/people/{id}/sessions", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = [SessionCard]), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn sessions(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<Json<Vec<SessionCard>>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.person(PersonId(id)).await?;
    Ok(Json(desk.sessions(WhoseSessions::Of(PersonId(id))).await?))
}

/// Ends one session of a person.
#[utoipa::path(delete, path = "/api/v1/people/{id}/sessions/{session}", tag = "people",
    params(("id" = i64, Path), ("session" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn end_session(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfSession(id, session): OfSession,
) -> Result<StatusCode, HttpProblem> {
    Desk::of(&state, &caller)?.end_session(PersonId(id), &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the tokens that are good, newest first.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "people",
    responses((status = 200, body = [TokenCard]), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn tokens(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
) -> Result<Json<Vec<TokenCard>>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.tokens().await?))
}

/// Makes a token for a person.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "people", request_body = TokenBody,
    responses((status = 201, body = MadeToken), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn make_token(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Body(body): Body<TokenBody>,
) -> Result<(StatusCode, Json<MadeToken>), HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    let made = desk.make_token(PersonId(body.person), &body.name, body.scope, body.days).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token: made.what, secret: made.issued.secret })))
}

/// Ends a token, by its public half.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn revoke_token(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(prefix): Of<String>,
) -> Result<StatusCode, HttpProblem> {
    Desk::of(&state, &caller)?.revoke_token(&prefix).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Guests' links; for admins.

use app::desk::links::{LinkCard, LinkChange, LinkSettings};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use ledger::LinkId;
use serde::Serialize;
use transfer::wire::Problem;
use utoipa::ToSchema;

use super::body::{Body, Of};
use super::caller::ApiCaller;
use crate::desk::Desk;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// A link that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeLink {
    /// What is known of it later.
    link: LinkCard,
    /// Its address; shown this once.
    url: String,
}

/// Lists guests' links with their use, newest first.
#[utoipa::path(get, path = "/api/v1/links", tag = "links",
    responses((status = 200, body = [LinkCard]), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
) -> Result<Json<Vec<LinkCard>>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.all_links().await?))
}

/// Makes a link by which guests upload into one project without an account.
#[utoipa::path(post, path = "/api/v1/links", tag = "links", request_body = LinkSettings,
    responses((status = 201, body = MadeLink), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Body(settings): Body<LinkSettings>,
) -> Result<(StatusCode, Json<MadeLink>), HttpProblem> {
    let made = Desk::of(&state, &caller)?.make_link(settings).await?;
    Ok((StatusCode::CREATED, Json(MadeLink { link: made.what, url: made.issued.secret })))
}

/// Changes a link that was not ended; what is not given stays, and so does its address.
#[utoipa::path(patch, path = "/api/v1/links/{id}", tag = "links", params(("id" = i64, Path)),
    request_body = LinkChange,
    responses((status = 200, body = LinkCard), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn change(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
    Body(change): Body<LinkChange>,
) -> Result<Json<LinkCard>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.change_link(LinkId(id), change).await?;
    Ok(Json(desk.link_card(LinkId(id)).await?))
}

/// Ends a link. Its guests get no new grant; one that they have ends within the hour.
#[utoipa::path(delete, path = "/api/v1/links/{id}", tag = "links", params(("id" = i64, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn revoke(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<i64>,
) -> Result<StatusCode, HttpProblem> {
    Desk::of(&state, &caller)?.revoke_link(LinkId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

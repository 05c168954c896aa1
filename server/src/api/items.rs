//! Items.

use app::desk::batches::{ItemView, StoredState};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use transfer::wire::{
    AnnounceAnswer, AnnounceRequest, ItemIndex, ItemReport, NewItem, Problem, ReportAnswer, ReportRequest,
};
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, OfBatch, Search};
use super::caller::ApiCaller;
use crate::batch;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// Items to announce.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AnnounceBody {
    /// At most 1,000.
    items: Vec<NewItem>,
}

/// What became of items.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ReportBody {
    /// At most 1,000.
    items: Vec<ItemReport>,
}

/// Which of the items.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AfterQuery {
    /// The last index of the page before; the first page if not given.
    #[serde(default)]
    after: Option<u32>,
    /// Only items in this state.
    #[serde(default)]
    state: Option<StoredState>,
}

/// Announces items: answers a key for each that may be sent, and a reason for each that may not.
///
/// Announcing the same item again is harmless.
#[utoipa::path(post, path = "/api/v1/batches/{id}/items", tag = "items", params(("id" = String, Path)),
    request_body = AnnounceBody,
    responses((status = 200, body = AnnounceAnswer), (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem)))]
pub(super) async fn announce(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    Body(body): Body<AnnounceBody>,
) -> Result<Json<AnnounceAnswer>, HttpProblem> {
    let request = AnnounceRequest { batch, items: body.items };
    Ok(Json(batch::announce(&state, &caller, request).await?))
}

/// Lists the items of a batch in order, 1,000 at a time.
#[utoipa::path(get, path = "/api/v1/batches/{id}/items", tag = "items",
    params(("id" = String, Path), AfterQuery),
    responses((status = 200, body = [ItemView]), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    Search(query): Search<AfterQuery>,
) -> Result<Json<Vec<ItemView>>, HttpProblem> {
    Ok(Json(batch::items(&state, &caller, &batch, query.state, query.after.map(ItemIndex)).await?))
}

/// Notes what became of items. Not needed for a batch to be verified; it tells an item that was given up from one
/// that is missing, and which ETag to expect.
#[utoipa::path(post, path = "/api/v1/batches/{id}/report", tag = "items", params(("id" = String, Path)),
    request_body = ReportBody,
    responses((status = 200, body = ReportAnswer), (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem)))]
pub(super) async fn report(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    Body(body): Body<ReportBody>,
) -> Result<Json<ReportAnswer>, HttpProblem> {
    let request = ReportRequest { batch, items: body.items };
    Ok(Json(batch::report(&state, &caller, request).await?))
}

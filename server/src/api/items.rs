//! Items.

use app::desk::batches::{ItemView, StoredState};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use http::HeaderMap;
use serde::Deserialize;
use transfer::wire::{
    AnnounceAnswer, AnnounceRequest, BatchId, ItemIndex, ItemReport, NewItem, Problem, ReportAnswer,
    ReportRequest,
};
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, OfBatch, Search};
use super::caller::ApiCaller;
use crate::batch::{self, BatchError, ItemsWanted, Relayed};
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

/// One item of a batch.
#[derive(Debug, Deserialize)]
pub(super) struct OneOf {
    id: BatchId,
    item: ItemIndex,
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
    /// Only items with this anywhere in their path, whatever the case of its letters.
    #[serde(default)]
    about: Option<String>,
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
    let wanted = ItemsWanted { state: query.state, about: query.about, after: query.after.map(ItemIndex) };
    Ok(Json(batch::items(&state, &caller, &batch, wanted).await?))
}

/// Sends an item through the server, where the project allows it and no other way leads to the store: the body is
/// streamed there. It must have exactly the bytes that were announced, and `Content-Length` must say so; with
/// `x-amz-checksum-crc64nvme`, it is compared with that on the way. Otherwise nothing is stored.
#[utoipa::path(put, path = "/api/v1/batches/{id}/items/{item}/body", tag = "items",
    params(("id" = String, Path), ("item" = u32, Path),
        ("x-amz-checksum-crc64nvme" = Option<String>, Header, description = "CRC-64/NVME of the body, in base64")),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 204, description = "The store has it.",
            headers(("etag" = String, description = "The store's ETag."))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 502, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn relay(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    path: Result<Path<OneOf>, PathRejection>,
    headers: HeaderMap,
    body: axum::body::Body,
) -> Result<Relayed, HttpProblem> {
    let Path(OneOf { id, item }) = path.map_err(|_| BatchError::NoSuchItem)?;
    Ok(batch::relay(&state, &caller, (&id, item), &headers, body).await?)
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

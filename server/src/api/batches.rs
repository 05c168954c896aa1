//! Batches.

use app::desk::batches::{Again, BatchCard, BatchPage, BatchesQuestion};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use transfer::wire::{
    BatchId, BatchState, CloseAnswer, CloseRequest, GrantKind, ItemIndex, OpenBatchRequest, OpenedBatch,
    Problem, ProjectId, Receipt, RenewGrantRequest, RenewedGrant, SignUploadRequest, SignUrlsRequest,
    SignedUpload, SignedUrls, StoreAddress, UnixMillis,
};
use utoipa::ToSchema;

use super::body::{Body, OfBatch, Search};
use super::caller::ApiCaller;
use crate::batch::{self, Destination, Unfinished};
use crate::desk::Desk;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// A batch, as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchView {
    /// The batch.
    batch: BatchId,
    /// Where to.
    project: ProjectId,
    /// Who: a person's sign-in name.
    person: String,
    /// Its state.
    state: BatchState,
    /// When it was opened.
    opened_at: UnixMillis,
    /// Items that were announced and accepted.
    items: u64,
    /// Items that are stored, as far as is known.
    stored: u64,
    /// Their bytes.
    bytes: u64,
    /// Where its objects go: `<project prefix>/<batch id>/`.
    prefix: String,
    /// The kind of grant that it gets.
    grant: GrantKind,
    /// The store.
    store: StoreAddress,
}

/// Which kind of grant.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct GrantBody {
    /// The kind; as before if not given.
    #[serde(default)]
    kind: Option<GrantKind>,
}

/// Which items to presign.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UrlsBody {
    /// At most 250 accepted items.
    items: Vec<ItemIndex>,
    /// Which of the store's `bases` the URLs may lead to, by their place in the list; none: any.
    #[serde(default)]
    bases: Vec<u32>,
}

/// What of an upload in parts to presign.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UploadBody {
    /// An accepted item.
    item: ItemIndex,
    /// What the store called the upload as it began; without it, the URL that begins one is answered.
    #[serde(default)]
    upload: Option<String>,
    /// Numbers of parts, from 1; at most 250.
    #[serde(default)]
    parts: Vec<u32>,
    /// The list of parts is to begin behind this one.
    #[serde(default)]
    after: u32,
    /// Which of the store's `bases` the URLs may lead to, by their place in the list; none: any.
    #[serde(default)]
    bases: Vec<u32>,
}

/// How to close.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct CloseBody {
    /// What becomes of items that are missing or differ.
    #[serde(default)]
    rest: Rest,
}

/// What becomes of items that are missing or differ.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Rest {
    /// The batch stays open, so that they can be sent again.
    #[default]
    SendAgain,
    /// The batch ends as `closed` without them.
    GiveUp,
}

/// Opens a batch: a prefix of its own in the bucket, and a grant for it.
#[utoipa::path(post, path = "/api/v1/batches", tag = "batches", request_body = OpenBatchRequest,
    responses((status = 201, body = OpenedBatch), (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 501, body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn open(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Body(request): Body<OpenBatchRequest>,
) -> Result<(StatusCode, Json<OpenedBatch>), HttpProblem> {
    Ok((StatusCode::CREATED, Json(batch::open(&state, &caller, request).await?)))
}

/// Lists batches of all projects, newest first, 50 at a time; for admins.
#[utoipa::path(get, path = "/api/v1/batches", tag = "batches", params(BatchesQuestion),
    responses((status = 200, body = BatchPage), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Search(question): Search<BatchesQuestion>,
) -> Result<Json<BatchPage>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.find_batches(question).await?))
}

/// Shows a batch.
#[utoipa::path(get, path = "/api/v1/batches/{id}", tag = "batches", params(("id" = String, Path)),
    responses((status = 200, body = BatchView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn show(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(id): OfBatch,
) -> Result<Json<BatchView>, HttpProblem> {
    let shown = batch::summary(&state, &caller, &id).await?;
    let Destination { prefix, grant, store } = batch::destination(&state, &caller, &id).await?;
    Ok(Json(BatchView {
        batch: shown.batch,
        project: shown.project,
        person: shown.person,
        state: shown.state,
        opened_at: shown.opened_at,
        items: shown.items,
        stored: shown.stored,
        bytes: shown.bytes,
        prefix,
        grant,
        store,
    }))
}

/// Issues a fresh grant for an open batch. The body may be left out.
#[utoipa::path(post, path = "/api/v1/batches/{id}/grant", tag = "batches", params(("id" = String, Path)),
    request_body = Option<GrantBody>,
    responses((status = 200, body = RenewedGrant), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 501, body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn grant(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    body: Option<Body<GrantBody>>,
) -> Result<Json<RenewedGrant>, HttpProblem> {
    let kind = body.and_then(|Body(body)| body.kind);
    Ok(Json(batch::renew(&state, &caller, RenewGrantRequest { batch, kind }).await?))
}

/// Presigns PUTs for at most 250 accepted items.
#[utoipa::path(post, path = "/api/v1/batches/{id}/urls", tag = "batches", params(("id" = String, Path)),
    request_body = UrlsBody,
    responses((status = 200, body = SignedUrls), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn urls(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    Body(body): Body<UrlsBody>,
) -> Result<Json<SignedUrls>, HttpProblem> {
    let request = SignUrlsRequest { batch, items: body.items, bases: body.bases };
    Ok(Json(batch::sign_urls(&state, &caller, request).await?))
}

/// Presigns an upload in parts of one item: the URL that begins it, or, with `upload`, those for its parts, for the list
/// of them, to complete it and to abort it. Part `n` has exactly `part_size` bytes, the last one the rest.
#[utoipa::path(post, path = "/api/v1/batches/{id}/upload", tag = "batches", params(("id" = String, Path)),
    request_body = UploadBody,
    responses((status = 200, body = SignedUpload), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn upload(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    Body(body): Body<UploadBody>,
) -> Result<Json<SignedUpload>, HttpProblem> {
    let UploadBody { item: index, upload, parts, after, bases } = body;
    let request = SignUploadRequest { batch, index, upload, after, parts, bases };
    Ok(Json(batch::sign_upload(&state, &caller, request).await?))
}

/// Compares the store with what was announced, and verifies the batch if all is there. The body may be left out.
#[utoipa::path(post, path = "/api/v1/batches/{id}/close", tag = "batches", params(("id" = String, Path)),
    request_body = Option<CloseBody>,
    responses((status = 200, body = CloseAnswer), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn close(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    body: Option<Body<CloseBody>>,
) -> Result<Json<CloseAnswer>, HttpProblem> {
    let unfinished = match body.map(|Body(body)| body.rest).unwrap_or_default() {
        Rest::SendAgain => Unfinished::StaysOpen,
        Rest::GiveUp => Unfinished::GivenUp,
    };
    Ok(Json(batch::close(&state, &caller, CloseRequest { batch }, unfinished).await?))
}

/// The receipt: what the store was seen to hold.
#[utoipa::path(get, path = "/api/v1/batches/{id}/receipt", tag = "batches", params(("id" = String, Path)),
    responses((status = 200, body = Receipt), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn receipt(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(id): OfBatch,
) -> Result<Json<Receipt>, HttpProblem> {
    Ok(Json(batch::receipt(&state, &caller, &id).await?))
}

/// Compares the store with the receipt of a batch that is over, and answers what changed since; for admins. The receipt
/// stays as it is.
#[utoipa::path(post, path = "/api/v1/batches/{id}/verify-again", tag = "batches", params(("id" = String, Path)),
    responses((status = 200, body = Again), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn verify_again(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(id): OfBatch,
) -> Result<Json<Again>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.verify_again(&id).await?))
}

/// Gives an open batch no further grant, URL or renewal, and closes it; for admins. What was granted already ends by
/// itself, at `grants_end_at` at the latest.
#[utoipa::path(post, path = "/api/v1/batches/{id}/revoke", tag = "batches", params(("id" = String, Path)),
    responses((status = 200, body = BatchCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn revoke(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(id): OfBatch,
) -> Result<Json<BatchCard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.revoke_batch(&id).await?))
}

/// Deletes everything below the prefix of a batch that is over; for admins. The receipt stays, and says so.
///
/// For many objects this takes longer than a request may: it goes on after a 504, and `undone_at` tells when it ended.
#[utoipa::path(post, path = "/api/v1/batches/{id}/undo", tag = "batches", params(("id" = String, Path)),
    responses((status = 200, body = BatchCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn undo(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(id): OfBatch,
) -> Result<Json<BatchCard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.undo_batch(&id).await?))
}

//! Images: what batches and projects hold.

use app::gallery::{
    DeleteImages, DeletedImages, GalleryOf, GalleryPart, GalleryQuestion, ImageDownload, ImageRequest,
};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Deserialize;
use transfer::wire::{BatchId, ItemIndex, Problem, ProjectId};
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Of, OfBatch, Search};
use super::caller::ApiCaller;
use crate::desk::Desk;
use crate::gallery::{self, GalleryError};
use crate::problem::HttpProblem;
use crate::state::AppState;

/// Which part of a gallery.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FirstQuery {
    /// Where it begins, counted from 0.
    #[serde(default)]
    first: u64,
    /// Only images with this anywhere in their path, whatever the case of its letters.
    #[serde(default)]
    about: Option<String>,
}

/// Which part of a project's gallery.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProjectQuery {
    /// Where it begins, counted from 0.
    #[serde(default)]
    first: u64,
    /// Only images with this anywhere in their path, whatever the case of its letters. A search looks at some 30,000
    /// images, those of the newest batches first, and answers in `beyond` what it left out.
    #[serde(default)]
    about: Option<String>,
    /// With `about`: only in batches that are older than that one, as `beyond` said.
    #[serde(default)]
    older_than: Option<BatchId>,
}

/// What to delete.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeleteBody {
    /// At most 1,000 items.
    items: Vec<ItemIndex>,
}

/// An item that the path names.
#[derive(Deserialize)]
pub(super) struct OneOf {
    id: BatchId,
    item: u32,
}

/// Lists what a project holds, 100 at a time: the newest batch first, and each by path. To all but admins, what they sent
/// themselves.
#[utoipa::path(get, path = "/api/v1/projects/{id}/images", tag = "images",
    params(("id" = String, Path), ProjectQuery),
    responses((status = 200, body = GalleryPart), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn of_project(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<ProjectId>,
    Search(query): Search<ProjectQuery>,
) -> Result<Json<GalleryPart>, HttpProblem> {
    let ProjectQuery { first, about, older_than } = query;
    let question = GalleryQuestion { of: GalleryOf::Project(id), first, about, older_than };
    Ok(Json(gallery::part(&state, &caller, question).await?))
}

/// Lists what a batch holds by path, 100 at a time.
#[utoipa::path(get, path = "/api/v1/batches/{id}/images", tag = "images",
    params(("id" = String, Path), FirstQuery),
    responses((status = 200, body = GalleryPart), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn of_batch(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(id): OfBatch,
    Search(query): Search<FirstQuery>,
) -> Result<Json<GalleryPart>, HttpProblem> {
    let FirstQuery { first, about } = query;
    let question = GalleryQuestion { of: GalleryOf::Batch(id), first, about, older_than: None };
    Ok(Json(gallery::part(&state, &caller, question).await?))
}

/// Presigns the download of one item.
#[utoipa::path(get, path = "/api/v1/batches/{id}/images/{item}", tag = "images",
    params(("id" = String, Path), ("item" = u32, Path)),
    responses((status = 200, body = ImageDownload), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn download(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    path: Result<Path<OneOf>, PathRejection>,
) -> Result<Json<ImageDownload>, HttpProblem> {
    let Path(OneOf { id, item }) = path.map_err(|_| GalleryError::NoSuchImage)?;
    let request = ImageRequest { batch: id, index: ItemIndex(item) };
    Ok(Json(gallery::download(&state, &caller, request).await?))
}

/// Deletes items of a batch that is over from the store; for admins. The receipt stays as it is.
#[utoipa::path(post, path = "/api/v1/batches/{id}/images/delete", tag = "images", params(("id" = String, Path)),
    request_body = DeleteBody,
    responses((status = 200, body = DeletedImages), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    OfBatch(batch): OfBatch,
    Body(body): Body<DeleteBody>,
) -> Result<Json<DeletedImages>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    Ok(Json(desk.delete_images(DeleteImages { batch, items: body.items }).await?))
}

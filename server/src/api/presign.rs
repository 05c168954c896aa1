//! The short way for scripts.

use axum::Json;
use axum::extract::State;
use transfer::wire::Problem;

use super::body::Body;
use super::caller::ApiCaller;
use crate::presign::{self, PresignRequest, PresignedFile};
use crate::problem::HttpProblem;
use crate::state::AppState;

/// Presigns a PUT for one file.
///
/// `curl -X PUT --upload-file photo.jpg "$PUT_URL"` then stores it. The URL takes exactly `size` bytes.
#[utoipa::path(post, path = "/api/v1/presign", tag = "presign", request_body = PresignRequest,
    responses((status = 200, body = PresignedFile), (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Body(request): Body<PresignRequest>,
) -> Result<Json<PresignedFile>, HttpProblem> {
    presign::presign(&state, &caller, request).await.map(Json).map_err(|error| HttpProblem(error.into()))
}

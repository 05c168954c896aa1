//! The store, as the doctor finds it; for admins.

use app::desk::store::StoreDesk;
use axum::Json;
use axum::extract::State;
use transfer::wire::Problem;

use super::caller::ApiCaller;
use crate::desk::Desk;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// Asks the store whether it does what Sluice needs, as `sluice doctor` does. It writes one small object and deletes
/// it, tries what must be refused, and takes some seconds.
#[utoipa::path(post, path = "/api/v1/store/examine", tag = "store",
    responses((status = 200, body = StoreDesk), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn examine(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
) -> Result<Json<StoreDesk>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.examine().await?))
}

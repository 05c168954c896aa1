//! What is going on, and what came in; for admins.

use app::desk::dashboard::{Dashboard, DashboardQuestion};
use axum::Json;
use axum::extract::State;
use transfer::wire::Problem;

use super::body::Search;
use super::caller::ApiCaller;
use crate::desk::Desk;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// Shows the open batches, what came into each project today and this month and on each of the last 30 days, and why
/// files are not in the store.
#[utoipa::path(get, path = "/api/v1/dashboard", tag = "batches", params(DashboardQuestion),
    responses((status = 200, body = Dashboard), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
pub(super) async fn show(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Search(question): Search<DashboardQuestion>,
) -> Result<Json<Dashboard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.dashboard(question).await?))
}

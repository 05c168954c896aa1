//! The audit log; for admins.

use app::desk::audit::{AuditLine, AuditQuestion};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use transfer::wire::Problem;
use utoipa::IntoParams;

use super::body::Search;
use super::caller::ApiCaller;
use crate::desk::Desk;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only lines before that one: the `id` of the last line of the page before.
    #[serde(default)]
    before: Option<i64>,
    /// Only what was done so, such as `project_changed`.
    #[serde(default)]
    action: Option<String>,
    /// Only lines with that text in who or whom.
    #[serde(default)]
    about: Option<String>,
}

/// Lists who did what, latest first, 100 at a time.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = [AuditLine]), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Search(query): Search<AuditQuery>,
) -> Result<Json<Vec<AuditLine>>, HttpProblem> {
    let question = AuditQuestion { before: query.before, action: query.action, about: query.about };
    Ok(Json(Desk::of(&state, &caller)?.log(question).await?))
}

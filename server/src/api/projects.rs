//! Projects.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use transfer::wire::{GrantKind, Problem, ProjectId, Rules};
use utoipa::ToSchema;

use super::caller::ApiCaller;
use crate::batch;
use crate::problem::HttpProblem;
use crate::state::AppState;

/// A project that the caller may upload into.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectView {
    /// Its id.
    id: ProjectId,
    /// Its name, for people.
    name: String,
    /// What it takes.
    rules: Rules,
    /// The kind of grant its batches get.
    grant: GrantKind,
}

/// Lists the projects that you may upload into.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects",
    responses((status = 200, body = [ProjectView]), (status = 401, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
) -> Result<Json<Vec<ProjectView>>, HttpProblem> {
    let projects = batch::projects(&state, &caller).await?;
    let view = |project: app::project::Project| ProjectView {
        id: project.id,
        name: project.name,
        rules: project.rules,
        grant: project.grant,
    };
    Ok(Json(projects.into_iter().map(view).collect()))
}

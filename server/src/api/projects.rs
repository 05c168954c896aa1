//! Projects.

use app::desk::projects::{ProjectCard, ProjectSettings, RetentionRule};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use transfer::wire::{GrantKind, Problem, ProjectId, Rules};
use utoipa::ToSchema;

use super::body::{Body, Of};
use super::caller::ApiCaller;
use crate::batch;
use crate::desk::Desk;
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
    /// Days that files are kept for; for ever if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_days: Option<u32>,
}

/// A project to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewProjectBody {
    /// Its id: 1 to 64 characters of A-Z, a-z, 0-9, `_` and `-`.
    id: ProjectId,
    /// What is decided about it.
    #[serde(flatten)]
    settings: ProjectSettings,
}

/// What is to be written into the bucket.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct WriteRetentionBody {
    /// The project's retention in days, as you know it; for ever if not given. If it is another by now, nothing is
    /// written.
    #[serde(default)]
    keep_days: Option<u32>,
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
        keep_days: project.keep_days,
    };
    Ok(Json(projects.into_iter().map(view).collect()))
}

/// Adds a project; for admins.
#[utoipa::path(post, path = "/api/v1/projects", tag = "projects", request_body = NewProjectBody,
    responses((status = 201, body = ProjectCard), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Body(body): Body<NewProjectBody>,
) -> Result<(StatusCode, Json<ProjectCard>), HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.create_project(&body.id, body.settings).await?;
    Ok((StatusCode::CREATED, Json(desk.project(&body.id).await?)))
}

/// Shows a project with its settings; for admins.
#[utoipa::path(get, path = "/api/v1/projects/{id}", tag = "projects", params(("id" = String, Path)),
    responses((status = 200, body = ProjectCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn show(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<ProjectId>,
) -> Result<Json<ProjectCard>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.project(&id).await?))
}

/// Changes a project; for admins. Batches that are there keep the prefix and the key template that they have.
#[utoipa::path(put, path = "/api/v1/projects/{id}", tag = "projects", params(("id" = String, Path)),
    request_body = ProjectSettings,
    responses((status = 200, body = ProjectCard), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn change(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<ProjectId>,
    Body(settings): Body<ProjectSettings>,
) -> Result<Json<ProjectCard>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.change_project(&id, settings).await?;
    Ok(Json(desk.project(&id).await?))
}

/// Has a project take no new batches any more; for admins. Nothing in the bucket changes.
#[utoipa::path(post, path = "/api/v1/projects/{id}/archive", tag = "projects", params(("id" = String, Path)),
    responses((status = 200, body = ProjectCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn archive(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<ProjectId>,
) -> Result<Json<ProjectCard>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.set_archived(&id, true).await?;
    Ok(Json(desk.project(&id).await?))
}

/// Has an archived project take batches again; for admins.
#[utoipa::path(post, path = "/api/v1/projects/{id}/restore", tag = "projects", params(("id" = String, Path)),
    responses((status = 200, body = ProjectCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn restore(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<ProjectId>,
) -> Result<Json<ProjectCard>, HttpProblem> {
    let desk = Desk::of(&state, &caller)?;
    desk.set_archived(&id, false).await?;
    Ok(Json(desk.project(&id).await?))
}

/// Shows a project's retention, and asks the bucket whether its lifecycle has the rule for it; for admins.
#[utoipa::path(get, path = "/api/v1/projects/{id}/retention", tag = "projects", params(("id" = String, Path)),
    responses((status = 200, body = RetentionRule), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn retention(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<ProjectId>,
) -> Result<Json<RetentionRule>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.retention(&id).await?))
}

/// Writes a project's retention into the bucket, as a rule of its lifecycle; for admins.
///
/// The store then deletes everything below the project's folder that is older than that, also what is there already.
/// For a project that keeps files for ever the rule is removed. Rules of others stay. The answer is what the bucket says
/// afterwards.
#[utoipa::path(post, path = "/api/v1/projects/{id}/retention", tag = "projects", params(("id" = String, Path)),
    request_body = WriteRetentionBody,
    responses((status = 200, body = RetentionRule), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn write_retention(
    State(state): State<AppState>,
    ApiCaller(caller): ApiCaller,
    Of(id): Of<ProjectId>,
    Body(body): Body<WriteRetentionBody>,
) -> Result<Json<RetentionRule>, HttpProblem> {
    Ok(Json(Desk::of(&state, &caller)?.write_retention(&id, body.keep_days).await?))
}

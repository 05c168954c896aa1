//! The admin's side: a desk for each noun. Each takes an action and answers all that its page shows.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use super::answer;
#[cfg(feature = "ssr")]
use crate::backend::backend;
use crate::desk::audit::{AuditLine, AuditQuestion};
use crate::desk::batches::{BatchDesk, BatchRequest, BatchesDesk, BatchesQuestion};
use crate::desk::dashboard::{Dashboard, DashboardQuestion};
use crate::desk::links::{LinksAction, LinksDesk};
use crate::desk::people::{PeopleAction, PeopleDesk};
use crate::desk::projects::{ProjectsAction, ProjectsDesk};
use crate::desk::store::{StoreAction, StoreDesk};
use crate::desk::webhooks::{WebhooksAction, WebhooksDesk};
use crate::error::AppError;

/// What an admin does with people and tokens.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `NotFound`; `Conflict` for a name that is taken or the last admin;
/// `Invalid`.
#[server(name = PeopleCall, prefix = "/api/rpc", endpoint = "people_desk", input = Json, output = Json)]
pub async fn people_desk(request: PeopleAction) -> Result<PeopleDesk, AppError> {
    answer(backend()?.people_desk(request).await)
}

/// What an admin does with projects.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `NotFound`; `Conflict` for an id or prefix that is taken; `Invalid`.
#[server(name = ProjectsCall, prefix = "/api/rpc", endpoint = "projects_desk", input = Json, output = Json)]
pub async fn projects_desk(request: ProjectsAction) -> Result<ProjectsDesk, AppError> {
    answer(backend()?.projects_desk(request).await)
}

/// What an admin does with guests' links.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `NotFound`; `Invalid`.
#[server(name = LinksCall, prefix = "/api/rpc", endpoint = "links_desk", input = Json, output = Json)]
pub async fn links_desk(request: LinksAction) -> Result<LinksDesk, AppError> {
    answer(backend()?.links_desk(request).await)
}

/// What an admin does with webhooks.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `NotFound`; `Conflict` for what is being delivered just now; `Invalid`.
#[server(name = WebhooksCall, prefix = "/api/rpc", endpoint = "webhooks_desk", input = Json, output = Json)]
pub async fn webhooks_desk(request: WebhooksAction) -> Result<WebhooksDesk, AppError> {
    answer(backend()?.webhooks_desk(request).await)
}

/// Batches of all projects, page by page.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `NotFound` for a person or batch that is not there.
#[server(name = BatchesCall, prefix = "/api/rpc", endpoint = "batches_desk", input = Json, output = Json)]
pub async fn batches_desk(request: BatchesQuestion) -> Result<BatchesDesk, AppError> {
    answer(backend()?.batches_desk(request).await)
}

/// What an admin does with one batch.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `NotFound`; `Conflict` for what its state does not allow; `Store`.
#[server(name = BatchCall, prefix = "/api/rpc", endpoint = "batch_desk", input = Json, output = Json)]
pub async fn batch_desk(request: BatchRequest) -> Result<BatchDesk, AppError> {
    answer(backend()?.batch_desk(request).await)
}

/// What is going on, and what came in.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins.
#[server(name = DashboardCall, prefix = "/api/rpc", endpoint = "dashboard", input = Json, output = Json)]
pub async fn dashboard(request: DashboardQuestion) -> Result<Dashboard, AppError> {
    answer(backend()?.dashboard(request).await)
}

/// What the doctor finds about the store, and what an admin does about it.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `Store` for what the store does not let the server change.
#[server(name = StoreCall, prefix = "/api/rpc", endpoint = "store_desk", input = Json, output = Json)]
pub async fn store_desk(request: StoreAction) -> Result<StoreDesk, AppError> {
    answer(backend()?.store_desk(request).await)
}

/// A page of the audit log, latest first.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins.
#[server(name = AuditCall, prefix = "/api/rpc", endpoint = "audit_log", input = Json, output = Json)]
pub async fn audit_log(request: AuditQuestion) -> Result<Vec<AuditLine>, AppError> {
    answer(backend()?.audit_log(request).await)
}

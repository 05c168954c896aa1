//! The JSON API, `/api/v1`.
//!
//! For programs: bearer tokens only, cookies mean nothing here, so no page can be tricked into a call. Every error is
//! a problem document (RFC 9457), also those that come before a handler. The OpenAPI document is made from the
//! handlers and kept in `docs/openapi.json`; a test holds the two together.

mod audit;
mod batches;
mod body;
mod caller;
mod dashboard;
mod document;
mod fallback;
mod images;
mod items;
mod links;
mod people;
mod presign;
mod projects;
mod store;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub use document::openapi;

/// Where the API is mounted.
pub const ROOT: &str = "/api/v1";

/// Most bytes of a request. A page of 1,000 items with paths as long as a key may be has about 1.2 MB.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The API, below [`ROOT`].
pub fn router(state: AppState) -> Router {
    let (routes, _) = described().split_for_parts();
    routes
        .route("/api/v1/openapi.json", axum::routing::get(document::serve))
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

/// The routes with their descriptions.
fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(document::head())
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::show, projects::change))
        .routes(routes!(projects::archive))
        .routes(routes!(projects::restore))
        .routes(routes!(projects::retention, projects::write_retention))
        .routes(routes!(people::list, people::invite))
        .routes(routes!(people::show, people::change))
        .routes(routes!(people::link))
        .routes(routes!(people::sign_out))
        .routes(routes!(people::sessions))
        .routes(routes!(people::end_session))
        .routes(routes!(people::tokens, people::make_token))
        .routes(routes!(people::revoke_token))
        .routes(routes!(links::list, links::create))
        .routes(routes!(links::change, links::revoke))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::show, webhooks::change, webhooks::delete))
        .routes(routes!(webhooks::change_secret))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::redeliver))
        .routes(routes!(audit::list))
        .routes(routes!(dashboard::show))
        .routes(routes!(store::examine))
        .routes(routes!(batches::open, batches::list))
        .routes(routes!(batches::show))
        .routes(routes!(batches::grant))
        .routes(routes!(batches::urls))
        .routes(routes!(batches::upload))
        .routes(routes!(batches::close))
        .routes(routes!(batches::receipt))
        .routes(routes!(batches::verify_again))
        .routes(routes!(batches::revoke))
        .routes(routes!(batches::undo))
        .routes(routes!(items::announce, items::list))
        .routes(routes!(items::relay))
        .routes(routes!(items::report))
        .routes(routes!(images::of_project))
        .routes(routes!(images::of_batch))
        .routes(routes!(images::download))
        .routes(routes!(images::delete))
        .routes(routes!(presign::create))
}

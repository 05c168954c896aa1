//! HTTP: which request goes where, and what is around it.
//!
//! - `/healthz`, `/readyz`: whether the server is well.
//! - `/api/v1/…`: the JSON API, for bearer tokens. No cookie is looked at.
//! - `/api/rpc/…`: the pages' server functions.
//! - `/api/relay/…`: files that the pages send through the server.
//! - `/sso…`: single sign-on, if there is a provider.
//! - Everything else: the page's files, or else the pages.
//!
//! The layers, from the outside in, and why in this order:
//! 1. request id, log line and metrics: everything gets one, refusals too;
//! 2. security headers: on every answer, refusals too;
//! 3. the time limit, for all that is below but files on their way through, which take as long as they take;
//! 4. for pages and server functions: compression; the size limit; the refusal of what other sites send, before
//! 5. the session, because that asks the database. The page's files have none.

mod headers;
mod health;
mod limits;
mod pages;
mod relay;
mod rpc;
mod site;
mod sso;
mod trace;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use tower::util::BoxCloneSyncService;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::timeout::TimeoutLayer;
use transfer::wire::{Problem, ProblemCode};

use crate::problem::HttpProblem;
use crate::session::{layer as session_layer, recognise_token, secure_end};
use crate::state::AppState;

pub use headers::SecurityHeaders;
pub use limits::{MAX_BODY, TIME_LIMIT};
pub use site::site_root;

/// Everything that the server answers.
pub fn router(state: &AppState) -> Router {
    let headers = SecurityHeaders::new(state);
    let api = crate::api::router(state.clone()).layer(from_fn_with_state(state.clone(), recognise_token));
    // Its routes are whole paths, and it has a fallback of its own: axum neither nests nor merges such a router.
    let api = BoxCloneSyncService::new(api);
    let rpc = for_browsers(rpc::routes().with_state(state.clone()), state);
    let relay = with_cookie(relay::routes().with_state(state.clone()), state);
    let sso = for_browsers(sso::routes(state).with_state(state.clone()), state);
    let pages = for_browsers(pages::routes(headers.clone()).with_state(state.clone()), state);
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", health::readiness(state.clone()))
        .route_service("/api/v1", api.clone())
        .route_service("/api/v1/{*rest}", api.clone())
        .merge(rpc)
        .merge(sso)
        .fallback_service(site::service(state, &headers, pages))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIME_LIMIT))
        // Named otherwise than the API names them, which takes its own.
        .route_service("/api/v1/batches/{relayed_batch}/items/{relayed_item}/body", api)
        .merge(relay)
        .layer(from_fn_with_state(headers, headers::add))
        .layer(from_fn_with_state(Arc::clone(&state.metrics), trace::trace))
}

/// What is around pages and server functions.
fn for_browsers(routes: Router, state: &AppState) -> Router {
    with_cookie(routes, state).layer(from_fn(limits::refuse_large)).layer(CompressionLayer::new())
}

/// What is around everything that comes with a cookie.
fn with_cookie(routes: Router, state: &AppState) -> Router {
    let csrf = CsrfLayer::new();
    // Behind a proxy that changes `Host`, only this still tells our own pages from others.
    let csrf = csrf.add_trusted_origin(state.public_url.as_str()).unwrap_or_else(|_| CsrfLayer::new());
    routes
        .layer(session_layer(state))
        .layer(map_response(secure_end))
        .layer(csrf.with_rejection_response(foreign))
}

fn foreign(_: ProtectionError) -> Response {
    let detail = "This request came from another site and was refused. Open Sluice itself and try again.";
    HttpProblem(Problem::new(ProblemCode::Forbidden, detail)).into_response()
}

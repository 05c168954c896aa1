//! The pages' server functions.

use std::sync::Arc;

use app::backend::Backend;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue, RETRY_AFTER};
use leptos::prelude::provide_context;
use transfer::wire::{Problem, ProblemCode};

use crate::backend::ServerBackend;
use crate::session::Visit;
use crate::state::AppState;

/// Leptos marks the errors of server functions with this header.
const ERROR_MARK: HeaderName = HeaderName::from_static("serverfnerror");

/// The largest problem.
const MAX_PROBLEM: usize = 64 * 1024;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/rpc/{*function}", post(call))
}

async fn call(State(state): State<AppState>, visit: Visit, request: Request) -> Response {
    let backend: Arc<dyn Backend> = Arc::new(ServerBackend::new(state, visit.clone()));
    let context = move || provide_context(Arc::clone(&backend));
    let answer = leptos_axum::handle_server_fns_with_context(context, request).await;
    let mut response = with_status(answer.into_response()).await;
    if let Some(wait) = visit.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    }
    response
}

/// Server functions set the status of a problem by themselves. What fails before they are called comes out of
/// Leptos 0.8 as 500, whatever it says; and a body that cannot be read as "the server cannot be reached", because that
/// is what the same error means in the browser.
async fn with_status(response: Response) -> Response {
    let unset = response.status() == StatusCode::INTERNAL_SERVER_ERROR;
    if !unset || !response.headers().contains_key(ERROR_MARK) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let read = to_bytes(body, MAX_PROBLEM).await;
    let problem = read.ok().and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
    let problem = match problem {
        Some(problem) if problem.code != ProblemCode::Store => problem,
        Some(_) => {
            let detail = "The server could not read that request. Reload the page and try again.";
            Problem::new(ProblemCode::Invalid, detail)
        }
        None => {
            Problem::new(ProblemCode::Internal, "Something went wrong on the server. Try again in a moment.")
        }
    };
    parts.status = StatusCode::from_u16(problem.status).unwrap_or(parts.status);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(serde_json::to_vec(&problem).unwrap_or_default()))
}

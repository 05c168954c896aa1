//! One line in the log for each request, the id that finds it, and its place in the metrics.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HeaderName, HeaderValue, LAST_MODIFIED};
use tracing::{Instrument, info_span};
use uuid::Uuid;

use crate::metrics::{Metrics, Route};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a proxy.
const MAX_ID: usize = 64;

/// Logs method, path, status and time of a request. Never the query: one-time links carry their token there.
pub(super) async fn trace(State(metrics): State<Arc<Metrics>>, mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let span = info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path(),
    );
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let path = request.uri().path().to_owned();
    async move {
        let began = Instant::now();
        let mut response = next.run(request).await;
        let status = response.status();
        let took = began.elapsed();
        // Only the page's files have this header.
        let is_file = response.headers().contains_key(LAST_MODIFIED);
        metrics.answered(Route::of(&path, is_file), status, took);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), duration_ms = ms, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), duration_ms = ms, "answered");
        }
        response.headers_mut().insert(REQUEST_ID, id);
        response
    }
    .instrument(span)
    .await
}

/// The id that a proxy gave, if it is a sane one, or a new one.
fn request_id(request: &Request) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        bytes.len() <= MAX_ID && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_=:;".contains(b))
    });
    given.cloned().unwrap_or_else(|| {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).unwrap_or(HeaderValue::from_static("none"))
    })
}

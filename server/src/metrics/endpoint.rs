//! `/metrics`, for Prometheus.
//!
//! On a listener of its own, off by default: what it tells is nobody's secret, but nobody's business either, and a load
//! balancer that leads people to the server then cannot lead them here.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;

use crate::state::AppState;

/// What Prometheus asks for (OpenMetrics 1.0, "Protocol negotiation").
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/metrics` and nothing else.
pub fn router(state: &AppState) -> Router {
    Router::new().route("/metrics", get(show)).with_state(state.clone())
}

async fn show(State(state): State<AppState>) -> Response {
    ([(CONTENT_TYPE, MEDIA_TYPE)], state.metrics.text(&state.ledger).await).into_response()
}

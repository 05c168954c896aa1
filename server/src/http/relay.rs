//! Files that browsers send through the server.

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use http::HeaderMap;
use transfer::wire::{BatchId, ItemIndex};

use crate::batch::{self, BatchError, Relayed};
use crate::problem::HttpProblem;
use crate::session::Visit;
use crate::state::AppState;

/// See [`relay_path`](transfer::wire::relay_path).
pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/relay/{batch}/{item}", put(carry))
}

async fn carry(
    State(state): State<AppState>,
    visit: Visit,
    path: Result<Path<(BatchId, ItemIndex)>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let carried: Result<Relayed, HttpProblem> = async {
        let caller = visit.signed_in()?;
        let Path((batch, item)) = path.map_err(|_| BatchError::NoSuchItem)?;
        Ok(batch::relay(&state, &caller, (&batch, item), &headers, body).await?)
    }
    .await;
    carried.into_response()
}

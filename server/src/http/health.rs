//! Whether the server is well.

use axum::extract::State;
use http::StatusCode;

use crate::state::AppState;

/// `/healthz`: the process answers. Asks nobody else, so that a store that is down does not get servers restarted.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: ledger and store answer, so that a load balancer may send people here.
pub(super) async fn ready(State(state): State<AppState>) -> (StatusCode, String) {
    let (ledger, store) = tokio::join!(state.ledger.ping(), state.grants.bucket().probe());
    if let Err(error) = &ledger {
        tracing::error!(%error, "ledger is not ready");
    }
    if let Err(error) = &store {
        tracing::error!(%error, "store is not ready");
    }
    let status = match (&ledger, &store) {
        (Ok(()), Ok(())) => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let word = |well: bool| if well { "ok" } else { "does not answer" };
    (status, format!("ledger: {}\nstore: {}\n", word(ledger.is_ok()), word(store.is_ok())))
}

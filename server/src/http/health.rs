//! Whether the server is well.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::routing::{MethodRouter, get};
use http::StatusCode;
use tokio::sync::Mutex;

use crate::state::AppState;

/// How long an answer about ledger and store holds: anybody may ask, and each request to a store has its price.
const HOLDS: Duration = Duration::from_secs(2);

/// `/healthz`: the process answers. Asks nobody else, so that a store that is down does not get servers restarted.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: ledger and store answer, so that a load balancer may send people here.
pub(super) fn readiness(state: AppState) -> MethodRouter {
    let known: Arc<Mutex<Option<(Instant, Answer)>>> = Arc::default();
    get(move || async move {
        let mut known = known.lock().await;
        if let Some((since, answer)) = &*known
            && since.elapsed() < HOLDS
        {
            return answer.clone();
        }
        let answer = ask(&state).await;
        *known = Some((Instant::now(), answer.clone()));
        answer
    })
}

type Answer = (StatusCode, String);

async fn ask(state: &AppState) -> Answer {
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

//! What is told.

use app::history::BatchSummary;
use ledger::{Batch, Delivery, LedgerError};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use transfer::wire::UnixMillis;

use crate::batch::summarised;
use crate::state::AppState;

/// The whole (Standard Webhooks, "Payload").
#[derive(Serialize)]
struct Message<T> {
    #[serde(rename = "type")]
    event: &'static str,
    /// When it happened, not when it is told.
    timestamp: String,
    data: T,
}

/// A batch that is over: what the API says of it, and where to go on.
#[derive(Serialize)]
struct Over {
    #[serde(flatten)]
    batch: BatchSummary,
    closed_at: Option<UnixMillis>,
    prefix: String,
    /// For people.
    receipt: String,
    /// For programs.
    receipt_api: String,
}

/// The body of a message. All of a batch that is in it is final, so it is the same at each attempt.
pub(super) async fn body(state: &AppState, delivery: &Delivery) -> Result<String, LedgerError> {
    let (event, timestamp) = (delivery.event.word(), rfc3339(delivery.happened_at));
    let batch = match &delivery.batch {
        Some(id) => state.ledger.batches().get(id).await?,
        None => None,
    };
    let body = match batch {
        Some(batch) => {
            let data = over(state.public_url.as_str(), batch);
            serde_json::to_string(&Message { event, timestamp, data })
        }
        None => {
            let data = json!({ "webhook": delivery.webhook.0 });
            serde_json::to_string(&Message { event, timestamp, data })
        }
    };
    // Texts and numbers only: nothing in it can fail.
    Ok(body.unwrap_or_default())
}

fn over(url: &str, batch: Batch) -> Over {
    let id = &batch.id;
    let (receipt, receipt_api) =
        (format!("{url}/batches/{id}"), format!("{url}/api/v1/batches/{id}/receipt"));
    let (closed_at, prefix) = (batch.closed_at, batch.prefix.clone());
    Over { batch: summarised(batch), closed_at, prefix, receipt, receipt_api }
}

fn rfc3339(at: UnixMillis) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000);
    at.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

//! Calls to the server functions at `/api/rpc`: each takes `{"request": …}` and answers JSON, or a problem with the
//! HTTP status that goes with it.

use gloo_net::http::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;
use transfer::engine::{Answer, Call, CallFailure};
use transfer::wire::{Problem, ProblemCode};
use web_sys::AbortSignal;

/// A call without an answer after that many milliseconds counts as failed. Closing lists the whole batch.
const PATIENCE: u32 = 120_000;

#[derive(Serialize)]
struct Body<T> {
    request: T,
}

/// Makes a call.
///
/// # Errors
/// What the engine makes of it.
pub async fn make(call: Call) -> Result<Answer, CallFailure> {
    match call {
        Call::Announce(request) => ask("announce", request).await.map(Answer::Announce),
        Call::Report(request) => ask("report", request).await.map(Answer::Report),
        Call::RenewGrant(request) => {
            ask("renew_grant", request).await.map(|renewed| Answer::RenewGrant(Box::new(renewed)))
        }
        Call::SignUrls(request) => ask("sign_urls", request).await.map(Answer::SignUrls),
        Call::Close(request) => ask("close_batch", request).await.map(Answer::Close),
    }
}

async fn ask<T: DeserializeOwned>(function: &str, request: impl Serialize) -> Result<T, CallFailure> {
    let lost = CallFailure::Unavailable { retry_after: None };
    let body = serde_json::to_string(&Body { request }).map_err(|_| lost.clone())?;
    let response = Request::post(&format!("/api/rpc/{function}"))
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .abort_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)))
        .body(body)
        .map_err(|_| lost.clone())?
        .send()
        .await
        .map_err(|_| lost.clone())?;
    let text = response.text().await.map_err(|_| lost.clone())?;
    if response.ok() {
        // A proxy's or a hotel's page in between is no answer.
        return serde_json::from_str(&text).map_err(|_| lost);
    }
    let retry_after = response.headers().get("retry-after");
    Err(failure(response.status(), retry_after.as_deref(), &text))
}

/// What an error of the server means.
fn failure(status: u16, retry_after: Option<&str>, body: &str) -> CallFailure {
    let problem: Option<Problem> = serde_json::from_str(body).ok();
    let retry_after = retry_after.and_then(|after| after.parse::<u64>().ok()?.checked_mul(1_000));
    let unavailable = CallFailure::Unavailable { retry_after };
    match (problem, status) {
        (Some(Problem { code: ProblemCode::SignedOut, .. }), _) | (None, 401) => CallFailure::SignedOut,
        (Some(Problem { code, detail, .. }), _) => match code {
            ProblemCode::TooMany | ProblemCode::Store | ProblemCode::Internal => unavailable,
            _ => CallFailure::Refused { message: detail },
        },
        (None, 400..=499) if !matches!(status, 408 | 425 | 429) => CallFailure::Refused {
            message: "The server does not take this any more. Reload the page; what is stored is safe."
                .to_owned(),
        },
        (None, _) => unavailable,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use super::*;

    fn of(code: ProblemCode) -> CallFailure {
        let problem = Problem::new(code, "Why.");
        failure(problem.status, None, &serde_json::to_string(&problem).unwrap())
    }

    #[test]
    fn tells_what_can_be_waited_for_from_what_cannot() {
        let unavailable = CallFailure::Unavailable { retry_after: None };
        assert_eq!(of(ProblemCode::SignedOut), CallFailure::SignedOut);
        assert_eq!(of(ProblemCode::Store), unavailable);
        assert_eq!(of(ProblemCode::Internal), unavailable);
        let no = CallFailure::Refused { message: "Why.".to_owned() };
        assert_eq!(of(ProblemCode::Conflict), no);
        assert_eq!(of(ProblemCode::Forbidden), no);
        assert_eq!(failure(502, None, "<html>"), unavailable);
        assert_eq!(failure(401, None, ""), CallFailure::SignedOut);
        assert_eq!(failure(429, Some("3"), ""), CallFailure::Unavailable { retry_after: Some(3_000) });
        assert!(matches!(failure(403, None, "a firewall's page"), CallFailure::Refused { .. }));
    }
}

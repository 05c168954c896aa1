//! Calls to the server functions at `/api/rpc`: each takes `{"request": …}` and answers JSON, or a problem with the
//! HTTP status that goes with it.

use transfer::engine::{Answer, Call, CallFailure};
use transfer::wire::thumbnail::{NewThumbnail, SignThumbnailsRequest};
use transfer::wire::{BatchId, ProblemCode, SignedUrl};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::{json, page};

/// A call without an answer after that many milliseconds counts as failed. Closing lists the whole batch.
const PATIENCE: u32 = 120_000;

/// Makes a call.
///
/// # Errors
/// What the engine makes of it.
pub async fn make(call: Call) -> Result<Answer, CallFailure> {
    let url = match &call {
        Call::Announce(_) => "/api/rpc/announce",
        Call::Report(_) => "/api/rpc/report",
        Call::RenewGrant(_) => "/api/rpc/renew_grant",
        Call::SignUrls(_) => "/api/rpc/sign_urls",
        Call::SignUpload(_) => "/api/rpc/sign_upload",
        Call::Close(_) => "/api/rpc/close_batch",
    };
    let text = ask(url, json::request(&call)).await?;
    let answer = match call {
        Call::Announce(_) => json::read(&text, json::announce_answer).map(Answer::Announce),
        Call::Report(_) => json::read(&text, json::report_answer).map(Answer::Report),
        Call::RenewGrant(_) => {
            json::read(&text, json::renewed_grant).map(|renewed| Answer::RenewGrant(Box::new(renewed)))
        }
        Call::SignUrls(_) => json::read(&text, json::signed_urls).map(Answer::SignUrls),
        Call::SignUpload(_) => {
            json::read(&text, json::signed_upload).map(|signed| Answer::SignUpload(Box::new(signed)))
        }
        Call::Close(_) => json::read(&text, json::close_answer).map(Answer::Close),
    };
    // A proxy's or a hotel's page in between is no answer.
    answer.ok_or(CallFailure::Unavailable { retry_after: None })
}

/// Tells the server that thumbnails of a batch are in the store. If it does not hear of it, galleries show originals.
pub async fn has_thumbnails(batch: &BatchId) {
    // An id has no character that JSON writes otherwise.
    let _ = ask("/api/rpc/has_thumbnails", format!("{{\"request\":\"{batch}\"}}")).await;
}

/// Asks for URLs for thumbnails; none if the server signs none.
pub async fn sign_thumbnails(batch: &BatchId, thumbnails: Vec<NewThumbnail>) -> Option<Vec<SignedUrl>> {
    let request = json::sign_thumbnails(&SignThumbnailsRequest { batch: batch.clone(), thumbnails });
    let text = ask("/api/rpc/sign_thumbnails", request).await.ok()?;
    json::read(&text, json::signed_urls).map(|signed| signed.urls)
}

async fn ask(url: &str, body: String) -> Result<String, CallFailure> {
    match post(url, body).await {
        Ok((200..=299, _, text)) => Ok(text),
        Ok((status, retry_after, text)) => Err(failure(status, retry_after.as_deref(), &text)),
        Err(_) => Err(CallFailure::Unavailable { retry_after: None }),
    }
}

/// Status, Retry-After and body. By hand, because a library for it would be a tenth of this WASM.
async fn post(url: &str, body: String) -> Result<(u16, Option<String>, String), JsValue> {
    let scope = page::scope().ok_or(JsValue::NULL)?;
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("accept", "application/json")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(&body));
    request.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let response = JsFuture::from(scope.fetch_with_str_and_init(url, &request)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.status(), response.headers().get("retry-after").unwrap_or_default(), text))
}

/// What an error of the server means.
fn failure(status: u16, retry_after: Option<&str>, body: &str) -> CallFailure {
    let retry_after = retry_after.and_then(|after| after.parse::<u64>().ok()?.checked_mul(1_000));
    let unavailable = CallFailure::Unavailable { retry_after };
    match (json::read(body, json::problem), status) {
        (Some((Some(ProblemCode::SignedOut), _)), _) | (None, 401) => CallFailure::SignedOut,
        (
            Some((
                Some(ProblemCode::TooMany | ProblemCode::Busy | ProblemCode::Store | ProblemCode::Internal),
                _,
            )),
            _,
        ) => unavailable,
        (Some((Some(_), detail)), _) => CallFailure::Refused { message: detail },
        (_, 400..=499) if !matches!(status, 408 | 425 | 429) => CallFailure::Refused {
            message: "The server does not take this any more. Reload the page; what is stored is safe."
                .to_owned(),
        },
        (_, _) => unavailable,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use transfer::wire::Problem;

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

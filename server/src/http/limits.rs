//! What a request may cost.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_LENGTH;
use transfer::wire::{ANNOUNCE_PAGE, MAX_KEY_BYTES, Problem, ProblemCode};

use crate::problem::HttpProblem;

/// Bytes of JSON around an item's path: its size, times, media type (at most 127) and the names of the fields.
const AROUND_A_PATH: usize = 384;

/// The largest request, in bytes; axum reads no more of a body by itself.
///
/// A page of items with paths as long as keys may be has 1.4 MB. The rest is for characters that JSON escapes.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

const _: () =
    assert!(ANNOUNCE_PAGE * (MAX_KEY_BYTES + AROUND_A_PATH) <= MAX_BODY, "a page of long paths must fit");

/// The longest that an answer may take: closing a batch of 100,000 items lists the store 100 times.
pub const TIME_LIMIT: Duration = Duration::from_secs(120);

/// Refuses a request that says itself that it is too large. One that does not say is cut off while it is read.
pub(super) async fn refuse_large(request: Request, next: Next) -> Response {
    let length =
        request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY as u64) {
        let detail = "This request is too large. Send fewer items at a time.";
        return HttpProblem(Problem::new(ProblemCode::TooLarge, detail)).into_response();
    }
    next.run(request).await
}

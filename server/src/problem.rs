//! Problems as HTTP answers (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use transfer::wire::{Problem, ProblemCode};

/// Seconds to wait for a server that has too much to do.
const WAIT: HeaderValue = HeaderValue::from_static("2");

/// A [`Problem`] that a handler answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpProblem(pub Problem);

impl From<Problem> for HttpProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for HttpProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let busy = self.0.code == ProblemCode::Busy;
        let mut response = (status, axum::Json(self.0)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if busy {
            response.headers_mut().insert(RETRY_AFTER, WAIT);
        }
        response
    }
}

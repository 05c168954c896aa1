//! Answers in the place of an operation.

use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Request, Response};
use s3s::{Body, S3Error, S3ErrorCode};

use super::Fault;
use crate::gate::Gate;

/// A refusal that a rule asks for.
#[derive(Debug)]
pub(super) struct Refusal {
    error: S3Error,
    retry_after: Option<u32>,
    reach: Reach,
}

/// Who gets to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Whom CORS allows.
    Pages,
    /// No page at all.
    Opaque,
}

impl From<S3Error> for Refusal {
    fn from(error: S3Error) -> Self {
        Self { error, retry_after: None, reach: Reach::Pages }
    }
}

impl Refusal {
    pub(super) fn of(fault: &Fault) -> Option<Self> {
        match fault {
            Fault::SlowDown { retry_after } => {
                let error = S3Error::with_message(S3ErrorCode::SlowDown, "Please reduce your request rate.");
                Some(Self { retry_after: *retry_after, ..Self::from(error) })
            }
            Fault::Refusal { status, code } => {
                let code = S3ErrorCode::Custom(code.as_str().into());
                let mut error = S3Error::with_message(code, "A rule of the test refuses this.");
                error.set_status_code(status.get());
                Some(Self::from(error))
            }
            Fault::Opaque { status } => {
                let mut error = S3Error::new(S3ErrorCode::AccessDenied);
                error.set_status_code(status.get());
                Some(Self { reach: Reach::Opaque, ..Self::from(error) })
            }
            Fault::ExpiredToken => Some(Self::from(S3Error::with_message(
                S3ErrorCode::ExpiredToken,
                "The provided token has expired.",
            ))),
            _ => None,
        }
    }

    pub(super) async fn answer(self, gate: &Gate, request: Request<Body>) -> Response<Body> {
        let mut response = gate.refuse(request, self.error).await;
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.reach == Reach::Opaque {
            forget_pages(headers);
        }
        response
    }
}

fn forget_pages(headers: &mut HeaderMap) {
    let cors: Vec<_> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in cors {
        headers.remove(name);
    }
}

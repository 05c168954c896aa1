//! What a browser needs to let a page talk to the store.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::{Response, StatusCode};
use s3s::Body;

/// What a page may use; the others are refused like S3 does.
const METHODS: [&str; 5] = ["GET", "HEAD", "PUT", "POST", "DELETE"];
const ALLOW_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, PUT, POST, DELETE");
/// Chromium keeps a preflight for no longer than two hours, whatever a server says.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
/// Every header of an answer that a page has a use for.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Date, Location, Retry-After, Content-Range, Accept-Ranges, x-amz-request-id, x-amz-id-2, \
     x-amz-checksum-crc32, x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, \
     x-amz-checksum-sha256, x-amz-checksum-type, x-amz-version-id, x-amz-mp-parts-count, \
     x-amz-bucket-region, x-amz-abort-date, x-amz-expiration",
);
const VARY_ON: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Headers, Access-Control-Request-Method");

/// The rules of the store, the same for every bucket.
#[derive(Debug, Clone)]
pub(crate) struct Cors {
    origins: Vec<String>,
}

impl Cors {
    pub(crate) fn new(origins: Vec<String>) -> Self {
        // Browsers send no slash at the end, people write one.
        Self { origins: origins.into_iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect() }
    }

    /// Answers an OPTIONS request.
    pub(crate) fn preflight(&self, headers: &HeaderMap) -> Response<Body> {
        let (Some(origin), Some(method)) = (headers.get(ORIGIN), headers.get(ACCESS_CONTROL_REQUEST_METHOD))
        else {
            return refusal(
                StatusCode::BAD_REQUEST,
                "BadRequest",
                "Insufficient information. Origin request header needed.",
            );
        };
        let known_method = method.to_str().is_ok_and(|method| METHODS.contains(&method));
        let Some(allowed) = self.allow(origin).filter(|_| known_method) else {
            return refusal(
                StatusCode::FORBIDDEN,
                "AccessForbidden",
                "CORSResponse: This CORS request is not allowed.",
            );
        };
        let mut response = Response::new(Body::empty());
        let answer = response.headers_mut();
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, ALLOW_METHODS);
        if let Some(asked) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        answer.insert(VARY, VARY_ON);
        response
    }

    /// Adds to any answer, refusals too, what lets a page of an allowed origin read it.
    pub(crate) fn decorate(&self, origin: Option<&HeaderValue>, answer: &mut HeaderMap) {
        let Some(allowed) = origin.and_then(|origin| self.allow(origin)) else { return };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        answer.insert(VARY, VARY_ON);
    }

    fn allow(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        let known = self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes());
        known.then(|| origin.clone())
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

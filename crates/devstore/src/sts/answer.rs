//! STS's XML.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt as _;
use s3s::{Body, S3Response};
use uuid::Uuid;

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// A refusal as STS says it.
#[derive(Debug)]
pub(super) struct StsError {
    code: StsErrorCode,
    message: String,
}

/// The codes that the store uses.
#[derive(Debug, Clone, Copy)]
pub(super) enum StsErrorCode {
    AccessDenied,
    InternalFailure,
    InvalidAction,
    MalformedPolicyDocument,
    MissingAction,
    MissingAuthenticationToken,
    ValidationError,
}

impl StsErrorCode {
    const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDenied",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidAction => "InvalidAction",
            Self::MalformedPolicyDocument => "MalformedPolicyDocument",
            Self::MissingAction => "MissingAction",
            Self::MissingAuthenticationToken => "MissingAuthenticationToken",
            Self::ValidationError => "ValidationError",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::AccessDenied | Self::MissingAuthenticationToken => StatusCode::FORBIDDEN,
            Self::InternalFailure => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl StsError {
    pub(super) fn new(code: StsErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

pub(super) fn success(xml: String) -> S3Response<Body> {
    response(StatusCode::OK, xml)
}

pub(super) fn failure(error: &StsError) -> S3Response<Body> {
    let xml = document(error.code.status(), error.code.name(), &escape(&error.message));
    response(error.code.status(), xml)
}

pub(super) fn metadata() -> String {
    format!("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>", Uuid::new_v4())
}

/// A refusal that was made before STS was reached, in STS's own form: its clients read no other.
pub(crate) async fn translate(refusal: Response<Body>) -> Response<Body> {
    let (mut parts, body) = refusal.into_parts();
    let text = match body.collect().await {
        Ok(collected) => String::from_utf8_lossy(&collected.to_bytes()).into_owned(),
        Err(_) => String::new(),
    };
    let inside = |tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once(&format!("</{tag}>")).map(|(value, _)| value)
    };
    // The same things have other names there, and other statuses.
    let said = inside("Message").unwrap_or_default();
    let invalid = "The security token included in the request is invalid.";
    let (status, code, message) = match inside("Code") {
        Some("InvalidAccessKeyId" | "InvalidToken") => {
            (StatusCode::FORBIDDEN, "InvalidClientTokenId", invalid)
        }
        Some("ExpiredToken") => {
            (StatusCode::FORBIDDEN, "ExpiredToken", "The security token included in the request is expired")
        }
        Some("RequestTimeTooSkewed") => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch", said),
        Some("AuthorizationHeaderMalformed") => (StatusCode::BAD_REQUEST, "IncompleteSignature", said),
        Some(code) => (parts.status, code, said),
        None => (parts.status, "InternalFailure", said),
    };
    let xml = document(status, code, message);
    parts.status = status;
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    Response::from_parts(parts, Body::from(xml))
}

/// `message` is XML already.
fn document(status: StatusCode, code: &str, message: &str) -> String {
    let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        Uuid::new_v4(),
    )
}

/// Text for between two tags.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn response(status: StatusCode, xml: String) -> S3Response<Body> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    let mut response = S3Response::with_headers(Body::from(xml), headers);
    response.status = Some(status);
    response
}

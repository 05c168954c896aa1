//! STS's XML.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
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
    ValidationError,
}

impl StsErrorCode {
    const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDenied",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidAction => "InvalidAction",
            Self::MalformedPolicyDocument => "MalformedPolicyDocument",
            Self::ValidationError => "ValidationError",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::AccessDenied => StatusCode::FORBIDDEN,
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
    let kind = if error.code.status().is_server_error() { "Receiver" } else { "Sender" };
    let xml = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        error.code.name(),
        escape(&error.message),
        Uuid::new_v4(),
    );
    response(error.code.status(), xml)
}

pub(super) fn metadata() -> String {
    format!("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>", Uuid::new_v4())
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

//! What a form's sender is told.

use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use http::{Response, StatusCode};
use s3s::{Body, S3Error, S3ErrorCode, S3Result};

use super::fields::Fields;
use crate::object::Kept;

/// How a kept file is answered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Success {
    /// 200 or 204, without a body.
    Bare(StatusCode),
    /// 201 with a document.
    Document,
}

impl Success {
    /// Reads `success_action_status`; 204 for everything that S3 does not know.
    ///
    /// # Errors
    /// For a redirect, which this store does not send.
    pub(super) fn read(fields: &Fields) -> S3Result<Self> {
        if fields.get("success_action_redirect").or_else(|| fields.get("redirect")).is_some() {
            return Err(S3Error::with_message(
                S3ErrorCode::NotImplemented,
                "This store does not redirect after a POST. Use success_action_status.",
            ));
        }
        Ok(match fields.get("success_action_status") {
            Some("200") => Self::Bare(StatusCode::OK),
            Some("201") => Self::Document,
            _ => Self::Bare(StatusCode::NO_CONTENT),
        })
    }

    pub(super) fn render(self, bucket: &str, key: &str, kept: &Kept) -> Response<Body> {
        let location = format!("/{bucket}/{}", encode(key));
        let mut response = match self {
            Self::Bare(status) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = status;
                response
            }
            Self::Document => {
                let xml = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{location}</Location>\
                     <Bucket>{bucket}</Bucket><Key>{}</Key><ETag>\"{}\"</ETag></PostResponse>",
                    escape(key),
                    kept.etag,
                );
                let mut response = Response::new(Body::from(xml));
                *response.status_mut() = StatusCode::CREATED;
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
                response
            }
        };
        let headers = response.headers_mut();
        let mut insert = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        insert(ETAG, &format!("\"{}\"", kept.etag));
        insert(LOCATION, &location);
        if let Some(checksum) = &kept.checksum {
            insert(HeaderName::from_static(checksum.algorithm.header()), &checksum.base64);
        }
        response
    }
}

/// A key in the path of a URL.
fn encode(key: &str) -> String {
    use std::fmt::Write as _;
    key.bytes().fold(String::with_capacity(key.len()), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}

/// Text for between two tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

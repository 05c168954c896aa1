//! What a form's sender is told.

use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use http::{Response, StatusCode, Uri};
use s3s::Body;

use super::fields::Fields;
use crate::object::Kept;

/// How a kept file is answered.
#[derive(Debug, Clone)]
pub(super) enum Success {
    /// 200 or 204, without a body.
    Bare(StatusCode),
    /// 201 with a document.
    Document,
    /// 303 to a page of the sender's choice, which is told bucket, key and ETag in its query.
    Redirect(String),
}

impl Success {
    /// Reads `success_action_redirect`, or else `success_action_status`. What S3 cannot make sense of
    /// it takes for absent, and without either it answers 204.
    pub(super) fn read(fields: &Fields) -> Self {
        let page = fields.get("success_action_redirect").or_else(|| fields.get("redirect"));
        if let Some(page) = page.filter(|page| is_page(page)) {
            return Self::Redirect(page.to_owned());
        }
        match fields.get("success_action_status") {
            Some("200") => Self::Bare(StatusCode::OK),
            Some("201") => Self::Document,
            _ => Self::Bare(StatusCode::NO_CONTENT),
        }
    }

    pub(super) fn render(self, bucket: &str, key: &str, kept: &Kept) -> Response<Body> {
        let location = match &self {
            Self::Redirect(page) => with_query(page, bucket, key, &kept.etag),
            Self::Bare(_) | Self::Document => format!("/{bucket}/{}", encode(key)),
        };
        let mut response = match self {
            Self::Bare(status) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = status;
                response
            }
            Self::Redirect(_) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::SEE_OTHER;
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

/// Whether a browser could be sent there.
fn is_page(text: &str) -> bool {
    let uri = text.parse::<Uri>().ok();
    uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some())
}

/// The page's address with what was kept in its query, as S3 adds it.
fn with_query(page: &str, bucket: &str, key: &str, etag: &str) -> String {
    let quoted = format!("\"{etag}\"");
    let told = serde_urlencoded::to_string([("bucket", bucket), ("key", key), ("etag", &quoted)]);
    let sign = if page.contains('?') { '&' } else { '?' };
    format!("{page}{sign}{}", told.unwrap_or_default())
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

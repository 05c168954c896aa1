//! Documents in request bodies, checked against what was said of them; `s3s` leaves that out.

use http::{Method, request};
use http_body_util::{BodyExt as _, Limited};
use md5::{Digest as _, Md5};
use s3s::{Body, S3Error, S3ErrorCode, S3Result};

use super::tap::Tap;
use crate::checksum::Promise;

/// The longest document: a Complete of 10,000 parts with checksums has about 2 MB.
pub(crate) const MAX_DOCUMENT: usize = 4 * 1024 * 1024;

/// What a request's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The bytes of an object or part, or nothing.
    Bytes,
    /// A document whose own checksum may be said.
    Document,
    /// One that S3 takes with a checksum only.
    CheckedDocument,
    /// The list of an upload's parts. Checksums in its headers are the object's, not the list's.
    Parts,
}

impl Kind {
    fn of(parts: &request::Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        match parts.method {
            Method::POST if has("delete") => Self::CheckedDocument,
            Method::POST if has("uploadId") => Self::Parts,
            Method::PUT if has("cors") || has("lifecycle") => Self::CheckedDocument,
            Method::PUT if has("tagging") => Self::Document,
            _ => Self::Bytes,
        }
    }
}

/// Reads and checks a document; hands any other body on as it is.
///
/// # Errors
/// `BadDigest` when it is not what was said, `InvalidRequest` when S3 wants to be told and was not.
pub(super) async fn checked(parts: &request::Parts, body: Tap) -> S3Result<Body> {
    let kind = Kind::of(parts);
    // In signed chunks every byte is signed, and `s3s` looks at that.
    let is_chunked = parts
        .headers
        .get("x-amz-content-sha256")
        .is_some_and(|payload| payload.as_bytes().starts_with(b"STREAMING-"));
    if kind == Kind::Bytes || is_chunked {
        return Ok(Body::http_body(body));
    }
    let mut promise = Promise::from_headers(&parts.headers)?;
    if kind == Kind::Parts {
        promise.checksum = None;
    }
    if promise.md5.is_none() && promise.checksum.is_none() {
        if kind == Kind::CheckedDocument {
            return Err(S3Error::with_message(
                S3ErrorCode::InvalidRequest,
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
            ));
        }
        return Ok(Body::http_body(body));
    }
    let bytes = Limited::new(body, MAX_DOCUMENT).collect().await.map_err(|_| {
        S3Error::with_message(S3ErrorCode::IncompleteBody, "The document did not arrive, or is too long.")
    })?;
    let bytes = bytes.to_bytes();
    let checksum = promise.checksum.as_ref().and_then(|promised| {
        let mut hasher = promised.algorithm.hasher();
        hasher.update(&bytes);
        promised.algorithm.finish(hasher)
    });
    promise.check(Md5::digest(&bytes).into(), checksum.as_ref(), None)?;
    Ok(Body::from(bytes))
}

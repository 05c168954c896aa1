//! Which operation a request asks for, as far as its head tells.

use http::request::Parts;
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};

use crate::form;
use crate::hosts::Target;

/// S3's name of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// A browser's question before a request: `OPTIONS`.
    Preflight,
    /// Any request to STS; which one is in its body.
    Sts,
    /// `PUT` of an object.
    PutObject,
    /// A form.
    PostObject,
    /// `PUT` with `x-amz-copy-source`.
    CopyObject,
    /// `GET` of an object.
    GetObject,
    /// `HEAD` of an object.
    HeadObject,
    /// `DELETE` of an object.
    DeleteObject,
    /// Several deletions at once.
    DeleteObjects,
    /// The start of a multipart upload.
    CreateMultipartUpload,
    /// A part.
    UploadPart,
    /// A part that is copied.
    UploadPartCopy,
    /// The end of a multipart upload.
    CompleteMultipartUpload,
    /// The other end of a multipart upload.
    AbortMultipartUpload,
    /// The parts of an upload.
    ListParts,
    /// The unfinished uploads of a bucket.
    ListMultipartUploads,
    /// A listing, in the older form too.
    ListObjectsV2,
    /// The buckets.
    ListBuckets,
    /// `HEAD` of a bucket.
    HeadBucket,
    /// `PUT` of a bucket.
    CreateBucket,
    /// `DELETE` of a bucket.
    DeleteBucket,
    /// Everything else: tags, CORS, lifecycle, and what the store does not know.
    Other,
}

/// Parameters that make another operation of a request than its method alone.
const SUBRESOURCES: [&str; 12] = [
    "acl",
    "attributes",
    "cors",
    "lifecycle",
    "location",
    "policy",
    "publicAccessBlock",
    "restore",
    "tagging",
    "torrent",
    "versioning",
    "versions",
];

impl Operation {
    pub(super) fn of(parts: &Parts, target: &Target) -> Self {
        if parts.method == Method::OPTIONS {
            return Self::Preflight;
        }
        if form::is_form(parts) {
            return Self::PostObject;
        }
        let query = parts.uri.query().unwrap_or_default();
        let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        if SUBRESOURCES.iter().any(|name| has(name)) {
            return Self::Other;
        }
        match (target, parts.method.as_str()) {
            (Target::Store, "GET") => Self::ListBuckets,
            (Target::Store, "POST") => Self::Sts,
            (Target::Bucket(_), "GET") if has("uploads") => Self::ListMultipartUploads,
            (Target::Bucket(_), "GET") => Self::ListObjectsV2,
            (Target::Bucket(_), "HEAD") => Self::HeadBucket,
            (Target::Bucket(_), "PUT") => Self::CreateBucket,
            (Target::Bucket(_), "DELETE") => Self::DeleteBucket,
            (Target::Bucket(_), "POST") if has("delete") => Self::DeleteObjects,
            (Target::Object(_), "PUT") => Self::of_write(has("uploadId"), &parts.headers),
            (Target::Object(_), "GET") if has("uploadId") => Self::ListParts,
            (Target::Object(_), "GET") => Self::GetObject,
            (Target::Object(_), "HEAD") => Self::HeadObject,
            (Target::Object(_), "DELETE") if has("uploadId") => Self::AbortMultipartUpload,
            (Target::Object(_), "DELETE") => Self::DeleteObject,
            (Target::Object(_), "POST") if has("uploads") => Self::CreateMultipartUpload,
            (Target::Object(_), "POST") if has("uploadId") => Self::CompleteMultipartUpload,
            _ => Self::Other,
        }
    }

    fn of_write(is_part: bool, headers: &HeaderMap) -> Self {
        match (is_part, headers.contains_key("x-amz-copy-source")) {
            (false, false) => Self::PutObject,
            (false, true) => Self::CopyObject,
            (true, false) => Self::UploadPart,
            (true, true) => Self::UploadPartCopy,
        }
    }
}

//! What an object keeps of the headers that it came with.

use http::HeaderMap;
use s3s::{S3ErrorCode, S3Result};

use super::refuse;
use crate::index::Headers;
use crate::tags::Tags;

/// S3's limit on all user metadata of an object, names and values, in bytes.
const MAX_METADATA: usize = 2_048;

/// Headers that change what S3 does with an object, and that this store cannot do.
const UNSUPPORTED: [&str; 7] = [
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-retain-until-date",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
];
pub(super) const STORAGE_CLASS: &str = "x-amz-storage-class";
/// Classes of S3's that an object here may have. It is kept and told; all are the same disk.
const CLASSES: [&str; 8] = [
    STANDARD,
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
];
const STANDARD: &str = "STANDARD";
const ACL: &str = "x-amz-acl";
const COPY_SOURCE: &str = "x-amz-copy-source";
const TAGGING: &str = "x-amz-tagging";

/// Reads the headers of a PutObject or CreateMultipartUpload.
///
/// # Errors
/// For what the store cannot do: it refuses rather than pretends.
pub(super) fn read(headers: &HeaderMap, metadata: Option<s3s::dto::Metadata>) -> S3Result<Headers> {
    if headers.contains_key(COPY_SOURCE) {
        return Err(refuse(S3ErrorCode::NotImplemented, format!("{COPY_SOURCE} is for a CopyObject.")));
    }
    kept(headers, metadata)
}

/// Reads the tags that an object comes with.
///
/// # Errors
/// Those of [`Tags::from_header`].
pub(super) fn tags(headers: &HeaderMap) -> S3Result<Tags> {
    let Some(value) = headers.get(TAGGING) else { return Ok(Tags::default()) };
    Tags::from_header(value.to_str().unwrap_or("%"))
}

/// Reads what an object keeps, whatever operation makes it.
///
/// # Errors
/// As [`read`].
pub(super) fn kept(headers: &HeaderMap, metadata: Option<s3s::dto::Metadata>) -> S3Result<Headers> {
    if let Some(name) = UNSUPPORTED.iter().find(|name| headers.contains_key(**name)) {
        return Err(refuse(S3ErrorCode::NotImplemented, format!("This store does not know {name}.")));
    }
    if headers.get(ACL).is_some_and(|acl| acl != "private" && acl != "bucket-owner-full-control") {
        return Err(refuse(S3ErrorCode::AccessControlListNotSupported, "The bucket does not allow ACLs"));
    }
    let metadata: std::collections::BTreeMap<String, String> =
        metadata.unwrap_or_default().into_iter().collect();
    if metadata.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_METADATA {
        return Err(refuse(
            S3ErrorCode::MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size",
        ));
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Headers {
        content_type: text("content-type"),
        content_disposition: text("content-disposition"),
        content_encoding: text("content-encoding").and_then(|value| without_aws_chunked(&value)),
        content_language: text("content-language"),
        cache_control: text("cache-control"),
        expires: text("expires"),
        metadata,
        storage_class: storage_class(headers)?,
    })
}

/// The class that was asked for; none for the usual one.
fn storage_class(headers: &HeaderMap) -> S3Result<Option<String>> {
    let Some(value) = headers.get(STORAGE_CLASS) else { return Ok(None) };
    match CLASSES.iter().find(|known| *value == **known) {
        Some(&STANDARD) => Ok(None),
        Some(class) => Ok(Some((*class).to_owned())),
        None => Err(refuse(S3ErrorCode::InvalidStorageClass, "The storage class you specified is not valid")),
    }
}

/// Objects of two classes must be restored before they are read, and nothing is restored here.
///
/// # Errors
/// `InvalidObjectState` for an object of such a class.
pub(super) fn check_readable(headers: &Headers) -> S3Result<()> {
    match headers.storage_class.as_deref() {
        Some("GLACIER" | "DEEP_ARCHIVE") => Err(refuse(
            S3ErrorCode::InvalidObjectState,
            "The operation is not valid for the object's storage class",
        )),
        _ => Ok(()),
    }
}

/// `aws-chunked` is how the body travelled, not how it is stored.
fn without_aws_chunked(value: &str) -> Option<String> {
    let kept: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(", "))
}

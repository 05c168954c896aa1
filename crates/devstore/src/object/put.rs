//! PutObject.

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result};

use super::receive::Body;
use super::{Objects, check_key, headers, hex, now, refuse};
use crate::checksum::{Checksum, Promise};
use crate::index::{self, NewObject, Precondition};

impl Objects {
    pub(super) async fn put(&self, request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        check_key(&input.key)?;
        let kept = headers::read(&headers, input.metadata)?;
        let precondition = precondition(input.if_none_match, input.if_match)?;
        let promise = Promise::from_headers(&headers)?;
        let body =
            Body { stream: input.body, length: input.content_length, promise, trailers: trailing_headers };
        let sealed = self.receive(body).await?;
        let new = NewObject {
            bucket: input.bucket,
            key: input.key,
            etag: hex(&sealed.md5),
            now: now(),
            headers: kept,
            checksum: sealed.checksum.clone(),
            precondition,
        };
        let (etag, fields) = (new.etag.clone(), Checksum::fields(new.checksum.as_ref()));
        self.index.write(move |batch| index::object::put(batch, &new, sealed)).await?;
        Ok(PutObjectOutput {
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: fields.checksum_crc32,
            checksum_crc32c: fields.checksum_crc32c,
            checksum_crc64nvme: fields.checksum_crc64nvme,
            checksum_sha1: fields.checksum_sha1,
            checksum_sha256: fields.checksum_sha256,
            checksum_type: fields.checksum_type,
            ..PutObjectOutput::default()
        })
    }
}

/// Reads `If-None-Match` and `If-Match` of a write.
///
/// # Errors
/// S3 knows only `*` in the first and only an ETag in the second.
pub(super) fn precondition(
    if_none_match: Option<ETagCondition>,
    if_match: Option<ETagCondition>,
) -> S3Result<Precondition> {
    match (if_none_match, if_match) {
        (None, None) => Ok(Precondition::None),
        (Some(ETagCondition::Any), None) => Ok(Precondition::Absent),
        (None, Some(ETagCondition::ETag(etag))) => Ok(Precondition::Etag(etag.into_value())),
        _ => Err(unknown_condition()),
    }
}

fn unknown_condition() -> S3Error {
    refuse(
        S3ErrorCode::NotImplemented,
        "A header you provided implies functionality that is not implemented: \
         If-None-Match takes *, If-Match an ETag, and only one of them",
    )
}

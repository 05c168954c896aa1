//! PutObject.

use std::fmt::Display;

use bytes::Bytes;
use futures::Stream;
use http::HeaderMap;
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, TrailingHeaders};

use super::receive::{Body, Length};
use super::{Objects, check_key, headers, hex, now, refuse};
use crate::checksum::{Checksum, Promise};
use crate::index::{self, NewObject, Precondition};

/// An object to be received and kept.
pub(crate) struct Put<S> {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// The headers of the request, or the fields of a form that stand for them.
    pub(crate) headers: HeaderMap,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) precondition: Precondition,
    pub(crate) stream: S,
    pub(crate) length: Length,
    pub(crate) trailers: Option<TrailingHeaders>,
}

/// What is told of an object that was kept.
pub(crate) struct Kept {
    /// Hex, without quotes.
    pub(crate) etag: String,
    pub(crate) checksum: Option<Checksum>,
}

impl Objects {
    pub(super) async fn put(&self, request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        let kept = self
            .keep(Put {
                bucket: input.bucket,
                key: input.key,
                headers,
                metadata: input.metadata,
                precondition: precondition(input.if_none_match, input.if_match)?,
                stream: input.body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty())),
                length: Length::Said(input.content_length),
                trailers: trailing_headers,
            })
            .await?;
        let fields = Checksum::fields(kept.checksum.as_ref());
        Ok(PutObjectOutput {
            e_tag: Some(ETag::Strong(kept.etag)),
            checksum_crc32: fields.checksum_crc32,
            checksum_crc32c: fields.checksum_crc32c,
            checksum_crc64nvme: fields.checksum_crc64nvme,
            checksum_sha1: fields.checksum_sha1,
            checksum_sha256: fields.checksum_sha256,
            checksum_type: fields.checksum_type,
            ..PutObjectOutput::default()
        })
    }

    /// Receives, checks and keeps an object. Rights were checked before.
    pub(crate) async fn keep<S, E>(&self, put: Put<S>) -> S3Result<Kept>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
        E: Display,
    {
        check_key(&put.key)?;
        let headers = headers::read(&put.headers, put.metadata)?;
        let tags = headers::tags(&put.headers)?;
        let promise = Promise::from_headers(&put.headers)?;
        let body =
            Body { stream: put.stream, length: put.length, promise, algorithm: None, trailers: put.trailers };
        let sealed = self.receive(body).await?;
        let new = NewObject {
            bucket: put.bucket,
            key: put.key,
            etag: hex(&sealed.md5),
            now: now(),
            headers,
            tags,
            checksum: sealed.checksum.clone(),
            precondition: put.precondition,
        };
        let kept = Kept { etag: new.etag.clone(), checksum: new.checksum.clone() };
        self.index.write(move |batch| index::object::put(batch, &new, sealed)).await?;
        Ok(kept)
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

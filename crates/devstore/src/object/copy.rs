//! CopyObject: a second name for the same bytes.

use std::io;

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result};

use super::get::Conditions;
use super::put::precondition;
use super::{Objects, check_key, check_version, headers, hex, now, refuse, timestamp};
use crate::blob::{self, Unplaced};
use crate::checksum::{Algorithm, Checksum, Scope};
use crate::error::StoreError;
use crate::index::{self, Headers, NewObject, ObjectRow, Precondition};
use crate::tags::Tags;

/// S3's largest source of one CopyObject: 5 GiB.
const MAX_SOURCE: u64 = 5 * 1024 * 1024 * 1024;
/// How often the source may be replaced while its bytes are being linked.
const ATTEMPTS: usize = 8;

/// The bytes of a source, in order, with their lengths.
type Bodies = Vec<(Unplaced, u64)>;

impl Objects {
    pub(super) async fn copy(&self, request: S3Request<CopyObjectInput>) -> S3Result<CopyObjectOutput> {
        let S3Request { input, headers, .. } = request;
        check_key(&input.key)?;
        let CopySource::Bucket { bucket, key, version_id } = &input.copy_source else {
            return Err(refuse(S3ErrorCode::NotImplemented, "This store has no access points."));
        };
        check_version(version_id.as_deref())?;
        let metadata = Directive::read(input.metadata_directive.as_ref().map(MetadataDirective::as_str))?;
        let tagging = Directive::read(input.tagging_directive.as_ref().map(TaggingDirective::as_str))?;
        let same = metadata == Directive::Copy && !headers.contains_key(headers::STORAGE_CLASS);
        if same && **bucket == input.bucket && **key == input.key {
            return Err(refuse(
                S3ErrorCode::InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing \
                 the object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        let algorithm = algorithm(input.checksum_algorithm.as_ref())?;
        let precondition = destination(&headers)?;
        // Read even when they are not kept: what the store cannot do, it refuses.
        let said_headers = headers::kept(&headers, input.metadata)?;
        let said_tags = input.tagging.as_deref().map(Tags::from_header).transpose()?.unwrap_or_default();
        let conditions = Conditions {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };

        let (row, bodies) = self.share(bucket, key, &conditions).await?;
        let (etag, checksum, bodies) = describe(&row, bodies, algorithm).await?;
        // The class is the target's own: a copy without one is `STANDARD`.
        let storage_class = said_headers.storage_class.clone();
        let new = NewObject {
            bucket: input.bucket,
            key: input.key,
            etag,
            now: now(),
            headers: Headers { storage_class, ..choose(metadata, row.headers, said_headers) },
            tags: choose(tagging, row.tags, said_tags),
            checksum,
            precondition,
        };
        let fields = Checksum::fields(new.checksum.as_ref());
        let result = CopyObjectResult {
            e_tag: Some(ETag::Strong(new.etag.clone())),
            last_modified: Some(timestamp(new.now)),
            checksum_crc32: fields.checksum_crc32,
            checksum_crc32c: fields.checksum_crc32c,
            checksum_crc64nvme: fields.checksum_crc64nvme,
            checksum_sha1: fields.checksum_sha1,
            checksum_sha256: fields.checksum_sha256,
            checksum_type: fields.checksum_type,
        };
        self.index.write(move |batch| index::object::put_pieces(batch, &new, bodies)).await?;
        Ok(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() })
    }

    /// The source as it is at one moment, its bytes under names of their own.
    async fn share(&self, bucket: &str, key: &str, conditions: &Conditions) -> S3Result<(ObjectRow, Bodies)> {
        let mut attempts = 0;
        loop {
            let (row, pieces) = self.find(bucket.to_owned(), key.to_owned()).await?;
            // A copy has no "not modified": every condition that fails is a failed precondition.
            conditions.check(&row).map_err(|_| S3Error::from(StoreError::PreconditionFailed))?;
            headers::check_readable(&row.headers)?;
            if row.size > MAX_SOURCE {
                return Err(refuse(
                    S3ErrorCode::InvalidRequest,
                    "The specified copy source is larger than the maximum allowable size for a copy source: \
                     5368709120",
                ));
            }
            let blobs = self.blobs.clone();
            let linked = blocking(move || {
                pieces
                    .iter()
                    .map(|piece| Ok((blobs.share(piece.blob)?, piece.size)))
                    .collect::<io::Result<_>>()
            });
            match linked.await {
                Ok(bodies) => return Ok((row, bodies)),
                // Somebody replaced it just now; its new row names its new blobs.
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS => attempts += 1,
                Err(error) => return Err(StoreError::from(error).into()),
            }
        }
    }
}

/// Whether something comes from the source or from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directive {
    Copy,
    Replace,
}

impl Directive {
    fn read(text: Option<&str>) -> S3Result<Self> {
        match text {
            None | Some("COPY") => Ok(Self::Copy),
            Some("REPLACE") => Ok(Self::Replace),
            Some(_) => Err(refuse(S3ErrorCode::InvalidArgument, "A directive is COPY or REPLACE.")),
        }
    }
}

fn choose<T>(directive: Directive, source: T, said: T) -> T {
    match directive {
        Directive::Copy => source,
        Directive::Replace => said,
    }
}

fn algorithm(asked: Option<&ChecksumAlgorithm>) -> S3Result<Option<Algorithm>> {
    let named = |name: &ChecksumAlgorithm| {
        Algorithm::named(name.as_str())
            .ok_or_else(|| refuse(S3ErrorCode::InvalidRequest, "Checksum algorithm provided is unsupported."))
    };
    asked.map(named).transpose()
}

/// What must hold of the key that is written, which `s3s` does not read.
fn destination(headers: &http::HeaderMap) -> S3Result<Precondition> {
    let read = |name: &str| {
        let parse = |value: &http::HeaderValue| {
            ETagCondition::parse_http_header(value.as_bytes())
                .map_err(|_| refuse(S3ErrorCode::InvalidArgument, "A condition is no ETag."))
        };
        headers.get(name).map(parse).transpose()
    };
    precondition(read("if-none-match")?, read("if-match")?)
}

/// ETag and checksum of the copy. S3 makes them of the bytes, as if they had been put at once; what
/// the source has not got is read from it.
async fn describe(
    row: &ObjectRow,
    bodies: Bodies,
    asked: Option<Algorithm>,
) -> S3Result<(String, Option<Checksum>, Bodies)> {
    let kept = row.checksum.as_ref();
    let wanted = asked.or(kept.map(|checksum| checksum.algorithm));
    let has =
        |algorithm| kept.is_some_and(|kept| kept.algorithm == algorithm && kept.scope == Scope::FullObject);
    let was_put_at_once = !row.etag.contains('-');
    if was_put_at_once && wanted.is_none_or(has) {
        return Ok((row.etag.clone(), row.checksum.clone(), bodies));
    }
    let hashed = blocking(move || {
        let (md5, checksum) = blob::digest(&bodies, wanted)?;
        Ok((hex(&md5), checksum, bodies))
    });
    Ok(hashed.await.map_err(StoreError::from)?)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

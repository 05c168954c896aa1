//! GetObject and HeadObject.

use std::ops;
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Response, S3Result};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{Objects, check_version, headers, refuse, timestamp};
use crate::blob::Blobs;
use crate::checksum::{Checksum, Scope};
use crate::error::StoreError;
use crate::index::{self, ObjectRow, Piece};

/// Bytes read at once for one GET.
const READ_BUFFER: usize = 256 * 1024;
/// How often an object may be replaced between its row being read and its blob being opened.
const ATTEMPTS: usize = 8;

/// The conditions of a read.
pub(super) struct Conditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

impl Objects {
    pub(super) async fn get(&self, input: GetObjectInput) -> S3Result<S3Response<GetObjectOutput>> {
        check_version(input.version_id.as_deref())?;
        check_part_number(input.part_number)?;
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        let mut attempts = 0;
        let (row, span, body) = loop {
            let (row, pieces) = self.find(input.bucket.clone(), input.key.clone()).await?;
            conditions.check(&row)?;
            headers::check_readable(&row.headers)?;
            let span = span(input.range, row.size)?;
            match open(&self.blobs, &pieces, span.clone().unwrap_or(0..row.size)).await {
                Ok(body) => break (row, span, body),
                // Somebody replaced the object just now; its new row names its new blob.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && attempts < ATTEMPTS => {
                    attempts += 1;
                }
                Err(error) => return Err(StoreError::from(error).into()),
            }
        };
        let length = span.as_ref().map_or(row.size, |span| span.end - span.start);
        let whole = span.is_none();
        let fields =
            Checksum::fields(row.checksum.as_ref().filter(|_| input.checksum_mode.is_some() && whole));
        let expires = expires(&row)?;
        let output = GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(body),
            content_length: Some(length.cast_signed()),
            content_range: span.map(|span| content_range(&span, row.size)),
            e_tag: Some(ETag::Strong(row.etag)),
            last_modified: Some(timestamp(row.modified)),
            content_type: Some(row.headers.content_type.unwrap_or_else(default_type)),
            content_disposition: row.headers.content_disposition,
            content_encoding: row.headers.content_encoding,
            content_language: row.headers.content_language,
            cache_control: row.headers.cache_control,
            metadata: Some(row.headers.metadata.into_iter().collect()),
            storage_class: row.headers.storage_class.map(StorageClass::from),
            tag_count: i32::try_from(row.tags.len()).ok().filter(|count| *count > 0),
            checksum_crc32: fields.checksum_crc32,
            checksum_crc32c: fields.checksum_crc32c,
            checksum_crc64nvme: fields.checksum_crc64nvme,
            checksum_sha1: fields.checksum_sha1,
            checksum_sha256: fields.checksum_sha256,
            checksum_type: fields.checksum_type,
            ..GetObjectOutput::default()
        };
        Ok(S3Response::with_headers(output, expires))
    }

    pub(super) async fn head(&self, input: HeadObjectInput) -> S3Result<S3Response<HeadObjectOutput>> {
        check_version(input.version_id.as_deref())?;
        check_part_number(input.part_number)?;
        let (row, _) = self.find(input.bucket, input.key).await?;
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        conditions.check(&row)?;
        let span = span(input.range, row.size)?;
        let whole = span.is_none();
        let fields =
            Checksum::fields(row.checksum.as_ref().filter(|_| input.checksum_mode.is_some() && whole));
        let more = expires(&row)?;
        let output = HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(span.as_ref().map_or(row.size, |span| span.end - span.start).cast_signed()),
            content_range: span.as_ref().map(|span| content_range(span, row.size)),
            e_tag: Some(ETag::Strong(row.etag)),
            last_modified: Some(timestamp(row.modified)),
            content_type: Some(row.headers.content_type.unwrap_or_else(default_type)),
            content_disposition: row.headers.content_disposition,
            content_encoding: row.headers.content_encoding,
            content_language: row.headers.content_language,
            cache_control: row.headers.cache_control,
            metadata: Some(row.headers.metadata.into_iter().collect()),
            storage_class: row.headers.storage_class.map(StorageClass::from),
            checksum_crc32: fields.checksum_crc32,
            checksum_crc32c: fields.checksum_crc32c,
            checksum_crc64nvme: fields.checksum_crc64nvme,
            checksum_sha1: fields.checksum_sha1,
            checksum_sha256: fields.checksum_sha256,
            checksum_type: fields.checksum_type,
            ..HeadObjectOutput::default()
        };
        let mut response = S3Response::with_headers(output, more);
        if !whole {
            response.status = Some(StatusCode::PARTIAL_CONTENT);
        }
        Ok(response)
    }

    pub(super) async fn find(
        &self,
        bucket: String,
        key: String,
    ) -> Result<(ObjectRow, Vec<Piece>), StoreError> {
        self.index
            .read(move |connection| {
                let row = index::object::get(connection, &bucket, &key)?;
                let pieces = index::object::pieces(connection, &row)?;
                Ok((row, pieces))
            })
            .await
    }
}

impl Conditions {
    /// In the order of RFC 9110, section 13.2.2.
    pub(super) fn check(&self, row: &ObjectRow) -> S3Result<()> {
        let etag = ETag::Strong(row.etag.clone());
        // HTTP dates have whole seconds.
        let modified = row.modified.div_euclid(1_000) * 1_000;
        let met = match (&self.if_match, &self.if_unmodified_since) {
            (Some(ETagCondition::Any), _) => true,
            (Some(ETagCondition::ETag(asked)), _) => asked.strong_cmp(&etag),
            (None, Some(since)) => timestamp(modified) <= *since,
            (None, None) => true,
        };
        if !met {
            return Err(StoreError::PreconditionFailed.into());
        }
        let changed = match (&self.if_none_match, &self.if_modified_since) {
            (Some(ETagCondition::Any), _) => false,
            (Some(ETagCondition::ETag(asked)), _) => !asked.weak_cmp(&etag),
            (None, Some(since)) => timestamp(modified) > *since,
            (None, None) => true,
        };
        if changed {
            return Ok(());
        }
        let mut error = S3Error::new(S3ErrorCode::NotModified);
        // Whoever asked may go on with what it has, so it is told which that is.
        if let Ok(etag) = etag.to_http_header() {
            error.set_headers(HeaderMap::from_iter([(http::header::ETAG, etag)]));
        }
        Err(error)
    }
}

/// The bytes asked for; `None` for all of them.
fn span(range: Option<Range>, size: u64) -> S3Result<Option<ops::Range<u64>>> {
    let Some(range) = range else { return Ok(None) };
    range.check(size).map(Some).map_err(|_| {
        let mut error = refuse(S3ErrorCode::InvalidRange, "The requested range is not satisfiable");
        error.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
        error
    })
}

fn content_range(span: &ops::Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", span.start, span.end.saturating_sub(1))
}

/// S3's name for bytes of which nobody said what they are.
fn default_type() -> String {
    "binary/octet-stream".to_owned()
}

/// `Expires` as it was given, which need not be a date.
fn expires(row: &ObjectRow) -> S3Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(value) = row.headers.expires.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(http::header::EXPIRES, value);
    }
    if row.checksum.as_ref().is_some_and(|checksum| checksum.scope == Scope::Composite)
        && let Some((_, parts)) = row.etag.rsplit_once('-')
        && let Ok(value) = HeaderValue::from_str(parts)
    {
        headers.insert(HeaderName::from_static("x-amz-mp-parts-count"), value);
    }
    Ok(headers)
}

fn check_part_number(number: Option<i32>) -> S3Result<()> {
    match number {
        None => Ok(()),
        Some(_) => {
            Err(refuse(S3ErrorCode::NotImplemented, "This store does not read single parts of objects."))
        }
    }
}

/// The bytes of `span`. Its first piece is opened before the answer begins, the others in their turn.
async fn open(blobs: &Arc<Blobs>, pieces: &[Piece], span: ops::Range<u64>) -> std::io::Result<StreamingBlob> {
    let mut runs = Vec::new();
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.size;
        if start < span.end && end > span.start && span.start < span.end {
            let from = span.start.saturating_sub(start);
            let length = span.end.min(end) - start - from;
            runs.push((blobs.path(piece.blob), from, length));
        }
        start = end;
    }
    let mut runs = runs.into_iter();
    let Some((path, from, length)) = runs.next() else {
        return Ok(StreamingBlob::wrap(stream::empty::<std::io::Result<bytes::Bytes>>()));
    };
    let first = open_run(path, from, length).await?;
    let others = stream::iter(runs).then(|(path, from, length)| open_run(path, from, length)).try_flatten();
    Ok(StreamingBlob::wrap(first.chain(others)))
}

async fn open_run(
    path: std::path::PathBuf,
    from: u64,
    length: u64,
) -> std::io::Result<ReaderStream<tokio::io::Take<tokio::fs::File>>> {
    let mut file = tokio::fs::File::open(path).await?;
    if from > 0 {
        file.seek(std::io::SeekFrom::Start(from)).await?;
    }
    file.set_max_buf_size(READ_BUFFER);
    let capacity = READ_BUFFER.min(usize::try_from(length).unwrap_or(READ_BUFFER)).max(1);
    Ok(ReaderStream::with_capacity(file.take(length), capacity))
}

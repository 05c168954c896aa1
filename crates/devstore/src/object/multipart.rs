//! Uploads in parts.

use md5::{Digest as _, Md5};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result};
use uuid::Uuid;

use super::put::precondition;
use super::receive::{Body, Length};
use super::{Objects, check_key, headers, hex, now, page, refuse, timestamp};
use crate::checksum::{Algorithm, Checksum, PartsChecksum, Promise, Scope};
use crate::error::StoreError;
use crate::index::{self, CompletePart, NewObject, NewUpload, PartRow};

/// S3's highest part number.
const MAX_PARTS: u16 = 10_000;
/// Parts on a page of ListParts at most, and when the client does not say.
const PAGE: usize = 1_000;

impl Objects {
    pub(super) async fn create_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<CreateMultipartUploadOutput> {
        let S3Request { input, headers, .. } = request;
        check_key(&input.key)?;
        let checksum = PartsChecksum::read(
            input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str),
            input.checksum_type.as_ref().map(ChecksumType::as_str),
        )?;
        let new = NewUpload {
            id: Uuid::new_v4().simple().to_string(),
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            now: now(),
            headers: headers::read(&headers, input.metadata)?,
            tags: headers::tags(&headers)?,
            checksum,
        };
        let id = new.id.clone();
        let (abort_date, abort_rule_id) = self.abort_date(&new.bucket, &new.key, new.now).unzip();
        self.index.write(move |batch| index::multipart::create(batch, &new)).await?;
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            abort_date,
            abort_rule_id,
            checksum_algorithm: input.checksum_algorithm,
            checksum_type: checksum.map(|checksum| checksum.scope.into()),
            ..CreateMultipartUploadOutput::default()
        })
    }

    pub(super) async fn put_part(&self, request: S3Request<UploadPartInput>) -> S3Result<UploadPartOutput> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        let number = part_number(Some(input.part_number))?;
        let promise = Promise::from_headers(&headers)?;
        let (bucket, key, id) = (input.bucket, input.key, input.upload_id);
        // Before the body: an upload that is gone should not cost the client a transfer.
        let named = (bucket.clone(), key.clone(), id.clone());
        let upload = self
            .index
            .read(move |connection| index::multipart::get(connection, &named.0, &named.1, &named.2))
            .await?;
        if let Some(checksum) = upload.checksum {
            checksum.check_part(promise.checksum.as_ref().map(|promised| promised.algorithm))?;
        }
        let body = Body {
            stream: input.body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty())),
            length: Length::Said(input.content_length),
            promise,
            algorithm: upload.checksum.map(|checksum| checksum.algorithm),
            trailers: trailing_headers,
        };
        let sealed = self.receive(body).await?;
        let etag = hex(&sealed.md5);
        let fields = Checksum::fields(sealed.checksum.as_ref());
        let kept = etag.clone();
        self.index
            .write(move |batch| {
                index::multipart::put_part(batch, (&bucket, &key, &id), (number, &kept, now()), sealed)
            })
            .await?;
        Ok(UploadPartOutput {
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: fields.checksum_crc32,
            checksum_crc32c: fields.checksum_crc32c,
            checksum_crc64nvme: fields.checksum_crc64nvme,
            checksum_sha1: fields.checksum_sha1,
            checksum_sha256: fields.checksum_sha256,
            ..UploadPartOutput::default()
        })
    }

    pub(super) async fn complete_upload(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let precondition = precondition(input.if_none_match, input.if_match)?;
        let named = named_parts(input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default())?;
        let promise = CompletePromise {
            scope: input.checksum_type,
            size: input.mpu_object_size,
            checksum: Checksum::one_of(&[
                (Algorithm::Crc32, input.checksum_crc32),
                (Algorithm::Crc32c, input.checksum_crc32c),
                (Algorithm::Crc64Nvme, input.checksum_crc64nvme),
                (Algorithm::Sha1, input.checksum_sha1),
                (Algorithm::Sha256, input.checksum_sha256),
            ]),
        };
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
        let new = self
            .index
            .write(move |batch| {
                let (of, to) = ((bucket.clone(), key.clone()), now());
                index::multipart::complete(
                    batch,
                    &id,
                    &named,
                    |parts, upload| {
                        let checksum =
                            promise.check(upload.checksum, &named, parts).map_err(StoreError::Refused)?;
                        Ok(NewObject {
                            bucket,
                            key,
                            etag: composite_etag(parts),
                            now: to,
                            headers: upload.headers.clone(),
                            tags: upload.tags.clone(),
                            checksum,
                            precondition,
                        })
                    },
                    (&of.0, &of.1),
                )
            })
            .await?;
        let fields = Checksum::fields(new.checksum.as_ref());
        Ok(CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(new.etag)),
            checksum_crc32: fields.checksum_crc32,
            checksum_crc32c: fields.checksum_crc32c,
            checksum_crc64nvme: fields.checksum_crc64nvme,
            checksum_sha1: fields.checksum_sha1,
            checksum_sha256: fields.checksum_sha256,
            checksum_type: fields.checksum_type,
            ..CompleteMultipartUploadOutput::default()
        })
    }

    pub(super) async fn abort_upload(
        &self,
        input: AbortMultipartUploadInput,
    ) -> S3Result<AbortMultipartUploadOutput> {
        self.index
            .free(move |batch| index::multipart::abort(batch, &input.bucket, &input.key, &input.upload_id))
            .await?;
        Ok(AbortMultipartUploadOutput::default())
    }

    pub(super) async fn list_upload_parts(&self, input: ListPartsInput) -> S3Result<ListPartsOutput> {
        let limit = page(input.max_parts, PAGE, "max-parts")?;
        let after = u16::try_from(input.part_number_marker.unwrap_or_default()).map_err(|_| {
            refuse(S3ErrorCode::InvalidArgument, "part-number-marker must be between 0 and 65535")
        })?;
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
        let (upload, mut rows) = self
            .index
            .read(move |connection| {
                let upload = index::multipart::get(connection, &bucket, &key, &id)?;
                Ok((upload, index::multipart::parts(connection, &id, after, limit + 1)?))
            })
            .await?;
        let truncated = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| truncated).map(|row| i32::from(row.number));
        let (abort_date, abort_rule_id) = self.abort_date(&input.bucket, &input.key, upload.created).unzip();
        Ok(ListPartsOutput {
            abort_date,
            abort_rule_id,
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            max_parts: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
            part_number_marker: input.part_number_marker,
            is_truncated: Some(truncated),
            next_part_number_marker: next,
            parts: Some(rows.into_iter().map(listed_part).collect()),
            checksum_algorithm: upload.checksum.map(|checksum| checksum.algorithm.into()),
            checksum_type: upload.checksum.map(|checksum| checksum.scope.into()),
            storage_class: Some(
                upload
                    .headers
                    .storage_class
                    .map_or_else(|| StorageClass::from_static(StorageClass::STANDARD), StorageClass::from),
            ),
            ..ListPartsOutput::default()
        })
    }
}

fn part_number(number: Option<i32>) -> S3Result<u16> {
    number
        .and_then(|number| u16::try_from(number).ok())
        .filter(|number| (1..=MAX_PARTS).contains(number))
        .ok_or_else(|| {
            refuse(
                S3ErrorCode::InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive",
            )
        })
}

/// The parts as the client names them, which must be in order.
fn named_parts(parts: Vec<CompletedPart>) -> S3Result<Vec<CompletePart>> {
    if parts.is_empty() {
        return Err(refuse(S3ErrorCode::MalformedXML, "You must specify at least one part"));
    }
    let named = parts
        .into_iter()
        .map(|part| {
            Ok(CompletePart {
                number: part_number(part.part_number)?,
                etag: part
                    .e_tag
                    .map(ETag::into_value)
                    .ok_or_else(|| S3Error::from(StoreError::InvalidPart))?,
                checksum: part
                    .checksum_crc32
                    .or(part.checksum_crc32c)
                    .or(part.checksum_crc64nvme)
                    .or(part.checksum_sha1)
                    .or(part.checksum_sha256),
            })
        })
        .collect::<S3Result<Vec<_>>>()?;
    if named.windows(2).all(|pair| pair[0].number < pair[1].number) {
        Ok(named)
    } else {
        Err(refuse(S3ErrorCode::InvalidPartOrder, "The list of parts was not in ascending order."))
    }
}

fn listed_part(row: PartRow) -> Part {
    let fields = Checksum::fields(row.checksum.as_ref());
    Part {
        part_number: Some(i32::from(row.number)),
        size: Some(row.size.cast_signed()),
        e_tag: Some(ETag::Strong(row.etag)),
        last_modified: Some(timestamp(row.modified)),
        checksum_crc32: fields.checksum_crc32,
        checksum_crc32c: fields.checksum_crc32c,
        checksum_crc64nvme: fields.checksum_crc64nvme,
        checksum_sha1: fields.checksum_sha1,
        checksum_sha256: fields.checksum_sha256,
    }
}

/// S3's ETag of parts: the MD5 of their MD5s, and how many they are.
fn composite_etag(parts: &[PartRow]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        let digest: Vec<u8> = (0..part.etag.len())
            .step_by(2)
            .filter_map(|at| u8::from_str_radix(part.etag.get(at..at + 2)?, 16).ok())
            .collect();
        md5.update(digest);
    }
    format!("{}-{}", hex(&md5.finalize()), parts.len())
}

/// What a CompleteMultipartUpload says about the object that it makes.
struct CompletePromise {
    scope: Option<ChecksumType>,
    /// Bytes.
    size: Option<i64>,
    checksum: Option<(Algorithm, String)>,
}

impl CompletePromise {
    /// The object's checksum, if what was said of it holds.
    fn check(
        &self,
        kind: Option<PartsChecksum>,
        named: &[CompletePart],
        parts: &[PartRow],
    ) -> S3Result<Option<Checksum>> {
        let size: u64 = parts.iter().map(|part| part.size).sum();
        if self.size.is_some_and(|said| u64::try_from(said) != Ok(size)) {
            return Err(refuse(
                S3ErrorCode::InvalidRequest,
                format!(
                    "The provided 'x-amz-mp-object-size' header does not match what was computed: {size}"
                ),
            ));
        }
        if let (Some(said), Some(kind)) = (&self.scope, kind)
            && said.as_str() != kind.scope.name()
        {
            return Err(refuse(
                S3ErrorCode::InvalidRequest,
                format!(
                    "The upload was created using the {} checksum mode. \
                     The complete request must use the same checksum mode.",
                    kind.scope.name()
                ),
            ));
        }
        let bare = named.iter().find(|part| part.checksum.is_none());
        if let (Some(PartsChecksum { algorithm, scope: Scope::Composite }), Some(part)) = (kind, bare) {
            return Err(refuse(
                S3ErrorCode::InvalidRequest,
                format!(
                    "The upload was created using a {} checksum. The complete request must include the checksum \
                     for each part. It was missing for part {} in the request.",
                    algorithm.name().to_lowercase(),
                    part.number
                ),
            ));
        }
        let made =
            kind.and_then(|kind| kind.of(parts.iter().map(|part| (part.checksum.as_ref(), part.size))));
        if let Some((algorithm, said)) = &self.checksum
            && !made.as_ref().is_some_and(|made| made.algorithm == *algorithm && made.says(said))
        {
            return Err(refuse(
                S3ErrorCode::BadDigest,
                format!("The {} you specified did not match the calculated checksum.", algorithm.name()),
            ));
        }
        Ok(made)
    }
}

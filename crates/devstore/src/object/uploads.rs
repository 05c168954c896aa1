//! ListMultipartUploads.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Result};

use super::{Objects, page, refuse, timestamp};
use crate::index;

/// Uploads on a page at most, and when the client does not say.
const PAGE: usize = 1_000;

impl Objects {
    pub(super) async fn list_uploads(
        &self,
        input: ListMultipartUploadsInput,
    ) -> S3Result<ListMultipartUploadsOutput> {
        if input.delimiter.as_ref().is_some_and(|delimiter| !delimiter.is_empty()) {
            return Err(refuse(S3ErrorCode::NotImplemented, "This store lists uploads without a delimiter."));
        }
        let limit = page(input.max_uploads, PAGE, "max-uploads")?;
        let (bucket, prefix) = (input.bucket.clone(), input.prefix.clone().unwrap_or_default());
        let key = input.key_marker.clone().unwrap_or_default();
        // S3 looks at the id only beside a key. Without one, every upload of that key is behind it.
        let id = match (&input.key_marker, &input.upload_id_marker) {
            (Some(_), Some(id)) => id.clone(),
            (Some(_), None) => String::from(char::MAX),
            (None, _) => String::new(),
        };
        let mut rows = self
            .index
            .read(move |connection| {
                index::multipart::uploads(connection, &bucket, &prefix, (&key, &id), limit + 1)
            })
            .await?;
        let truncated = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| truncated).cloned();
        let (next_key, next_id) = next.map(|row| (row.key, row.id)).unzip();
        let uploads = rows.into_iter().map(|row| MultipartUpload {
            key: Some(row.key),
            upload_id: Some(row.id),
            initiated: Some(timestamp(row.created)),
            checksum_algorithm: row.checksum.map(|checksum| checksum.algorithm.into()),
            checksum_type: row.checksum.map(|checksum| checksum.scope.into()),
            ..MultipartUpload::default()
        });
        Ok(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            prefix: input.prefix,
            key_marker: input.key_marker,
            upload_id_marker: input.upload_id_marker,
            max_uploads: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
            is_truncated: Some(truncated),
            next_key_marker: next_key,
            next_upload_id_marker: next_id,
            uploads: Some(uploads.collect()),
            ..ListMultipartUploadsOutput::default()
        })
    }
}

//! DeleteObject and DeleteObjects.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Result};

use super::{Objects, check_version, refuse};
use crate::index;

/// Keys in one DeleteObjects, as S3 has it.
const MAX_KEYS: usize = 1_000;

impl Objects {
    pub(super) async fn delete_one(&self, input: DeleteObjectInput) -> S3Result<DeleteObjectOutput> {
        check_version(input.version_id.as_deref())?;
        if input.if_match.is_some() {
            return Err(refuse(S3ErrorCode::NotImplemented, "This store does not delete on a condition."));
        }
        self.index.free(move |batch| index::object::delete(batch, &input.bucket, &input.key)).await?;
        Ok(DeleteObjectOutput::default())
    }

    pub(super) async fn delete_many(&self, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
        let objects = input.delete.objects;
        if objects.is_empty() || objects.len() > MAX_KEYS {
            return Err(refuse(S3ErrorCode::MalformedXML, "Name 1 to 1,000 keys to delete."));
        }
        for object in &objects {
            check_version(object.version_id.as_deref())?;
        }
        let keys: Vec<String> = objects.into_iter().map(|object| object.key).collect();
        let deleted = self
            .index
            .free(move |batch| {
                for key in &keys {
                    index::object::delete(batch, &input.bucket, key)?;
                }
                Ok(keys.clone())
            })
            .await?;
        let told = (!input.delete.quiet.unwrap_or_default()).then(|| {
            deleted
                .into_iter()
                .map(|key| DeletedObject { key: Some(key), ..DeletedObject::default() })
                .collect()
        });
        Ok(DeleteObjectsOutput { deleted: told, ..DeleteObjectsOutput::default() })
    }
}

//! Tags of objects.

use s3s::S3Result;
use s3s::dto::*;

use super::{Objects, check_version};
use crate::index;
use crate::tags::Tags;

impl Objects {
    pub(super) async fn tags(&self, input: GetObjectTaggingInput) -> S3Result<GetObjectTaggingOutput> {
        check_version(input.version_id.as_deref())?;
        let row = self
            .index
            .read(move |connection| index::object::get(connection, &input.bucket, &input.key))
            .await?;
        Ok(GetObjectTaggingOutput { tag_set: row.tags.to_set(), version_id: None })
    }

    pub(super) async fn put_tags(&self, input: PutObjectTaggingInput) -> S3Result<PutObjectTaggingOutput> {
        check_version(input.version_id.as_deref())?;
        let tags = Tags::from_set(input.tagging.tag_set)?;
        self.index
            .write(move |batch| index::object::set_tags(batch, &input.bucket, &input.key, &tags))
            .await?;
        Ok(PutObjectTaggingOutput::default())
    }

    pub(super) async fn forget_tags(
        &self,
        input: DeleteObjectTaggingInput,
    ) -> S3Result<DeleteObjectTaggingOutput> {
        check_version(input.version_id.as_deref())?;
        self.index
            .write(move |batch| index::object::set_tags(batch, &input.bucket, &input.key, &Tags::default()))
            .await?;
        Ok(DeleteObjectTaggingOutput::default())
    }
}

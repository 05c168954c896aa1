//! Buckets.

use s3s::S3Result;
use s3s::dto::*;

use super::{Objects, now, timestamp};
use crate::index;

impl Objects {
    pub(super) async fn make_bucket(&self, input: CreateBucketInput) -> S3Result<CreateBucketOutput> {
        let location = format!("/{}", input.bucket);
        self.index.write(move |batch| index::bucket::create(batch, &input.bucket, now())).await?;
        Ok(CreateBucketOutput { location: Some(location) })
    }

    pub(super) async fn remove_bucket(&self, input: DeleteBucketInput) -> S3Result<DeleteBucketOutput> {
        let name = input.bucket.clone();
        self.index.write(move |batch| index::bucket::delete(batch, &name)).await?;
        self.index.refresh_rules(input.bucket).await?;
        Ok(DeleteBucketOutput::default())
    }

    pub(super) async fn bucket_head(&self, input: HeadBucketInput) -> S3Result<HeadBucketOutput> {
        self.index.read(move |connection| index::bucket::require(connection, &input.bucket)).await?;
        Ok(HeadBucketOutput { bucket_region: Some(self.region.clone()), ..HeadBucketOutput::default() })
    }

    pub(super) async fn bucket_location(
        &self,
        input: GetBucketLocationInput,
    ) -> S3Result<GetBucketLocationOutput> {
        self.index.read(move |connection| index::bucket::require(connection, &input.bucket)).await?;
        // The first region's name is the empty one.
        let elsewhere = (self.region != "us-east-1").then(|| self.region.clone().into());
        Ok(GetBucketLocationOutput { location_constraint: elsewhere })
    }

    pub(super) async fn all_buckets(&self) -> S3Result<ListBucketsOutput> {
        let rows = self.index.read(index::bucket::all).await?;
        let buckets = rows.into_iter().map(|(name, created)| Bucket {
            name: Some(name),
            creation_date: Some(timestamp(created)),
            ..Bucket::default()
        });
        Ok(ListBucketsOutput { buckets: Some(buckets.collect()), ..ListBucketsOutput::default() })
    }
}

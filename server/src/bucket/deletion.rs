//! Deleting objects, 1,000 with a request; or all below a batch's prefix.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::{Bucket, StoreFault};
use crate::grant::BatchPrefix;

/// Keys in one request (S3 API, "DeleteObjects").
const PAGE: usize = 1_000;

/// How often a prefix is listed until it is empty.
const ROUNDS: u32 = 3;

impl Bucket {
    /// Deletes objects; those that are not there are no failure. In a bucket that keeps versions, the versions stay.
    ///
    /// # Errors
    /// If the store does not answer, or refuses: the server needs `s3:DeleteObject`. Some may be deleted then.
    pub async fn delete(&self, keys: &[String]) -> Result<(), StoreFault> {
        const OPERATION: &str = "DeleteObjects";
        for page in keys.chunks(PAGE) {
            let mut delete = Delete::builder().quiet(true);
            for key in page {
                let object = ObjectIdentifier::builder().key(key).build();
                delete =
                    delete.objects(object.map_err(|_| StoreFault::incomplete(OPERATION, "key to delete"))?);
            }
            let delete = delete.build().map_err(|_| StoreFault::incomplete(OPERATION, "key to delete"))?;
            let asked = self.s3().delete_objects().bucket(self.name().as_str()).delete(delete).send().await;
            let answer = asked.map_err(|error| StoreFault::sdk(OPERATION, &error))?;
            if let Some(refused) = answer.errors().first() {
                let code = refused.code().unwrap_or_default();
                return Err(StoreFault::of_one(OPERATION, code, refused.message().unwrap_or("no message")));
            }
        }
        Ok(())
    }

    /// Deletes every object below a batch's prefix; answers how many. In a bucket that keeps versions, the versions stay.
    ///
    /// # Errors
    /// As [`delete`](Self::delete); or if objects come back as they are deleted.
    pub async fn delete_below(&self, prefix: &BatchPrefix) -> Result<u64, StoreFault> {
        let mut deleted = 0;
        for _ in 0..ROUNDS {
            let before = deleted;
            let mut listing = self.list(prefix);
            while let Some(objects) = listing.page().await? {
                let keys: Vec<String> = objects.into_iter().map(|object| object.key).collect();
                self.delete(&keys).await?;
                deleted += keys.len() as u64;
            }
            if deleted == before {
                return Ok(deleted);
            }
        }
        Err(StoreFault::incomplete("ListObjectsV2", "end: objects come back as they are deleted"))
    }
}

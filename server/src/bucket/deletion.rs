//! Deleting objects, 1,000 with a request.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::{Bucket, StoreFault};

/// Keys in one request (S3 API, "DeleteObjects").
const PAGE: usize = 1_000;

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
}

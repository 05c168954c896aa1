//! Multipart uploads that were begun and never completed.

use super::{Bucket, StoreFault};
use crate::grant::BatchPrefix;

impl Bucket {
    /// Aborts what was begun below a batch's prefix and never completed, so that its parts cost nothing more; answers
    /// how many uploads.
    ///
    /// # Errors
    /// If the store does not answer, or refuses: the server needs `s3:ListBucketMultipartUploads` and
    /// `s3:AbortMultipartUpload`.
    pub async fn abort_uploads(&self, prefix: &BatchPrefix) -> Result<u64, StoreFault> {
        let mut aborted = 0;
        let (mut after_key, mut after_upload) = (None, None);
        loop {
            let answer = self
                .s3()
                .list_multipart_uploads()
                .bucket(self.name().as_str())
                .prefix(prefix.as_str())
                .set_key_marker(after_key)
                .set_upload_id_marker(after_upload)
                .send()
                .await
                .map_err(|error| StoreFault::sdk("ListMultipartUploads", &error))?;
            for upload in answer.uploads() {
                let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else { continue };
                // Some stores list more than was asked for.
                if !key.starts_with(prefix.as_str()) {
                    continue;
                }
                let abort = self.s3().abort_multipart_upload().bucket(self.name().as_str());
                abort
                    .key(key)
                    .upload_id(id)
                    .send()
                    .await
                    .map_err(|error| StoreFault::sdk("AbortMultipartUpload", &error))?;
                aborted += 1;
            }
            if answer.is_truncated() != Some(true) || answer.next_key_marker().is_none() {
                return Ok(aborted);
            }
            after_key = answer.next_key_marker().map(str::to_owned);
            after_upload = answer.next_upload_id_marker().map(str::to_owned);
        }
    }
}

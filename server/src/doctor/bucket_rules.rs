//! The bucket's own rules: lifecycle and versions.

use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus};

use super::{Doctor, Finding};
use crate::bucket::StoreFault;

impl Doctor {
    /// Whether unfinished uploads are given up some day.
    pub(super) async fn lifecycle(&self) -> Finding {
        let s3 = self.bucket().s3();
        let asked =
            s3.get_bucket_lifecycle_configuration().bucket(self.bucket().name().as_str()).send().await;
        let answer = match asked.map_err(|error| StoreFault::sdk("GetBucketLifecycleConfiguration", &error)) {
            Ok(answer) => answer,
            Err(fault) if fault.code() == "NoSuchLifecycleConfiguration" => return Finding::LifecycleMissing,
            Err(fault) => return Finding::Unseen { detail: fault.detail().to_owned() },
        };
        let days = answer
            .rules()
            .iter()
            .filter(|rule| rule.status == ExpirationStatus::Enabled)
            .filter_map(|rule| rule.abort_incomplete_multipart_upload()?.days_after_initiation())
            .min();
        days.map_or(Finding::LifecycleMissing, |days| Finding::LifecycleRight { days })
    }

    /// Whether old versions are kept.
    pub(super) async fn versioning(&self) -> Finding {
        let s3 = self.bucket().s3();
        let asked = s3.get_bucket_versioning().bucket(self.bucket().name().as_str()).send().await;
        match asked.map_err(|error| StoreFault::sdk("GetBucketVersioning", &error)) {
            Ok(answer) if answer.status() == Some(&BucketVersioningStatus::Enabled) => Finding::Versioned,
            Ok(_) => Finding::Unversioned,
            // A store that does not know the question keeps no versions.
            Err(fault) if fault.code() == "NotImplemented" => Finding::Unversioned,
            Err(fault) => Finding::Unseen { detail: fault.detail().to_owned() },
        }
    }
}

//! What `--fix` can do: the bucket's rules. Roles and policies stay in their owner's hands.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, CorsConfiguration, CorsRule, ExpirationStatus, LifecycleRule,
    LifecycleRuleFilter,
};
use serde::Serialize;

use super::Doctor;
use crate::bucket::StoreFault;
use crate::setup::{CORS_MAX_AGE_S, CORS_METHODS, UNFINISHED_DAYS, UNFINISHED_RULE};

/// Something that can be put right with the server's own credentials, if they allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// A CORS rule for this page, in front of those that are there.
    AllowPage,
    /// A lifecycle rule for unfinished uploads, beside those that are there.
    AbortUnfinished,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The rule could not be written down.
    #[error("the rule is incomplete: {0}")]
    Rule(#[from] aws_smithy_types::error::operation::BuildError),
}

impl Repair {
    /// What it does, as a question.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::AllowPage => "Add a CORS rule for this page to the bucket?",
            Self::AbortUnfinished => {
                "Add a lifecycle rule to the bucket that aborts unfinished uploads after a day?"
            }
        }
    }
}

impl Doctor {
    /// Puts something right. Rules that are there stay.
    ///
    /// # Errors
    /// If the store refuses; nothing was changed then.
    pub async fn apply(&self, repair: Repair) -> Result<(), RepairError> {
        match repair {
            Repair::AllowPage => self.allow_page().await,
            Repair::AbortUnfinished => self.abort_unfinished().await,
        }
    }

    async fn allow_page(&self) -> Result<(), RepairError> {
        let (s3, bucket) = (self.bucket().s3(), self.bucket().name().as_str());
        let asked = s3.get_bucket_cors().bucket(bucket).send().await;
        let present = match asked.map_err(|error| StoreFault::sdk("GetBucketCors", &error)) {
            Ok(answer) => answer.cors_rules.unwrap_or_default(),
            Err(fault) if fault.code() == "NoSuchCORSConfiguration" => Vec::new(),
            Err(fault) => return Err(fault.into()),
        };
        let rule = CorsRule::builder()
            .allowed_origins(self.page.to_string())
            .set_allowed_methods(Some(CORS_METHODS.map(str::to_owned).to_vec()))
            .allowed_headers("*")
            .expose_headers("ETag")
            .max_age_seconds(i32::try_from(CORS_MAX_AGE_S).unwrap_or(i32::MAX))
            .build()?;
        // The first rule that fits counts.
        let rules = std::iter::once(rule).chain(present).collect();
        let configuration = CorsConfiguration::builder().set_cors_rules(Some(rules)).build()?;
        let put = s3.put_bucket_cors().bucket(bucket).cors_configuration(configuration).send().await;
        put.map_err(|error| StoreFault::sdk("PutBucketCors", &error))?;
        Ok(())
    }

    async fn abort_unfinished(&self) -> Result<(), RepairError> {
        let days = i32::try_from(UNFINISHED_DAYS).unwrap_or(1);
        let rule = LifecycleRule::builder()
            .id(UNFINISHED_RULE)
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .abort_incomplete_multipart_upload(
                AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build(),
            )
            .build()?;
        let mut lifecycle = self.bucket().lifecycle().await?;
        lifecycle.put(rule);
        Ok(self.bucket().set_lifecycle(lifecycle).await?)
    }
}

//! A bucket's lifecycle: giving up uploads that nobody finished, and nothing else.

use std::collections::HashSet;

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Result};
use time::{Duration, OffsetDateTime, Time};
use uuid::Uuid;

use super::{Objects, check_bucket, refuse};
use crate::error::StoreError;
use crate::index::{self, LifecycleRule as Rule, Millis};

/// S3's most rules of a bucket.
const MAX_RULES: usize = 1_000;
/// S3's longest id of a rule, in characters.
const MAX_ID: usize = 255;
/// Milliseconds in a day.
const DAY: Millis = 24 * 60 * 60 * 1_000;

impl Objects {
    pub(super) async fn put_lifecycle(
        &self,
        input: PutBucketLifecycleConfigurationInput,
    ) -> S3Result<PutBucketLifecycleConfigurationOutput> {
        let rules =
            input.lifecycle_configuration.map(|configuration| configuration.rules).unwrap_or_default();
        if rules.is_empty() || rules.len() > MAX_RULES {
            return Err(malformed());
        }
        let rules = rules.into_iter().map(rule).collect::<S3Result<Vec<_>>>()?;
        let mut ids = HashSet::new();
        if !rules.iter().all(|rule| ids.insert(rule.id.as_str())) {
            return Err(invalid("Rule ID must be unique. Found same ID for more than one rule"));
        }
        self.index.set_lifecycle(input.bucket, Some(rules)).await?;
        Ok(PutBucketLifecycleConfigurationOutput::default())
    }

    pub(super) async fn lifecycle(
        &self,
        input: GetBucketLifecycleConfigurationInput,
    ) -> S3Result<GetBucketLifecycleConfigurationOutput> {
        check_bucket(&self.index, &input.bucket).await?;
        let rules = self.index.rules(&input.bucket).lifecycle.ok_or_else(|| {
            refuse(S3ErrorCode::NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist")
        })?;
        Ok(GetBucketLifecycleConfigurationOutput {
            rules: Some(rules.iter().map(listed).collect()),
            ..GetBucketLifecycleConfigurationOutput::default()
        })
    }

    pub(super) async fn forget_lifecycle(
        &self,
        input: DeleteBucketLifecycleInput,
    ) -> S3Result<DeleteBucketLifecycleOutput> {
        self.index.set_lifecycle(input.bucket, None).await?;
        Ok(DeleteBucketLifecycleOutput::default())
    }

    /// Gives up the uploads whose time has come by `now`; answers how many.
    pub(crate) async fn abort_overdue(&self, now: OffsetDateTime) -> Result<usize, StoreError> {
        let mut aborted = 0;
        for (bucket, rules) in self.index.all_rules() {
            for rule in rules.lifecycle.iter().flat_map(|rules| rules.iter()).filter(|rule| rule.enabled) {
                let (bucket, prefix, before) = (bucket.clone(), rule.prefix.clone(), overdue(rule, now));
                aborted += self
                    .index
                    .free(move |batch| index::multipart::abort_older(batch, &bucket, &prefix, before))
                    .await?;
            }
        }
        Ok(aborted)
    }

    /// When an upload that began then will be given up, and by which rule.
    pub(super) fn abort_date(&self, bucket: &str, key: &str, begun: Millis) -> Option<(Timestamp, String)> {
        let rules = self.index.rules(bucket).lifecycle?;
        let covers = |rule: &&Rule| rule.enabled && key.starts_with(&rule.prefix);
        let first = rules.iter().filter(covers).min_by_key(|rule| rule.days)?;
        let began = OffsetDateTime::from_unix_timestamp_nanos(i128::from(begun) * 1_000_000).ok()?;
        let date = (began + Duration::days(i64::from(first.days) + 1)).replace_time(Time::MIDNIGHT);
        Some((date.into(), first.id.clone()))
    }
}

/// Uploads that began before this are due: S3 counts days from the midnight (UTC) after.
fn overdue(rule: &Rule, now: OffsetDateTime) -> Millis {
    let midnight = now.replace_time(Time::MIDNIGHT).unix_timestamp() * 1_000;
    midnight - i64::from(rule.days) * DAY
}

/// Checks a rule as S3 does, and refuses what this store does not do.
fn rule(rule: LifecycleRule) -> S3Result<Rule> {
    if rule.expiration.is_some()
        || rule.noncurrent_version_expiration.is_some()
        || rule.noncurrent_version_transitions.is_some()
        || rule.transitions.is_some()
    {
        return Err(refuse(
            S3ErrorCode::NotImplemented,
            "This store's lifecycle aborts incomplete multipart uploads, and nothing else.",
        ));
    }
    let prefix = match (rule.filter, rule.prefix) {
        (Some(filter), None) => {
            if filter.and.is_some()
                || filter.tag.is_some()
                || filter.object_size_greater_than.is_some()
                || filter.object_size_less_than.is_some()
            {
                return Err(invalid("AbortIncompleteMultipartUpload can be filtered by prefix only"));
            }
            filter.prefix.unwrap_or_default()
        }
        (None, Some(prefix)) => prefix,
        (None, None) | (Some(_), Some(_)) => return Err(malformed()),
    };
    let Some(action) = rule.abort_incomplete_multipart_upload else {
        return Err(invalid("At least one action needs to be specified in a rule."));
    };
    let days =
        action.days_after_initiation.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
    let days = days.ok_or_else(|| {
        refuse(
            S3ErrorCode::InvalidArgument,
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
        )
    })?;
    let enabled = match rule.status.as_str() {
        ExpirationStatus::ENABLED => true,
        ExpirationStatus::DISABLED => false,
        _ => return Err(malformed()),
    };
    let id = rule.id.filter(|id| !id.is_empty()).unwrap_or_else(|| Uuid::new_v4().simple().to_string());
    if id.chars().count() > MAX_ID {
        return Err(invalid("ID length should not exceed allowed limit of 255"));
    }
    Ok(Rule { id, prefix, enabled, days })
}

fn listed(rule: &Rule) -> LifecycleRule {
    LifecycleRule {
        id: Some(rule.id.clone()),
        filter: Some(LifecycleRuleFilter {
            prefix: Some(rule.prefix.clone()),
            ..LifecycleRuleFilter::default()
        }),
        status: ExpirationStatus::from_static(if rule.enabled {
            ExpirationStatus::ENABLED
        } else {
            ExpirationStatus::DISABLED
        }),
        abort_incomplete_multipart_upload: Some(AbortIncompleteMultipartUpload {
            days_after_initiation: i32::try_from(rule.days).ok(),
        }),
        expiration: None,
        noncurrent_version_expiration: None,
        noncurrent_version_transitions: None,
        prefix: None,
        transitions: None,
    }
}

fn invalid(message: &'static str) -> S3Error {
    refuse(S3ErrorCode::InvalidRequest, message)
}

fn malformed() -> S3Error {
    refuse(
        S3ErrorCode::MalformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

//! A bucket's lifecycle: giving up uploads that nobody finished, deleting objects of some age, and nothing else.

use std::collections::HashSet;

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Result};
use time::{Duration, OffsetDateTime, Time};
use uuid::Uuid;

use super::{Objects, check_bucket, refuse};
use crate::error::StoreError;
use crate::index::{self, BucketRules, LifecycleRule as Rule, Millis};

/// S3's most rules of a bucket.
const MAX_RULES: usize = 1_000;
/// S3's longest id of a rule, in characters.
const MAX_ID: usize = 255;
/// Objects that are deleted in one transaction, so that writers wait a moment only.
const EXPIRED_AT_ONCE: usize = 1_000;
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
            for (rule, days) in enabled(&rules, |rule| rule.abort_days) {
                let (bucket, prefix, before) = (bucket.clone(), rule.prefix.clone(), overdue(days, now));
                aborted += self
                    .index
                    .free(move |batch| index::multipart::abort_older(batch, &bucket, &prefix, before))
                    .await?;
            }
        }
        Ok(aborted)
    }

    /// Deletes the objects whose time has come by `now`; answers how many.
    pub(crate) async fn expire_overdue(&self, now: OffsetDateTime) -> Result<usize, StoreError> {
        let mut expired = 0;
        for (bucket, rules) in self.index.all_rules() {
            for (rule, days) in enabled(&rules, |rule| rule.expire_days) {
                expired += self.expire_below(&bucket, &rule.prefix, overdue(days, now)).await?;
            }
        }
        Ok(expired)
    }

    async fn expire_below(&self, bucket: &str, prefix: &str, before: Millis) -> Result<usize, StoreError> {
        let (mut expired, mut after) = (0, Vec::new());
        loop {
            let (within, below) = (bucket.to_owned(), prefix.to_owned());
            let old = self.index.read(move |connection| {
                index::object::older(connection, &within, &below, before, &after, EXPIRED_AT_ONCE)
            });
            let old = old.await?;
            let Some(last) = old.last() else { return Ok(expired) };
            after = last.clone();
            let within = bucket.to_owned();
            expired += self
                .index
                .free(move |batch| index::object::delete_older(batch, &within, &old, before))
                .await?;
        }
    }

    /// When an upload that began then will be given up, and by which rule.
    pub(super) fn abort_date(&self, bucket: &str, key: &str, begun: Millis) -> Option<(Timestamp, String)> {
        let rules = self.index.rules(bucket).lifecycle?;
        let covers = |rule: &&Rule| rule.enabled && key.starts_with(&rule.prefix);
        let aborts = rules.iter().filter(covers).filter_map(|rule| Some((rule.abort_days?, rule)));
        let (days, first) = aborts.min_by_key(|(days, _)| *days)?;
        let began = OffsetDateTime::from_unix_timestamp_nanos(i128::from(begun) * 1_000_000).ok()?;
        let date = (began + Duration::days(i64::from(days) + 1)).replace_time(Time::MIDNIGHT);
        Some((date.into(), first.id.clone()))
    }
}

/// The rules that are on and have such an action, with its days.
fn enabled(
    rules: &BucketRules,
    action: impl Fn(&Rule) -> Option<u32> + Copy,
) -> impl Iterator<Item = (&Rule, u32)> {
    let all = rules.lifecycle.iter().flat_map(|rules| rules.iter());
    all.filter(|rule| rule.enabled).filter_map(move |rule| action(rule).map(|days| (rule, days)))
}

/// What began before this is due: S3 counts days from the midnight (UTC) after.
fn overdue(days: u32, now: OffsetDateTime) -> Millis {
    let midnight = now.replace_time(Time::MIDNIGHT).unix_timestamp() * 1_000;
    midnight - i64::from(days) * DAY
}

/// Checks a rule as S3 does, and refuses what this store does not do.
fn rule(rule: LifecycleRule) -> S3Result<Rule> {
    if rule.noncurrent_version_expiration.is_some()
        || rule.noncurrent_version_transitions.is_some()
        || rule.transitions.is_some()
    {
        return Err(refuse(
            S3ErrorCode::NotImplemented,
            "This store's lifecycle aborts incomplete multipart uploads and expires objects after days, and nothing else.",
        ));
    }
    let expire_days = rule.expiration.as_ref().map(expire_days).transpose()?;
    let prefix = match (rule.filter, rule.prefix) {
        (Some(filter), None) => {
            if filter.and.is_some()
                || filter.tag.is_some()
                || filter.object_size_greater_than.is_some()
                || filter.object_size_less_than.is_some()
            {
                return Err(match expire_days {
                    // S3 can, and to take the rule without its filter would delete too much.
                    Some(_) => refuse(S3ErrorCode::NotImplemented, "This store filters by prefix only."),
                    None => invalid("AbortIncompleteMultipartUpload can be filtered by prefix only"),
                });
            }
            filter.prefix.unwrap_or_default()
        }
        (None, Some(prefix)) => prefix,
        (None, None) | (Some(_), Some(_)) => return Err(malformed()),
    };
    let abort_days = rule.abort_incomplete_multipart_upload.as_ref().map(abort_days).transpose()?;
    if abort_days.is_none() && expire_days.is_none() {
        return Err(invalid("At least one action needs to be specified in a rule."));
    }
    let enabled = match rule.status.as_str() {
        ExpirationStatus::ENABLED => true,
        ExpirationStatus::DISABLED => false,
        _ => return Err(malformed()),
    };
    let id = rule.id.filter(|id| !id.is_empty()).unwrap_or_else(|| Uuid::new_v4().simple().to_string());
    if id.chars().count() > MAX_ID {
        return Err(invalid("ID length should not exceed allowed limit of 255"));
    }
    Ok(Rule { id, prefix, enabled, abort_days, expire_days })
}

fn abort_days(action: &AbortIncompleteMultipartUpload) -> S3Result<u32> {
    positive(
        action.days_after_initiation,
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    )
}

fn expire_days(action: &LifecycleExpiration) -> S3Result<u32> {
    if action.date.is_some() || action.expired_object_delete_marker.is_some() {
        return Err(refuse(S3ErrorCode::NotImplemented, "This store expires objects after days only."));
    }
    positive(action.days, "'Days' for Expiration action must be a positive integer")
}

fn positive(days: Option<i32>, otherwise: &'static str) -> S3Result<u32> {
    let days = days.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
    days.ok_or_else(|| refuse(S3ErrorCode::InvalidArgument, otherwise))
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
        abort_incomplete_multipart_upload: rule
            .abort_days
            .map(|days| AbortIncompleteMultipartUpload { days_after_initiation: i32::try_from(days).ok() }),
        expiration: rule.expire_days.map(|days| LifecycleExpiration {
            days: i32::try_from(days).ok(),
            ..LifecycleExpiration::default()
        }),
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

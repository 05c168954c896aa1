//! Retention: how long a project keeps what it stores, as a rule of the bucket's lifecycle.
//!
//! The owner decides with the project; the store deletes. Between the two is one rule with an id of the project's own,
//! that is written when an admin says so.

use app::desk::projects::RuleState;
use aws_sdk_s3::types::{ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter};
use aws_smithy_types::error::operation::BuildError;
use ledger::{KeepDays, ProjectRecord, Retention};
use serde_json::{Value, json};
use transfer::wire::ProjectId;

use crate::bucket::{FaultKind, Lifecycle, StoreFault};

/// What it takes to see the bucket's rules (IAM, Amazon S3 user guide, "Setting a lifecycle configuration").
pub const READ_ACTION: &str = "s3:GetLifecycleConfiguration";

/// What it takes to write them, or to remove the last of them.
pub const WRITE_ACTION: &str = "s3:PutLifecycleConfiguration";

/// The id of a project's rule.
#[must_use]
pub fn rule_id(project: &ProjectId) -> String {
    format!("sluice-retention-{project}")
}

/// The rule of a project that keeps what it stores for so many days.
///
/// # Errors
/// Never; the SDK cannot know that nothing is left out.
pub fn rule(project: &ProjectRecord, days: KeepDays) -> Result<LifecycleRule, BuildError> {
    let days = i32::try_from(days.get()).unwrap_or(i32::MAX);
    LifecycleRule::builder()
        .id(rule_id(&project.id))
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(folder(project)).build())
        .expiration(LifecycleExpiration::builder().days(days).build())
        .build()
}

/// The same, as the AWS CLI and the console take it.
#[must_use]
pub fn document(project: &ProjectRecord, days: KeepDays) -> Value {
    json!({
        "ID": rule_id(&project.id),
        "Status": "Enabled",
        "Filter": { "Prefix": folder(project) },
        "Expiration": { "Days": days.get() },
    })
}

/// All keys of a project begin so.
#[must_use]
pub fn folder(project: &ProjectRecord) -> String {
    format!("{}/", project.prefix)
}

/// What the bucket's lifecycle says about a project's retention.
#[must_use]
pub fn state(project: &ProjectRecord, lifecycle: &Lifecycle) -> RuleState {
    let found = lifecycle.rule(&rule_id(&project.id));
    match (project.retention, found) {
        (Retention::ForEver, None) => RuleState::Same,
        (Retention::Days(_), None) => RuleState::Missing,
        (decided, Some(rule)) => {
            let days = in_force(rule, &folder(project));
            let wanted = decided.days().map(KeepDays::get);
            if days.is_some() && days == wanted { RuleState::Same } else { RuleState::Otherwise { days } }
        }
    }
}

/// After how many days a rule deletes all that is in a folder; nothing if it is off, or is about anything else.
fn in_force(rule: &LifecycleRule, folder: &str) -> Option<u32> {
    // A store may answer the prefix in the older place, or in an `And` of one.
    let nested = rule.filter().and_then(|filter| filter.and());
    let narrowed = rule.filter().is_some_and(|filter| {
        filter.tag().is_some()
            || filter.object_size_greater_than().is_some()
            || filter.object_size_less_than().is_some()
    }) || nested.is_some_and(|and| {
        !and.tags().is_empty()
            || and.object_size_greater_than().is_some()
            || and.object_size_less_than().is_some()
    });
    #[expect(deprecated, reason = "stores that answer in the older form mean the same")]
    let older = rule.prefix();
    let prefix = rule
        .filter()
        .and_then(|filter| filter.prefix())
        .or_else(|| nested.and_then(|and| and.prefix()))
        .or(older);
    let on = rule.status() == &ExpirationStatus::Enabled && !narrowed && prefix == Some(folder);
    let days = rule.expiration().and_then(LifecycleExpiration::days).filter(|_| on)?;
    u32::try_from(days).ok()
}

/// What a store's refusal means for a retention, if it is one that asking again will not change.
#[must_use]
pub fn refusal(fault: &StoreFault, action: &str) -> Option<RuleState> {
    match fault.code() {
        "AccessDenied" | "AccessDeniedException" => Some(RuleState::NotAllowed { action: action.to_owned() }),
        // What stores without lifecycles or without expiry answer (S3 API reference, "Error responses").
        "NotImplemented" | "MethodNotAllowed" if fault.kind() == FaultKind::Refused => {
            Some(RuleState::NotDone)
        }
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use aws_sdk_s3::types::{LifecycleRuleAndOperator, Tag};
    use ledger::{Access, Holding, Quota};
    use transfer::wire::{GrantKind, Rules};

    use super::*;

    fn project(retention: Retention) -> ProjectRecord {
        ProjectRecord {
            id: "w".parse().unwrap(),
            name: "W".to_owned(),
            prefix: "weddings".to_owned(),
            rules: Rules::default(),
            grant: GrantKind::SignedUrls,
            access: Access::Members,
            quota: Quota::default(),
            daily_quota: Quota::default(),
            relay: transfer::wire::Relay::Never,
            key_template: transfer::wire::KeyTemplate::default(),
            thumbnails: true,
            retention,
            holding: Holding::Unseen,
            archived_at: None,
        }
    }

    fn days(days: u32) -> KeepDays {
        KeepDays::new(days).unwrap()
    }

    fn with(rule: LifecycleRule) -> Lifecycle {
        let mut lifecycle = Lifecycle::default();
        lifecycle.put(rule);
        lifecycle
    }

    #[test]
    fn what_is_written_is_what_was_decided() {
        let kept = project(Retention::Days(days(30)));
        let written = with(rule(&kept, days(30)).unwrap());
        assert_eq!(state(&kept, &written), RuleState::Same);
        assert_eq!(state(&kept, &Lifecycle::default()), RuleState::Missing);
        let longer = project(Retention::Days(days(31)));
        assert_eq!(state(&longer, &written), RuleState::Otherwise { days: Some(30) });
        let for_ever = project(Retention::ForEver);
        assert_eq!(state(&for_ever, &written), RuleState::Otherwise { days: Some(30) });
        assert_eq!(state(&for_ever, &Lifecycle::default()), RuleState::Same);
        let moved = ProjectRecord { prefix: "wedding".to_owned(), ..kept };
        assert_eq!(state(&moved, &written), RuleState::Otherwise { days: None });
    }

    #[test]
    fn a_rule_that_is_off_or_narrower_does_not_count() {
        let kept = project(Retention::Days(days(30)));
        let mut off = rule(&kept, days(30)).unwrap();
        off.status = ExpirationStatus::Disabled;
        let and = |tags: Option<Vec<Tag>>| {
            let and = LifecycleRuleAndOperator::builder().prefix("weddings/").set_tags(tags).build();
            let mut rule = rule(&kept, days(30)).unwrap();
            rule.filter = Some(LifecycleRuleFilter::builder().and(and).build());
            rule
        };
        let mut big = rule(&kept, days(30)).unwrap();
        let bigger = LifecycleRuleFilter::builder().prefix("weddings/").object_size_greater_than(9).build();
        big.filter = Some(bigger);
        let tag = Tag::builder().key("k").value("v").build().unwrap();
        for narrow in [off, big, and(Some(vec![tag]))] {
            assert_eq!(state(&kept, &with(narrow)), RuleState::Otherwise { days: None });
        }
        assert_eq!(state(&kept, &with(and(None))), RuleState::Same);
    }
}

//! The bucket's lifecycle: one document, in which each rule belongs to somebody.
//!
//! The store takes and gives only the whole of it. Whoever changes a rule here reads the document, changes that rule
//! by its id and writes all back, so that the rules of others stay; and holds [`AppState::examining`] meanwhile, so that
//! two of this server's changes never cross.
//!
//! [`AppState::examining`]: crate::state::AppState::examining

use aws_sdk_s3::types::{BucketLifecycleConfiguration, LifecycleRule, TransitionDefaultMinimumObjectSize};

use super::{Bucket, StoreFault};

/// All lifecycle rules of a bucket.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lifecycle {
    rules: Vec<LifecycleRule>,
    /// What goes for the whole bucket; written back as it was, or the store would set its default.
    smallest_moved: Option<TransitionDefaultMinimumObjectSize>,
}

impl Lifecycle {
    /// The rules, in the order of the document.
    #[must_use]
    pub fn rules(&self) -> &[LifecycleRule] {
        &self.rules
    }

    /// The rule of that id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&LifecycleRule> {
        self.rules.iter().find(|rule| rule.id() == Some(id))
    }

    /// Puts a rule in the place of that with its id, or behind all others. Stores refuse two rules with one id, also
    /// if one of them is off.
    pub fn put(&mut self, rule: LifecycleRule) {
        match self.rules.iter_mut().find(|known| known.id.is_some() && known.id == rule.id) {
            Some(known) => *known = rule,
            None => self.rules.push(rule),
        }
    }

    /// Takes the rule of that id out, if there is one.
    pub fn remove(&mut self, id: &str) {
        self.rules.retain(|rule| rule.id() != Some(id));
    }
}

impl Bucket {
    /// The bucket's lifecycle; one without rules if it has none.
    ///
    /// # Errors
    /// If the store does not say.
    pub async fn lifecycle(&self) -> Result<Lifecycle, StoreFault> {
        let asked = self.s3().get_bucket_lifecycle_configuration().bucket(self.name().as_str()).send().await;
        match asked.map_err(|error| StoreFault::sdk("GetBucketLifecycleConfiguration", &error)) {
            Ok(answer) => Ok(Lifecycle {
                rules: answer.rules.unwrap_or_default(),
                smallest_moved: answer.transition_default_minimum_object_size,
            }),
            Err(fault) if fault.code() == "NoSuchLifecycleConfiguration" => Ok(Lifecycle::default()),
            Err(fault) => Err(fault),
        }
    }

    /// Gives the bucket that lifecycle; none if there is no rule in it, because stores take no empty document.
    ///
    /// # Errors
    /// If the store refuses; nothing was changed then.
    pub async fn set_lifecycle(&self, lifecycle: Lifecycle) -> Result<(), StoreFault> {
        let bucket = self.name().as_str();
        if lifecycle.rules.is_empty() {
            let deleted = self.s3().delete_bucket_lifecycle().bucket(bucket).send().await;
            return deleted.map(drop).map_err(|error| StoreFault::sdk("DeleteBucketLifecycle", &error));
        }
        let configuration = BucketLifecycleConfiguration::builder()
            .set_rules(Some(lifecycle.rules))
            .build()
            .map_err(|_| StoreFault::incomplete("PutBucketLifecycleConfiguration", "rule"))?;
        let put = self
            .s3()
            .put_bucket_lifecycle_configuration()
            .bucket(bucket)
            .set_transition_default_minimum_object_size(lifecycle.smallest_moved)
            .lifecycle_configuration(configuration)
            .send()
            .await;
        put.map(drop).map_err(|error| StoreFault::sdk("PutBucketLifecycleConfiguration", &error))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use aws_sdk_s3::types::{ExpirationStatus, LifecycleExpiration, LifecycleRuleFilter};

    use super::*;

    fn rule(id: Option<&str>, days: i32) -> LifecycleRule {
        LifecycleRule::builder()
            .set_id(id.map(str::to_owned))
            .status(ExpirationStatus::Disabled)
            .filter(LifecycleRuleFilter::builder().prefix("a/").build())
            .expiration(LifecycleExpiration::builder().days(days).build())
            .build()
            .unwrap()
    }

    #[test]
    fn a_rule_takes_the_place_of_that_with_its_id() {
        let mut lifecycle =
            Lifecycle { rules: vec![rule(None, 1), rule(Some("b"), 2)], smallest_moved: None };
        lifecycle.put(rule(Some("b"), 3));
        lifecycle.put(rule(Some("c"), 4));
        lifecycle.put(rule(None, 5));
        let all = [rule(None, 1), rule(Some("b"), 3), rule(Some("c"), 4), rule(None, 5)];
        assert_eq!(lifecycle.rules(), all, "and one without an id is nobody's place");
        lifecycle.remove("b");
        lifecycle.remove("nobody's");
        assert_eq!(lifecycle.rules(), [rule(None, 1), rule(Some("c"), 4), rule(None, 5)]);
        assert_eq!((lifecycle.rule("b"), lifecycle.rule("c")), (None, Some(&rule(Some("c"), 4))));
    }
}

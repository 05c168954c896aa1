//! Session policies: what a session may do, in the words of IAM.

use std::fmt;

use serde::Serialize;

use crate::bucket::BucketName;

/// Most characters of a session policy. AWS takes 2,048; 1,700 kill Ceph's gateway.
pub const MAX_POLICY_CHARS: usize = 1_500;

/// A session policy: to add objects below one prefix of one bucket, and nothing else.
///
/// No `s3:GetObject`, no `s3:ListBucket`, no `s3:DeleteObject`: who finds the grant cannot read what was sent.
/// `ListMultipartUploadParts` lists the parts of an upload that is going on, to resume it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPolicy(String);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    version: &'static str,
    statement: [Statement<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    effect: &'static str,
    action: [&'static str; 3],
    resource: &'a str,
}

impl SessionPolicy {
    /// The policy for a prefix with its slash at the end. All parts come from types that hold no wildcards.
    pub(super) fn for_prefix(partition: &str, bucket: &BucketName, prefix: &str) -> Self {
        let resource = format!("arn:{partition}:s3:::{bucket}/{prefix}*");
        let document = Document {
            version: "2012-10-17",
            statement: [Statement {
                effect: "Allow",
                action: ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
                resource: &resource,
            }],
        };
        // Compact on purpose: Ceph cannot read a policy whose spaces an SDK sends as `+`. Strings always serialise;
        // an empty policy would be refused by STS, never taken for a wider one.
        Self(serde_json::to_string(&document).unwrap_or_default())
    }

    /// The JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;
    use crate::grant::{ProjectPrefix, RoleArn};

    #[test]
    fn a_session_may_add_to_one_prefix_and_nothing_else() {
        let role: RoleArn = "arn:aws:iam::123456789012:role/sluice-upload".parse().unwrap();
        let prefix: ProjectPrefix = "photos".parse().unwrap();
        let prefix = prefix.batch(&"b1".parse().unwrap());
        let policy = SessionPolicy::for_prefix(role.partition(), &"bucket".parse().unwrap(), prefix.as_str());
        insta::assert_snapshot!(policy, @r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"arn:aws:s3:::bucket/photos/b1/*"}]}"#);
    }

    #[test]
    fn the_partition_is_the_roles() {
        let role: RoleArn = "arn:aws-us-gov:iam::123456789012:role/r".parse().unwrap();
        let policy = SessionPolicy::for_prefix(role.partition(), &"bucket".parse().unwrap(), "p/");
        assert!(policy.as_str().contains("\"arn:aws-us-gov:s3:::bucket/p/*\""));
        for bad in ["arn:a*s:iam::1:role/r", "arn:aws:iam::1:user/r", "arn:aws:s3:::b", "role"] {
            assert!(bad.parse::<RoleArn>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_longest_policy_stays_within_its_budget() {
        let prefix: ProjectPrefix = "p".repeat(256).parse().unwrap();
        let prefix = prefix.batch(&"b".repeat(64).parse().unwrap());
        let bucket: BucketName = "b".repeat(63).parse().unwrap();
        let policy = SessionPolicy::for_prefix("aws-us-gov", &bucket, prefix.as_str());
        assert!(policy.as_str().len() < MAX_POLICY_CHARS, "{}", policy.as_str().len());
        assert!(!policy.as_str().contains(' '));
    }
}

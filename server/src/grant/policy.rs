//! Session policies: what a session may do, in the words of IAM.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::bucket::{BucketName, KmsKeyArn, ObjectOptions};
use crate::setup::{KMS_ACTIONS, TAG_ACTIONS, UPLOAD_ACTIONS};

/// Most characters of a session policy. AWS takes 2,048; 1,700 kill Ceph's gateway.
pub const MAX_POLICY_CHARS: usize = 1_500;

/// A session policy: to add objects below one prefix of one bucket, and nothing else.
///
/// No `s3:GetObject`, no `s3:ListBucket`, no `s3:DeleteObject`: who finds the grant cannot read what was sent.
/// `ListMultipartUploadParts` lists the parts of an upload that is going on, to resume it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPolicy {
    statements: Vec<Statement>,
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    version: &'static str,
    statement: &'a [Statement],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: Vec<&'static str>,
    resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

impl SessionPolicy {
    /// The policy for a prefix with its slash at the end. All parts come from types that hold no wildcards.
    pub(super) fn for_prefix(partition: &str, bucket: &BucketName, prefix: &str) -> Self {
        Self::of(vec![Statement {
            effect: "Allow",
            action: UPLOAD_ACTIONS.to_vec(),
            resource: format!("arn:{partition}:s3:::{bucket}/{prefix}*"),
            condition: None,
        }])
    }

    /// The same, with these tags where there are some, and with no other class and no other tags than the owner's.
    pub(super) fn with_options(&self, options: &ObjectOptions) -> Self {
        let mut statements = self.statements.clone();
        if let Some(objects) = statements.first_mut() {
            if !options.tags.is_empty() {
                objects.action.extend(TAG_ACTIONS);
            }
            objects.condition = options.condition();
        }
        Self::of(statements)
    }

    /// The same, and S3 of that region may use the key on the session's behalf. By itself the session cannot.
    pub(super) fn with_key(&self, key: &KmsKeyArn, region: &str) -> Self {
        // China's endpoints have a suffix of their own (KMS Developer Guide, "kms:ViaService").
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let mut statements = self.statements.clone();
        statements.push(Statement {
            effect: "Allow",
            action: KMS_ACTIONS.to_vec(),
            resource: key.to_string(),
            condition: Some(json!({ "StringEquals": { "kms:ViaService": format!("s3.{region}.{suffix}") } })),
        });
        Self::of(statements)
    }

    fn of(statements: Vec<Statement>) -> Self {
        let document = Document { version: "2012-10-17", statement: &statements };
        // Compact on purpose: Ceph cannot read a policy whose spaces an SDK sends as `+`. Strings always serialise;
        // an empty policy would be refused by STS, never taken for a wider one.
        let json = serde_json::to_string(&document).unwrap_or_default();
        Self { statements, text: plain(&json) }
    }

    /// The JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The same JSON in printable ASCII without spaces: tags may have spaces, and letters of all scripts, of which STS takes
/// none beyond Latin-1 (STS API reference, "AssumeRole", `Policy`).
fn plain(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii_graphic() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

impl fmt::Display for SessionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;
    use crate::bucket::ObjectTags;
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
    fn a_key_may_be_used_by_way_of_s3_only() {
        let key: KmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd".parse().unwrap();
        let policy =
            SessionPolicy::for_prefix("aws", &"bucket".parse().unwrap(), "p/").with_key(&key, "eu-central-1");
        insta::assert_snapshot!(policy, @r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"arn:aws:s3:::bucket/p/*"},{"Effect":"Allow","Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"arn:aws:kms:eu-central-1:123456789012:key/1234abcd","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}]}"#);
        for bad in [
            "alias/photos",
            "arn:aws:kms:eu-central-1:1:alias/x",
            "arn:aws:kms:eu-central-1:1:key/*",
            "key/1",
        ] {
            assert!(bad.parse::<KmsKeyArn>().is_err(), "{bad}");
        }
    }

    fn options(class: &str, tags: &str) -> ObjectOptions {
        ObjectOptions { class: class.parse().ok(), tags: tags.parse().unwrap_or_default() }
    }

    /// As long as the configuration takes them.
    fn longest_tags() -> String {
        let tags = |length| format!("a={}&b=c&d=e", "v".repeat(length));
        let longest = (1..=256).rev().map(tags).find(|text| text.parse::<ObjectTags>().is_ok()).unwrap();
        let more = |more: usize| format!("{longest}&{}=x", "%20".repeat(more));
        (1..=128).rev().map(more).find(|text| text.parse::<ObjectTags>().is_ok()).unwrap_or(longest.clone())
    }

    #[test]
    fn a_session_sets_the_owners_class_and_tags_and_no_others() {
        let policy = |class, tags| {
            SessionPolicy::for_prefix("aws", &"bucket".parse().unwrap(), "p/")
                .with_options(&options(class, tags))
        };
        insta::assert_snapshot!(policy("STANDARD_IA", "team=Photo+d%C3%BC&y=1"), @r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts","s3:PutObjectTagging"],"Resource":"arn:aws:s3:::bucket/p/*","Condition":{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["team","y"]},"StringEqualsIfExists":{"s3:RequestObjectTag/team":"Photo\u0020d\u00fc","s3:RequestObjectTag/y":"1","s3:x-amz-storage-class":"STANDARD_IA"}}}]}"#);
        insta::assert_snapshot!(policy("GLACIER_IR", ""), @r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"arn:aws:s3:::bucket/p/*","Condition":{"StringEqualsIfExists":{"s3:x-amz-storage-class":"GLACIER_IR"}}}]}"#);
        let plain = SessionPolicy::for_prefix("aws", &"bucket".parse().unwrap(), "p/");
        assert_eq!(policy("", ""), plain, "and nothing is said where the owner says nothing");
    }

    #[test]
    fn the_longest_policy_stays_within_its_budget() {
        let prefix: ProjectPrefix = "p".repeat(256).parse().unwrap();
        let prefix = prefix.batch(&"b".repeat(64).parse().unwrap());
        let bucket: BucketName = "b".repeat(63).parse().unwrap();
        let key = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab";
        let policy = SessionPolicy::for_prefix("aws-us-gov", &bucket, prefix.as_str())
            .with_options(&options("INTELLIGENT_TIERING", &longest_tags()))
            .with_key(&key.parse().unwrap(), "us-gov-west-1");
        assert!(policy.as_str().len() < MAX_POLICY_CHARS, "{}", policy.as_str().len());
        assert!(!policy.as_str().contains(' '));
    }
}

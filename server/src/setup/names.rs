//! Who and what is named in the documents.

use crate::bucket::Bucket;
use crate::config::PublicUrl;

/// The names that a document is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// `aws`, or `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The account that the roles are in, 12 digits.
    pub account: String,
    /// The bucket.
    pub bucket: String,
    /// The ARN of the role that grants are made from.
    pub upload_role_arn: String,
    /// The ARN of the server's own role or user.
    pub server_arn: String,
    /// The unique id of the server's own role, `AROA…`.
    pub server_role_id: String,
    /// The page's origin, such as `https://photos.example.org`.
    pub origin: String,
    /// The ARN of the KMS key, where the bucket has one.
    pub kms_key_arn: String,
}

/// For what the server cannot know.
const ACCOUNT: &str = "123456789012";

impl Names {
    /// The names of `deploy/policies`, as Terraform's `templatefile` and `envsubst` replace them.
    #[must_use]
    pub fn placeholders() -> Self {
        let name = |name: &str| format!("${{{name}}}");
        Self {
            partition: name("partition"),
            account: name("account"),
            bucket: name("bucket"),
            upload_role_arn: name("upload_role_arn"),
            server_arn: name("server_arn"),
            server_role_id: name("server_role_id"),
            origin: name("origin"),
            kms_key_arn: name("kms_key_arn"),
        }
    }

    /// The names of a running configuration. What is not known has the names of the documentation.
    ///
    /// `server` is the ARN that STS calls the server by, if it said so. A session of a role is named by its role.
    #[must_use]
    pub fn known(bucket: &Bucket, page: &PublicUrl, server: Option<&str>) -> Self {
        let server_arn = server.map(principal);
        let role = bucket.role();
        let account = server_arn
            .as_deref()
            .or(role.map(|role| role.as_str()))
            .and_then(|arn| arn.split(':').nth(4))
            .filter(|account| !account.is_empty())
            .unwrap_or(ACCOUNT)
            .to_owned();
        let partition = role.map_or("aws", |role| role.partition()).to_owned();
        let arn = |name: &str| format!("arn:{partition}:iam::{account}:role/{name}");
        Self {
            bucket: bucket.name().to_string(),
            upload_role_arn: role.map_or_else(|| arn("sluice-upload"), ToString::to_string),
            server_arn: server_arn.unwrap_or_else(|| arn("sluice-server")),
            server_role_id: "AROAEXAMPLEEXAMPLEXX".to_owned(),
            origin: page.to_string(),
            kms_key_arn: bucket.kms_key().map_or_else(
                || format!("arn:{partition}:kms:{}:{account}:key/example", bucket.address().region),
                ToString::to_string,
            ),
            partition,
            account,
        }
    }
}

/// `arn:aws:sts::1:assumed-role/name/session` is `arn:aws:iam::1:role/name` in a trust policy: a session may be
/// named there too, but it is another one tomorrow. (IAM User Guide, "Principal".)
fn principal(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "sts", _, account, resource] => match resource.strip_prefix("assumed-role/") {
            Some(session) => {
                let role = session.split('/').next().unwrap_or(session);
                format!("arn:{partition}:iam::{account}:role/{role}")
            }
            None => arn.to_owned(),
        },
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::principal;

    #[test]
    fn a_session_is_named_by_its_role_and_others_by_themselves() {
        let session = "arn:aws-cn:sts::123456789012:assumed-role/sluice-task/9f2c";
        assert_eq!(principal(session), "arn:aws-cn:iam::123456789012:role/sluice-task");
        for same in ["arn:aws:iam::123456789012:user/ansel", "arn:aws:iam:::user/sluice", "odd"] {
            assert_eq!(principal(same), same);
        }
    }
}

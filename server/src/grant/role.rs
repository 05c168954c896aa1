//! The role that grants are made from.

use std::fmt;
use std::str::FromStr;

/// The ARN of an IAM role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleArn {
    text: String,
    partition_end: usize,
}

/// Why a text is not the ARN of a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role's ARN: it looks like arn:aws:iam::123456789012:role/name")]
pub struct InvalidRole(String);

impl RoleArn {
    /// The ARN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition: `aws`, or `aws-cn`, `aws-us-gov`, ... Ceph and the embedded store say `aws`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.text.get("arn:".len()..self.partition_end).unwrap_or("aws")
    }
}

impl FromStr for RoleArn {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        let invalid = || InvalidRole(text.to_owned());
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts[..] {
            ["arn", partition, "iam", _, _, resource]
                if is_partition(partition) && resource.starts_with("role/") && resource.len() > 5 =>
            {
                Ok(Self { text: text.to_owned(), partition_end: "arn:".len() + partition.len() })
            }
            _ => Err(invalid()),
        }
    }
}

/// It goes into policies, so nothing but what AWS names its partitions with.
fn is_partition(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

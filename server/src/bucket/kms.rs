//! The key that the bucket is encrypted with.

use std::fmt;
use std::str::FromStr;

/// The ARN of a key of KMS. An alias is none: IAM's policies know keys by their own ARN only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKeyArn(String);

/// Why a text is not the ARN of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key's ARN: it looks like arn:aws:kms:eu-central-1:123456789012:key/1234abcd-…")]
pub struct InvalidKmsKey(String);

impl KmsKeyArn {
    /// The ARN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KmsKeyArn {
    type Err = InvalidKmsKey;

    fn from_str(text: &str) -> Result<Self, InvalidKmsKey> {
        // It goes into policies, where other characters mean something.
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/-".contains(&b));
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts[..] {
            ["arn", _, "kms", _, _, key] if plain && key.starts_with("key/") && key.len() > 4 => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidKmsKey(text.to_owned())),
        }
    }
}

impl fmt::Display for KmsKeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

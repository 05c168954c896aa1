//! The bucket's name, fit for a policy.

use std::fmt;
use std::str::FromStr;

/// A bucket's name: 3 to 63 of `[A-Za-z0-9._-]`.
///
/// Wider than what AWS lets people create today (older buckets and other stores have capitals and underscores), but
/// without anything that is a wildcard or a variable in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketName(String);

/// Why a text is not the name of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a bucket's name: it has 3 to 63 characters of A-Z, a-z, 0-9, `.`, `_` and `-`")]
pub struct InvalidBucketName(String);

impl BucketName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can be a part of a host name below the store's certificate (`*.s3…` covers no dots).
    #[must_use]
    pub fn fits_host(&self) -> bool {
        self.0.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }
}

impl FromStr for BucketName {
    type Err = InvalidBucketName;

    fn from_str(text: &str) -> Result<Self, InvalidBucketName> {
        let fits = (3..=63).contains(&text.len());
        let clean = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if fits && clean { Ok(Self(text.to_owned())) } else { Err(InvalidBucketName(text.to_owned())) }
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

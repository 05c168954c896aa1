//! Prefixes that are fit for a policy.
//!
//! In a policy `*` and `?` are wildcards, `$` begins a variable, and a space breaks some stores; so a prefix is made
//! of `[A-Za-z0-9_/-]` only, has no empty parts and ends with a slash (without it `a/b1` would cover `a/b10`).

use std::fmt;
use std::str::FromStr;

use transfer::wire::BatchId;

/// Longest prefix of a project in bytes. Leaves the paths most of S3's 1,024, and the policy far below its budget.
const MAX_PROJECT_PREFIX: usize = 256;

/// Why a text is not a prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a prefix: it has 1 to 256 characters of A-Z, a-z, 0-9, `_`, `-`, with `/` between the parts"
)]
pub struct InvalidPrefix(String);

/// Where a project's objects go, with a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProjectPrefix(String);

impl ProjectPrefix {
    /// The prefix, with its slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The prefix of one batch of the project.
    #[must_use]
    pub fn batch(&self, id: &BatchId) -> BatchPrefix {
        BatchPrefix(format!("{}{id}/", self.0))
    }
}

impl FromStr for ProjectPrefix {
    type Err = InvalidPrefix;

    /// Takes it with or without the slash at the end.
    fn from_str(text: &str) -> Result<Self, InvalidPrefix> {
        let bare = text.strip_suffix('/').unwrap_or(text);
        let clean = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        if bare.len() <= MAX_PROJECT_PREFIX && bare.split('/').all(clean) {
            Ok(Self(format!("{bare}/")))
        } else {
            Err(InvalidPrefix(text.to_owned()))
        }
    }
}

/// Where a batch's objects go: `<project prefix>/<batch id>/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BatchPrefix(String);

impl BatchPrefix {
    /// The prefix, with its slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BatchPrefix {
    /// The prefix of the project that it lies in.
    #[must_use]
    pub fn project(&self) -> ProjectPrefix {
        let bare = self.0.strip_suffix('/').unwrap_or(&self.0);
        let end = bare.rfind('/').map_or(0, |slash| slash + 1);
        ProjectPrefix(bare.chars().take(end).collect())
    }
}

impl FromStr for BatchPrefix {
    type Err = InvalidPrefix;

    /// As the ledger keeps it: a project's prefix, an id, and the slash at the end.
    fn from_str(text: &str) -> Result<Self, InvalidPrefix> {
        let invalid = || InvalidPrefix(text.to_owned());
        let (project, id) =
            text.strip_suffix('/').and_then(|bare| bare.rsplit_once('/')).ok_or_else(invalid)?;
        let project: ProjectPrefix = project.parse()?;
        let id: BatchId = id.parse().map_err(|_| invalid())?;
        Ok(project.batch(&id))
    }
}

impl fmt::Display for BatchPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_nothing_that_means_something_in_a_policy() {
        for good in ["photos", "photos/", "a/b_c/D-9"] {
            assert!(good.parse::<ProjectPrefix>().is_ok(), "{good}");
        }
        for bad in
            ["", "/", "/a", "a//b", "a*", "a?", "${aws:username}", "a b", "a.b", "../a", "ä", "a\n", "a\"b"]
        {
            assert!(bad.parse::<ProjectPrefix>().is_err(), "{bad}");
        }
        assert!("a".repeat(257).parse::<ProjectPrefix>().is_err());
    }

    #[test]
    fn a_batch_owns_a_folder_of_its_own() {
        let project: ProjectPrefix = "photos/2026".parse().unwrap();
        let prefix = project.batch(&"b1".parse().unwrap());
        assert_eq!(prefix.as_str(), "photos/2026/b1/");
        assert_eq!(prefix.as_str().parse(), Ok(prefix.clone()));
        assert_eq!(prefix.project(), project);
        assert!("b1/".parse::<BatchPrefix>().is_err());
        assert!("photos/b1".parse::<BatchPrefix>().is_err());
    }
}

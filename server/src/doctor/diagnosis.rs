//! What was found, in order.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::{Finding, Remedy, Sentence, remedy, words};
use crate::setup::Names;

/// Everything that was found.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What.
    pub subject: Subject,
    /// How it is.
    pub verdict: Verdict,
    /// What was found, for machines.
    pub finding: Finding,
    /// What was found, in a sentence.
    pub found: Sentence,
    /// Why it matters, where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Sentence>,
    /// What to do. Where there are several, each is one half, or one way, as it says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<Remedy>,
    /// How long it took to find out.
    pub milliseconds: u64,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The server's own credentials.
    Credentials,
    /// The bucket's host names.
    Hosts,
    /// Our clock and the store's.
    Clock,
    /// The bucket at its endpoint, in its region.
    Endpoint,
    /// The role that grants are made from.
    Role,
    /// Writing, finding, deleting.
    Object,
    /// What a session must not be able to do.
    Session,
    /// Writing a key that is taken.
    Overwrite,
    /// A body that is not what its checksum says.
    Checksums,
    /// POST forms.
    Forms,
    /// The bucket's CORS rules.
    Cors,
    /// The bucket's lifecycle rules.
    Lifecycle,
    /// The lifecycle rules of the projects' retentions.
    Retention,
    /// The bucket's versions.
    Versioning,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Could not be looked at.
    Unknown,
    /// Works, and could be better.
    Advice,
    /// Does not work.
    Bad,
}

impl Diagnosis {
    /// Whether nothing is bad.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.checks.iter().all(|check| check.verdict != Verdict::Bad)
    }

    /// What was found about a subject.
    #[must_use]
    pub fn about(&self, subject: Subject) -> Option<&Check> {
        self.checks.iter().find(|check| check.subject == subject)
    }
}

impl Check {
    pub(super) fn new(subject: Subject, finding: Finding, names: &Names, took: Duration) -> Self {
        Self {
            subject,
            verdict: finding.verdict(),
            found: words::found(&finding),
            why: words::why(&finding),
            remedies: remedy::remedies(&finding, names),
            finding,
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl fmt::Display for Check {
    /// A line, and what is to be done below it, each line with eight spaces in front.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject.title(), self.found)?;
        if let Some(why) = &self.why {
            write!(f, "\n        {why}")?;
        }
        for remedy in &self.remedies {
            write!(f, "\n        - {}", remedy.what)?;
            for line in remedy.text.iter().flat_map(|text| text.lines()) {
                write!(f, "\n            {line}")?;
            }
        }
        Ok(())
    }
}

impl Subject {
    /// In a word or two.
    #[must_use]
    pub fn title(self) -> Sentence {
        words::title(self)
    }
}

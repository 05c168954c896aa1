//! What the doctor says, in every language of the pages.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

/// A sentence. Logs, the command line and JSON have it in English; what a store or AWS said itself stays as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    english: Cow<'static, str>,
    japanese: Cow<'static, str>,
}

impl Sentence {
    pub(super) fn new(english: impl Into<Cow<'static, str>>, japanese: impl Into<Cow<'static, str>>) -> Self {
        Self { english: english.into(), japanese: japanese.into() }
    }

    /// In English.
    #[must_use]
    pub fn english(&self) -> &str {
        &self.english
    }

    /// In Japanese.
    #[must_use]
    pub fn japanese(&self) -> &str {
        &self.japanese
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.english)
    }
}

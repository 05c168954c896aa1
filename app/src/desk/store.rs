//! The store, as the doctor finds it: what works, what does not, and what to do.
//!
//! The doctor's sentences come in every language of the pages, so that switching needs no second examination. What a
//! store said itself is in them as it was, like the documents that people are asked to paste.

use serde::{Deserialize, Serialize};

use crate::text::Language;

/// What an admin does about the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreAction {
    /// Examines it.
    Examine,
    /// Puts something right, and examines it again.
    Apply {
        /// What.
        repair: StoreRepair,
    },
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct StoreDesk {
    /// The bucket's name.
    pub bucket: String,
    /// Whether nothing is bad.
    pub healthy: bool,
    /// What was looked at, in order.
    pub checks: Vec<StoreCheck>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct StoreCheck {
    /// What, in a word or two.
    pub subject: String,
    /// How it is.
    pub verdict: StoreVerdict,
    /// What was found, in a sentence.
    pub found: String,
    /// Why it matters, where something is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do. Where there are several, each is one half, or one way, as it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<StoreRemedy>,
    /// The same sentences in Japanese.
    pub japanese: StoreSentences,
    /// How long it took to find out.
    pub milliseconds: u64,
}

/// What is said of one thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct StoreSentences {
    /// What was looked at.
    pub subject: String,
    /// What was found.
    pub found: String,
    /// Why it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do, in the order of the remedies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<String>,
}

impl StoreCheck {
    /// What is said of it, in that language.
    #[must_use]
    pub fn sentences(&self, language: Language) -> StoreSentences {
        match language {
            Language::Japanese => self.japanese.clone(),
            Language::English => StoreSentences {
                subject: self.subject.clone(),
                found: self.found.clone(),
                why: self.why.clone(),
                remedies: self.remedies.iter().map(|remedy| remedy.what.clone()).collect(),
            },
        }
    }
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StoreVerdict {
    /// As it should be.
    Good,
    /// Could not be looked at.
    Unknown,
    /// Works, and could be better.
    Advice,
    /// Does not work.
    Bad,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct StoreRemedy {
    /// What, in a sentence.
    pub what: String,
    /// What to paste: a document, a command, a setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the server can do itself, if its credentials allow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<StoreRepair>,
}

/// Something that the server can put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StoreRepair {
    /// A CORS rule for this page, in front of those that are there.
    AllowPage,
    /// A lifecycle rule for unfinished uploads, beside those that are there.
    AbortUnfinished,
}

//! The store, as the doctor finds it: what works, what does not, and what to do.
//!
//! The doctor's sentences are English, like the documents that it asks people to paste.

use serde::{Deserialize, Serialize};

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
    /// How long it took to find out.
    pub milliseconds: u64,
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

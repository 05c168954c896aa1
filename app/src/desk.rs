//! The admin's side, as pages and programs see it: a desk for each noun.
//!
//! A desk takes one action and answers all that its page shows, so a page is never half fresh. Only admins get an
//! answer.

pub mod audit;
pub mod batches;
pub mod dashboard;
pub mod links;
pub mod people;
pub mod projects;
pub mod store;
pub mod webhooks;

use serde::{Deserialize, Serialize};

/// Something that is shown once and not kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Whom or what it is for.
    pub name: String,
    /// The secret: a one-time link, a token, a guests' link.
    pub secret: String,
    /// The QR code of a link, as the URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("name", &self.name).field("secret", &"******").finish_non_exhaustive()
    }
}

/// The most that is taken; nothing is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Quota {
    /// Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What counts against a quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Used {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

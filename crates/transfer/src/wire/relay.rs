//! The way through the server.

use serde::{Deserialize, Serialize};

use super::{BatchId, ItemIndex};

/// Whether files may go through the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Relay {
    /// Never: the server carries no bytes.
    #[default]
    Never,
    /// Where none of the store's host names can be reached.
    WhenBlocked,
}

impl Relay {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Never, Self::WhenBlocked];

    /// The largest file that goes through the server, in bytes: what one PUT may carry (S3 user guide, "Uploading
    /// objects").
    pub const MOST: u64 = 5 << 30;

    /// The serde name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::WhenBlocked => "when_blocked",
        }
    }
}

/// Where a browser sends an item that goes through the server, on the server that its page came from.
#[must_use]
pub fn relay_path(batch: &BatchId, item: ItemIndex) -> String {
    format!("/api/relay/{batch}/{}", item.0)
}

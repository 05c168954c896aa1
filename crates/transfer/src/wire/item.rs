//! Items: the files of a batch, as they are announced.

use serde::{Deserialize, Serialize};

use super::{BatchId, ItemIndex, Refusal, UnixMillis};

/// Most items in one [`AnnounceRequest`].
pub const ANNOUNCE_PAGE: usize = 1_000;

/// Most outcomes in one [`ReportRequest`](super::ReportRequest).
pub const REPORT_PAGE: usize = 1_000;

/// Most URLs in one [`SignUrlsRequest`](super::SignUrlsRequest). A URL with session token is about 1.2 kB.
pub const SIGN_PAGE: usize = 250;

/// A file that wants to be part of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewItem {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// Its path below the folder that was picked, with `/` between the parts.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last changed, on the clock of the machine it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<UnixMillis>,
    /// Its media type, such as `image/jpeg`.
    pub media_type: String,
}

/// Announces at most [`ANNOUNCE_PAGE`] items. Announcing the same item again is harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnnounceRequest {
    /// The batch.
    pub batch: BatchId,
    /// The items.
    pub items: Vec<NewItem>,
}

/// What the server says of a page of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnnounceAnswer {
    /// Items that may be sent, with the key each must have.
    pub accepted: Vec<AcceptedItem>,
    /// Items that may not, with the reason.
    pub refused: Vec<RefusedItem>,
}

/// An item that may be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedItem {
    /// The item.
    pub index: ItemIndex,
    /// Its whole key in the bucket.
    pub key: String,
    /// What an earlier batch of the project holds under the same path, with the same size. If the checksum (or, where
    /// none is known, the modified time) is that of the file too, it need not be sent: report it as `skipped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldItem>,
}

/// A file that an earlier batch of the project holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldItem {
    /// Its checksum, such as `crc64nvme:<base64>`, if it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// When it was last changed, on the clock of the machine it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<UnixMillis>,
    /// Whether the caller may have it replaced: sent all the same, report it as stored with `replace`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaceable: bool,
}

/// An item that may not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedItem {
    /// The item.
    pub index: ItemIndex,
    /// Why.
    pub reason: Refusal,
}

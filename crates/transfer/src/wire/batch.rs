//! Batches: opening, reporting, closing, and the receipt.

use serde::{Deserialize, Serialize};

use super::{BatchId, Grant, GrantKind, ItemIndex, ProjectId, Relay, Rules, StoreAddress, UnixMillis};

/// Asks for a new batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenBatchRequest {
    /// Where to.
    pub project: ProjectId,
    /// Which kind of grant; the project's own choice if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantKind>,
}

/// A new batch, and all that is needed to fill it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenedBatch {
    /// The batch.
    pub batch: BatchId,
    /// Where its objects go: `<project prefix>/<batch id>/`.
    pub prefix: String,
    /// The permission.
    pub grant: Grant,
    /// The store.
    pub store: StoreAddress,
    /// The rules that every item is checked against.
    pub rules: Rules,
    /// The server's clock as it answered.
    pub server_time: UnixMillis,
    /// Whether thumbnails of it are wanted, see [`thumbnail`](super::thumbnail). They may be left out.
    #[serde(default)]
    pub thumbnails: bool,
    /// Whether files may go through the server.
    #[serde(default)]
    pub relay: Relay,
}

/// The life of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Takes items and grants.
    Open,
    /// Takes no more; not everything that was announced is in the store as announced.
    Closed,
    /// The store holds everything that was announced and not given up.
    Verified,
}

/// Tells the server what became of at most [`REPORT_PAGE`](super::REPORT_PAGE) items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRequest {
    /// The batch.
    pub batch: BatchId,
    /// The items.
    pub items: Vec<ItemReport>,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemReport {
    /// The item.
    #[serde(rename = "i")]
    pub index: ItemIndex,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: ItemOutcome,
}

/// How sending an item ended, as the browser saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "o", rename_all = "snake_case")]
pub enum ItemOutcome {
    /// The store said it has it.
    Stored {
        /// The ETag that the store answered, if the page could read it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        etag: Option<String>,
        /// The checksum of the file's bytes, if they were hashed: `crc32:`, `crc32c:`, `crc64nvme:`, `sha1:` or
        /// `sha256:` and the value in base64, as S3 writes it. Kept for the receipt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checksum: Option<String>,
        /// Whether it replaces the copy of the same checksum that an earlier batch holds, see
        /// [`HeldItem::replaceable`](super::HeldItem::replaceable): the server deletes that once this batch is over and
        /// this item verified. Where it may not be replaced, both are kept.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        replace: bool,
    },
    /// Given up after the retries.
    Failed {
        /// The class of the failure, see [`FailureClass`](crate::port::FailureClass), as its serde name.
        class: String,
    },
    /// The person took it out.
    Cancelled,
    /// Not sent, because an earlier batch of the project holds the same file: see
    /// [`AcceptedItem::held`](super::AcceptedItem::held).
    Skipped,
}

/// The server noted a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportAnswer {
    /// Items of this batch that are known to be stored so far.
    pub stored: u64,
}

/// Asks to close a batch: to compare the store with the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloseRequest {
    /// The batch.
    pub batch: BatchId,
}

/// What the store was seen to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloseAnswer {
    /// `Verified` if nothing is missing and nothing differs; `Closed` if it holds more that nobody announced than the
    /// quotas allow; otherwise still `Open`, so that it can be sent again.
    pub state: BatchState,
    /// Items seen in the store as announced.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Announced, not given up, and not in the store.
    pub missing: Vec<ItemIndex>,
    /// In the store with another size or ETag than reported.
    pub differing: Vec<ItemIndex>,
    /// Keys below the prefix that nobody announced.
    pub unexpected: Vec<String>,
    /// Copies in earlier batches that were deleted because items of this one replace them.
    #[serde(default)]
    pub replaced: u64,
    /// Copies in earlier batches that were to be replaced and are still there, see [`EarlierFate`].
    #[serde(default)]
    pub unreplaced: u64,
}

/// The verified list of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The batch.
    pub batch: BatchId,
    /// The project.
    pub project: ProjectId,
    /// Its state.
    pub state: BatchState,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<UnixMillis>,
    /// Since when an admin deletes what it stored; the list is of what was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<UnixMillis>,
    /// What the store held.
    pub items: Vec<ReceiptLine>,
    /// What was not sent because an earlier batch of the project holds it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedLine>,
}

/// A file that was not sent because it is in the project already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkippedLine {
    /// The path that was announced.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The batch that holds it.
    pub batch: BatchId,
    /// The key in the bucket under which that batch holds it.
    pub key: String,
}

/// One stored object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptLine {
    /// The path that was announced.
    pub path: String,
    /// The key in the bucket.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// The store's ETag, without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The checksum that its sender computed and reported, such as `crc64nvme:<base64>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// When it was seen in the store.
    pub seen_at: UnixMillis,
    /// The copy in an earlier batch that it was sent to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<EarlierCopy>,
}

/// The copy of a file in an earlier batch, in whose place another one was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarlierCopy {
    /// The batch.
    pub batch: BatchId,
    /// The key in the bucket under which that batch held it.
    pub key: String,
    /// What became of it.
    pub fate: EarlierFate,
}

/// What becomes of the copy of a file that is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EarlierFate {
    /// To be deleted, once the batch is over and the new copy verified.
    Due,
    /// Deleted.
    Deleted,
    /// Still there: the store refuses to delete it.
    Refused,
    /// Still there, or gone already: it was not this batch's to delete any more, or the store shows that the two are not
    /// the same.
    Left,
}

impl EarlierFate {
    /// The serde name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Deleted => "deleted",
            Self::Refused => "refused",
            Self::Left => "left",
        }
    }
}

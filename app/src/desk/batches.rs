//! Batches of all projects, as an admin sees them: many of them, and one with its items.

use serde::{Deserialize, Serialize};
use transfer::wire::{BatchId, BatchState, GrantKind, ItemIndex, ProjectId, UnixMillis};

use super::Used;

/// Batches in a page of the list.
pub const BATCHES_PAGE: usize = 50;

/// Items that the page of a batch shows at a time.
pub const ITEMS_SHOWN: usize = 200;

/// Most changes that [`Again`] names; all are counted.
pub const CHANGES_NAMED: usize = 500;

/// Which batches are wanted; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "ssr", into_params(parameter_in = Query))]
pub struct BatchesQuestion {
    /// Into this project.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// By this person, by sign-in name.
    #[serde(default)]
    pub person: Option<String>,
    /// By guests of the link with that id.
    #[serde(default)]
    pub link: Option<i64>,
    /// In this state.
    #[serde(default)]
    pub state: Option<BatchState>,
    /// Opened then or later.
    #[serde(default)]
    pub since: Option<UnixMillis>,
    /// Opened before.
    #[serde(default)]
    pub until: Option<UnixMillis>,
    /// Whose id begins with it, by somebody whose name has it, or with a file whose name begins with it.
    #[serde(default)]
    pub about: Option<String>,
    /// Only batches that are older than that one: the last of the page before.
    #[serde(default)]
    pub older_than: Option<BatchId>,
}

/// A batch with all that is known of it as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BatchCard {
    /// The batch.
    pub batch: BatchId,
    /// Where to.
    pub project: ProjectId,
    /// Who: a person's sign-in name, or what a guest is called.
    pub person: String,
    /// Its state.
    pub state: BatchState,
    /// Where its objects are in the bucket.
    pub prefix: String,
    /// Its latest grant.
    pub grant: GrantKind,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it stopped taking items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<UnixMillis>,
    /// When the store was seen to hold all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<UnixMillis>,
    /// When something was last announced, reported or granted, to the minute or so.
    pub active_at: UnixMillis,
    /// Items that were announced and accepted.
    pub items: u64,
    /// Their bytes.
    pub announced_bytes: u64,
    /// Items that are stored, as far as is known.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the last of its grants ends, at the latest; nothing while it can get more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants_end_at: Option<UnixMillis>,
    /// Since when it gets no further grants, by an admin's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<UnixMillis>,
    /// Since when its objects are deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_begun_at: Option<UnixMillis>,
    /// When the last of its objects was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<UnixMillis>,
    /// Files that went through this server, because a network did not let them reach the store.
    #[serde(default)]
    pub relayed: u64,
    /// What it was seen to hold that nobody announced: other objects, and what objects are longer than their items.
    #[serde(default)]
    pub beyond: Used,
}

/// Batches together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BatchTotals {
    /// How many.
    pub batches: u64,
    /// Items that were announced and accepted.
    pub items: u64,
    /// Items that are stored, as far as is known.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BatchPage {
    /// Newest first, at most 50.
    pub batches: Vec<BatchCard>,
    /// All that was asked for, on all pages.
    pub totals: BatchTotals,
}

/// All that the page of the list shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchesDesk {
    /// When this was so.
    pub at: UnixMillis,
    /// What was asked for.
    pub page: BatchPage,
    /// Projects to choose from, with their names.
    pub projects: Vec<(ProjectId, String)>,
    /// Links to choose from, with their titles.
    pub links: Vec<(i64, String)>,
    /// People to choose from, by sign-in name.
    pub people: Vec<String>,
}

/// One item, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ItemView {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// The path that was announced.
    pub path: String,
    /// The key in the bucket.
    pub key: String,
    /// Bytes, as announced.
    pub size: u64,
    /// When it was last changed, on the clock of the machine it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<UnixMillis>,
    /// Its media type.
    pub media_type: String,
    /// What is known of it.
    pub state: StoredState,
    /// The class of the failure, if it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The store's ETag, without quotes, as the server saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The checksum that its sender computed and reported, such as `crc64nvme:<base64>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// When the server last saw it in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<UnixMillis>,
    /// The later batch that replaced it: it is in the store no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<BatchId>,
}

/// What is known of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StoredState {
    /// May be sent.
    Announced,
    /// The client says, or the store was seen, to hold it.
    Stored,
    /// Given up after the retries.
    Failed,
    /// Taken out.
    Cancelled,
    /// Not sent, because an earlier batch holds the same file.
    Skipped,
    /// Should be in the store, and is not.
    Missing,
    /// In the store, but not as announced or reported.
    Differs,
}

impl StoredState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Announced,
        Self::Stored,
        Self::Failed,
        Self::Cancelled,
        Self::Skipped,
        Self::Missing,
        Self::Differs,
    ];

    /// The word for it, in addresses as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Stored => "stored",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Missing => "missing",
            Self::Differs => "differs",
        }
    }
}

/// Why items are not in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Cause {
    /// `failed`, `missing` or `differs`.
    pub state: StoredState,
    /// The class of the failure, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How many items.
    pub items: u64,
}

/// What an admin does with one batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRequest {
    /// Which.
    pub batch: BatchId,
    /// What to do first.
    #[serde(default)]
    pub act: BatchAct,
    /// Only items in this state.
    #[serde(default)]
    pub state: Option<StoredState>,
    /// Only items with this in their path.
    #[serde(default)]
    pub about: Option<String>,
    /// Only items behind that one: the last of the page before.
    #[serde(default)]
    pub after: Option<ItemIndex>,
}

/// What is done with a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchAct {
    /// Nothing but look.
    #[default]
    Look,
    /// Compares the store with the receipt.
    VerifyAgain,
    /// Gives no further grants, and closes it.
    Revoke,
    /// Deletes what it stored.
    Undo,
}

/// All that the page of one batch shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchDesk {
    /// The batch.
    pub card: BatchCard,
    /// How many items are in each state.
    pub states: Vec<(StoredState, u64)>,
    /// Why some are not in the store, most first.
    pub causes: Vec<Cause>,
    /// A page of the items.
    pub items: Vec<ItemView>,
    /// What the comparison found, if there was one.
    pub again: Option<Again>,
    /// Where a grant may be out still: a policy that stops it at once.
    pub stop: Option<String>,
    /// When its files end, if they do.
    #[serde(default)]
    pub end: Option<BatchEnd>,
}

/// When the files of a batch end by its project's retention: not before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchEnd {
    /// The bucket has the rule, and deletes them after that.
    InBucket(UnixMillis),
    /// So it was decided; the bucket was not seen to have the rule.
    Decided(UnixMillis),
}

/// What changed in the bucket since the receipt was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Again {
    /// When it was looked at.
    pub checked_at: UnixMillis,
    /// Objects that are as the receipt says.
    pub same: u64,
    /// Objects that are in the receipt and not in the bucket, and not replaced either.
    pub missing: u64,
    /// Objects with another size or ETag than the receipt says.
    pub differs: u64,
    /// Objects that are in the bucket and not in the receipt.
    pub added: u64,
    /// Objects that were deleted because a later batch replaces them.
    pub replaced: u64,
    /// The first 500 of all that changed.
    pub changes: Vec<Change>,
}

/// Something that changed in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Change {
    /// How.
    pub what: ChangeKind,
    /// The object's key.
    pub key: String,
    /// Its bytes by the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_then: Option<u64>,
    /// Its bytes now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_now: Option<u64>,
    /// The later batch that replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<BatchId>,
}

/// How something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// In the receipt, and not in the bucket.
    Missing,
    /// Another size or ETag than the receipt says.
    Differs,
    /// In the bucket, and not in the receipt.
    Added,
    /// In the receipt, and deleted because a later batch replaces it.
    Replaced,
}

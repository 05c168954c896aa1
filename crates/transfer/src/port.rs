//! What the page and the worker say to each other: commands in, snapshots out.
//!
//! The page never asks the engine for a file by itself: it says which rows it shows ([`Command::Watch`]) and gets
//! them with the totals in the next [`Snapshot`], at most ten a second. Messages are JSON; the `File` objects of
//! [`Command::Add`] travel beside it, by reference.

use serde::{Deserialize, Serialize};

use crate::wire::{BatchId, CloseAnswer, ItemIndex, OpenedBatch, ProjectId, Refusal, UnixMillis};

/// What the person, by way of the page, wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Goes on with a batch of an earlier visit of this person, if one is left that no other tab has. It is answered by
    /// [`Recalled`] or not at all; the engine itself knows nothing of it.
    Recall {
        /// The person's sign-in name.
        person: String,
    },
    /// Goes on with a batch that was begun elsewhere, unless another tab has it. Its log, made by the server, travels
    /// beside the message; answered as [`Command::Recall`] is.
    Adopt,
    /// Begins a batch. Forgets the one before, which must be over.
    Open {
        /// As the server answered it.
        batch: Box<OpenedBatch>,
    },
    /// Adds files to the batch: they get the next indexes in this order. The message carries a `File` for each.
    Add {
        /// What is known of each file.
        files: Vec<FileFacts>,
    },
    /// No more files will be added: once all are done, close the batch.
    Finish,
    /// Stops sending; what is in flight is cut and goes back into the queue.
    Pause,
    /// Goes on.
    Resume,
    /// Takes one item out.
    Cancel {
        /// The item.
        item: ItemIndex,
    },
    /// Takes out everything that is not stored yet.
    CancelAll,
    /// Holds one item back; what is in flight of it is cut.
    Hold {
        /// The item.
        item: ItemIndex,
    },
    /// Lets an item go on that was held back.
    Release {
        /// The item.
        item: ItemIndex,
    },
    /// Sends what is below this folder before all else.
    First {
        /// The folder's path, without a slash at the end.
        folder: String,
    },
    /// The files of an earlier visit are there again: those that are still as they were go on. The message carries a
    /// `File` for each, and any others are left.
    Bring {
        /// What is known of each file.
        files: Vec<FileFacts>,
    },
    /// What becomes of files that the project holds already: of those that were found, and of those that will be. The
    /// first choice holds for the batch.
    Duplicates {
        /// The choice.
        choice: DuplicateChoice,
    },
    /// Tries a failed item again.
    Retry {
        /// The item.
        item: ItemIndex,
    },
    /// Tries all failed items again.
    RetryFailed,
    /// Closes the batch although items failed: they are given up. Without it, a batch with failed items stands at
    /// [`Phase::Done`] without an answer, so that they can be tried again.
    CloseAnyway,
    /// The person has signed in again: what waited for that goes on.
    SignedIn,
    /// Shows this window of the list.
    Watch {
        /// Which items the list has.
        filter: Filter,
        /// The first row, counted in the filtered list.
        first: u32,
        /// How many rows.
        count: u32,
    },
    /// Shows these items instead of a window of the list: what a search found.
    Look {
        /// The items, at most 500 of them.
        items: Vec<ItemIndex>,
    },
}

/// What the page knows of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Path below the folder that was picked.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Last change, on this machine's clock.
    pub modified: UnixMillis,
    /// Media type, see [`media_type_of`](crate::wire::media_type_of).
    pub media_type: String,
}

/// Which items a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// All, in the order in which they were added.
    #[default]
    All,
    /// Those that failed or were refused.
    Trouble,
}

/// What becomes of files that the project holds already, with the same path, size and checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateChoice {
    /// They are not sent; the receipt says where they are.
    Skip,
    /// They are sent again, and the project holds both.
    SendAgain,
    /// They are sent again, and once they are verified, the server deletes the copies that may be replaced; otherwise the
    /// project holds both.
    Replace,
}

impl DuplicateChoice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Skip, Self::SendAgain, Self::Replace];

    /// The serde name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::SendAgain => "send_again",
            Self::Replace => "replace",
        }
    }
}

/// Where the batch stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// No batch.
    #[default]
    Idle,
    /// Sending, or about to.
    Sending,
    /// Stopped by the person.
    Paused,
    /// Waiting for the person to sign in again; nothing is lost.
    SignedOut,
    /// Waiting for the network, or for the server to answer again.
    Waiting,
    /// Of an earlier visit: all that is left waits for the person to pick the files again, or to allow access to them.
    NeedsFiles,
    /// All that is left are files that the project holds already, and waits for [`Command::Duplicates`].
    Asking,
    /// All sent; the server compares the store with the ledger.
    Verifying,
    /// Over. Failed items can still be tried again while there is no answer.
    Done {
        /// What the store was seen to hold. None if the batch is not closed: because items failed and can still be
        /// tried again or given up by [`Command::CloseAnyway`], or because nothing was ever accepted.
        answer: Option<CloseAnswer>,
    },
    /// Stopped for good, with a sentence for the person.
    Broken {
        /// What happened and what to do.
        message: String,
    },
}

/// Counts and sums over the whole batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Totals {
    /// Files added.
    pub files: u32,
    /// Files waiting to be announced or sent.
    pub waiting: u32,
    /// Files being sent.
    pub sending: u32,
    /// Files stored.
    pub stored: u32,
    /// Files given up after the retries.
    pub failed: u32,
    /// Files that the server refused.
    pub refused: u32,
    /// Files that the person took out.
    pub cancelled: u32,
    /// Bytes of all files that are to be sent: neither refused nor cancelled, nor, as far as is known, in the project
    /// already.
    pub bytes: u64,
    /// Bytes stored, and of those being sent what has left.
    pub sent_bytes: u64,
    /// Tries after the first, over all files.
    pub retries: u32,
    /// Of those waiting: files of an earlier visit that the person has to pick or allow again.
    #[serde(default)]
    pub absent: u32,
    /// Files being compared with what the project holds.
    #[serde(default)]
    pub comparing: u32,
    /// Files that the project holds, while the person has not said what becomes of them.
    #[serde(default)]
    pub same: u32,
    /// Of those: files whose copies may be replaced.
    #[serde(default)]
    pub replaceable: u32,
    /// Files that were not sent because the project holds them.
    #[serde(default)]
    pub skipped: u32,
}

impl Totals {
    /// Files that are to arrive, as far as is known.
    #[must_use]
    pub fn wanted(&self) -> u32 {
        let Self { files, cancelled, comparing, same, skipped, .. } = *self;
        files.saturating_sub(cancelled).saturating_sub(comparing).saturating_sub(same).saturating_sub(skipped)
    }
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The item.
    pub item: ItemIndex,
    /// Its state.
    pub state: RowState,
}

/// The state of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RowState {
    /// Not yet sent.
    Waiting,
    /// Held back by the person.
    Held,
    /// Of an earlier visit: its file is to be picked again.
    Absent,
    /// On its way.
    Sending {
        /// Bytes that have left.
        sent: u64,
    },
    /// Failed once or more, and will be tried again by itself.
    Retrying {
        /// Why.
        class: FailureClass,
    },
    /// Being compared with what the project holds under its path.
    Comparing,
    /// The project holds it, and the person has not said what becomes of it.
    Same,
    /// Not sent, because the project holds it.
    Skipped,
    /// In the store.
    Stored,
    /// Given up.
    Failed {
        /// Why.
        class: FailureClass,
    },
    /// Refused by the server.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// Taken out by the person.
    Cancelled,
}

/// Why sending failed. Each has one sentence for people, and its own way of trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The connection broke, or the answer could not be read.
    Network,
    /// The store asked to slow down (503, 429).
    Throttled,
    /// Another 5xx from the store.
    Store,
    /// The grant had ended. Never uses up a retry.
    Expired,
    /// The clocks disagree.
    Skewed,
    /// The store refused (403).
    Denied,
    /// Something has that key already (412) or is being written (409).
    Conflict,
    /// The store found other bytes than were sent.
    Corrupted,
    /// More than the store takes.
    TooLarge,
    /// The file changed since it was added.
    FileChanged,
    /// The file cannot be read any more.
    FileGone,
    /// No progress for a long time.
    Stalled,
    /// Any other refusal.
    Rejected,
}

impl FailureClass {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Network,
        Self::Throttled,
        Self::Store,
        Self::Expired,
        Self::Skewed,
        Self::Denied,
        Self::Conflict,
        Self::Corrupted,
        Self::TooLarge,
        Self::FileChanged,
        Self::FileGone,
        Self::Stalled,
        Self::Rejected,
    ];

    /// The serde name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Throttled => "throttled",
            Self::Store => "store",
            Self::Expired => "expired",
            Self::Skewed => "skewed",
            Self::Denied => "denied",
            Self::Conflict => "conflict",
            Self::Corrupted => "corrupted",
            Self::TooLarge => "too_large",
            Self::FileChanged => "file_changed",
            Self::FileGone => "file_gone",
            Self::Stalled => "stalled",
            Self::Rejected => "rejected",
        }
    }
}

/// Some files of a batch of an earlier visit that the worker goes on with.
///
/// The first of them comes before any snapshot of that batch; handles of what was dropped then, if there are any, travel
/// beside the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recalled {
    /// The batch.
    pub batch: BatchId,
    /// Where it goes.
    pub project: ProjectId,
    /// The next files, in the order of their indexes.
    pub files: Vec<FileFacts>,
    /// Whether these are the last.
    pub last: bool,
}

/// What the page draws from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Snapshot {
    /// Where the batch stands.
    pub phase: Phase,
    /// Counts and sums.
    pub totals: Totals,
    /// Bytes a second of late; 0 while nothing moves.
    pub bytes_per_second: u64,
    /// Seconds left at this pace, if it can be told.
    pub seconds_left: Option<u32>,
    /// Length of the filtered list that is watched.
    pub list_len: u32,
    /// The first of the rows, counted in the filtered list.
    pub first: u32,
    /// The rows in view.
    pub rows: Vec<Row>,
    /// Whether files go through the server, because the store cannot be reached from here.
    #[serde(default)]
    pub relaying: bool,
}

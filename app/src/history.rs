//! Batches of the past, as a list.

use serde::{Deserialize, Serialize};
use transfer::wire::{BatchId, BatchState, ProjectId, UnixMillis};

/// An open batch that was begun elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftBatch {
    /// The batch.
    pub batch: BatchId,
    /// Where to.
    pub project: ProjectId,
    /// What the engine goes on from.
    pub log: String,
}

/// One batch in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSummary {
    /// The batch.
    pub batch: BatchId,
    /// Where to.
    pub project: ProjectId,
    /// Who: a person's sign-in name.
    pub person: String,
    /// Its state.
    pub state: BatchState,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// Items that were announced and accepted.
    pub items: u64,
    /// Items that are stored, as far as is known.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
}

//! Projects, as a person who uploads sees them.

use serde::{Deserialize, Serialize};
use transfer::wire::{GrantKind, ProjectId, Rules};

/// A project that the person may upload into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name, for people.
    pub name: String,
    /// What it takes.
    pub rules: Rules,
    /// The kind of grant its batches get.
    pub grant: GrantKind,
    /// Days that files are kept for; for ever if nothing.
    #[serde(default)]
    pub keep_days: Option<u32>,
}

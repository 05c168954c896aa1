//! Projects, as an admin sees them.

use serde::{Deserialize, Serialize};
use transfer::wire::{GrantKind, KeyTemplate, ProjectId, Relay, Rules, UnixMillis};

use super::Quota;

/// Who may use a project, besides admins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody with an account.
    Everyone,
    /// Its members.
    #[default]
    Members,
}

/// What an admin decides about a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ProjectSettings {
    /// Its name, for people.
    pub name: String,
    /// Where in the bucket: `A-Z a-z 0-9 _ -`, with `/` between the parts.
    pub prefix: String,
    /// What of a key comes after the prefix of a batch: `A-Z a-z 0-9 _ . - /`, and `{path}`, `{folder}`, `{name}`,
    /// `{stem}`, `{ext}`, `{date}`, `{year}`, `{month}`, `{day}`, `{person}`, `{number}`, `{uuid}`.
    #[serde(default = "path")]
    pub key_template: String,
    /// What it takes.
    pub rules: Rules,
    /// The kind of grant that its batches get.
    pub grant: GrantKind,
    /// Who may use it, besides admins.
    #[serde(default)]
    pub access: Access,
    /// Its members, by sign-in name.
    #[serde(default)]
    pub members: Vec<String>,
    /// The most that it takes at all.
    #[serde(default)]
    pub quota: Quota,
    /// Whether browsers make small pictures of what they send, for galleries; stored beside the originals.
    #[serde(default = "made")]
    pub thumbnails: bool,
    /// Whether files may go through this server: never, or where a browser reaches none of the store's host names.
    #[serde(default)]
    pub relay: Relay,
}

/// Keys are paths if nothing else is said.
fn path() -> String {
    KeyTemplate::default().to_string()
}

/// Thumbnails are made if nothing else is said.
fn made() -> bool {
    true
}

/// A project with what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ProjectCard {
    /// Its id.
    pub id: ProjectId,
    /// What was decided about it.
    pub settings: ProjectSettings,
    /// Since when it takes no new batches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<UnixMillis>,
    /// Files that were announced for it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What an admin does with projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectsAction {
    /// Nothing but look.
    Look,
    /// Adds a project.
    Create {
        /// Its id.
        id: ProjectId,
        /// What is decided about it.
        settings: ProjectSettings,
    },
    /// Changes a project.
    Change {
        /// Which.
        id: ProjectId,
        /// What is decided about it.
        settings: ProjectSettings,
    },
    /// Has a project take no new batches any more.
    Archive {
        /// Which.
        id: ProjectId,
    },
    /// Has a project take batches again.
    Restore {
        /// Which.
        id: ProjectId,
    },
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectsDesk {
    /// All projects, by name.
    pub projects: Vec<ProjectCard>,
    /// Who could be a member, by sign-in name.
    pub people: Vec<String>,
}

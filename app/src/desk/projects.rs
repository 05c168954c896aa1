//! Projects, as an admin sees them.

use serde::{Deserialize, Serialize};
use transfer::wire::{GrantKind, KeyTemplate, ProjectId, Relay, Rules, UnixMillis};

use super::{Quota, Used};

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
    /// The most that it takes a day, from midnight to midnight UTC.
    #[serde(default)]
    pub daily_quota: Quota,
    /// Whether browsers make small pictures of what they send, for galleries; stored beside the originals.
    #[serde(default = "made")]
    pub thumbnails: bool,
    /// Whether files may go through this server: never, or where a browser reaches none of the store's host names.
    #[serde(default)]
    pub relay: Relay,
    /// Days that files are kept for, 1 to 36,500; for ever if not given. The bucket deletes nothing by it until its rule
    /// is written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
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
    /// Whether the bucket was seen to have the rule for its retention, since that was last changed.
    #[serde(default)]
    pub rule_seen: bool,
    /// Files that were announced for it, or that it was seen to hold beyond that.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What it took today.
    #[serde(default)]
    pub today: Used,
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
    /// Asks the bucket for the rule of a project's retention.
    Retention {
        /// Which.
        id: ProjectId,
    },
    /// Writes the rule of a project's retention into the bucket, or removes it.
    WriteRetention {
        /// Which.
        id: ProjectId,
        /// The retention that the admin saw and agreed to; nothing for ever.
        #[serde(default)]
        keep_days: Option<u32>,
    },
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectsDesk {
    /// All projects, by name.
    pub projects: Vec<ProjectCard>,
    /// Who could be a member, by sign-in name.
    pub people: Vec<String>,
    /// What the bucket says about a project's retention, if that was asked.
    #[serde(default)]
    pub retention: Option<RetentionRule>,
}

/// A project's retention, and what the bucket says about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RetentionRule {
    /// The project.
    pub project: ProjectId,
    /// Days that its files are kept for; for ever if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
    /// What the bucket says.
    pub state: RuleState,
    /// The bucket.
    pub bucket: String,
    /// The folder in it that the rule is about, with a slash at the end.
    pub folder: String,
    /// The id of the rule in the bucket's lifecycle configuration.
    pub rule_id: String,
    /// The rule as JSON, as the AWS CLI takes it; none if files are kept for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Other projects with batches in that folder, from a time when it was theirs: the rule deletes these, too.
    pub others: Vec<String>,
}

/// What the bucket says about a project's retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RuleState {
    /// The same: it has the rule, or has none for what is kept for ever.
    Same,
    /// Nothing: it has no rule yet, and deletes nothing.
    Missing,
    /// Something else.
    Otherwise {
        /// After how many days it deletes; nothing if the rule is off, or about something else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days: Option<u32>,
    },
    /// The server may not see the rules, or not write them.
    NotAllowed {
        /// The IAM action that its role lacks.
        action: String,
    },
    /// The store does not do this.
    NotDone,
}

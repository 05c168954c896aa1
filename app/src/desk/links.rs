//! Guests' links, as an admin sees them, and as a guest does.

use serde::{Deserialize, Serialize};
use transfer::wire::{ProjectId, UnixMillis};

use super::{Issued, Quota};

/// Whether a guest is asked for something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Not asked.
    #[default]
    No,
    /// May be left out.
    Maybe,
    /// Must be filled in.
    Must,
}

/// What guests are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Asks {
    /// A name.
    #[serde(default)]
    pub name: Ask,
    /// An e-mail address.
    #[serde(default)]
    pub email: Ask,
    /// A few words.
    #[serde(default)]
    pub note: Ask,
}

/// What an admin decides about a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct LinkSettings {
    /// Where its guests upload to.
    pub project: ProjectId,
    /// What its page is headed with.
    pub title: String,
    /// What its page says.
    #[serde(default)]
    pub welcome: String,
    /// What guests are asked for.
    #[serde(default)]
    pub asks: Asks,
    /// What guests must know; nothing lets in whoever has the link.
    #[serde(default)]
    pub password: Option<String>,
    /// The most that all its guests together may send.
    #[serde(default)]
    pub quota: Quota,
    /// Days until it ends: 1 to 365.
    pub days: u32,
}

impl std::fmt::Debug for LinkSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkSettings").field("project", &self.project).finish_non_exhaustive()
    }
}

/// What changes about a link; what is not given stays. Its address stays in any case.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct LinkChange {
    /// What its page is headed with.
    #[serde(default)]
    pub title: Option<String>,
    /// What its page says.
    #[serde(default)]
    pub welcome: Option<String>,
    /// What guests are asked for.
    #[serde(default)]
    pub asks: Option<Asks>,
    /// What guests must know from now on; empty lets in whoever has the link.
    #[serde(default)]
    pub password: Option<String>,
    /// The most that all its guests together may send. Below what they have sent, it lets nothing more in.
    #[serde(default)]
    pub quota: Option<Quota>,
    /// Days until it ends, counted from now: 1 to 365. One whose time was over is good again.
    #[serde(default)]
    pub days: Option<u32>,
}

impl std::fmt::Debug for LinkChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkChange").field("title", &self.title).finish_non_exhaustive()
    }
}

/// A link with its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct LinkCard {
    /// Its id.
    pub id: i64,
    /// Where its guests upload to.
    pub project: ProjectId,
    /// What its page is headed with.
    pub title: String,
    /// What its page says.
    pub welcome: String,
    /// What guests are asked for.
    pub asks: Asks,
    /// Whether guests must know a password.
    pub has_password: bool,
    /// The most that all its guests together may send.
    pub quota: Quota,
    /// Whether guests may come.
    pub state: LinkState,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
    /// Guests who came by it.
    pub guests: u64,
    /// Files that they announced.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Whether guests may come by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Yes.
    Good,
    /// Not any more: its time is over.
    Expired,
    /// Not any more: it was ended.
    Revoked,
}

/// What an admin does with links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinksAction {
    /// Nothing but look.
    Look,
    /// Makes a link.
    Create(LinkSettings),
    /// Changes a link.
    Change {
        /// Which.
        id: i64,
        /// What.
        change: LinkChange,
    },
    /// Ends a link.
    Revoke {
        /// Which.
        id: i64,
    },
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinksDesk {
    /// All links, newest first.
    pub links: Vec<LinkCard>,
    /// Projects that a link can lead to, with their names.
    pub projects: Vec<(ProjectId, String)>,
    /// The address that the action made, shown this once.
    pub issued: Option<Issued>,
}

/// What a guest sees first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The heading.
    pub title: String,
    /// What the host says.
    pub welcome: String,
    /// What is asked for.
    pub asks: Asks,
    /// Whether there is a password.
    pub has_password: bool,
}

/// What a guest fills in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The secret of the link; never logged.
    pub token: String,
    /// A name.
    pub name: String,
    /// An e-mail address.
    pub email: String,
    /// A few words.
    pub note: String,
    /// The password; never logged.
    pub password: String,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("token", &"******").finish_non_exhaustive()
    }
}

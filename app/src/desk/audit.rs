//! The audit log: who did what.

use serde::{Deserialize, Serialize};
use transfer::wire::UnixMillis;

/// Lines in a page of the log.
pub const AUDIT_PAGE: usize = 100;

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuestion {
    /// Only lines before that one: the last of the page before.
    #[serde(default)]
    pub before: Option<i64>,
    /// Only what was done so, such as `project_changed`.
    #[serde(default)]
    pub action: Option<String>,
    /// Only lines with that text in who or whom.
    #[serde(default)]
    pub about: Option<String>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditLine {
    /// Its number; later lines have higher ones.
    pub id: i64,
    /// When.
    pub at: UnixMillis,
    /// Who, by the sign-in name of that time.
    pub who: String,
    /// How: `page`, `token`, `command` or `server`.
    pub via: String,
    /// What, such as `project_changed`.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// What more there is to say.
    pub detail: String,
}

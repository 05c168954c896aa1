//! What is going on, and what came in.

use serde::{Deserialize, Serialize};
use transfer::wire::{ProjectId, UnixMillis};

use super::batches::{BatchCard, Cause};

/// Days that are summed one by one.
pub const DAYS: u64 = 30;

/// Whose clock says when a day begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "ssr", into_params(parameter_in = Query))]
pub struct DashboardQuestion {
    /// Minutes that it is ahead of UTC.
    #[serde(default)]
    pub utc_offset: i32,
}

/// All that the page shows. What was undone does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Dashboard {
    /// When this was so.
    pub at: UnixMillis,
    /// Open batches, those in use last first, at most 20.
    pub open: Vec<BatchCard>,
    /// How many there are.
    pub open_count: u64,
    /// What came into each project today and this month, most first.
    pub projects: Vec<ProjectFigures>,
    /// What came in on each of the last 30 days, today last.
    pub days: Vec<Figures>,
    /// Why files of this month's batches are not in the store, most first.
    pub causes: Vec<Cause>,
}

/// What came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Figures {
    /// Files that are stored, as far as is known.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What came into a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ProjectFigures {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// Since midnight.
    pub today: Figures,
    /// Since the first of the month.
    pub month: Figures,
}

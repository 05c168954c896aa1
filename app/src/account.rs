//! A person's own account: where they are signed in.

use serde::{Deserialize, Serialize};
use transfer::wire::UnixMillis;

/// Somebody's session in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SessionCard {
    /// What names it; nobody can sign in with that.
    pub id: String,
    /// Whose, by sign-in name.
    pub person: String,
    /// The browser, as far as it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The system that it runs on, as far as it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// When the person signed in.
    pub began_at: UnixMillis,
    /// When it was last used, to five minutes or so.
    pub seen_at: UnixMillis,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// What a person does with the own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountAction {
    /// Nothing but look.
    Look,
    /// Ends a session.
    End {
        /// Which.
        session: String,
    },
    /// Ends all sessions but the one that asks.
    EndOthers,
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Where the person is signed in, latest used first.
    pub sessions: Vec<SessionCard>,
}

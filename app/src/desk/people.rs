//! People and their tokens.

use serde::{Deserialize, Serialize};
use transfer::wire::UnixMillis;

use super::{Issued, Quota, Used};
use crate::account::SessionCard;
use crate::person::Role;

/// Most sessions that the page shows.
pub const SESSIONS_SHOWN: usize = 100;

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PersonCard {
    /// The id.
    pub id: i64,
    /// Sign-in name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Whether the person can sign in.
    pub state: PersonState,
    /// When the person was added.
    pub added_at: UnixMillis,
    /// The most that is taken from the person at all, over all projects.
    #[serde(default)]
    pub quota: Quota,
    /// The most that is taken from the person a day, from midnight to midnight UTC.
    #[serde(default)]
    pub daily_quota: Quota,
    /// What was taken from the person.
    #[serde(default)]
    pub used: Used,
    /// What was taken from the person today.
    #[serde(default)]
    pub today: Used,
}

/// Whether a person can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// Yes.
    Active,
    /// Not until a password was chosen.
    Invited,
    /// Not any more.
    Disabled,
}

/// What a token may be used for, of what its person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// All of it.
    #[default]
    Full,
    /// Sending, and what an uploader sees of it.
    Send,
    /// Reading; it changes nothing.
    Read,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TokenCard {
    /// Its public half, which names it.
    pub prefix: String,
    /// What it is for.
    pub name: String,
    /// Whom it acts for, by sign-in name.
    pub person: String,
    /// What it may be used for.
    pub scope: TokenScope,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
    /// When it was last used, to the minute or so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<UnixMillis>,
}

/// What an admin does with people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeopleAction {
    /// Nothing but look.
    Look,
    /// Adds a person, and makes a one-time link.
    Invite {
        /// Sign-in name.
        name: String,
        /// Role.
        role: Role,
    },
    /// Makes a new one-time link for a person.
    Link {
        /// Whom for.
        person: i64,
    },
    /// Gives a person another role.
    Role {
        /// Whom.
        person: i64,
        /// Which.
        role: Role,
    },
    /// Lets a person in no more, and ends all of the person's sessions.
    Disable {
        /// Whom.
        person: i64,
    },
    /// Lets a person in again.
    Enable {
        /// Whom.
        person: i64,
    },
    /// Decides how much is taken from a person.
    Quota {
        /// Whom.
        person: i64,
        /// At all, over all projects.
        quota: Quota,
        /// A day.
        daily_quota: Quota,
    },
    /// Ends all sessions of a person.
    SignOut {
        /// Whose.
        person: i64,
    },
    /// Ends one session of a person.
    EndSession {
        /// Whose, by sign-in name.
        person: String,
        /// Which.
        session: String,
    },
    /// Makes a token.
    Token {
        /// Whom it acts for.
        person: i64,
        /// What it is for.
        name: String,
        /// What it may be used for.
        scope: TokenScope,
        /// Days until it ends.
        days: u32,
    },
    /// Ends a token.
    Revoke {
        /// Its public half.
        prefix: String,
    },
}

/// All that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleDesk {
    /// Everybody with an account, by name.
    pub people: Vec<PersonCard>,
    /// Tokens that are good, newest first.
    pub tokens: Vec<TokenCard>,
    /// Where people are signed in, latest used first; at most [`SESSIONS_SHOWN`].
    pub sessions: Vec<SessionCard>,
    /// What the action made, shown this once.
    pub issued: Option<Issued>,
}

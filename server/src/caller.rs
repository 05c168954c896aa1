//! Who asks: a person with a session, or a person's API token.

use app::person::{Person, Role};
use ledger::{LinkId, PersonId, PersonRecord, Scope, TokenId};

use crate::session::role;

/// Somebody who was recognised in this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person with a session cookie.
    Session(CallerPerson),
    /// A person's API token.
    Token {
        /// The token.
        token: TokenId,
        /// What it may be used for.
        scope: Scope,
        /// Whose it is.
        person: CallerPerson,
    },
}

/// The person behind a [`Caller`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerPerson {
    /// In the ledger.
    pub id: PersonId,
    /// Sign-in name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The link that a guest came by.
    pub link: Option<LinkId>,
}

impl Caller {
    /// The person.
    #[must_use]
    pub fn person(&self) -> &CallerPerson {
        match self {
            Self::Session(person) | Self::Token { person, .. } => person,
        }
    }

    /// The token, if the caller came with one.
    #[must_use]
    pub fn token(&self) -> Option<TokenId> {
        match self {
            Self::Session(_) => None,
            Self::Token { token, .. } => Some(*token),
        }
    }

    /// Whether the caller may see and do everything. An admin's token for sending may not; one for reading may see
    /// everything, and is refused before it does anything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        let sends_only = matches!(self, Self::Token { scope: Scope::Send, .. });
        self.person().role == Role::Admin && !sends_only
    }
}

impl From<&PersonRecord> for CallerPerson {
    fn from(record: &PersonRecord) -> Self {
        Self { id: record.id, name: record.name.clone(), role: role(record.role), link: record.link }
    }
}

impl From<&CallerPerson> for Person {
    fn from(person: &CallerPerson) -> Self {
        Self { name: person.name.clone(), role: person.role }
    }
}

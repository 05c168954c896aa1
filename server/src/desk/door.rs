//! The door of a link: what a guest sees, and how a guest comes in.

use std::net::IpAddr;

use app::desk::links::{Ask, Asks, Door, Entry};
use ledger::{Guest, LinkRecord, PersonRecord, Sha256Hash};
use secrecy::SecretString;
use transfer::wire::{Problem, ProblemCode};
use uuid::Uuid;

use crate::clock;
use crate::session::{GateError, TooSoon};
use crate::state::AppState;

/// Longest name and e-mail address, and longest note, in characters.
const MAX_LINE: usize = 200;
const MAX_NOTE: usize = 2_000;

/// Why a guest is not let in.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// A link that was never made, was ended, or is over: a guest need not know which.
    #[error("the link is not good")]
    NotGood,
    /// A wrong password.
    #[error("wrong password")]
    Wrong,
    /// Something must be filled in, or is too long.
    #[error("{0}")]
    Invalid(&'static str),
    /// Too many attempts.
    #[error("too many attempts")]
    TooSoon(TooSoon),
    /// The rest.
    #[error(transparent)]
    Gate(#[from] GateError),
}

impl From<ledger::LedgerError> for DoorError {
    fn from(error: ledger::LedgerError) -> Self {
        Self::Gate(error.into())
    }
}

impl DoorError {
    /// Logs what must be logged, this once, and gives what the client may see.
    #[must_use]
    pub fn report(&self) -> Problem {
        match self {
            Self::NotGood => Problem::new(
                ProblemCode::NotFound,
                "This link is not valid any more. Ask whoever sent it for a new one.",
            ),
            Self::Wrong => {
                Problem::new(ProblemCode::SignedOut, "That is not the password. Check it and try again.")
            }
            Self::Invalid(detail) => Problem::new(ProblemCode::Invalid, *detail),
            Self::TooSoon(wait) => GateError::TooSoon(*wait).report(),
            Self::Gate(error) => error.report(),
        }
    }
}

/// What a guest sees first.
///
/// # Errors
/// `NotGood`.
pub async fn look(state: &AppState, token: &str) -> Result<Door, DoorError> {
    let link = good(state, token).await?;
    let ask = |ask| match ask {
        ledger::Ask::No => Ask::No,
        ledger::Ask::Maybe => Ask::Maybe,
        ledger::Ask::Must => Ask::Must,
    };
    Ok(Door {
        title: link.title,
        welcome: link.welcome,
        asks: Asks { name: ask(link.asks.name), email: ask(link.asks.email), note: ask(link.asks.note) },
        has_password: link.password_hash.is_some(),
    })
}

/// Lets a guest in, as a person of its own.
///
/// # Errors
/// `NotGood`, `Wrong`, `Invalid`, `TooSoon`.
pub async fn enter(state: &AppState, entry: Entry, from: IpAddr) -> Result<PersonRecord, DoorError> {
    // Each entry makes a person; and a password must not be guessed.
    let link = good(state, &entry.token).await?;
    // By address alone: a whole party comes by one link, from one place.
    let nobody = Uuid::new_v4().to_string();
    state.gate.attempts.count(&nobody, from).map_err(DoorError::TooSoon)?;
    if link.password_hash.is_some() {
        let password = SecretString::from(entry.password);
        let same = state.gate.passwords.verify(password, link.password_hash.clone()).await;
        if !same.map_err(GateError::from)? {
            return Err(DoorError::Wrong);
        }
    }
    let name = filled(link.asks.name, &entry.name, MAX_LINE, "Please fill in your name.")?;
    let email = filled(link.asks.email, &entry.email, MAX_LINE, "Please fill in your e-mail address.")?;
    if email.as_deref().is_some_and(|email| !is_address(email)) {
        return Err(DoorError::Invalid("That is not an e-mail address. Check it, please."));
    }
    let note = filled(link.asks.note, &entry.note, MAX_NOTE, "Please add a few words.")?;
    let guest = Guest {
        name: name.map_or_else(|| link.title.clone(), |name| format!("{name} ({})", link.title)),
        unique: nobody,
        email,
        note,
        at: clock::now(),
    };
    Ok(state.ledger.links().admit(link.id, guest).await?)
}

async fn good(state: &AppState, token: &str) -> Result<LinkRecord, DoorError> {
    let link = state.ledger.links().by_token(Sha256Hash::of(token)).await?;
    link.filter(|link| link.is_good(clock::now())).ok_or(DoorError::NotGood)
}

fn filled(
    ask: ledger::Ask,
    text: &str,
    most: usize,
    please: &'static str,
) -> Result<Option<String>, DoorError> {
    let text: String = text.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect();
    if text.chars().count() > most {
        return Err(DoorError::Invalid("That is too long. Say it in fewer words, please."));
    }
    match (ask, text.is_empty()) {
        (ledger::Ask::No, _) | (ledger::Ask::Maybe, true) => Ok(None),
        (ledger::Ask::Must, true) => Err(DoorError::Invalid(please)),
        (_, false) => Ok(Some(text)),
    }
}

/// Only what tells a slip: addresses are checked by writing to them.
fn is_address(email: &str) -> bool {
    email.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
        && !email.contains(char::is_whitespace)
}

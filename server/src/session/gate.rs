//! The gate: who comes with which password, and how often.

use std::net::IpAddr;

use app::person::SignIn;
use ledger::{Ledger, LedgerError, PersonRecord, Sha256Hash};
use secrecy::SecretString;
use transfer::wire::{Problem, ProblemCode};

use super::limit::{Attempts, TooSoon};
use super::password::{PasswordError, Passwords};
use crate::clock;

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// Checks passwords, and how often it is asked to.
#[derive(Debug)]
pub struct Gate {
    /// Passwords.
    pub passwords: Passwords,
    /// Attempts.
    pub attempts: Attempts,
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// Unknown name, wrong password, no password, or not allowed any more: nobody learns which.
    #[error("wrong name or password")]
    Wrong,
    /// Too many attempts.
    #[error("too many attempts")]
    TooSoon(TooSoon),
    /// A name that cannot be one.
    #[error("a name has 1 to {MAX_NAME} characters and no control characters")]
    Name,
    /// A password that may not be used.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The session could not be kept.
    #[error("the session could not be kept: {0}")]
    Session(String),
}

impl Gate {
    /// Ready. Costs one password hash.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new() -> Result<Self, PasswordError> {
        Ok(Self { passwords: Passwords::new()?, attempts: Attempts::default() })
    }

    /// Who has that name and that password.
    ///
    /// # Errors
    /// `Wrong`, `TooSoon`.
    pub async fn check(
        &self,
        ledger: &Ledger,
        sign_in: SignIn,
        from: IpAddr,
    ) -> Result<PersonRecord, GateError> {
        let name = check_name(&sign_in.name).map_err(|_| GateError::Wrong)?;
        self.attempts.count(name, from).map_err(GateError::TooSoon)?;
        let person = ledger.people().by_name(name).await?;
        let stored = person.as_ref().and_then(|person| person.password_hash.clone());
        let same = self.passwords.verify(SecretString::from(sign_in.password), stored).await?;
        person.filter(|person| same && !person.disabled).ok_or(GateError::Wrong)
    }

    /// Uses a one-time link up: its person gets that name and password.
    ///
    /// # Errors
    /// `LinkInvalid` or `NameTaken` of the ledger; a name or password that may not be used; `TooSoon`.
    pub async fn accept(
        &self,
        ledger: &Ledger,
        token: &str,
        sign_in: SignIn,
        from: IpAddr,
    ) -> Result<PersonRecord, GateError> {
        let name = check_name(&sign_in.name)?;
        self.attempts.count(name, from).map_err(GateError::TooSoon)?;
        let token = Sha256Hash::of(token);
        // Asked before hashing, which is what costs.
        ledger.welcomes().person(token, clock::now()).await?.ok_or(LedgerError::LinkInvalid)?;
        let hash = self.passwords.hash(SecretString::from(sign_in.password)).await?;
        Ok(ledger.welcomes().accept(token, clock::now(), name, hash).await?)
    }
}

/// A name without the spaces around it, if it can be one.
///
/// # Errors
/// `Name`.
pub(crate) fn check_name(name: &str) -> Result<&str, GateError> {
    let name = name.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) { Ok(name) } else { Err(GateError::Name) }
}

impl GateError {
    /// Logs what must be logged, this once, and gives what the client may see.
    #[must_use]
    pub fn report(&self) -> Problem {
        match self {
            Self::Wrong => Problem::new(
                ProblemCode::SignedOut,
                "Name and password do not go together. Check both and try again.",
            ),
            Self::TooSoon(TooSoon { wait }) => Problem::new(
                ProblemCode::TooMany,
                format!("That was too often. Wait {} and try again.", seconds(wait.as_secs() + 1)),
            ),
            Self::Name => Problem::new(ProblemCode::Invalid, "Choose a name of 1 to 100 characters."),
            Self::Password(PasswordError::TooShort) => {
                Problem::new(ProblemCode::Invalid, "Choose a password of at least 10 characters.")
            }
            Self::Password(PasswordError::TooLong) => {
                Problem::new(ProblemCode::Invalid, "Choose a password of at most 1,024 characters.")
            }
            Self::Ledger(LedgerError::LinkInvalid) => Problem::new(
                ProblemCode::NotFound,
                "This link was used already or has expired. Ask for a new one.",
            ),
            Self::Ledger(LedgerError::NameTaken(_)) => {
                Problem::new(ProblemCode::Conflict, "Somebody else has that name. Choose another.")
            }
            Self::Password(PasswordError::Hash(_)) | Self::Ledger(_) | Self::Session(_) => {
                tracing::error!(error = %self, "sign-in failed");
                Problem::new(
                    ProblemCode::Internal,
                    "Something went wrong on the server. Try again in a moment.",
                )
            }
        }
    }
}

fn seconds(count: u64) -> String {
    if count == 1 { "a second".to_owned() } else { format!("{count} seconds") }
}

//! Signing in, and staying signed in.
//!
//! People come with a session cookie to the pages ([`Visit`]), programs with a bearer token to the JSON API
//! ([`recognise_token`]); neither is looked at in the other's place. Sessions are rows of the ledger under the hash
//! of the cookie's value, so a copy of the database lets nobody in. "Sign out everywhere" raises the person's epoch:
//! sessions of another epoch are over.
//!
//! - [`Gate`]: passwords (argon2id), and the limit on attempts.
//! - [`layer`]: cookie and session for each request, by tower-sessions and axum-login.
//! - [`places`]: where people are signed in.
//! - [`NewSecret`]: what tokens and one-time links are made of.

mod agent;
mod backend;
mod bearer;
mod cookie;
mod gate;
mod limit;
mod password;
mod places;
mod secret;
mod store;
mod visit;
mod welcome;

pub use backend::{PersonBackend, SignedIn};
pub use bearer::recognise_token;
pub use cookie::{cookie_name, layer, secure_end};
pub(crate) use gate::check_name;
pub use gate::{Gate, GateError};
pub use limit::{Attempts, TooSoon};
pub use password::{MAX_PASSWORD, MIN_PASSWORD, PasswordError, Passwords};
pub use places::{places, session_named};
pub use secret::{NewSecret, TokenText};
pub use store::LedgerSessions;
pub use visit::Visit;
pub use welcome::{WELCOME_LIFE, welcome};

use app::person::Role;

/// The pages' word for a role of the ledger.
#[must_use]
pub fn role(role: ledger::Role) -> Role {
    match role {
        ledger::Role::Admin => Role::Admin,
        ledger::Role::Uploader => Role::Uploader,
        ledger::Role::Guest => Role::Guest,
    }
}

//! Making one-time links.

use std::time::Duration;

use ledger::{Actor, Deed, Ledger, LedgerError, NewWelcome, PersonId};

use super::secret::NewSecret;
use crate::clock;
use crate::config::PublicUrl;

/// How long a one-time link can be used.
pub const WELCOME_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// A one-time link for a person, to be shown once; the person's earlier ones end.
///
/// # Errors
/// If the ledger fails.
pub async fn welcome(
    ledger: &Ledger,
    by: &Actor,
    person: PersonId,
    public_url: &PublicUrl,
) -> Result<String, LedgerError> {
    let secret = NewSecret::random();
    let created_at = clock::now();
    let expires_at = clock::after(created_at, WELCOME_LIFE);
    let deed = Deed { by, at: created_at };
    let new = NewWelcome { token: secret.hash(), person, created_at, expires_at };
    ledger.welcomes().create(deed, new).await?;
    Ok(format!("{public_url}/welcome?token={}", secret.expose()))
}

//! People, as axum-login sees them.

use std::sync::Arc;

use axum_login::{AuthUser, AuthnBackend};
use ledger::{Ledger, LedgerError, PersonId, PersonRecord};

use crate::caller::CallerPerson;

/// A person with a session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub person: CallerPerson,
    /// The epoch of the person's sessions, as bytes.
    epoch: [u8; 8],
}

impl From<&PersonRecord> for SignedIn {
    fn from(record: &PersonRecord) -> Self {
        Self { person: CallerPerson::from(record), epoch: record.session_epoch.to_be_bytes() }
    }
}

impl AuthUser for SignedIn {
    type Id = i64;

    fn id(&self) -> i64 {
        self.person.id.0
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.epoch
    }
}

/// Finds the person of a session at every request, so that who was disabled is out at once.
#[derive(Debug, Clone)]
pub struct PersonBackend {
    ledger: Arc<Ledger>,
}

impl PersonBackend {
    /// People of that ledger.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>) -> Self {
        Self { ledger }
    }
}

impl AuthnBackend for PersonBackend {
    type User = SignedIn;
    /// A person whom [`Gate`](super::Gate) has let in; passwords never come here.
    type Credentials = PersonId;
    type Error = LedgerError;

    async fn authenticate(&self, person: PersonId) -> Result<Option<SignedIn>, LedgerError> {
        self.get_user(&person.0).await
    }

    async fn get_user(&self, id: &i64) -> Result<Option<SignedIn>, LedgerError> {
        let record = self.ledger.people().get(PersonId(*id)).await?;
        Ok(record.filter(|record| !record.disabled).as_ref().map(SignedIn::from))
    }
}

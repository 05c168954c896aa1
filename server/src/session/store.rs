//! Sessions of tower-sessions, in the ledger.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use ledger::{Ledger, PersonId, SessionRecord, Sha256Hash};
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use transfer::wire::UnixMillis;

use crate::clock;

/// Where axum-login keeps who is signed in.
pub(super) const LOGIN: &str = "axum-login.data";

/// Keeps sessions under the hash of their id: who reads the database cannot make a cookie of it.
#[derive(Debug, Clone)]
pub struct LedgerSessions {
    ledger: Arc<Ledger>,
}

impl LedgerSessions {
    /// Sessions in that ledger.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>) -> Self {
        Self { ledger }
    }
}

#[async_trait]
impl SessionStore for LedgerSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // Ids are 128 random bits: another one is never in the way, but if it were, nobody may get its session.
        while !self.ledger.sessions().create(row(record)?).await.map_err(failed)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // One that was ended while this request was under way stays ended.
        self.ledger.sessions().change(row(record)?).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(row) = self.ledger.sessions().get(hash(id), clock::now()).await.map_err(failed)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let nanos = i128::from(row.expires_at.0) * 1_000_000;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.ledger.sessions().delete(hash(id)).await.map_err(failed)
    }
}

fn row(record: &Record) -> Result<SessionRecord> {
    let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let millis = record.expiry_date.unix_timestamp_nanos() / 1_000_000;
    let expires_at = UnixMillis(u64::try_from(millis).unwrap_or(0));
    let person = person(&record.data).map(PersonId);
    Ok(SessionRecord { id: hash(&record.id), person, data, expires_at })
}

/// Whose session that is, as axum-login keeps it.
fn person(data: &HashMap<String, Value>) -> Option<i64> {
    data.get(LOGIN)?.get("user_id")?.as_i64()
}

/// The row of a session.
pub(super) fn hash(id: &Id) -> Sha256Hash {
    Sha256Hash::of(id.0.to_be_bytes())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn failed(error: ledger::LedgerError) -> Error {
    Error::Backend(error.to_string())
}

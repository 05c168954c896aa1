//! Browsers' sessions: opaque data under the hash of the session's id.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, SqlErr};
use transfer::wire::UnixMillis;

use crate::entity::session;
use crate::word::{millis, time};
use crate::{Ledger, LedgerError, Sha256Hash};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The hash of its id.
    pub id: Sha256Hash,
    /// What the server keeps in it, as JSON.
    pub data: String,
    /// When it ends.
    pub expires_at: UnixMillis,
}

/// Sessions in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Sessions<'_> {
    /// Adds a session; `false` if the id is taken.
    ///
    /// # Errors
    /// `Database`.
    pub async fn create(&self, new: SessionRecord) -> Result<bool, LedgerError> {
        match row(new).insert(self.ledger.db()).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Adds or changes a session.
    ///
    /// # Errors
    /// `Database`.
    pub async fn save(&self, session: SessionRecord) -> Result<(), LedgerError> {
        let conflict = OnConflict::column(session::Column::IdHash)
            .update_columns([session::Column::Data, session::Column::ExpiresAt])
            .to_owned();
        session::Entity::insert(row(session))
            .on_conflict(conflict)
            .exec_without_returning(self.ledger.db())
            .await?;
        Ok(())
    }

    /// A session, if it has not ended.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: Sha256Hash, now: UnixMillis) -> Result<Option<SessionRecord>, LedgerError> {
        let row = session::Entity::find_by_id(id.to_column()).one(self.ledger.db()).await?;
        Ok(row.filter(|row| time(row.expires_at) > now).map(|row| SessionRecord {
            id,
            data: row.data,
            expires_at: time(row.expires_at),
        }))
    }

    /// Ends a session and answers it, if it has not ended. Of several who ask at once, one gets it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take(&self, id: Sha256Hash, now: UnixMillis) -> Result<Option<SessionRecord>, LedgerError> {
        let found = self.get(id, now).await?;
        let gone = session::Entity::delete_by_id(id.to_column()).exec(self.ledger.db()).await?;
        Ok(found.filter(|_| gone.rows_affected == 1))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// `Database`.
    pub async fn delete(&self, id: Sha256Hash) -> Result<(), LedgerError> {
        session::Entity::delete_by_id(id.to_column()).exec(self.ledger.db()).await?;
        Ok(())
    }

    /// Removes what has ended; answers how many.
    ///
    /// # Errors
    /// `Database`.
    pub async fn sweep(&self, now: UnixMillis) -> Result<u64, LedgerError> {
        let gone = session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(millis(now)))
            .exec(self.ledger.db())
            .await?;
        Ok(gone.rows_affected)
    }
}

fn row(session: SessionRecord) -> session::ActiveModel {
    session::ActiveModel {
        id_hash: Set(session.id.to_column()),
        data: Set(session.data),
        expires_at: Set(millis(session.expires_at)),
    }
}

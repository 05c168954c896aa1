//! Browsers' sessions: opaque data under the hash of the session's id.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, SqlErr,
};
use transfer::wire::UnixMillis;

use crate::audit::note;
use crate::entity::{person, session};
use crate::word::{millis, time};
use crate::{Action, Deed, Ledger, LedgerError, PersonId, Sha256Hash};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The hash of its id.
    pub id: Sha256Hash,
    /// Whose it is, once somebody has signed in.
    pub person: Option<PersonId>,
    /// What the server keeps in it, as JSON.
    pub data: String,
    /// When it ends.
    pub expires_at: UnixMillis,
}

/// Which sessions to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoseSessions {
    /// Those of everybody with an account.
    All,
    /// Those of a person.
    Of(PersonId),
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
            .update_columns([session::Column::PersonId, session::Column::Data, session::Column::ExpiresAt])
            .to_owned();
        session::Entity::insert(row(session))
            .on_conflict(conflict)
            .exec_without_returning(self.ledger.db())
            .await?;
        Ok(())
    }

    /// Changes a session, if it is there: one that was ended meanwhile stays so.
    ///
    /// # Errors
    /// `Database`.
    pub async fn change(&self, session: SessionRecord) -> Result<(), LedgerError> {
        session::Entity::update_many()
            .col_expr(session::Column::PersonId, Expr::value(session.person.map(|person| person.0)))
            .col_expr(session::Column::Data, Expr::value(session.data))
            .col_expr(session::Column::ExpiresAt, Expr::value(millis(session.expires_at)))
            .filter(session::Column::IdHash.eq(session.id.to_column()))
            .exec(self.ledger.db())
            .await?;
        Ok(())
    }

    /// Sessions of people with an account that have not ended, latest used first, at most `limit`.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(
        &self,
        whose: WhoseSessions,
        now: UnixMillis,
        limit: u64,
    ) -> Result<Vec<SessionRecord>, LedgerError> {
        let mut accounts = person::Entity::find().select_only().column(person::Column::Id);
        accounts = accounts.filter(person::Column::LinkId.is_null());
        if let WhoseSessions::Of(person) = whose {
            accounts = accounts.filter(person::Column::Id.eq(person.0));
        }
        let rows = session::Entity::find()
            .filter(session::Column::PersonId.in_subquery(accounts.into_query()))
            .filter(session::Column::ExpiresAt.gt(millis(now)))
            .order_by_desc(session::Column::ExpiresAt)
            .limit(limit)
            .all(self.ledger.db())
            .await?;
        rows.into_iter().map(record).collect()
    }

    /// Ends a session of that person, by an admin's word or the person's own.
    ///
    /// # Errors
    /// `NoSuchSession`.
    pub async fn end(&self, deed: Deed<'_>, whose: PersonId, id: Sha256Hash) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let gone = session::Entity::delete_many()
            .filter(session::Column::IdHash.eq(id.to_column()))
            .filter(session::Column::PersonId.eq(whose.0))
            .exec(&write)
            .await?;
        if gone.rows_affected == 0 {
            return Err(LedgerError::NoSuchSession);
        }
        let name = person::Entity::find_by_id(whose.0).one(&write).await?.map(|person| person.name);
        note(&write, deed, Action::SessionEnded, &name.unwrap_or_default(), "").await?;
        Ok(write.commit().await?)
    }

    /// Ends all sessions of that person but one, by the person's own word; answers how many there were.
    ///
    /// # Errors
    /// `Database`.
    pub async fn end_others(
        &self,
        deed: Deed<'_>,
        whose: PersonId,
        but: Sha256Hash,
    ) -> Result<u64, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let gone = session::Entity::delete_many()
            .filter(session::Column::IdHash.ne(but.to_column()))
            .filter(session::Column::PersonId.eq(whose.0))
            .exec(&write)
            .await?;
        if gone.rows_affected > 0 {
            let name = person::Entity::find_by_id(whose.0).one(&write).await?.map(|person| person.name);
            let detail = format!("{} others", gone.rows_affected);
            note(&write, deed, Action::SessionsEnded, &name.unwrap_or_default(), &detail).await?;
        }
        write.commit().await?;
        Ok(gone.rows_affected)
    }

    /// A session, if it has not ended.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: Sha256Hash, now: UnixMillis) -> Result<Option<SessionRecord>, LedgerError> {
        let row = session::Entity::find_by_id(id.to_column()).one(self.ledger.db()).await?;
        row.filter(|row| time(row.expires_at) > now).map(record).transpose()
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
        person_id: Set(session.person.map(|person| person.0)),
        data: Set(session.data),
        expires_at: Set(millis(session.expires_at)),
    }
}

fn record(row: session::Model) -> Result<SessionRecord, LedgerError> {
    Ok(SessionRecord {
        id: Sha256Hash::from_column("sessions.id_hash", &row.id_hash)?,
        person: row.person_id.map(PersonId),
        data: row.data,
        expires_at: time(row.expires_at),
    })
}

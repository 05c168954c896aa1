//! People who may sign in.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    SqlErr,
};
use transfer::wire::UnixMillis;

use crate::entity::person;
use crate::word::{Word, millis, time};
use crate::{Ledger, LedgerError, PersonId};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Admin,
    /// Uploads, and sees own batches.
    Uploader,
}

/// A person to be.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Sign-in name; upper and lower case are the same.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The argon2 hash in PHC format; `None` cannot sign in with a password yet.
    pub password_hash: Option<String>,
    /// Now.
    pub created_at: UnixMillis,
}

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// The id.
    pub id: PersonId,
    /// Sign-in name, as it was typed.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The argon2 hash in PHC format, if a password was set.
    pub password_hash: Option<String>,
    /// Sessions of another epoch are over.
    pub session_epoch: i64,
    /// May not sign in, nor use tokens.
    pub disabled: bool,
    /// When the person was added.
    pub created_at: UnixMillis,
}

impl std::fmt::Debug for PersonRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonRecord")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("session_epoch", &self.session_epoch)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

/// People in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct People<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl People<'_> {
    /// Adds a person.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn create(&self, new: NewPerson) -> Result<PersonRecord, LedgerError> {
        let row = person::ActiveModel {
            id: NotSet,
            name: Set(new.name.clone()),
            name_folded: Set(fold(&new.name)),
            role: Set(new.role.to_word().to_owned()),
            password_hash: Set(new.password_hash),
            session_epoch: Set(0),
            disabled: Set(false),
            created_at: Set(millis(new.created_at)),
        };
        record(row.insert(self.ledger.db()).await.map_err(|error| name_taken(error, &new.name))?)
    }

    /// A person by id.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: PersonId) -> Result<Option<PersonRecord>, LedgerError> {
        person::Entity::find_by_id(id.0).one(self.ledger.db()).await?.map(record).transpose()
    }

    /// A person by sign-in name.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_name(&self, name: &str) -> Result<Option<PersonRecord>, LedgerError> {
        person::Entity::find()
            .filter(person::Column::NameFolded.eq(fold(name)))
            .one(self.ledger.db())
            .await?
            .map(record)
            .transpose()
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(&self) -> Result<Vec<PersonRecord>, LedgerError> {
        let rows =
            person::Entity::find().order_by_asc(person::Column::NameFolded).all(self.ledger.db()).await?;
        rows.into_iter().map(record).collect()
    }

    /// How many there are.
    ///
    /// # Errors
    /// `Database`.
    pub async fn count(&self) -> Result<u64, LedgerError> {
        Ok(person::Entity::find().count(self.ledger.db()).await?)
    }

    /// Sets the password and ends all sessions of the person.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn set_password(&self, id: PersonId, password_hash: String) -> Result<(), LedgerError> {
        let update = person::Entity::update_many()
            .col_expr(person::Column::PasswordHash, Expr::value(password_hash))
            .col_expr(person::Column::SessionEpoch, Expr::col(person::Column::SessionEpoch).add(1))
            .filter(person::Column::Id.eq(id.0));
        one(update.exec(self.ledger.db()).await?.rows_affected)
    }

    /// Ends all sessions of the person.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn end_sessions(&self, id: PersonId) -> Result<(), LedgerError> {
        let update = person::Entity::update_many()
            .col_expr(person::Column::SessionEpoch, Expr::col(person::Column::SessionEpoch).add(1))
            .filter(person::Column::Id.eq(id.0));
        one(update.exec(self.ledger.db()).await?.rows_affected)
    }
}

/// Upper and lower case of a name are the same, also beyond ASCII.
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// Says it plainly if an insert or update failed for the name alone.
pub(crate) fn name_taken(error: DbErr, name: &str) -> LedgerError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => LedgerError::NameTaken(name.to_owned()),
        _ => error.into(),
    }
}

fn one(rows: u64) -> Result<(), LedgerError> {
    if rows == 1 { Ok(()) } else { Err(LedgerError::NoSuchPerson) }
}

pub(crate) fn record(row: person::Model) -> Result<PersonRecord, LedgerError> {
    Ok(PersonRecord {
        id: PersonId(row.id),
        role: Role::from_word(&row.role)?,
        name: row.name,
        password_hash: row.password_hash,
        session_epoch: row.session_epoch,
        disabled: row.disabled,
        created_at: time(row.created_at),
    })
}

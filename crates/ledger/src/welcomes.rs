//! One-time links with which a person chooses name and password.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter};
use transfer::wire::UnixMillis;

use crate::audit::note;
use crate::entity::{person, welcome};
use crate::people::{fold, name_taken, record};
use crate::word::{millis, time};
use crate::{Action, Deed, Ledger, LedgerError, PersonId, PersonRecord, Sha256Hash};

/// A link to be.
#[derive(Debug, Clone)]
pub struct NewWelcome {
    /// The hash of the link's token.
    pub token: Sha256Hash,
    /// Whom it is for.
    pub person: PersonId,
    /// Now.
    pub created_at: UnixMillis,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
}

/// One-time links in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Welcomes<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Welcomes<'_> {
    /// Adds a link; the person's earlier ones end.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn create(&self, deed: Deed<'_>, new: NewWelcome) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let whose = person::Entity::find_by_id(new.person.0).one(&write).await?;
        note(&write, deed, Action::LinkSent, &whose.ok_or(LedgerError::NoSuchPerson)?.name, "").await?;
        welcome::Entity::delete_many()
            .filter(welcome::Column::PersonId.eq(new.person.0))
            .exec(&write)
            .await?;
        welcome::ActiveModel {
            token_hash: Set(new.token.to_column()),
            person_id: Set(new.person.0),
            created_at: Set(millis(new.created_at)),
            expires_at: Set(millis(new.expires_at)),
            used_at: Set(None),
        }
        .insert(&write)
        .await?;
        Ok(write.commit().await?)
    }

    /// Whom a link is for, if it can still be used.
    ///
    /// # Errors
    /// `Database`.
    pub async fn person(&self, token: Sha256Hash, now: UnixMillis) -> Result<Option<PersonId>, LedgerError> {
        let row = welcome::Entity::find_by_id(token.to_column()).one(self.ledger.db()).await?;
        Ok(row
            .filter(|row| row.used_at.is_none() && time(row.expires_at) > now)
            .map(|row| PersonId(row.person_id)))
    }

    /// Uses a link up: sets name and password of its person and ends the person's sessions. All or nothing, so
    /// that a taken name does not cost the link.
    ///
    /// # Errors
    /// `LinkInvalid`, `NameTaken`.
    pub async fn accept(
        &self,
        token: Sha256Hash,
        now: UnixMillis,
        name: &str,
        password_hash: String,
    ) -> Result<PersonRecord, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let id = use_up(&write, token, now).await?;
        person::Entity::update_many()
            .col_expr(person::Column::Name, Expr::value(name))
            .col_expr(person::Column::NameFolded, Expr::value(fold(name)))
            .col_expr(person::Column::PasswordHash, Expr::value(password_hash))
            .col_expr(person::Column::SessionEpoch, Expr::col(person::Column::SessionEpoch).add(1))
            .filter(person::Column::Id.eq(id))
            .exec(&write)
            .await
            .map_err(|error| name_taken(error, name))?;
        let person = person::Entity::find_by_id(id).one(&write).await?.ok_or(LedgerError::NoSuchPerson)?;
        write.commit().await?;
        record(person)
    }
}

/// Uses a link up, and answers whose it was. The update itself decides who is first.
pub(crate) async fn use_up(
    db: &impl ConnectionTrait,
    token: Sha256Hash,
    now: UnixMillis,
) -> Result<i64, LedgerError> {
    let used = welcome::Entity::update_many()
        .col_expr(welcome::Column::UsedAt, Expr::value(millis(now)))
        .filter(welcome::Column::TokenHash.eq(token.to_column()))
        .filter(welcome::Column::UsedAt.is_null())
        .filter(welcome::Column::ExpiresAt.gt(millis(now)))
        .exec(db)
        .await?;
    if used.rows_affected != 1 {
        return Err(LedgerError::LinkInvalid);
    }
    let link = welcome::Entity::find_by_id(token.to_column()).one(db).await?;
    Ok(link.ok_or(LedgerError::LinkInvalid)?.person_id)
}

//! Identities: who somebody is to a provider of single sign-on.
//!
//! An identity is the provider's issuer and the subject that it gives, which it never gives to anybody else (OpenID
//! Connect Core 1.0, 5.7). Names and addresses are not part of it: they change hands.

use std::collections::HashSet;

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, SqlErr};
use transfer::wire::UnixMillis;

use crate::audit::note;
use crate::entity::{identity, person};
use crate::people::{self, name_taken, record};
use crate::welcomes;
use crate::word::{Word, millis};
use crate::{Action, Actor, Deed, Ledger, LedgerError, NewPerson, PersonId, PersonRecord, Sha256Hash, Via};

/// Somebody, as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider, as its tokens name it.
    pub issuer: String,
    /// The provider's name for the person; means nothing to people.
    pub subject: String,
}

/// Identities in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Identities<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Identities<'_> {
    /// Whose identity it is.
    ///
    /// # Errors
    /// `Database`.
    pub async fn person(&self, identity: &Identity) -> Result<Option<PersonRecord>, LedgerError> {
        let Some(found) = find(self.ledger.db(), identity).await? else { return Ok(None) };
        person::Entity::find_by_id(found.person_id).one(self.ledger.db()).await?.map(record).transpose()
    }

    /// Everybody who has one.
    ///
    /// # Errors
    /// `Database`.
    pub async fn people(&self) -> Result<HashSet<PersonId>, LedgerError> {
        let rows = identity::Entity::find().all(self.ledger.db()).await?;
        Ok(rows.into_iter().map(|row| PersonId(row.person_id)).collect())
    }

    /// Adds a person with that identity.
    ///
    /// # Errors
    /// `NameTaken`, `IdentityTaken`.
    pub async fn admit(
        &self,
        deed: Deed<'_>,
        identity: &Identity,
        new: NewPerson,
    ) -> Result<PersonRecord, LedgerError> {
        let (name, role) = (new.name.clone(), new.role);
        let write = self.ledger.begin_write().await?;
        let row = people::row(new).insert(&write).await.map_err(|error| name_taken(error, &name))?;
        add(&write, identity, row.id, deed.at).await?;
        note(&write, deed, Action::PersonJoined, &name, role.to_word()).await?;
        write.commit().await?;
        record(row)
    }

    /// Uses a one-time link up: its person has that identity from now on, and keeps name and password. The person's
    /// sessions end.
    ///
    /// # Errors
    /// `LinkInvalid`; `IdentityTaken` if it is another person's, which leaves the link good.
    pub async fn link(
        &self,
        token: Sha256Hash,
        now: UnixMillis,
        identity: &Identity,
    ) -> Result<PersonRecord, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let id = welcomes::use_up(&write, token, now).await?;
        match find(&write, identity).await? {
            Some(found) if found.person_id != id => return Err(LedgerError::IdentityTaken),
            Some(_) => {}
            None => add(&write, identity, id, now).await?,
        }
        person::Entity::update_many()
            .col_expr(person::Column::SessionEpoch, Expr::col(person::Column::SessionEpoch).add(1))
            .filter(person::Column::Id.eq(id))
            .exec(&write)
            .await?;
        let person = person::Entity::find_by_id(id).one(&write).await?.ok_or(LedgerError::NoSuchPerson)?;
        let by = Actor { person: Some(PersonId(id)), name: person.name.clone(), via: Via::Page };
        let deed = Deed { by: &by, at: now };
        note(&write, deed, Action::IdentityLinked, &person.name, &identity.issuer).await?;
        write.commit().await?;
        record(person)
    }
}

async fn find(
    db: &impl ConnectionTrait,
    identity: &Identity,
) -> Result<Option<identity::Model>, LedgerError> {
    Ok(identity::Entity::find()
        .filter(identity::Column::Issuer.eq(identity.issuer.as_str()))
        .filter(identity::Column::Subject.eq(identity.subject.as_str()))
        .one(db)
        .await?)
}

async fn add(
    db: &impl ConnectionTrait,
    identity: &Identity,
    person: i64,
    now: UnixMillis,
) -> Result<(), LedgerError> {
    let row = identity::ActiveModel {
        id: NotSet,
        person_id: Set(person),
        issuer: Set(identity.issuer.clone()),
        subject: Set(identity.subject.clone()),
        created_at: Set(millis(now)),
    };
    match row.insert(db).await {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(LedgerError::IdentityTaken)
        }
        Err(error) => Err(error.into()),
    }
}

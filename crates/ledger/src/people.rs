//! People who may sign in.

use std::collections::HashMap;

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, SqlErr,
};
use transfer::wire::UnixMillis;

use crate::audit::note;
use crate::entity::{batch, person};
use crate::word::{Word, millis, size, time};
use crate::{Action, Deed, Ledger, LedgerError, LinkId, PersonId, Quota, Usage, quota};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Admin,
    /// Uploads, and sees own batches.
    Uploader,
    /// Came by a link: uploads into its one project, as long as the link is good.
    Guest,
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
    /// The link that a guest came by.
    pub link: Option<LinkId>,
    /// The most that is taken from the person at all, over all projects.
    pub quota: Quota,
    /// The most that is taken from the person a day.
    pub daily_quota: Quota,
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
        let name = new.name.clone();
        record(row(new).insert(self.ledger.db()).await.map_err(|error| name_taken(error, &name))?)
    }

    /// Adds a person, as an admin wants it.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn invite(&self, deed: Deed<'_>, new: NewPerson) -> Result<PersonRecord, LedgerError> {
        let (name, role) = (new.name.clone(), new.role);
        let write = self.ledger.begin_write().await?;
        let row = row(new).insert(&write).await.map_err(|error| name_taken(error, &name))?;
        note(&write, deed, Action::PersonInvited, &name, role.to_word()).await?;
        write.commit().await?;
        record(row)
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

    /// Everybody with an account, by name; no guests.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(&self) -> Result<Vec<PersonRecord>, LedgerError> {
        let rows = person::Entity::find()
            .filter(person::Column::LinkId.is_null())
            .order_by_asc(person::Column::NameFolded)
            .all(self.ledger.db())
            .await?;
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

    /// Gives a person another role.
    ///
    /// # Errors
    /// `NoSuchPerson`, `LastAdmin`.
    pub async fn set_role(&self, deed: Deed<'_>, id: PersonId, role: Role) -> Result<(), LedgerError> {
        self.change(deed, id, Action::RoleChanged, role.to_word(), |person| person.role = role).await
    }

    /// Lets a person in no more, and ends all sessions of the person at once; or lets the person in again.
    ///
    /// # Errors
    /// `NoSuchPerson`, `LastAdmin`.
    pub async fn set_disabled(
        &self,
        deed: Deed<'_>,
        id: PersonId,
        disabled: bool,
    ) -> Result<(), LedgerError> {
        let action = if disabled { Action::PersonDisabled } else { Action::PersonEnabled };
        self.change(deed, id, action, "", |person| person.disabled = disabled).await
    }

    /// Ends all sessions of somebody, as an admin wants it.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn sign_out(&self, deed: Deed<'_>, id: PersonId) -> Result<(), LedgerError> {
        self.change(deed, id, Action::SessionsEnded, "", |_| {}).await
    }

    /// Decides how much is taken from a person, at all and a day. What was taken already stays.
    ///
    /// # Errors
    /// `NoSuchPerson`.
    pub async fn set_quota(
        &self,
        deed: Deed<'_>,
        id: PersonId,
        quota: Quota,
        daily: Quota,
    ) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let found = person::Entity::find_by_id(id.0)
            .filter(person::Column::LinkId.is_null())
            .lock_exclusive()
            .one(&write)
            .await?;
        let found = found.ok_or(LedgerError::NoSuchPerson)?;
        let name = found.name.clone();
        let mut change = found.into_active_model();
        change.quota_files = Set(quota.files.map(size));
        change.quota_bytes = Set(quota.bytes.map(size));
        change.daily_files = Set(daily.files.map(size));
        change.daily_bytes = Set(daily.bytes.map(size));
        change.update(&write).await?;
        note(&write, deed, Action::PersonQuotaChanged, &name, &summary(quota, daily)).await?;
        Ok(write.commit().await?)
    }

    /// What was taken from each person that counts against the quota, over all projects.
    ///
    /// # Errors
    /// `Database`.
    pub async fn used(&self) -> Result<HashMap<PersonId, Usage>, LedgerError> {
        let used = quota::held_by(self.ledger.db(), batch::Column::PersonId).await?;
        Ok(used.into_iter().map(|(id, usage)| (PersonId(id), usage)).collect())
    }

    /// What was taken from each person on the day of a moment.
    ///
    /// # Errors
    /// `Database`.
    pub async fn used_today(&self, now: UnixMillis) -> Result<HashMap<PersonId, Usage>, LedgerError> {
        let used = quota::by_person(self.ledger.db(), quota::day_of(now)).await?;
        Ok(used.into_iter().map(|(id, usage)| (PersonId(id), usage)).collect())
    }

    /// Changes a person and ends the sessions, which were begun by somebody with other rights.
    async fn change(
        &self,
        deed: Deed<'_>,
        id: PersonId,
        action: Action,
        detail: &str,
        change: impl FnOnce(&mut PersonRecord),
    ) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        // All admins are held, so that two of them cannot remove one another at the same moment.
        let admins = person::Entity::find()
            .filter(person::Column::Role.eq(Role::Admin.to_word()))
            .filter(person::Column::Disabled.eq(false))
            .order_by_asc(person::Column::Id)
            .lock_exclusive()
            .all(&write)
            .await?;
        let found =
            person::Entity::find_by_id(id.0).filter(person::Column::LinkId.is_null()).one(&write).await?;
        let mut person = record(found.ok_or(LedgerError::NoSuchPerson)?)?;
        change(&mut person);
        let stays_admin = person.role == Role::Admin && !person.disabled;
        if !stays_admin && admins.iter().all(|admin| admin.id == id.0) && !admins.is_empty() {
            return Err(LedgerError::LastAdmin);
        }
        person::Entity::update_many()
            .col_expr(person::Column::Role, Expr::value(person.role.to_word()))
            .col_expr(person::Column::Disabled, Expr::value(person.disabled))
            .col_expr(person::Column::SessionEpoch, Expr::col(person::Column::SessionEpoch).add(1))
            .filter(person::Column::Id.eq(id.0))
            .exec(&write)
            .await?;
        note(&write, deed, action, &person.name, detail).await?;
        Ok(write.commit().await?)
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

/// Quotas in a few words, for the audit log.
fn summary(quota: Quota, daily: Quota) -> String {
    let mut parts = Vec::new();
    for (quota, span) in [(quota, "in all"), (daily, "a day")] {
        parts.extend(quota.files.map(|files| format!("{files} files {span}")));
        parts.extend(quota.bytes.map(|bytes| format!("{bytes} bytes {span}")));
    }
    if parts.is_empty() { "none".to_owned() } else { parts.join(" · ") }
}

pub(crate) fn row(new: NewPerson) -> person::ActiveModel {
    person::ActiveModel {
        id: NotSet,
        name: Set(new.name.clone()),
        name_folded: Set(fold(&new.name)),
        role: Set(new.role.to_word().to_owned()),
        password_hash: Set(new.password_hash),
        session_epoch: Set(0),
        disabled: Set(false),
        created_at: Set(millis(new.created_at)),
        link_id: Set(None),
        email: Set(None),
        note: Set(None),
        quota_files: Set(None),
        quota_bytes: Set(None),
        daily_files: Set(None),
        daily_bytes: Set(None),
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
        link: row.link_id.map(LinkId),
        quota: Quota::of_columns(row.quota_files, row.quota_bytes),
        daily_quota: Quota::of_columns(row.daily_files, row.daily_bytes),
    })
}

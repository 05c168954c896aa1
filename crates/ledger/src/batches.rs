//! Batches: one upload run by one person into one project.

mod end;
mod find;
mod import;
mod tally;
mod verify;

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use transfer::wire::{BatchId, BatchState, GrantKind, KeyTemplate, ProjectId, UnixMillis};

pub use end::Undo;
pub(crate) use find::older_than_that;
pub use find::{BatchFilter, BatchSum};
pub use import::FoundItem;
pub use tally::{DaySum, ProjectSum};
pub use verify::Verification;

use crate::deliveries::queue;
use crate::entity::{batch, person};
use crate::word::{Word, count, millis, time};
use crate::{Event, Ledger, LedgerError, PersonId, TokenId, Usage};

/// A batch to be.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// The id, never used before.
    pub id: BatchId,
    /// Where to.
    pub project: ProjectId,
    /// Who.
    pub person: PersonId,
    /// With which token, if not with a session.
    pub token: Option<TokenId>,
    /// Where its objects go: `<project prefix>/<batch id>/`.
    pub prefix: String,
    /// What of its keys comes after that, with what is the batch's filled in.
    pub key_template: KeyTemplate,
    /// Its grant.
    pub grant: GrantKind,
    /// Now.
    pub opened_at: UnixMillis,
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The id.
    pub id: BatchId,
    /// Where to.
    pub project: ProjectId,
    /// Who.
    pub person: PersonId,
    /// Who, by sign-in name.
    pub person_name: String,
    /// With which token.
    pub token: Option<TokenId>,
    /// Where its objects go, with a slash at the end.
    pub prefix: String,
    /// What of its keys comes after that, fixed when it was opened.
    pub key_template: KeyTemplate,
    /// Its latest grant.
    pub grant: GrantKind,
    /// Its state.
    pub state: BatchState,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it stopped taking items.
    pub closed_at: Option<UnixMillis>,
    /// When the store was seen to hold all of it.
    pub verified_at: Option<UnixMillis>,
    /// Items that were announced and accepted.
    pub items: u64,
    /// Items that are stored, as far as is known.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When something was last announced, reported or granted, to the minute or so.
    pub active_at: UnixMillis,
    /// Bytes that were announced and accepted.
    pub announced_bytes: u64,
    /// Since when it gets no further grants, by an admin's word.
    pub revoked_at: Option<UnixMillis>,
    /// Whether what it stored is deleted again.
    pub undo: Option<Undo>,
    /// Files that went through the server; one that was sent again counts again.
    pub relayed: u64,
    /// What it was seen to hold that nobody announced: other objects, and what objects are longer than their items.
    pub beyond: Usage,
}

/// Which batches to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoseBatches {
    /// Everybody's.
    All,
    /// One person's.
    Of(PersonId),
}

/// Batches in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Batches<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Batches<'_> {
    /// Records a new batch.
    ///
    /// # Errors
    /// `Database`, also if id or prefix were used before, or project or person are not there.
    pub async fn open(&self, new: NewBatch) -> Result<(), LedgerError> {
        row(new).insert(self.ledger.db()).await?;
        Ok(())
    }

    /// A batch.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: &BatchId) -> Result<Option<Batch>, LedgerError> {
        let row = batch::Entity::find_by_id(id.as_str()).one(self.ledger.db()).await?;
        Ok(self.named(row.into_iter().collect()).await?.pop())
    }

    /// The latest batches, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn recent(&self, whose: WhoseBatches, limit: u64) -> Result<Vec<Batch>, LedgerError> {
        let mut query = batch::Entity::find()
            .order_by_desc(batch::Column::OpenedAt)
            .order_by_desc(batch::Column::Id)
            .limit(limit);
        if let WhoseBatches::Of(person) = whose {
            query = query.filter(batch::Column::PersonId.eq(person.0));
        }
        self.named(query.all(self.ledger.db()).await?).await
    }

    /// Notes which kind of grant the batch goes on with.
    ///
    /// # Errors
    /// `BatchNotOpen`.
    pub async fn set_grant(&self, id: &BatchId, grant: GrantKind) -> Result<(), LedgerError> {
        let update = batch::Entity::update_many()
            .col_expr(batch::Column::GrantKind, Expr::value(grant.to_word()))
            .filter(batch::Column::Id.eq(id.as_str()))
            .filter(batch::Column::State.eq(BatchState::Open.to_word()));
        one(id, update.exec(self.ledger.db()).await?.rows_affected)
    }

    /// Ends an open batch as it is.
    ///
    /// # Errors
    /// `BatchNotOpen`.
    pub async fn close(&self, id: &BatchId, now: UnixMillis) -> Result<(), LedgerError> {
        let update = batch::Entity::update_many()
            .col_expr(batch::Column::State, Expr::value(BatchState::Closed.to_word()))
            .col_expr(batch::Column::ClosedAt, Expr::value(millis(now)))
            .filter(batch::Column::Id.eq(id.as_str()))
            .filter(batch::Column::State.eq(BatchState::Open.to_word()));
        let write = self.ledger.begin_write().await?;
        one(id, update.exec(&write).await?.rows_affected)?;
        queue(&write, Event::BatchClosed, id, now).await?;
        Ok(write.commit().await?)
    }

    /// Ends an open batch as it is, unless somebody used it since that time: then `false`.
    ///
    /// # Errors
    /// `Database`.
    pub async fn give_up(
        &self,
        id: &BatchId,
        idle_since: UnixMillis,
        now: UnixMillis,
    ) -> Result<bool, LedgerError> {
        let update = batch::Entity::update_many()
            .col_expr(batch::Column::State, Expr::value(BatchState::Closed.to_word()))
            .col_expr(batch::Column::ClosedAt, Expr::value(millis(now)))
            .filter(batch::Column::Id.eq(id.as_str()))
            .filter(batch::Column::State.eq(BatchState::Open.to_word()))
            .filter(batch::Column::ActiveAt.lte(millis(idle_since)));
        let write = self.ledger.begin_write().await?;
        let ended = update.exec(&write).await?.rows_affected == 1;
        if ended {
            queue(&write, Event::BatchClosed, id, now).await?;
        }
        write.commit().await?;
        Ok(ended)
    }

    /// Notes that a batch is in use, if it is open.
    ///
    /// # Errors
    /// `Database`.
    pub async fn touch(&self, id: &BatchId, now: UnixMillis) -> Result<(), LedgerError> {
        batch::Entity::update_many()
            .col_expr(batch::Column::ActiveAt, Expr::value(millis(now)))
            .filter(batch::Column::Id.eq(id.as_str()))
            .filter(batch::Column::State.eq(BatchState::Open.to_word()))
            .exec(self.ledger.db())
            .await?;
        Ok(())
    }

    /// Notes that a file of a batch went through the server.
    ///
    /// # Errors
    /// `Database`.
    pub async fn note_relayed(&self, id: &BatchId) -> Result<(), LedgerError> {
        batch::Entity::update_many()
            .col_expr(batch::Column::RelayedCount, Expr::col(batch::Column::RelayedCount).add(1_i64))
            .filter(batch::Column::Id.eq(id.as_str()))
            .exec(self.ledger.db())
            .await?;
        Ok(())
    }

    /// Open batches that nobody has used since that time and no server has in hand, longest idle first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn abandoned(
        &self,
        idle_since: UnixMillis,
        now: UnixMillis,
        limit: u64,
    ) -> Result<Vec<Batch>, LedgerError> {
        let rows = batch::Entity::find()
            .filter(is_abandoned(idle_since, now))
            .order_by_asc(batch::Column::ActiveAt)
            .limit(limit)
            .all(self.ledger.db())
            .await?;
        self.named(rows).await
    }

    /// Takes an abandoned batch in hand until some time, so that no other server closes it as well; `false` if another
    /// one has, or somebody uses it again.
    ///
    /// # Errors
    /// `Database`.
    pub async fn claim(
        &self,
        id: &BatchId,
        idle_since: UnixMillis,
        now: UnixMillis,
        until: UnixMillis,
    ) -> Result<bool, LedgerError> {
        let update = batch::Entity::update_many()
            .col_expr(batch::Column::ClaimedUntil, Expr::value(millis(until)))
            .filter(batch::Column::Id.eq(id.as_str()))
            .filter(is_abandoned(idle_since, now));
        Ok(update.exec(self.ledger.db()).await?.rows_affected == 1)
    }

    /// Puts people's names to batches: one query for all of them.
    async fn named(&self, rows: Vec<batch::Model>) -> Result<Vec<Batch>, LedgerError> {
        let mut ids: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let names: HashMap<i64, String> = person::Entity::find()
            .filter(person::Column::Id.is_in(ids))
            .all(self.ledger.db())
            .await?
            .into_iter()
            .map(|person| (person.id, person.name))
            .collect();
        rows.into_iter()
            .map(|row| {
                let name = names.get(&row.person_id).cloned().unwrap_or_default();
                record(row, name)
            })
            .collect()
    }
}

/// The row of a batch that begins.
fn row(new: NewBatch) -> batch::ActiveModel {
    batch::ActiveModel {
        id: Set(new.id.into()),
        project_id: Set(new.project.into()),
        person_id: Set(new.person.0),
        token_id: Set(new.token.map(|token| token.0)),
        prefix: Set(new.prefix),
        key_template: Set(new.key_template.to_string()),
        grant_kind: Set(new.grant.to_word().to_owned()),
        state: Set(BatchState::Open.to_word().to_owned()),
        opened_at: Set(millis(new.opened_at)),
        closed_at: Set(None),
        verified_at: Set(None),
        item_count: Set(0),
        stored_count: Set(0),
        stored_bytes: Set(0),
        active_at: Set(millis(new.opened_at)),
        claimed_until: Set(None),
        item_bytes: Set(0),
        deleted_count: Set(0),
        thumbnails: Set(false),
        relayed_count: Set(0),
        beyond_count: Set(0),
        beyond_bytes: Set(0),
        revoked_at: Set(None),
        undo_begun_at: Set(None),
        undone_at: Set(None),
    }
}

/// The batch's row, held until the transaction ends (on SQLite the whole database is).
pub(crate) async fn lock(db: &impl ConnectionTrait, id: &BatchId) -> Result<batch::Model, LedgerError> {
    batch::Entity::find_by_id(id.as_str())
        .lock_exclusive()
        .one(db)
        .await?
        .ok_or_else(|| LedgerError::NoSuchBatch(id.clone()))
}

/// As [`lock`], and open.
pub(crate) async fn lock_open(db: &impl ConnectionTrait, id: &BatchId) -> Result<batch::Model, LedgerError> {
    let row = lock(db, id).await?;
    match BatchState::from_word(&row.state)? {
        BatchState::Open => Ok(row),
        BatchState::Closed | BatchState::Verified => Err(LedgerError::BatchNotOpen(id.clone())),
    }
}

fn is_abandoned(idle_since: UnixMillis, now: UnixMillis) -> Condition {
    let unclaimed = batch::Column::ClaimedUntil.is_null().or(batch::Column::ClaimedUntil.lte(millis(now)));
    Condition::all()
        .add(batch::Column::State.eq(BatchState::Open.to_word()))
        .add(batch::Column::ActiveAt.lte(millis(idle_since)))
        .add(unclaimed)
}

fn one(id: &BatchId, rows: u64) -> Result<(), LedgerError> {
    if rows == 1 { Ok(()) } else { Err(LedgerError::BatchNotOpen(id.clone())) }
}

/// The key template of a row.
pub(crate) fn key_template(row: &batch::Model) -> Result<KeyTemplate, LedgerError> {
    KeyTemplate::of_ledger(&row.key_template)
        .map_err(|_| LedgerError::Corrupt { column: "batches.key_template", found: row.key_template.clone() })
}

fn record(row: batch::Model, person_name: String) -> Result<Batch, LedgerError> {
    let key_template = key_template(&row)?;
    Ok(Batch {
        id: row
            .id
            .parse()
            .map_err(|_| LedgerError::Corrupt { column: "batches.id", found: row.id.clone() })?,
        project: row.project_id.parse().map_err(|_| LedgerError::Corrupt {
            column: "batches.project_id",
            found: row.project_id.clone(),
        })?,
        person: PersonId(row.person_id),
        person_name,
        token: row.token_id.map(TokenId),
        prefix: row.prefix,
        key_template,
        grant: GrantKind::from_word(&row.grant_kind)?,
        state: BatchState::from_word(&row.state)?,
        opened_at: time(row.opened_at),
        closed_at: row.closed_at.map(time),
        verified_at: row.verified_at.map(time),
        items: count(row.item_count),
        stored: count(row.stored_count),
        bytes: count(row.stored_bytes),
        active_at: time(row.active_at),
        announced_bytes: count(row.item_bytes),
        revoked_at: row.revoked_at.map(time),
        undo: row.undo_begun_at.map(|begun| Undo { begun_at: time(begun), done_at: row.undone_at.map(time) }),
        relayed: count(row.relayed_count),
        beyond: Usage { files: count(row.beyond_count), bytes: count(row.beyond_bytes) },
    })
}

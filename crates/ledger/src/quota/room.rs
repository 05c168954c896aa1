//! Room: how much more a batch may take, by everybody's quotas.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QuerySelect};

use super::{Quota, Usage, held, tally};
use crate::entity::{batch, link, person, project};
use crate::items::Announced;
use crate::word::count;
use crate::{LedgerError, links};

/// How much more may be announced.
pub(crate) struct Room {
    of_batch: u64,
    shares: Vec<Share>,
}

/// What a quota still has.
struct Share {
    span: Span,
    /// The most bytes that it ever takes: a larger file cannot wait for room.
    largest: Option<u64>,
    files: u64,
    bytes: u64,
    /// What is used above it.
    over: Usage,
}

/// What a quota is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Span {
    InAll,
    Day,
}

impl Room {
    /// Holds the rows whose quotas count, so that no other batch takes the same room.
    pub(crate) async fn of(
        db: &impl ConnectionTrait,
        owner: &batch::Model,
        max_items: u32,
        day: i64,
    ) -> Result<Self, LedgerError> {
        let of_batch = u64::from(max_items).saturating_sub(count(owner.item_count));
        Ok(Self { of_batch, shares: shares(db, owner, day).await? })
    }

    /// Takes room for a file of that many bytes.
    pub(crate) fn take(&mut self, size: u64) -> Result<(), Announced> {
        if self.of_batch == 0 {
            return Err(Announced::Full);
        }
        if let Some(max) = self.shares.iter().filter_map(|share| share.largest).min()
            && size > max
        {
            return Err(Announced::TooLarge { max });
        }
        let lacks = |span: Span| self.shares.iter().any(|share| share.span == span && !share.has(size));
        if lacks(Span::InAll) {
            return Err(Announced::OverQuota);
        }
        if lacks(Span::Day) {
            return Err(Announced::OverDailyQuota);
        }
        self.of_batch -= 1;
        for share in &mut self.shares {
            share.files -= 1;
            share.bytes -= size;
        }
        Ok(())
    }
}

/// Holds the rows whose quotas count for a batch, until the transaction ends.
pub(crate) async fn hold(
    db: &impl ConnectionTrait,
    owner: &batch::Model,
    day: i64,
) -> Result<(), LedgerError> {
    shares(db, owner, day).await.map(drop)
}

/// Whether more is used than the quotas of a batch's project, person and link allow.
pub(crate) async fn is_exceeded(
    db: &impl ConnectionTrait,
    owner: &batch::Model,
    day: i64,
) -> Result<bool, LedgerError> {
    Ok(shares(db, owner, day).await?.iter().any(|share| share.over != Usage::NONE))
}

/// The quotas that count for a batch. Their rows are held, always in this order: project, then person or link.
async fn shares(
    db: &impl ConnectionTrait,
    owner: &batch::Model,
    day: i64,
) -> Result<Vec<Share>, LedgerError> {
    let mut shares = Vec::new();
    let [in_all, daily] = quotas_of_project(project::Entity::find_by_id(&owner.project_id).one(db).await?);
    if in_all.is_limit() || daily.is_limit() {
        let row = project::Entity::find_by_id(&owner.project_id).lock(LockType::NoKeyUpdate).one(db).await?;
        let [in_all, daily] = quotas_of_project(row);
        let which = Condition::all()
            .add(batch::Column::ProjectId.eq(&owner.project_id))
            .add(batch::Column::UndoneAt.is_null());
        shares.push(Share::of(Span::InAll, in_all, held(db, which).await?));
        shares.push(Share::of(Span::Day, daily, tally::of_project(db, &owner.project_id, day).await?));
    }
    let Some(person) = person::Entity::find_by_id(owner.person_id).one(db).await? else {
        return Ok(shares);
    };
    if let Some(link) = person.link_id {
        if let Some(row) = link::Entity::find_by_id(link).lock(LockType::NoKeyUpdate).one(db).await? {
            let quota = Quota::of_columns(row.max_files, row.max_bytes);
            shares.push(Share::of(Span::InAll, quota, links::announced(db, link).await?));
        }
        return Ok(shares);
    }
    let [in_all, daily] = quotas_of_person(Some(&person));
    if in_all.is_limit() || daily.is_limit() {
        let row = person::Entity::find_by_id(person.id).lock(LockType::NoKeyUpdate).one(db).await?;
        let [in_all, daily] = quotas_of_person(row.as_ref());
        let which = Condition::all()
            .add(batch::Column::PersonId.eq(person.id))
            .add(batch::Column::UndoneAt.is_null());
        shares.push(Share::of(Span::InAll, in_all, held(db, which).await?));
        shares.push(Share::of(Span::Day, daily, tally::of_person(db, person.id, day).await?));
    }
    Ok(shares)
}

fn quotas_of_project(row: Option<project::Model>) -> [Quota; 2] {
    let Some(row) = row else { return [Quota::default(); 2] };
    [Quota::of_columns(row.quota_files, row.quota_bytes), Quota::of_columns(row.daily_files, row.daily_bytes)]
}

fn quotas_of_person(row: Option<&person::Model>) -> [Quota; 2] {
    let Some(row) = row else { return [Quota::default(); 2] };
    [Quota::of_columns(row.quota_files, row.quota_bytes), Quota::of_columns(row.daily_files, row.daily_bytes)]
}

impl Share {
    fn of(span: Span, quota: Quota, used: Usage) -> Self {
        let most = Usage { files: quota.files.unwrap_or(u64::MAX), bytes: quota.bytes.unwrap_or(u64::MAX) };
        let left = most.beyond(used);
        Self { span, largest: quota.bytes, files: left.files, bytes: left.bytes, over: used.beyond(most) }
    }

    fn has(&self, size: u64) -> bool {
        self.files > 0 && self.bytes >= size
    }
}

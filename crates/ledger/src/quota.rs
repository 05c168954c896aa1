//! Quotas: the most that a project, a person or a link takes, and what is used of it.
//!
//! What was announced counts, so that a quota holds before anything is sent; and so does what a batch was seen to hold
//! beyond that, which a grant in the wrong hands can add. An undone batch makes room again, except in the day's quota.

mod room;
mod tally;

use std::collections::HashMap;
use std::hash::Hash;

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use transfer::wire::UnixMillis;

use crate::LedgerError;
use crate::entity::batch;
use crate::word::{count, millis};

pub(crate) use room::{Room, hold, is_exceeded};
pub(crate) use tally::{add_to_day, by_person, by_project};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The most that is taken; `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// Files.
    pub files: Option<u64>,
    /// Bytes.
    pub bytes: Option<u64>,
}

/// What counts against a quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Usage {
    /// Nothing at all.
    pub const NONE: Self = Self { files: 0, bytes: 0 };

    /// What this is more than another.
    pub(crate) fn beyond(self, other: Self) -> Self {
        Self { files: self.files.saturating_sub(other.files), bytes: self.bytes.saturating_sub(other.bytes) }
    }
}

impl Quota {
    /// Whether there is any limit.
    pub(crate) fn is_limit(self) -> bool {
        self.files.is_some() || self.bytes.is_some()
    }

    /// From two columns.
    pub(crate) fn of_columns(files: Option<i64>, bytes: Option<i64>) -> Self {
        Self { files: files.map(count), bytes: bytes.map(count) }
    }
}

/// The day of a moment, counted from 1 January 1970 in UTC: a day's quota begins anew at midnight UTC.
pub(crate) fn day_of(time: UnixMillis) -> i64 {
    millis(time) / DAY
}

/// What batches hold together, as announced or beyond that.
pub(crate) async fn held(db: &impl ConnectionTrait, which: Condition) -> Result<Usage, LedgerError> {
    let sums: Option<(Option<i64>, Option<i64>)> = batch::Entity::find()
        .select_only()
        .column_as(files(), "files")
        .column_as(bytes(), "bytes")
        .filter(which)
        .into_tuple()
        .one(db)
        .await?;
    Ok(usage(sums.unwrap_or_default()))
}

/// What batches that are not undone hold together, for each value of a column.
pub(crate) async fn held_by<K>(
    db: &impl ConnectionTrait,
    column: batch::Column,
) -> Result<HashMap<K, Usage>, LedgerError>
where
    K: Eq + Hash + sea_orm::TryGetable + Send,
{
    let rows: Vec<(K, Option<i64>, Option<i64>)> = batch::Entity::find()
        .select_only()
        .column(column)
        .column_as(files(), "files")
        .column_as(bytes(), "bytes")
        .filter(batch::Column::UndoneAt.is_null())
        .group_by(column)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(key, files, bytes)| (key, usage((files, bytes)))).collect())
}

fn files() -> SimpleExpr {
    Expr::col(batch::Column::ItemCount).add(Expr::col(batch::Column::BeyondCount)).sum().cast_as("bigint")
}

fn bytes() -> SimpleExpr {
    Expr::col(batch::Column::ItemBytes).add(Expr::col(batch::Column::BeyondBytes)).sum().cast_as("bigint")
}

fn usage((files, bytes): (Option<i64>, Option<i64>)) -> Usage {
    Usage { files: count(files.unwrap_or_default()), bytes: count(bytes.unwrap_or_default()) }
}

//! Batches together: what is going on, and what came in.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use transfer::wire::{BatchState, ProjectId, UnixMillis};

use super::{Batch, Batches};
use crate::LedgerError;
use crate::entity::batch;
use crate::word::{Word, count, millis};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What came into a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectSum {
    /// The project.
    pub project: ProjectId,
    /// Batches that were opened.
    pub batches: u64,
    /// Items that they stored, as far as is known.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What came in on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySum {
    /// The day, counted from 1 January 1970 on the clock that was asked for.
    pub day: i64,
    /// Items that the batches of that day stored, as far as is known.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Batches<'_> {
    /// Open batches, those in use last first, at most `limit`; and how many there are.
    ///
    /// # Errors
    /// `Database`.
    pub async fn going_on(&self, limit: u64) -> Result<(Vec<Batch>, u64), LedgerError> {
        let open = batch::Entity::find().filter(batch::Column::State.eq(BatchState::Open.to_word()));
        let all = open.clone().count(self.ledger.db()).await?;
        let rows = open
            .order_by_desc(batch::Column::ActiveAt)
            .order_by_desc(batch::Column::Id)
            .limit(limit)
            .all(self.ledger.db())
            .await?;
        Ok((self.named(rows).await?, all))
    }

    /// What came into each project by batches that were opened since then and not undone; most bytes first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_project(&self, since: UnixMillis) -> Result<Vec<ProjectSum>, LedgerError> {
        let rows: Vec<(String, i64, Option<i64>, Option<i64>)> = batch::Entity::find()
            .select_only()
            .column(batch::Column::ProjectId)
            .column_as(batch::Column::Id.count(), "batches")
            .column_as(Expr::col(batch::Column::StoredCount).sum().cast_as("bigint"), "stored")
            .column_as(Expr::col(batch::Column::StoredBytes).sum().cast_as("bigint"), "bytes")
            .filter(batch::Column::OpenedAt.gte(millis(since)))
            .filter(batch::Column::UndoBegunAt.is_null())
            .group_by(batch::Column::ProjectId)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        let mut sums = Vec::with_capacity(rows.len());
        for (project, batches, stored, bytes) in rows {
            let project = project
                .parse()
                .map_err(|_| LedgerError::Corrupt { column: "batches.project_id", found: project.clone() })?;
            let [stored, bytes] = [stored, bytes].map(|sum| count(sum.unwrap_or_default()));
            sums.push(ProjectSum { project, batches: count(batches), stored, bytes });
        }
        sums.sort_by(|one, other| (other.bytes, &one.project).cmp(&(one.bytes, &other.project)));
        Ok(sums)
    }

    /// What came in on each day by batches that were opened since then and not undone, in order; days without any are
    /// left out. The clock is so many milliseconds ahead of UTC.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_day(&self, since: UnixMillis, ahead: i64) -> Result<Vec<DaySum>, LedgerError> {
        // Without parameters: PostgreSQL would not see that what is selected and grouped by is the same.
        let day = || Expr::cust(format!("(opened_at + ({ahead})) / {DAY}"));
        let rows: Vec<(i64, Option<i64>, Option<i64>)> = batch::Entity::find()
            .select_only()
            .column_as(day(), "day")
            .column_as(Expr::col(batch::Column::StoredCount).sum().cast_as("bigint"), "stored")
            .column_as(Expr::col(batch::Column::StoredBytes).sum().cast_as("bigint"), "bytes")
            .filter(batch::Column::OpenedAt.gte(millis(since)))
            .filter(batch::Column::UndoBegunAt.is_null())
            .group_by(day())
            .order_by_asc(day())
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        let sum = |(day, stored, bytes): (i64, Option<i64>, Option<i64>)| DaySum {
            day,
            stored: count(stored.unwrap_or_default()),
            bytes: count(bytes.unwrap_or_default()),
        };
        Ok(rows.into_iter().map(sum).collect())
    }
}

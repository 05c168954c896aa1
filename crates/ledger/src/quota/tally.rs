//! What each day took, by project and person.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select};

use super::{Usage, usage};
use crate::LedgerError;
use crate::entity::{batch, tally};
use crate::word::size;

/// Counts what a batch took on a day.
pub(crate) async fn add_to_day(
    db: &impl ConnectionTrait,
    owner: &batch::Model,
    day: i64,
    more: Usage,
) -> Result<(), LedgerError> {
    if more == Usage::NONE {
        return Ok(());
    }
    let (files, bytes) = (size(more.files), size(more.bytes));
    let sum = |column: tally::Column, more: i64| Expr::col((tally::Entity, column)).add(more);
    let same_day =
        OnConflict::columns([tally::Column::Day, tally::Column::ProjectId, tally::Column::PersonId])
            .value(tally::Column::Files, sum(tally::Column::Files, files))
            .value(tally::Column::Bytes, sum(tally::Column::Bytes, bytes))
            .to_owned();
    let row = tally::ActiveModel {
        day: Set(day),
        project_id: Set(owner.project_id.clone()),
        person_id: Set(owner.person_id),
        files: Set(files),
        bytes: Set(bytes),
    };
    tally::Entity::insert(row).on_conflict(same_day).exec_without_returning(db).await?;
    Ok(())
}

/// What a day took of a project.
pub(super) async fn of_project(
    db: &impl ConnectionTrait,
    project: &str,
    day: i64,
) -> Result<Usage, LedgerError> {
    sum(db, on(day).filter(tally::Column::ProjectId.eq(project))).await
}

/// What a day took of a person.
pub(super) async fn of_person(
    db: &impl ConnectionTrait,
    person: i64,
    day: i64,
) -> Result<Usage, LedgerError> {
    sum(db, on(day).filter(tally::Column::PersonId.eq(person))).await
}

/// What a day took of each project.
pub(crate) async fn by_project(
    db: &impl ConnectionTrait,
    day: i64,
) -> Result<HashMap<String, Usage>, LedgerError> {
    let column = tally::Column::ProjectId;
    let query = on(day).select_only().column(column).group_by(column);
    let rows: Vec<(String, Option<i64>, Option<i64>)> = sums(query).into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(id, files, bytes)| (id, usage((files, bytes)))).collect())
}

/// What a day took of each person.
pub(crate) async fn by_person(
    db: &impl ConnectionTrait,
    day: i64,
) -> Result<HashMap<i64, Usage>, LedgerError> {
    let column = tally::Column::PersonId;
    let query = on(day).select_only().column(column).group_by(column);
    let rows: Vec<(i64, Option<i64>, Option<i64>)> = sums(query).into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(id, files, bytes)| (id, usage((files, bytes)))).collect())
}

async fn sum(db: &impl ConnectionTrait, which: Select<tally::Entity>) -> Result<Usage, LedgerError> {
    Ok(usage(sums(which.select_only()).into_tuple().one(db).await?.unwrap_or_default()))
}

fn on(day: i64) -> Select<tally::Entity> {
    tally::Entity::find().filter(tally::Column::Day.eq(day))
}

fn sums(query: Select<tally::Entity>) -> Select<tally::Entity> {
    let sum = |column: tally::Column| Expr::col(column).sum().cast_as("bigint");
    query.column_as(sum(tally::Column::Files), "files").column_as(sum(tally::Column::Bytes), "bytes")
}

//! Finding batches among many: by what is known of them, page by page.
//!
//! A file's name is looked for by its beginning, with one look into an index for each batch. So the time that it takes
//! grows with the batches, not with their items.

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};
use transfer::wire::{BatchId, BatchState, ProjectId, UnixMillis};

use super::{Batch, Batches};
use crate::entity::{batch, item, person};
use crate::word::{Word, count, millis};
use crate::{LedgerError, LinkId, PersonId, search};

/// Which batches to find; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchFilter {
    /// Into this project.
    pub project: Option<ProjectId>,
    /// By this person.
    pub person: Option<PersonId>,
    /// By guests of this link.
    pub link: Option<LinkId>,
    /// In this state.
    pub state: Option<BatchState>,
    /// Opened then or later.
    pub since: Option<UnixMillis>,
    /// Opened before.
    pub until: Option<UnixMillis>,
    /// Whose id begins with it, by somebody whose name has it, or with a file whose name begins with it.
    pub about: Option<String>,
}

/// Batches together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchSum {
    /// How many.
    pub batches: u64,
    /// Items that were announced and accepted.
    pub items: u64,
    /// Items that are stored, as far as is known.
    pub stored: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// How many batches; items, stored ones, and their bytes, which are nothing where there is no batch.
type Sums = (i64, Option<i64>, Option<i64>, Option<i64>);

impl Batches<'_> {
    /// Batches, newest first, at most `limit`, older than one of them.
    ///
    /// # Errors
    /// `NoSuchBatch` if there is none to be older than.
    pub async fn find(
        &self,
        filter: &BatchFilter,
        older_than: Option<&BatchId>,
        limit: u64,
    ) -> Result<Vec<Batch>, LedgerError> {
        let mut query = batch::Entity::find()
            .filter(condition(filter))
            .order_by_desc(batch::Column::OpenedAt)
            .order_by_desc(batch::Column::Id)
            .limit(limit);
        if let Some(id) = older_than {
            query = query.filter(older_than_that(self.ledger.db(), id).await?);
        }
        self.named(query.all(self.ledger.db()).await?).await
    }

    /// All that [`find`](Self::find) would find, together.
    ///
    /// # Errors
    /// `Database`.
    pub async fn sum(&self, filter: &BatchFilter) -> Result<BatchSum, LedgerError> {
        let total = |column: batch::Column| Expr::col(column).sum().cast_as("bigint");
        let sums: Option<Sums> = batch::Entity::find()
            .select_only()
            .column_as(batch::Column::Id.count(), "batches")
            .column_as(total(batch::Column::ItemCount), "items")
            .column_as(total(batch::Column::StoredCount), "stored")
            .column_as(total(batch::Column::StoredBytes), "bytes")
            .filter(condition(filter))
            .into_tuple()
            .one(self.ledger.db())
            .await?;
        let (batches, items, stored, bytes) = sums.unwrap_or_default();
        let [items, stored, bytes] = [items, stored, bytes].map(|sum| count(sum.unwrap_or_default()));
        Ok(BatchSum { batches: count(batches), items, stored, bytes })
    }
}

/// Opened before that batch, in the order of all lists.
///
/// # Errors
/// `NoSuchBatch`.
pub(crate) async fn older_than_that(
    db: &impl ConnectionTrait,
    id: &BatchId,
) -> Result<Condition, LedgerError> {
    let last = batch::Entity::find_by_id(id.as_str()).one(db).await?;
    let last = last.ok_or_else(|| LedgerError::NoSuchBatch(id.clone()))?;
    let same = batch::Column::OpenedAt.eq(last.opened_at).and(batch::Column::Id.lt(last.id));
    // The first half says it twice, so that the index is entered where the page begins.
    Ok(Condition::all()
        .add(batch::Column::OpenedAt.lte(last.opened_at))
        .add(batch::Column::OpenedAt.lt(last.opened_at).or(same)))
}

fn condition(filter: &BatchFilter) -> Condition {
    let project = filter.project.as_ref().map(|project| batch::Column::ProjectId.eq(project.as_str()));
    let person = filter.person.map(|person| batch::Column::PersonId.eq(person.0));
    let link = filter.link.map(|link| batch::Column::PersonId.in_subquery(guests(link)));
    let state = filter.state.map(|state| batch::Column::State.eq(state.to_word()));
    let since = filter.since.map(|since| batch::Column::OpenedAt.gte(millis(since)));
    let until = filter.until.map(|until| batch::Column::OpenedAt.lt(millis(until)));
    let text = search::wanted(filter.about.as_deref());
    Condition::all()
        .add_option(project)
        .add_option(person)
        .add_option(link)
        .add_option(state)
        .add_option(since)
        .add_option(until)
        .add_option(text.as_deref().map(about))
}

fn about(text: &str) -> Condition {
    let named = Query::select()
        .column(person::Column::Id)
        .from(person::Entity)
        .and_where(search::holds(person::Column::Name, text))
        .take();
    Condition::any()
        .add(search::begins_with((batch::Entity, batch::Column::Id), text))
        .add(batch::Column::PersonId.in_subquery(named))
        .add(Expr::exists(files(&text.to_lowercase())))
}

/// Files of a batch whose name begins with a text.
fn files(text: &str) -> SelectStatement {
    // No character sorts behind the last one.
    let end = format!("{text}\u{10ffff}");
    Query::select()
        .expr(Expr::val(1))
        .from(item::Entity)
        .and_where(
            Expr::col((item::Entity, item::Column::BatchId)).equals((batch::Entity, batch::Column::Id)),
        )
        .and_where(Expr::col((item::Entity, item::Column::Name)).gte(text))
        .and_where(Expr::col((item::Entity, item::Column::Name)).lt(end))
        .take()
}

fn guests(link: LinkId) -> SelectStatement {
    Query::select()
        .column(person::Column::Id)
        .from(person::Entity)
        .and_where(person::Column::LinkId.eq(link.0))
        .take()
}

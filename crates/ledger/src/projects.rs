//! Projects: where uploads go, what they take, and who may use them.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use transfer::wire::{GrantKind, KeyTemplate, ProjectId, Relay, Rules, UnixMillis};

use crate::audit::note;
use crate::entity::{batch, member, person, project};
use crate::word::{Word, millis, size, time};
use crate::{Action, Deed, Holding, KeepDays, Ledger, LedgerError, PersonId, Quota, Retention, Usage, quota};

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    /// The id.
    pub id: ProjectId,
    /// The name, for people.
    pub name: String,
    /// Where in the bucket, without a slash at the end; `[A-Za-z0-9_/-]` only.
    pub prefix: String,
    /// What of its keys comes after the prefix of a batch.
    pub key_template: KeyTemplate,
    /// What it takes.
    pub rules: Rules,
    /// The kind of grant that its batches get.
    pub grant: GrantKind,
    /// Who may use it, besides admins.
    pub access: Access,
    /// The most that it takes at all.
    pub quota: Quota,
    /// The most that it takes a day.
    pub daily_quota: Quota,
    /// Whether browsers make thumbnails of what they send.
    pub thumbnails: bool,
    /// Whether files may go through the server.
    pub relay: Relay,
    /// How long it keeps what it stores.
    pub retention: Retention,
    /// Whether the bucket has the rule for that.
    pub holding: Holding,
    /// Since when it takes no new batches.
    pub archived_at: Option<UnixMillis>,
}

/// What an admin decides about a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDraft {
    /// The name, for people.
    pub name: String,
    /// Where in the bucket, without a slash at the end; `[A-Za-z0-9_/-]` only.
    pub prefix: String,
    /// What of its keys comes after the prefix of a batch.
    pub key_template: KeyTemplate,
    /// What it takes.
    pub rules: Rules,
    /// The kind of grant that its batches get.
    pub grant: GrantKind,
    /// Who may use it, besides admins.
    pub access: Access,
    /// The most that it takes at all.
    pub quota: Quota,
    /// The most that it takes a day.
    pub daily_quota: Quota,
    /// Whether browsers make thumbnails of what they send.
    pub thumbnails: bool,
    /// Whether files may go through the server.
    pub relay: Relay,
    /// How long it keeps what it stores.
    pub retention: Retention,
    /// Who is a member: all of them.
    pub members: Vec<PersonId>,
}

/// Who may use a project, besides admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Everybody with an account.
    Everyone,
    /// Its members.
    Members,
}

/// A member of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// The sign-in name.
    pub name: String,
}

/// Projects in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Projects<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Projects<'_> {
    /// A project.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: &ProjectId) -> Result<Option<ProjectRecord>, LedgerError> {
        project::Entity::find_by_id(id.as_str()).one(self.ledger.db()).await?.map(record).transpose()
    }

    /// All projects, by name.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(&self) -> Result<Vec<ProjectRecord>, LedgerError> {
        let rows = project::Entity::find()
            .order_by_asc(project::Column::Name)
            .order_by_asc(project::Column::Id)
            .all(self.ledger.db())
            .await?;
        rows.into_iter().map(record).collect()
    }

    /// Which projects a person is a member of.
    ///
    /// # Errors
    /// `Database`.
    pub async fn of_member(&self, person: PersonId) -> Result<Vec<String>, LedgerError> {
        let ids = member::Entity::find()
            .select_only()
            .column(member::Column::ProjectId)
            .filter(member::Column::PersonId.eq(person.0))
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        Ok(ids)
    }

    /// Whether a person is a member.
    ///
    /// # Errors
    /// `Database`.
    pub async fn is_member(&self, id: &ProjectId, person: PersonId) -> Result<bool, LedgerError> {
        let key = (id.as_str().to_owned(), person.0);
        Ok(member::Entity::find_by_id(key).one(self.ledger.db()).await?.is_some())
    }

    /// The members of every project, by name.
    ///
    /// # Errors
    /// `Database`.
    pub async fn members(&self) -> Result<HashMap<String, Vec<Member>>, LedgerError> {
        let rows: Vec<(String, i64, String)> = member::Entity::find()
            .select_only()
            .column(member::Column::ProjectId)
            .column(member::Column::PersonId)
            .column(person::Column::Name)
            .join(
                sea_orm::JoinType::InnerJoin,
                member::Entity::belongs_to(person::Entity)
                    .from(member::Column::PersonId)
                    .to(person::Column::Id)
                    .into(),
            )
            .order_by_asc(person::Column::NameFolded)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        let mut members: HashMap<String, Vec<Member>> = HashMap::new();
        for (project, person, name) in rows {
            members.entry(project).or_default().push(Member { person: PersonId(person), name });
        }
        Ok(members)
    }

    /// Adds a project.
    ///
    /// # Errors
    /// `ProjectTaken`, `NoSuchPerson`.
    pub async fn create(
        &self,
        deed: Deed<'_>,
        id: &ProjectId,
        draft: ProjectDraft,
    ) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        if project::Entity::find_by_id(id.as_str()).one(&write).await?.is_some() {
            return Err(LedgerError::ProjectTaken(id.clone()));
        }
        apart(&write, id, &draft.prefix).await?;
        let mut row = row(id, &draft)?;
        row.created_at = Set(millis(deed.at));
        row.archived_at = Set(None);
        row.keep_held = Set(false);
        row.insert(&write).await?;
        set_members(&write, id, &draft.members, deed.at).await?;
        note(&write, deed, Action::ProjectCreated, id.as_str(), &summary(&draft)).await?;
        Ok(write.commit().await?)
    }

    /// Changes a project. Batches that are there keep the prefix and the key template that they have.
    ///
    /// # Errors
    /// `NoSuchProject`, `ProjectTaken`, `NoSuchPerson`.
    pub async fn change(
        &self,
        deed: Deed<'_>,
        id: &ProjectId,
        draft: ProjectDraft,
    ) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let before = lock(&write, id).await?;
        apart(&write, id, &draft.prefix).await?;
        let mut row = row(id, &draft)?;
        // The rule in the bucket is for another prefix, or for other days, from now on.
        let same = before.prefix == draft.prefix && before.keep_days == days(draft.retention);
        row.keep_held = Set(same && before.keep_held);
        row.update(&write).await?;
        set_members(&write, id, &draft.members, deed.at).await?;
        note(&write, deed, Action::ProjectChanged, id.as_str(), &summary(&draft)).await?;
        Ok(write.commit().await?)
    }

    /// Has a project take no new batches any more, or take them again.
    ///
    /// # Errors
    /// `NoSuchProject`.
    pub async fn set_archived(
        &self,
        deed: Deed<'_>,
        id: &ProjectId,
        archived: bool,
    ) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        lock(&write, id).await?;
        let since = archived.then(|| millis(deed.at));
        project::Entity::update_many()
            .col_expr(project::Column::ArchivedAt, Expr::value(since))
            .filter(project::Column::Id.eq(id.as_str()))
            .exec(&write)
            .await?;
        let action = if archived { Action::ProjectArchived } else { Action::ProjectRestored };
        note(&write, deed, action, id.as_str(), "").await?;
        Ok(write.commit().await?)
    }

    /// Remembers whether the bucket has the rule of a retention; forgotten if the project says otherwise by now.
    ///
    /// # Errors
    /// `Database`.
    pub async fn set_holding(
        &self,
        id: &ProjectId,
        prefix: &str,
        retention: Retention,
        holding: Holding,
    ) -> Result<(), LedgerError> {
        let kept = match days(retention) {
            Some(days) => project::Column::KeepDays.eq(days),
            None => project::Column::KeepDays.is_null(),
        };
        project::Entity::update_many()
            .col_expr(project::Column::KeepHeld, Expr::value(holding == Holding::Seen))
            .filter(project::Column::Id.eq(id.as_str()))
            .filter(project::Column::Prefix.eq(prefix))
            .filter(kept)
            .exec(self.ledger.db())
            .await?;
        Ok(())
    }

    /// Other projects that have batches below that prefix, from a time when it was theirs.
    ///
    /// # Errors
    /// `Database`.
    pub async fn others_below(&self, id: &ProjectId, prefix: &str) -> Result<Vec<String>, LedgerError> {
        let folder = format!("{prefix}/");
        // Not LIKE, to which `_` is any character. A prefix is ASCII, and PostgreSQL counts in 32 bits here.
        let length = i32::try_from(folder.len()).unwrap_or(i32::MAX);
        let begin = Func::cust("substr").args([Expr::col(batch::Column::Prefix), 1.into(), length.into()]);
        let others = batch::Entity::find()
            .select_only()
            .column(batch::Column::ProjectId)
            .distinct()
            .filter(batch::Column::ProjectId.ne(id.as_str()))
            .filter(batch::Column::UndoneAt.is_null())
            .filter(Expr::expr(begin).eq(folder))
            .order_by_asc(batch::Column::ProjectId)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        Ok(others)
    }

    /// What each project holds that counts against its quota.
    ///
    /// # Errors
    /// `Database`.
    pub async fn used(&self) -> Result<HashMap<String, Usage>, LedgerError> {
        quota::held_by(self.ledger.db(), batch::Column::ProjectId).await
    }

    /// What each project took on the day of a moment.
    ///
    /// # Errors
    /// `Database`.
    pub async fn used_today(&self, now: UnixMillis) -> Result<HashMap<String, Usage>, LedgerError> {
        quota::by_project(self.ledger.db(), quota::day_of(now)).await
    }
}

/// The project's row, held until the transaction ends.
pub(crate) async fn lock(db: &impl ConnectionTrait, id: &ProjectId) -> Result<project::Model, LedgerError> {
    project::Entity::find_by_id(id.as_str())
        .lock_exclusive()
        .one(db)
        .await?
        .ok_or_else(|| LedgerError::NoSuchProject(id.clone()))
}

/// No other project may have a prefix that is the same or lies within the other: what one project's rights cover, no
/// other project owns.
async fn apart(db: &impl ConnectionTrait, id: &ProjectId, prefix: &str) -> Result<(), LedgerError> {
    let folder = format!("{prefix}/");
    for other in project::Entity::find().filter(project::Column::Id.ne(id.as_str())).all(db).await? {
        let taken = format!("{}/", other.prefix);
        if taken.starts_with(&folder) || folder.starts_with(&taken) {
            return Err(LedgerError::ProjectTaken(record(other)?.id));
        }
    }
    Ok(())
}

async fn set_members(
    db: &impl ConnectionTrait,
    id: &ProjectId,
    members: &[PersonId],
    now: UnixMillis,
) -> Result<(), LedgerError> {
    let known: Vec<i64> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.is_in(members.iter().map(|person| person.0)))
        .filter(person::Column::LinkId.is_null())
        .into_tuple()
        .all(db)
        .await?;
    if members.iter().any(|person| !known.contains(&person.0)) {
        return Err(LedgerError::NoSuchPerson);
    }
    member::Entity::delete_many().filter(member::Column::ProjectId.eq(id.as_str())).exec(db).await?;
    if !known.is_empty() {
        let rows = known.into_iter().map(|person| member::ActiveModel {
            project_id: Set(id.as_str().to_owned()),
            person_id: Set(person),
            added_at: Set(millis(now)),
        });
        member::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

fn row(id: &ProjectId, draft: &ProjectDraft) -> Result<project::ActiveModel, LedgerError> {
    let rules = serde_json::to_string(&draft.rules)
        .map_err(|error| LedgerError::Corrupt { column: "projects.rules", found: error.to_string() })?;
    Ok(project::ActiveModel {
        id: Set(id.as_str().to_owned()),
        name: Set(draft.name.clone()),
        prefix: Set(draft.prefix.clone()),
        key_template: Set(draft.key_template.to_string()),
        rules: Set(rules),
        grant_kind: Set(draft.grant.to_word().to_owned()),
        access: Set(draft.access.to_word().to_owned()),
        quota_files: Set(draft.quota.files.map(size)),
        quota_bytes: Set(draft.quota.bytes.map(size)),
        daily_files: Set(draft.daily_quota.files.map(size)),
        daily_bytes: Set(draft.daily_quota.bytes.map(size)),
        thumbnails: Set(draft.thumbnails),
        relay: Set(draft.relay.to_word().to_owned()),
        keep_days: Set(days(draft.retention)),
        ..Default::default()
    })
}

/// A draft in a few words, for the audit log.
fn summary(draft: &ProjectDraft) -> String {
    let access = match draft.access {
        Access::Everyone => "everyone".to_owned(),
        Access::Members => format!("{} members", draft.members.len()),
    };
    let relay = match draft.relay {
        Relay::Never => String::new(),
        Relay::WhenBlocked => format!(" · relay {}", draft.relay.to_word()),
    };
    let keys = if draft.key_template.is_path() { String::new() } else { draft.key_template.to_string() };
    let kept = draft.retention.days().map(|days| format!(" · kept {} days", days.get())).unwrap_or_default();
    format!("{}/{keys} · {} · {access}{relay}{kept}", draft.prefix, draft.grant.to_word())
}

/// A retention as a column.
fn days(retention: Retention) -> Option<i64> {
    retention.days().map(|days| i64::from(days.get()))
}

/// A column as a retention.
fn retention(column: Option<i64>) -> Result<Retention, LedgerError> {
    let Some(days) = column else { return Ok(Retention::ForEver) };
    let known = u32::try_from(days).ok().and_then(KeepDays::new);
    let corrupt = || LedgerError::Corrupt { column: "projects.keep_days", found: days.to_string() };
    Ok(Retention::Days(known.ok_or_else(corrupt)?))
}

fn record(row: project::Model) -> Result<ProjectRecord, LedgerError> {
    let rules = serde_json::from_str(&row.rules)
        .map_err(|_| LedgerError::Corrupt { column: "projects.rules", found: row.rules.clone() })?;
    // A prefix goes into session policies, where `*` and `$` mean something: whoever wrote the row, check it again.
    if row.prefix.is_empty() || !row.prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/".contains(&b))
    {
        return Err(LedgerError::Corrupt { column: "projects.prefix", found: row.prefix });
    }
    let key_template = row.key_template.parse().map_err(|_| LedgerError::Corrupt {
        column: "projects.key_template",
        found: row.key_template.clone(),
    })?;
    Ok(ProjectRecord {
        id: row
            .id
            .parse()
            .map_err(|_| LedgerError::Corrupt { column: "projects.id", found: row.id.clone() })?,
        name: row.name,
        prefix: row.prefix,
        key_template,
        rules,
        grant: GrantKind::from_word(&row.grant_kind)?,
        access: Access::from_word(&row.access)?,
        quota: Quota::of_columns(row.quota_files, row.quota_bytes),
        daily_quota: Quota::of_columns(row.daily_files, row.daily_bytes),
        thumbnails: row.thumbnails,
        relay: Relay::from_word(&row.relay)?,
        retention: retention(row.keep_days)?,
        holding: if row.keep_held { Holding::Seen } else { Holding::Unseen },
        archived_at: row.archived_at.map(time),
    })
}

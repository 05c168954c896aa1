//! Projects: where uploads go.

use sea_orm::{EntityTrait, QueryOrder};
use transfer::wire::{GrantKind, ProjectId, Rules};

use crate::entity::project;
use crate::word::Word;
use crate::{Ledger, LedgerError};

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    /// The id.
    pub id: ProjectId,
    /// The name, for people.
    pub name: String,
    /// Where in the bucket, without a slash at the end; `[A-Za-z0-9_/-]` only.
    pub prefix: String,
    /// What it takes.
    pub rules: Rules,
    /// The kind of grant that its batches get.
    pub grant: GrantKind,
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
}

fn record(row: project::Model) -> Result<ProjectRecord, LedgerError> {
    let rules = serde_json::from_str(&row.rules)
        .map_err(|_| LedgerError::Corrupt { column: "projects.rules", found: row.rules.clone() })?;
    // A prefix goes into session policies, where `*` and `$` mean something: whoever wrote the row, check it again.
    if row.prefix.is_empty() || !row.prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/".contains(&b))
    {
        return Err(LedgerError::Corrupt { column: "projects.prefix", found: row.prefix });
    }
    Ok(ProjectRecord {
        id: row
            .id
            .parse()
            .map_err(|_| LedgerError::Corrupt { column: "projects.id", found: row.id.clone() })?,
        name: row.name,
        prefix: row.prefix,
        rules,
        grant: GrantKind::from_word(&row.grant_kind)?,
    })
}

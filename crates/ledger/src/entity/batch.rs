//! Table `batches`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub project_id: String,
    pub person_id: i64,
    pub token_id: Option<i64>,
    pub prefix: String,
    pub key_template: String,
    pub grant_kind: String,
    pub state: String,
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    pub verified_at: Option<i64>,
    pub item_count: i64,
    pub stored_count: i64,
    pub stored_bytes: i64,
    pub active_at: i64,
    pub claimed_until: Option<i64>,
    pub item_bytes: i64,
    pub deleted_count: i64,
    pub thumbnails: bool,
    pub relayed_count: i64,
    pub beyond_count: i64,
    pub beyond_bytes: i64,
    pub revoked_at: Option<i64>,
    pub undo_begun_at: Option<i64>,
    pub undone_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

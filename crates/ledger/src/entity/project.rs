//! Table `projects`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub prefix: String,
    pub key_template: String,
    pub rules: String,
    pub grant_kind: String,
    pub created_at: i64,
    pub access: String,
    pub archived_at: Option<i64>,
    pub quota_files: Option<i64>,
    pub quota_bytes: Option<i64>,
    pub daily_files: Option<i64>,
    pub daily_bytes: Option<i64>,
    pub thumbnails: bool,
    pub relay: String,
    pub keep_days: Option<i64>,
    pub keep_held: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Table `people`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "people")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub name_folded: String,
    pub role: String,
    pub password_hash: Option<String>,
    pub session_epoch: i64,
    pub disabled: bool,
    pub created_at: i64,
    pub link_id: Option<i64>,
    pub email: Option<String>,
    pub note: Option<String>,
    pub quota_files: Option<i64>,
    pub quota_bytes: Option<i64>,
    pub daily_files: Option<i64>,
    pub daily_bytes: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

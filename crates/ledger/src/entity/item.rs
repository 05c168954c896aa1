//! Table `items`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub batch_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_index: i64,
    pub path: String,
    pub name: String,
    pub key: String,
    pub size: i64,
    pub modified: Option<i64>,
    pub media_type: String,
    pub state: String,
    pub failure: Option<String>,
    pub reported_etag: Option<String>,
    pub checksum: Option<String>,
    pub same_as: Option<String>,
    pub earlier: Option<String>,
    pub seen_etag: Option<String>,
    pub seen_size: Option<i64>,
    pub seen_at: Option<i64>,
    pub deleted_at: Option<i64>,
    pub replaced_by: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Table `deliveries`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub webhook_id: i64,
    pub message: String,
    pub event: String,
    pub batch_id: Option<String>,
    pub happened_at: i64,
    pub state: String,
    pub attempts: i64,
    pub earlier_attempts: i64,
    pub due_at: i64,
    pub claimed_until: Option<i64>,
    pub tried_at: Option<i64>,
    pub took: Option<i64>,
    pub status: Option<i64>,
    pub detail: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! What a token may be used for. Those that were made before may do what their person may.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let scope = string("scope").default("full").take();
        manager.alter_table(Table::alter().table("tokens").add_column(scope).take()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

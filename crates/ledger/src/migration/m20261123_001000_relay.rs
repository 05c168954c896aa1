//! Whether a project's files may go through the server, and how many of a batch did.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let relay = string("relay").default("never").take();
        manager.alter_table(Table::alter().table("projects").add_column(relay).take()).await?;
        let relayed = big_integer("relayed_count").default(0).take();
        manager.alter_table(Table::alter().table("batches").add_column(relayed).take()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

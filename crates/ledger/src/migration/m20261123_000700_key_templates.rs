//! Key templates: what of a key comes after the prefix of its batch. As keys may differ from paths now, items are found by
//! both.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["projects", "batches"] {
            let column = text("key_template").default("{path}").take();
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        let index =
            Index::create().name("items_batch_path").table("items").col("batch_id").col("path").take();
        manager.create_index(index).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

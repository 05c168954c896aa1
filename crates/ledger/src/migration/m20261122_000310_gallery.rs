//! The gallery: what was deleted one by one, and what is shown.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let deleted_at = Table::alter().table("items").add_column(big_integer_null("deleted_at")).take();
        manager.alter_table(deleted_at).await?;
        let deleted_count = big_integer("deleted_count").default(0).take();
        manager.alter_table(Table::alter().table("batches").add_column(deleted_count).take()).await?;
        let shown = "CREATE INDEX items_shown ON items (batch_id, key) \
                     WHERE state = 'stored' AND deleted_at IS NULL";
        manager.get_connection().execute_unprepared(shown).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

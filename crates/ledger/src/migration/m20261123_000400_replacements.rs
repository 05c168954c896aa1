//! Files that replace the copy of an earlier batch: what becomes of that, and by which batch it was replaced.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["earlier", "replaced_by"] {
            let table = Table::alter().table("items").add_column(string_null(column)).take();
            manager.alter_table(table).await?;
        }
        let few = "CREATE INDEX items_earlier ON items (earlier, batch_id) WHERE earlier IS NOT NULL";
        manager.get_connection().execute_unprepared(few).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

//! For admins who look for a batch, and take it back: files' names, what ends a batch, and the indexes for both.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["revoked_at", "undo_begun_at", "undone_at"] {
            let table = Table::alter().table("batches").add_column(big_integer_null(column)).take();
            manager.alter_table(table).await?;
        }
        for statement in names(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        for index in [
            Index::create().name("items_name").table("items").col("batch_id").col("name").take(),
            Index::create()
                .name("items_state")
                .table("items")
                .col("batch_id")
                .col("state")
                .col("item_index")
                .take(),
            Index::create().name("batches_state").table("batches").col("state").col("opened_at").take(),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What follows the last slash of a path, in small letters. Sorted by its bytes, so that an index finds what begins
/// with a text; SQLite sorts so by itself.
fn names(database: DbBackend) -> [&'static str; 2] {
    match database {
        DbBackend::Postgres => [
            r#"ALTER TABLE items ADD COLUMN name text COLLATE "C" NOT NULL DEFAULT ''"#,
            "UPDATE items SET name = lower(regexp_replace(path, '^.*/', ''))",
        ],
        _ => [
            "ALTER TABLE items ADD COLUMN name text NOT NULL DEFAULT ''",
            "UPDATE items SET name = lower(substr(path, length(rtrim(path, replace(path, '/', ''))) + 1))",
        ],
    }
}

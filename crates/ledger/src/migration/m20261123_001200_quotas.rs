//! Quotas of people, quotas a day, what each day took, and what batches hold that nobody announced.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let limits = [
            ("projects", "daily_files"),
            ("projects", "daily_bytes"),
            ("people", "quota_files"),
            ("people", "quota_bytes"),
            ("people", "daily_files"),
            ("people", "daily_bytes"),
        ];
        for (table, column) in limits {
            let column = big_integer_null(column).take();
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        for column in ["beyond_count", "beyond_bytes"] {
            let column = big_integer(column).default(0).take();
            manager.alter_table(Table::alter().table("batches").add_column(column).take()).await?;
        }
        manager.create_table(tallies()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn tallies() -> TableCreateStatement {
    Table::create()
        .table("tallies")
        .col(big_integer("day"))
        .col(string("project_id"))
        .col(big_integer("person_id"))
        .col(big_integer("files"))
        .col(big_integer("bytes"))
        .primary_key(Index::create().col("day").col("project_id").col("person_id"))
        .foreign_key(ForeignKey::create().from("tallies", "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from("tallies", "person_id").to("people", "id"))
        .take()
}

//! Links: guests' way into one project without an account; and who a guest is.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, string, string_null, text, text_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(links()).await?;
        for column in [big_integer_null("link_id"), string_null("email"), text_null("note")] {
            manager.alter_table(Table::alter().table("people").add_column(column).take()).await?;
        }
        manager.create_index(Index::create().name("people_link").table("people").col("link_id").take()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn links() -> TableCreateStatement {
    Table::create()
        .table("links")
        .col(big_pk_auto("id"))
        .col(ColumnDef::new("token_hash").binary_len(32).not_null().unique_key())
        .col(string("project_id"))
        .col(string("title"))
        .col(text("welcome"))
        .col(string("asks_name"))
        .col(string("asks_email"))
        .col(string("asks_note"))
        .col(text_null("password_hash"))
        .col(big_integer_null("max_files"))
        .col(big_integer_null("max_bytes"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("revoked_at"))
        .foreign_key(ForeignKey::create().from("links", "project_id").to("projects", "id"))
        .take()
}

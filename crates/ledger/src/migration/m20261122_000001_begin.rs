//! People, links, sessions, tokens, projects, batches, items; and the project to begin with.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, string, string_null, text, text_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        manager.execute(default_project()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("people")
            .col(big_pk_auto("id"))
            .col(string("name"))
            .col(string("name_folded").unique_key())
            .col(string("role"))
            .col(text_null("password_hash"))
            .col(big_integer("session_epoch").default(0))
            .col(boolean("disabled").default(false))
            .col(big_integer("created_at"))
            .take(),
        Table::create()
            .table("welcomes")
            .col(ColumnDef::new("token_hash").binary_len(32).not_null().primary_key())
            .col(big_integer("person_id"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("used_at"))
            .foreign_key(&mut person_of("welcomes"))
            .take(),
        Table::create()
            .table("sessions")
            .col(ColumnDef::new("id_hash").binary_len(32).not_null().primary_key())
            .col(text("data"))
            .col(big_integer("expires_at"))
            .take(),
        Table::create()
            .table("tokens")
            .col(big_pk_auto("id"))
            .col(string("prefix").unique_key())
            .col(ColumnDef::new("secret_hash").binary_len(32).not_null())
            .col(big_integer("person_id"))
            .col(string("name"))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .col(big_integer_null("revoked_at"))
            .col(big_integer_null("last_used_at"))
            .foreign_key(&mut person_of("tokens"))
            .take(),
        Table::create()
            .table("projects")
            .col(string("id").primary_key())
            .col(string("name"))
            .col(string("prefix"))
            .col(text("rules"))
            .col(string("grant_kind"))
            .col(big_integer("created_at"))
            .take(),
        batches(),
        items(),
    ]
}

fn batches() -> TableCreateStatement {
    Table::create()
        .table("batches")
        .col(string("id").primary_key())
        .col(string("project_id"))
        .col(big_integer("person_id"))
        .col(big_integer_null("token_id"))
        .col(string("prefix").unique_key())
        .col(string("grant_kind"))
        .col(string("state"))
        .col(big_integer("opened_at"))
        .col(big_integer_null("closed_at"))
        .col(big_integer_null("verified_at"))
        .col(big_integer("item_count").default(0))
        .col(big_integer("stored_count").default(0))
        .col(big_integer("stored_bytes").default(0))
        .foreign_key(&mut person_of("batches"))
        .foreign_key(ForeignKey::create().from("batches", "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from("batches", "token_id").to("tokens", "id"))
        .take()
}

fn items() -> TableCreateStatement {
    Table::create()
        .table("items")
        .col(string("batch_id"))
        .col(big_integer("item_index"))
        .col(text("path"))
        .col(text("key"))
        .col(big_integer("size"))
        .col(big_integer_null("modified"))
        .col(string("media_type"))
        .col(string("state"))
        .col(string_null("failure"))
        .col(string_null("reported_etag"))
        .col(string_null("seen_etag"))
        .col(big_integer_null("seen_size"))
        .col(big_integer_null("seen_at"))
        .primary_key(Index::create().col("batch_id").col("item_index"))
        .foreign_key(ForeignKey::create().from("items", "batch_id").to("batches", "id"))
        .take()
}

fn person_of(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "person_id").to("people", "id").take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create().name("sessions_expiry").table("sessions").col("expires_at").take(),
        Index::create().name("tokens_person").table("tokens").col("person_id").take(),
        Index::create().name("batches_person").table("batches").col("person_id").col("opened_at").take(),
        Index::create().name("batches_opened").table("batches").col("opened_at").take(),
        Index::create().name("items_key").table("items").col("batch_id").col("key").unique().take(),
    ]
}

/// Photographs of 1 byte to 5 GB, the most that one PUT takes.
fn default_project() -> InsertStatement {
    const RULES: &str =
        r#"{"media_types":["image/*"],"min_size":1,"max_size":5000000000,"max_items":100000}"#;
    Query::insert()
        .into_table("projects")
        .columns(["id", "name", "prefix", "rules", "grant_kind", "created_at"])
        .values_panic([
            "default".into(),
            "Photographs".into(),
            "photos".into(),
            RULES.into(),
            "credentials".into(),
            0_i64.into(),
        ])
        .take()
}

//! Webhooks, and what is delivered to them.

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
        manager.create_table(webhooks()).await?;
        manager.create_table(deliveries()).await?;
        let once = Index::create()
            .name("deliveries_once")
            .table("deliveries")
            .col("webhook_id")
            .col("message")
            .unique()
            .take();
        manager.create_index(once).await?;
        let due = "CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'pending'";
        manager.get_connection().execute_unprepared(due).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn webhooks() -> TableCreateStatement {
    Table::create()
        .table("webhooks")
        .col(big_pk_auto("id"))
        .col(string_null("project_id"))
        .col(text("url"))
        .col(string("events"))
        .col(boolean("enabled"))
        .col(string("secret"))
        .col(string_null("earlier_secret"))
        .col(big_integer_null("earlier_until"))
        .col(big_integer("created_at"))
        .foreign_key(ForeignKey::create().from("webhooks", "project_id").to("projects", "id"))
        .take()
}

fn deliveries() -> TableCreateStatement {
    Table::create()
        .table("deliveries")
        .col(big_pk_auto("id"))
        .col(big_integer("webhook_id"))
        .col(string("message"))
        .col(string("event"))
        .col(string_null("batch_id"))
        .col(big_integer("happened_at"))
        .col(string("state"))
        .col(big_integer("attempts"))
        .col(big_integer("earlier_attempts"))
        .col(big_integer("due_at"))
        .col(big_integer_null("claimed_until"))
        .col(big_integer_null("tried_at"))
        .col(big_integer_null("took"))
        .col(big_integer_null("status"))
        .col(text_null("detail"))
        .foreign_key(ForeignKey::create().from("deliveries", "webhook_id").to("webhooks", "id"))
        .take()
}

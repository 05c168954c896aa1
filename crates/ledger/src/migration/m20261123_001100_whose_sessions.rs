//! Whose a session is, so that people see where they are signed in. Sessions from before tell when they are used next.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let person = big_integer_null("person_id").take();
        manager.alter_table(Table::alter().table("sessions").add_column(person).take()).await?;
        let index = Index::create()
            .name("sessions_person")
            .table("sessions")
            .col("person_id")
            .col("expires_at")
            .take();
        manager.create_index(index).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

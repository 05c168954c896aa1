//! Identities: whom a provider of single sign-on means.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, string};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(identities()).await?;
        let whose = Index::create().name("identities_person").table("identities").col("person_id").take();
        manager.create_index(whose).await?;
        let one = Index::create()
            .name("identities_subject")
            .table("identities")
            .col("issuer")
            .col("subject")
            .unique()
            .take();
        manager.create_index(one).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn identities() -> TableCreateStatement {
    Table::create()
        .table("identities")
        .col(big_pk_auto("id"))
        .col(big_integer("person_id"))
        .col(string("issuer"))
        .col(string("subject"))
        .col(big_integer("created_at"))
        .foreign_key(ForeignKey::create().from("identities", "person_id").to("people", "id"))
        .take()
}

//! The admin's side: who may use which project, and the audit log.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, big_pk_auto, string, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Until now everybody might use every project, and so it stays until somebody says otherwise.
        for column in [
            string("access").default("everyone").take(),
            big_integer_null("archived_at"),
            big_integer_null("quota_files"),
            big_integer_null("quota_bytes"),
        ] {
            manager.alter_table(Table::alter().table("projects").add_column(column).take()).await?;
        }
        manager.create_table(members()).await?;
        manager.create_table(audit()).await?;
        for index in [
            Index::create().name("members_person").table("members").col("person_id").take(),
            Index::create().name("audit_at").table("audit").col("at").take(),
            Index::create()
                .name("batches_project")
                .table("batches")
                .col("project_id")
                .col("opened_at")
                .take(),
        ] {
            manager.create_index(index).await?;
        }
        append_only(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn members() -> TableCreateStatement {
    Table::create()
        .table("members")
        .col(string("project_id"))
        .col(big_integer("person_id"))
        .col(big_integer("added_at"))
        .primary_key(Index::create().col("project_id").col("person_id"))
        .foreign_key(ForeignKey::create().from("members", "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from("members", "person_id").to("people", "id"))
        .take()
}

/// Without foreign keys: it tells of people and things that are there no more.
fn audit() -> TableCreateStatement {
    Table::create()
        .table("audit")
        .col(big_pk_auto("id"))
        .col(big_integer("at"))
        .col(big_integer_null("person_id"))
        .col(string("person_name"))
        .col(string("via"))
        .col(string("action"))
        .col(text("subject"))
        .col(text("detail"))
        .take()
}

/// The database itself refuses to change or remove what the log says.
async fn append_only(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements: &[&str] = match manager.get_database_backend() {
        DbBackend::Postgres => &[
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
            "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit \
             FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
        ],
        _ => &[
            "CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit \
             BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
            "CREATE TRIGGER audit_not_removed BEFORE DELETE ON audit \
             BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        ],
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

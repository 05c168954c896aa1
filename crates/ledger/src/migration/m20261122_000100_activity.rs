//! When a batch was last active, which server is closing it, and how many bytes were announced.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "the trait elides it too, and async_trait tells the two apart")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            big_integer("active_at").default(0).take(),
            big_integer_null("claimed_until"),
            big_integer("item_bytes").default(0).take(),
        ] {
            manager.alter_table(Table::alter().table("batches").add_column(column).take()).await?;
        }
        let since_opened = Query::update().table("batches").value("active_at", Expr::col("opened_at")).take();
        manager.execute(since_opened).await?;
        let announced = Query::select()
            .expr(Func::coalesce([Expr::col("size").sum().cast_as("bigint"), Expr::value(0_i64)]))
            .from("items")
            .and_where(Expr::col(("items", "batch_id")).equals(("batches", "id")))
            .take();
        let bytes = Expr::SubQuery(None, Box::new(announced.into()));
        manager.execute(Query::update().table("batches").value("item_bytes", bytes).take()).await?;
        let index =
            Index::create().name("batches_active").table("batches").col("state").col("active_at").take();
        manager.create_index(index).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

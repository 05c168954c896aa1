//! A database for one test: a SQLite file, or, with `SLUICE_TEST_POSTGRES_URL`, a schema of that PostgreSQL server.
//!
//! The tests of the server share this file. `cargo xtask test` runs all of them twice, once for each.

use std::path::Path;

use ledger::DatabaseUrl;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// An empty database of its own; the file, if it is one, lies in that folder.
pub(crate) async fn fresh(folder: &Path) -> DatabaseUrl {
    let Ok(server) = std::env::var("SLUICE_TEST_POSTGRES_URL") else {
        return DatabaseUrl::of_file(&folder.join("a?b#c%.sqlite"));
    };
    // A schema costs next to nothing, a database some megabytes. They go when the server does.
    let schema = format!("t_{}", uuid::Uuid::new_v4().simple());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).await.unwrap();
    connection.close().await.unwrap();
    let separator = if server.contains('?') { '&' } else { '?' };
    format!("{server}{separator}options=-csearch_path%3D{schema}").parse().unwrap()
}

//! Opening the database: a SQLite file, or PostgreSQL.

mod address;

use std::path::Path;
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

pub use address::{DatabaseUrl, InvalidDatabaseUrl};

use crate::migration::Migrator;
use crate::{
    Audit, Batches, Deliveries, Identities, Images, Items, LedgerError, Links, People, Projects, Sessions,
    Tokens, Webhooks, Welcomes,
};

/// How long a writer waits for another one. A page of 1,000 items is written in some tens of milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections at a time to a SQLite file: it has one writer, so more would only wait.
const FILE_CONNECTIONS: u32 = 4;

/// Connections at a time to PostgreSQL, which takes 100 of all servers together if nothing else is set.
const SERVER_CONNECTIONS: u32 = 10;

/// The advisory lock that is held while the schema changes: `sluice` in ASCII. Other programs on the same database
/// have theirs.
const MIGRATING: i64 = 0x73_6c_75_69_63_65;

/// The database.
#[derive(Debug, Clone)]
pub struct Ledger {
    db: DatabaseConnection,
}

impl Ledger {
    /// Opens a SQLite file, which is made if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// `Database` if it cannot be opened or migrated.
    pub async fn open_file(path: &Path) -> Result<Self, LedgerError> {
        Self::open(&DatabaseUrl::of_file(path)).await
    }

    /// Opens a database and brings its schema up to date. Several servers may do so at the same time.
    ///
    /// # Errors
    /// `Database` if it cannot be opened or migrated.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, LedgerError> {
        let mut options = ConnectOptions::new(url.expose());
        options
            .max_connections(if url.is_file() { FILE_CONNECTIONS } else { SERVER_CONNECTIONS })
            .acquire_timeout(BUSY_TIMEOUT)
            .sqlx_logging(false)
            .record_stmt_in_spans(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                // Readers do not wait for the writer, and a crash of the process loses no commit.
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .foreign_keys(true)
                    .busy_timeout(BUSY_TIMEOUT)
            })
            .map_sqlx_postgres_opts(|postgres| postgres.application_name("sluice"));
        let db = Database::connect(options).await?;
        migrate(&db).await?;
        Ok(Self { db })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `Database` if it does not.
    pub async fn ping(&self) -> Result<(), LedgerError> {
        self.db.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes the database, after what is still running.
    ///
    /// # Errors
    /// `Database` if it does not close.
    pub async fn close(&self) -> Result<(), LedgerError> {
        Ok(self.db.close_by_ref().await?)
    }

    /// People.
    #[must_use]
    pub fn people(&self) -> People<'_> {
        People { ledger: self }
    }

    /// Identities of single sign-on.
    #[must_use]
    pub fn identities(&self) -> Identities<'_> {
        Identities { ledger: self }
    }

    /// One-time links.
    #[must_use]
    pub fn welcomes(&self) -> Welcomes<'_> {
        Welcomes { ledger: self }
    }

    /// Browsers' sessions.
    #[must_use]
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { ledger: self }
    }

    /// API tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { ledger: self }
    }

    /// Projects.
    #[must_use]
    pub fn projects(&self) -> Projects<'_> {
        Projects { ledger: self }
    }

    /// Batches.
    #[must_use]
    pub fn batches(&self) -> Batches<'_> {
        Batches { ledger: self }
    }

    /// Guests' links.
    #[must_use]
    pub fn links(&self) -> Links<'_> {
        Links { ledger: self }
    }

    /// Webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { ledger: self }
    }

    /// What is delivered to webhooks.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries<'_> {
        Deliveries { ledger: self }
    }

    /// What was done.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit { ledger: self }
    }

    /// Items.
    #[must_use]
    pub fn items(&self) -> Items<'_> {
        Items { ledger: self }
    }

    /// Images: what is stored, as a gallery.
    #[must_use]
    pub fn images(&self) -> Images<'_> {
        Images { ledger: self }
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// A transaction that will write. On SQLite it takes the write lock at once: one that began as a reader cannot
    /// wait for the lock later, SQLite refuses it.
    pub(crate) async fn begin_write(&self) -> Result<DatabaseTransaction, LedgerError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.db.begin_with_options(options).await?)
    }
}

/// Brings the schema up to date. Whoever comes second on PostgreSQL waits, and then finds nothing left to do; a SQLite
/// file has one server.
async fn migrate(db: &DatabaseConnection) -> Result<(), LedgerError> {
    match db.get_database_backend() {
        DbBackend::Postgres => {
            // A transaction of its own holds the lock, so that it goes with the connection if this process dies.
            let turn = db.begin().await?;
            turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATING})")).await?;
            Migrator::up(db, None).await?;
            turn.commit().await?;
        }
        _ => Migrator::up(db, None).await?,
    }
    Ok(())
}

//! Opening the database.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::migration::Migrator;
use crate::{Batches, Items, LedgerError, People, Projects, Sessions, Tokens, Welcomes};

/// How long a writer waits for another one. A page of 1,000 items is written in some tens of milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections at a time: SQLite has one writer, so more would only wait.
const CONNECTIONS: u32 = 4;

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
        // In a URL these characters mean something else.
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        Self::open(&format!("sqlite://{path}?mode=rwc")).await
    }

    /// Opens the database of that URL (`sqlite://<path>?mode=rwc`) and brings its schema up to date.
    ///
    /// # Errors
    /// `Database` if it cannot be opened or migrated.
    pub async fn open(url: &str) -> Result<Self, LedgerError> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(CONNECTIONS)
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
            });
        let db = Database::connect(options).await?;
        Migrator::up(&db, None).await?;
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

    /// Items.
    #[must_use]
    pub fn items(&self) -> Items<'_> {
        Items { ledger: self }
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// A transaction that will write. It takes the write lock at once: one that began as a reader cannot wait for
    /// the lock later, SQLite refuses it.
    pub(crate) async fn begin_write(&self) -> Result<DatabaseTransaction, LedgerError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.db.begin_with_options(options).await?)
    }
}

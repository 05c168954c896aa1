//! The index: which keys exist, and which blobs hold their bytes.
//!
//! SQLite in WAL mode. One thread writes, and commits what waits in one transaction, so that
//! concurrent writes share one sync. It is also what makes preconditions atomic: whoever is
//! first in its queue has won. Reads go to connections of their own and never wait for it.

pub(crate) mod bucket;
pub(crate) mod list;
pub(crate) mod multipart;
pub(crate) mod object;
mod reader;
mod reserve;
pub(crate) mod rules;
mod schema;
mod writer;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use time::OffsetDateTime;

pub(crate) use list::{ListFrom, ListQuery};
pub(crate) use multipart::{CompletePart, NewUpload, PartRow};
pub(crate) use object::{Headers, NewObject, ObjectRow, Piece, Precondition};
use reader::Readers;
use reserve::Reserve;
use rules::KnownRules;
pub(crate) use rules::{BucketRules, CorsRule, LifecycleRule};
pub(crate) use writer::Batch;
use writer::Writer;

use crate::blob::{BlobId, Blobs};
use crate::config::Durability;
use crate::error::StoreError;

/// Milliseconds since 1970, as rows keep times.
pub(crate) type Millis = i64;

/// The time that rows are written with.
pub(crate) fn now() -> Millis {
    Millis::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or(Millis::MAX)
}

/// The open index.
#[derive(Debug)]
pub(crate) struct Index {
    writer: Writer,
    readers: Readers,
    rules: KnownRules,
    reserve: Reserve,
}

impl Index {
    /// Opens or makes the index, and starts its writer thread.
    pub(crate) fn open(path: &Path, durability: Durability, blobs: &Arc<Blobs>) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        schema::prepare(&connection, durability)?;
        let reserve = Reserve::beside(path);
        reserve.fill();
        Ok(Self {
            reserve,
            rules: KnownRules::load(&connection)?,
            writer: Writer::start(connection, Arc::clone(blobs)),
            readers: Readers::new(path.to_owned()),
        })
    }

    /// Every blob that a row names. Blocks; for the sweep before serving.
    pub(crate) fn known_blobs(&self) -> Result<HashSet<BlobId>, StoreError> {
        self.readers.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT blob FROM object WHERE blob IS NOT NULL
                 UNION ALL SELECT blob FROM piece UNION ALL SELECT blob FROM part WHERE blob IS NOT NULL",
            )?;
            let rows = statement.query_map([], |row| row.get::<_, [u8; 16]>(0))?;
            rows.map(|bytes| Ok(BlobId::from_bytes(bytes?))).collect()
        })
    }

    /// Reads with a connection of the pool, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let this = Arc::clone(self);
        tokio::task::spawn_blocking(move || this.readers.with(query)).await.map_err(|_| StoreError::Closed)?
    }

    /// Runs `change` in the writer thread; answers once it is committed.
    ///
    /// # Errors
    /// What `change` answered, or why the commit failed. In both cases nothing of it remains.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Batch<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.run(change).await
    }
    /// The rules of a bucket, from memory; none for one that does not exist.
    pub(crate) fn rules(&self, bucket: &str) -> BucketRules {
        self.rules.of(bucket)
    }

    /// Every bucket with its rules.
    pub(crate) fn all_rules(&self) -> Vec<(String, BucketRules)> {
        self.rules.all()
    }

    /// Sets a bucket's CORS, or forgets it.
    pub(crate) async fn set_cors(
        self: &Arc<Self>,
        bucket: String,
        rules: Option<Vec<CorsRule>>,
    ) -> Result<(), StoreError> {
        let name = bucket.clone();
        self.write(move |batch| rules::set_cors(batch, &name, rules.as_deref())).await?;
        self.refresh_rules(bucket).await
    }

    /// Sets a bucket's lifecycle, or forgets it.
    pub(crate) async fn set_lifecycle(
        self: &Arc<Self>,
        bucket: String,
        rules: Option<Vec<LifecycleRule>>,
    ) -> Result<(), StoreError> {
        let name = bucket.clone();
        self.write(move |batch| rules::set_lifecycle(batch, &name, rules.as_deref())).await?;
        self.refresh_rules(bucket).await
    }

    /// Reads a bucket's rules into memory again, after a change or when it is gone.
    pub(crate) async fn refresh_rules(self: &Arc<Self>, bucket: String) -> Result<(), StoreError> {
        let this = Arc::clone(self);
        self.read(move |connection| this.rules.refresh(connection, &bucket)).await
    }

    /// Like [`Self::write`], for a change that frees room: it finds some even on a full disk.
    pub(crate) async fn free<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Batch<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.writer.run(change.clone()).await {
            Err(StoreError::Full) => {
                let reserve = self.reserve.clone();
                // In the writer's thread: nobody else's rows get that room first.
                let freed = self.writer.run(move |batch| {
                    reserve.release();
                    change(batch)
                });
                let freed = freed.await;
                self.keep_reserve().await;
                freed
            }
            done => done,
        }
    }

    /// Takes room for deleting again, if it was used and there is some.
    pub(crate) async fn keep_reserve(&self) {
        let reserve = self.reserve.clone();
        let _ = tokio::task::spawn_blocking(move || reserve.fill()).await;
    }
}

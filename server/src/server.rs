//! The server as a whole: put together, run, and stopped.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ledger::{DatabaseUrl, Ledger, LedgerError, NewPerson, PersonRecord, Role};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::bucket::{Bucket, BucketError};
use crate::config::{Config, PasswordSignIn, PublicUrl, StoreConfig};
use crate::desk::myself;
use crate::embedded::{self, Embedded, EmbeddedError};
use crate::grant::Grants;
use crate::oidc::Oidc;
use crate::round::Round;
use crate::session::{Gate, PasswordError, welcome};
use crate::state::AppState;
use crate::webhook::Messenger;
use crate::{clock, http, metrics, webhook};

/// How often what has ended is swept out.
const SWEEP_EACH: Duration = Duration::from_secs(600);

/// How long requests may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// The name of the first admin until the first sign-in, when it is chosen.
const FIRST_NAME: &str = "admin";

/// A server that is ready to answer.
#[derive(Debug)]
pub struct Server {
    /// What its handlers share.
    pub state: AppState,
    /// Where it listens, with the real port.
    pub address: SocketAddr,
    /// The one-time link of the first admin, if nobody can sign in yet.
    pub first_sign_in: Option<String>,
    /// The embedded store, if there is one.
    pub embedded: Option<Embedded>,
    /// Where `/metrics` is answered, with the real port.
    pub metrics_address: Option<SocketAddr>,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    stop: CancellationToken,
}

/// Why the server does not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The data folder.
    #[error("{path} cannot be made: {error}. Choose another folder with SLUICE_DATA_DIR.")]
    DataDir {
        /// The folder.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The address.
    #[error("cannot listen on {address}: {error}. Choose another with {variable}.")]
    Listen {
        /// The setting that says so.
        variable: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The database.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The embedded store.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The bucket that was configured.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// No randomness.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// While running.
    #[error("the server stopped: {0}")]
    Serve(#[source] io::Error),
}

impl Server {
    /// Opens the database, starts the embedded store if no bucket is configured, and listens.
    ///
    /// # Errors
    /// The first thing that does not work.
    pub async fn start(config: Config) -> Result<Self, ServerError> {
        let ledger = open_ledger(&config).await?;
        let (listener, address) = listen("SLUICE_LISTEN", config.listen.address).await?;
        let (metrics_listener, metrics_address) = match config.listen.metrics {
            Some(wanted) => listen("SLUICE_METRICS_LISTEN", wanted).await.map(|(a, b)| (Some(a), Some(b)))?,
            None => (None, None),
        };
        let public_url = config.listen.public_url.clone().unwrap_or_else(|| PublicUrl::of(address));
        let stop = CancellationToken::new();
        let (store, embedded) = match config.store.clone() {
            Some(store) => (store, None),
            None => {
                let embedded = embedded::start(&config, &public_url, stop.clone()).await?;
                (embedded.store.clone(), Some(embedded))
            }
        };
        let state = assemble(config, &store, public_url, ledger).await?;
        let first_sign_in = first_sign_in(&state).await?;
        Ok(Self {
            state,
            address,
            first_sign_in,
            embedded,
            metrics_address,
            listener,
            metrics_listener,
            stop,
        })
    }

    /// Everything that it answers, without a socket.
    pub fn router(&self) -> Router {
        http::router(&self.state)
    }

    /// Answers until `shutdown` ends, then lets requests under way finish for some seconds.
    ///
    /// # Errors
    /// If the socket fails.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), ServerError> {
        let router = self.router().into_make_service_with_connect_info::<SocketAddr>();
        let sweeper = tokio::spawn(sweep(self.state.clone()));
        let deliverer = tokio::spawn(webhook::deliver(self.state.clone()));
        let metrics = self.metrics_listener.map(|listener| {
            tokio::spawn(axum::serve(listener, metrics::endpoint::router(&self.state)).into_future())
        });
        let stop = self.stop.clone();
        let stopping = self.stop.clone();
        let serve = axum::serve(self.listener, router).with_graceful_shutdown(async move {
            shutdown.await;
            tracing::info!("stopping: requests under way may finish");
            stopping.cancel();
        });
        let late = async move {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let served = tokio::select! {
            served = serve.into_future() => served,
            () = late => Ok(()),
        };
        self.stop.cancel();
        sweeper.abort();
        deliverer.abort();
        if let Some(metrics) = metrics {
            // A scrape is short, and nobody is hurt by one that is cut.
            metrics.abort();
        }
        if let Some(embedded) = self.embedded
            && tokio::time::timeout(GRACE, embedded.task).await.is_err()
        {
            tracing::warn!("the embedded store did not stop in time");
        }
        self.state.ledger.close().await?;
        served.map_err(ServerError::Serve)
    }
}

/// What the handlers of a server or of a function share.
///
/// # Errors
/// If the store's configuration is impossible, or there is no randomness.
pub(crate) async fn assemble(
    config: Config,
    store: &StoreConfig,
    public_url: PublicUrl,
    ledger: Ledger,
) -> Result<AppState, ServerError> {
    // Leptos spawns on what it is told to; a second server in one process finds it told already.
    let _ = any_spawner::Executor::init_tokio();
    let bucket = Arc::new(Bucket::connect(store).await?);
    if let Some(class) = bucket.options().class.filter(|class| class.is_archive()) {
        tracing::warn!(
            "objects of the class {class} cannot be read before somebody restores them: galleries show none"
        );
    }
    let oidc = config.oidc.clone().map(|oidc| Arc::new(Oidc::new(oidc, &public_url)));
    Ok(AppState {
        grants: Arc::new(Grants::new(bucket, config.grants)),
        config: Arc::new(config),
        public_url,
        ledger: Arc::new(ledger),
        oidc,
        examining: Arc::default(),
        gate: Arc::new(Gate::new()?),
        messenger: Arc::new(Messenger::new()),
        relays: Arc::default(),
        metrics: Arc::default(),
    })
}

/// Listens; answers where, with the real port.
async fn listen(
    variable: &'static str,
    wanted: SocketAddr,
) -> Result<(TcpListener, SocketAddr), ServerError> {
    let failed = |error| ServerError::Listen { variable, address: wanted, error };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Whether there is a database already, or one is configured.
#[must_use]
pub fn has_ledger(config: &Config) -> bool {
    config.database.is_some() || ledger_file(config).exists()
}

fn ledger_file(config: &Config) -> PathBuf {
    config.data_dir.join("sluice.sqlite")
}

/// Opens the database: the one that is configured, or else a file in the data folder, which is made if it is not
/// there.
///
/// # Errors
/// If the folder or the database cannot be used.
pub async fn open_ledger(config: &Config) -> Result<Ledger, ServerError> {
    let folder = &config.data_dir;
    // The embedded store is in there, too.
    if config.database.is_none() || config.store.is_none() {
        make_private(folder)
            .map_err(|error| ServerError::DataDir { path: folder.display().to_string(), error })?;
    }
    let file = || DatabaseUrl::of_file(&ledger_file(config));
    Ok(Ledger::open(&config.database.clone().unwrap_or_else(file)).await?)
}

/// Makes a folder that only this user may open: password hashes and sessions are in it.
fn make_private(folder: &std::path::Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A one-time link for the first admin, as long as nobody can sign in.
async fn first_sign_in(state: &AppState) -> Result<Option<String>, LedgerError> {
    let identities = state.ledger.identities().people().await?;
    let people = state.ledger.people().list().await?;
    let passwords = state.config.sessions.passwords == PasswordSignIn::On;
    let can_sign_in = |person: &PersonRecord| {
        identities.contains(&person.id) || (passwords && person.password_hash.is_some())
    };
    if people.iter().any(can_sign_in) {
        return Ok(None);
    }
    let admin: PersonRecord = match people.into_iter().find(|person| person.role == Role::Admin) {
        Some(admin) => admin,
        None => {
            let new = NewPerson {
                name: FIRST_NAME.to_owned(),
                role: Role::Admin,
                password_hash: None,
                created_at: clock::now(),
            };
            state.ledger.people().create(new).await?
        }
    };
    Ok(Some(welcome(&state.ledger, &myself(), admin.id, &state.public_url).await?))
}

/// Forgets what has ended, closes abandoned batches, and deletes what was replaced, now and then.
async fn sweep(state: AppState) {
    loop {
        Round::sweep(&state).await;
        tokio::time::sleep(SWEEP_EACH).await;
    }
}

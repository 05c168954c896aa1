//! The embedded store, for when no bucket is configured.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;

use devstore::{BucketName, BucketNameError, DevStore, OpenError};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::{Acceleration, Addressing, Config, PublicUrl, StoreConfig, StoreKeys};
use crate::setup;

/// The bucket of the embedded store.
pub const BUCKET: &str = "sluice";

/// Ends of the other addresses of 127.0.0.0/8 that the store answers at.
const NEIGHBOURS: RangeInclusive<u8> = 2..=4;

/// An embedded store that answers.
#[derive(Debug)]
pub struct Embedded {
    /// How the server reaches it.
    pub store: StoreConfig,
    /// Where it answers.
    pub address: SocketAddr,
    /// Where tests change its faults and read its log, if it was started with any.
    pub control: Option<String>,
    /// Ends with the store.
    pub task: tokio::task::JoinHandle<io::Result<()>>,
}

/// Why there is no embedded store.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Its address.
    #[error(
        "the embedded store cannot listen on {address}: {error}. Choose another with SLUICE_STORE_LISTEN."
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Its faults.
    #[error("faults cannot be controlled: {0}")]
    Control(#[source] io::Error),
    /// Its data.
    #[error("the embedded store cannot be opened: {0}")]
    Open(#[from] OpenError),
    /// Its bucket.
    #[error(transparent)]
    Bucket(#[from] BucketNameError),
}

/// Starts the embedded store; pages of that origin may talk to it.
///
/// # Errors
/// If its address is taken or its data cannot be used.
pub async fn start(
    config: &Config,
    page: &PublicUrl,
    stop: CancellationToken,
) -> Result<Embedded, EmbeddedError> {
    let wanted = config.embedded.address;
    let failed = |error| EmbeddedError::Listen { address: wanted, error };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let mut settings = devstore::StoreConfig::new(config.data_dir.join("store"), BucketName::new(BUCKET)?);
    settings.allowed_origins = origins(page);
    settings.min_session = settings.min_session.min(config.grants.session);
    if !config.embedded.options.tags.is_empty() {
        settings.role_policy = Some(setup::tagging_role(BUCKET).to_string());
    }
    settings.faults = config.embedded.faults.clone();
    let store = DevStore::open(settings).await?;
    let control = control(&store).await.map_err(EmbeddedError::Control)?;
    let identity = store.identity().clone();
    let endpoint = PublicUrl::of(address).to_string();
    let neighbours = serve_neighbours(&store, address, &stop).await;
    let mut public_bases = config.embedded.public_bases.clone();
    if public_bases.is_empty() {
        // Elsewhere, 127.0.0.2 is another machine's.
        let also = neighbours.addresses.iter().filter(|_| page.is_loopback());
        let names = [address].iter().chain(also).map(|address| PublicUrl::of(*address)).collect::<Vec<_>>();
        public_bases.extend(names.iter().map(|name| format!("{name}/{}", identity.bucket)));
    }
    let task = tokio::spawn(async move {
        let ended = store.serve(listener, stop.cancelled_owned()).await;
        // The data folder is free again when the last of them has ended.
        neighbours.serving.join_all().await;
        ended
    });
    let store = StoreConfig {
        public_bases,
        bucket: identity.bucket,
        region: identity.region,
        endpoint: Some(endpoint.clone()),
        addressing: Addressing::Path,
        acceleration: Acceleration::Off,
        role_arn: Some(identity.role_arn),
        server_role_arn: None,
        kms_key_arn: None,
        options: config.embedded.options.clone(),
        sts_endpoint: Some(endpoint),
        keys: Some(StoreKeys {
            access_key_id: identity.access_key_id,
            secret_access_key: SecretString::from(identity.secret_access_key.expose().to_owned()),
        }),
    };
    Ok(Embedded { store, address, control, task })
}

/// The other addresses that a store answers at.
#[derive(Debug, Default)]
pub struct Neighbours {
    /// In order.
    pub addresses: Vec<SocketAddr>,
    /// Ends with the store.
    pub serving: JoinSet<()>,
}

/// Lets the store on 127.0.0.1 answer at 127.0.0.2 to 127.0.0.4 too, on the same port, until `stop`.
///
/// Browsers open six connections to each host name. Linux and Windows have all of these; one that is missing (macOS has
/// none) or taken is left out.
pub async fn serve_neighbours(store: &DevStore, address: SocketAddr, stop: &CancellationToken) -> Neighbours {
    let mut neighbours = Neighbours::default();
    if address.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST) {
        return neighbours;
    }
    for end in NEIGHBOURS {
        let neighbour = SocketAddr::from(([127, 0, 0, end], address.port()));
        match TcpListener::bind(neighbour).await {
            Ok(listener) => {
                let (store, stop) = (store.clone(), stop.clone());
                neighbours.addresses.push(neighbour);
                neighbours.serving.spawn(async move {
                    if let Err(error) = store.serve(listener, stop.cancelled_owned()).await {
                        tracing::error!(%error, "the embedded store no longer answers at {neighbour}");
                    }
                });
            }
            Err(error) => tracing::debug!(%error, "the embedded store does not answer at {neighbour}"),
        }
    }
    neighbours
}

/// Lets tests change the faults of a store that has them; answers where.
///
/// # Errors
/// If loopback has no port left.
pub async fn control(store: &DevStore) -> io::Result<Option<String>> {
    let Some(faults) = store.faults().cloned() else { return Ok(None) };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    // Any page may send requests to loopback; nobody but the tests knows this.
    let token = Uuid::new_v4().simple().to_string();
    let url = format!("http://{}/{token}", listener.local_addr()?);
    tokio::spawn(async move {
        if let Err(error) = faults.serve_control(listener, &token).await {
            tracing::error!(%error, "faults can no longer be controlled");
        }
    });
    Ok(Some(url))
}

/// The page's origin; on loopback, people may have opened it under either name.
fn origins(page: &PublicUrl) -> Vec<String> {
    let page = page.to_string();
    let other = match page.split_once("://127.0.0.1") {
        Some((scheme, rest)) => Some(format!("{scheme}://localhost{rest}")),
        None => page.split_once("://localhost").map(|(scheme, rest)| format!("{scheme}://127.0.0.1{rest}")),
    };
    [Some(page), other].into_iter().flatten().collect()
}

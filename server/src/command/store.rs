//! `sluice store`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use devstore::{BucketName, DevStore, Durability, StoreConfig};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::faults::FaultsOption;
use super::stop::stopped;
use super::{Failure, say};
use crate::config::{Config, PublicUrl};
use crate::embedded::{self, BUCKET};

#[derive(Debug, Args)]
pub(super) struct StoreArguments {
    /// Where objects and keys are kept [default: `store` in SLUICE_DATA_DIR].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Where it listens; port 0 takes any free one [default: SLUICE_STORE_LISTEN].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The bucket that is there from the start, and that the role may write to.
    #[arg(long, default_value = BUCKET)]
    bucket: String,
    /// The region that signatures name.
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// An origin whose pages may talk to it, such as http://localhost:8080; `*` for every one. May be given again.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// What an acknowledged write survives.
    #[arg(long, value_enum, default_value = "power-cut")]
    durability: DurabilityWord,
    #[command(flatten)]
    faults: FaultsOption,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DurabilityWord {
    /// A power cut: every write is synced.
    PowerCut,
    /// A killed process, not a power cut: for tests and benchmarks.
    ProcessKill,
}

pub(super) async fn run(arguments: StoreArguments, config: &Config) -> Result<(), Failure> {
    let data = arguments.data.unwrap_or_else(|| config.data_dir.join("store"));
    let mut settings = StoreConfig::new(&data, BucketName::new(arguments.bucket)?);
    settings.region = arguments.region;
    settings.allowed_origins = arguments.origins;
    settings.faults = arguments.faults.read()?;
    settings.durability = match arguments.durability {
        DurabilityWord::PowerCut => Durability::PowerCut,
        DurabilityWord::ProcessKill => Durability::ProcessKill,
    };
    let wanted = arguments.listen.unwrap_or(config.embedded.address);
    let listener = TcpListener::bind(wanted)
        .await
        .map_err(|error| format!("cannot listen on {wanted}: {error}. Choose another with --listen."))?;
    let address = listener.local_addr()?;
    let store = DevStore::open(settings).await.map_err(|error| format!("{}: {error}", data.display()))?;
    let control = embedded::control(&store).await?;
    tell(&store, &PublicUrl::of(address), &data, control.as_deref());
    let stop = CancellationToken::new();
    let neighbours = embedded::serve_neighbours(&store, address, &stop).await;
    let ended = store.serve(listener, stopped()?).await;
    stop.cancel();
    neighbours.serving.join_all().await;
    Ok(ended?)
}

/// What a client needs, as a shell takes it.
fn tell(store: &DevStore, url: &PublicUrl, data: &std::path::Path, control: Option<&str>) {
    let identity = store.identity();
    say(&format!("# Objects are kept in {}. Bucket: {}", data.display(), identity.bucket));
    say(&format!("# Role for AssumeRole: {}", identity.role_arn));
    if let Some(control) = control {
        say(&format!("# Faults for tests: {control}"));
    }
    for (name, value) in [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_REGION", &identity.region),
        ("AWS_DEFAULT_REGION", &identity.region),
        ("AWS_ACCESS_KEY_ID", &identity.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", identity.secret_access_key.expose()),
    ] {
        say(&format!("export {name}='{value}'"));
    }
}

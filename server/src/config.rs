//! Configuration: one struct for each concern, from `SLUICE_*` variables and an optional TOML file.

mod store;

use std::path::PathBuf;
use std::time::Duration;

pub use store::{Addressing, StoreConfig, StoreKeys};

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database and the embedded store live.
    pub data_dir: PathBuf,
    /// The bucket; `None` starts the embedded store.
    pub store: Option<StoreConfig>,
    /// How long grants live.
    pub grants: GrantsConfig,
}

/// How long grants live.
#[derive(Debug, Clone, Copy)]
pub struct GrantsConfig {
    /// STS sessions; the store's own limits apply too (AWS: 15 minutes to 12 hours, one hour with role chaining).
    pub session: Duration,
    /// Presigned URLs.
    pub url: Duration,
}

//! Configuration: one struct for each concern, from `SLUICE_*` variables and an optional TOML file.
//!
//! One table, [`VARIABLES`], says of every variable what it is, what it accepts and where it goes; parsing,
//! `sluice config` and `docs/configuration.md` all follow it. The environment wins over the file, the file over the
//! defaults. A key of the file is the variable's name in lower case without `SLUICE_`.

mod draft;
mod listen;
mod load;
mod oidc;
mod show;
mod store;
mod value;
mod variable;

use std::path::PathBuf;
use std::time::Duration;

use ledger::DatabaseUrl;

pub use draft::Draft;
pub use listen::{ClientAddress, ListenConfig, PublicUrl};
pub use load::{ConfigError, Loaded, Source};
pub use oidc::{Newcomers, OidcConfig, RoleRules};
pub use show::{markdown, shown};
pub use store::{Acceleration, Addressing, EmbeddedConfig, StoreConfig, StoreKeys};
pub(crate) use value::is_private;
pub use variable::{VARIABLES, Variable};

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens, and where people reach it.
    pub listen: ListenConfig,
    /// Where the database and the embedded store live.
    pub data_dir: PathBuf,
    /// The database; `None` is a SQLite file in the data folder.
    pub database: Option<DatabaseUrl>,
    /// The bucket; `None` starts the embedded store.
    pub store: Option<StoreConfig>,
    /// The embedded store.
    pub embedded: EmbeddedConfig,
    /// How long grants live.
    pub grants: GrantsConfig,
    /// How long batches stay open.
    pub batches: BatchesConfig,
    /// How long people stay signed in.
    pub sessions: SessionsConfig,
    /// Single sign-on, if there is a provider.
    pub oidc: Option<OidcConfig>,
    /// How webhooks are called.
    pub webhooks: WebhooksConfig,
    /// What is logged.
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Draft::default().finish()
    }
}

/// How long grants live.
#[derive(Debug, Clone, Copy)]
pub struct GrantsConfig {
    /// STS sessions; the store's own limits apply too (AWS: 15 minutes to 12 hours, one hour with role chaining).
    pub session: Duration,
    /// Presigned URLs.
    pub url: Duration,
}

/// How long batches stay open.
#[derive(Debug, Clone, Copy)]
pub struct BatchesConfig {
    /// Without a word of the browser; then the server closes them.
    pub idle: Duration,
}

/// How long people stay signed in.
#[derive(Debug, Clone, Copy)]
pub struct SessionsConfig {
    /// Without a request.
    pub idle: Duration,
    /// At all, whatever happens.
    pub longest: Duration,
    /// Whether people may sign in with passwords.
    pub passwords: PasswordSignIn,
}

/// Whether people may sign in with passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordSignIn {
    /// They may.
    On,
    /// By single sign-on only.
    Off,
}

/// How webhooks are called.
#[derive(Debug, Clone)]
pub struct WebhooksConfig {
    /// Where they may lead.
    pub reach: Reach,
    /// How long one attempt may take, from the search for the host to the answer's status.
    pub patience: Duration,
    /// How long to wait after each attempt that failed; after as many, and one more, it is given up.
    pub waits: Vec<Duration>,
}

/// Where webhooks may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To addresses that anybody on the Internet can reach, and over TLS.
    Outside,
    /// To this machine and its network, too, and without TLS.
    Anywhere,
}

/// What is logged, to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// A `tracing` filter such as `info,server=debug`.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

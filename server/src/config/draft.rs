//! A configuration in the making.

use std::path::PathBuf;
use std::time::Duration;

use ledger::DatabaseUrl;

use super::oidc::OidcDraft;
use super::{
    Acceleration, Addressing, BatchesConfig, ClientAddress, Config, EmbeddedConfig, GrantsConfig,
    ListenConfig, LogConfig, LogFormat, PasswordSignIn, Reach, SessionsConfig, StoreConfig, WebhooksConfig,
};
use crate::bucket::ObjectOptions;

/// A configuration in the making.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) listen: ListenConfig,
    pub(super) data_dir: PathBuf,
    pub(super) database: Option<DatabaseUrl>,
    pub(super) bucket: Option<String>,
    pub(super) region: String,
    pub(super) endpoint: Option<String>,
    pub(super) addressing: Option<Addressing>,
    pub(super) acceleration: Acceleration,
    pub(super) role_arn: Option<String>,
    pub(super) server_role_arn: Option<String>,
    pub(super) kms_key_arn: Option<String>,
    pub(super) sts_endpoint: Option<String>,
    pub(super) embedded: EmbeddedConfig,
    pub(super) grants: GrantsConfig,
    pub(super) batches: BatchesConfig,
    pub(super) sessions: SessionsConfig,
    pub(super) oidc: OidcDraft,
    pub(super) webhooks: WebhooksConfig,
    pub(super) log: LogConfig,
}

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const HOUR: Duration = Duration::from_secs(3_600);

impl Default for Draft {
    fn default() -> Self {
        Self {
            listen: ListenConfig {
                address: ([127, 0, 0, 1], 3000).into(),
                metrics: None,
                public_url: None,
                site_root: None,
                client_address: ClientAddress::Peer,
            },
            data_dir: PathBuf::from("data"),
            database: None,
            bucket: None,
            region: "us-east-1".to_owned(),
            endpoint: None,
            addressing: None,
            acceleration: Acceleration::Off,
            role_arn: None,
            server_role_arn: None,
            kms_key_arn: None,
            sts_endpoint: None,
            embedded: EmbeddedConfig {
                address: ([127, 0, 0, 1], 3900).into(),
                public_bases: Vec::new(),
                options: ObjectOptions::default(),
                faults: None,
            },
            grants: GrantsConfig { session: HOUR, url: SECOND * 300 },
            batches: BatchesConfig { idle: HOUR * 72 },
            sessions: SessionsConfig {
                idle: HOUR * 24 * 7,
                longest: HOUR * 24 * 30,
                passwords: PasswordSignIn::On,
            },
            oidc: OidcDraft::default(),
            webhooks: WebhooksConfig {
                reach: Reach::Outside,
                patience: SECOND * 15,
                // Close to the schedule that Standard Webhooks recommends; with the jitter on top about a day.
                waits: [5, 60, 300, 1_800, 7_200, 18_000, 28_800, 28_800].map(Duration::from_secs).to_vec(),
            },
            log: LogConfig { filter: "info".to_owned(), format: LogFormat::Text },
        }
    }
}

impl Draft {
    /// The configuration.
    #[must_use]
    pub fn finish(self) -> Config {
        let addressing = self.addressing();
        let store = self.bucket.map(|bucket| StoreConfig {
            bucket,
            region: self.region,
            endpoint: self.endpoint,
            public_bases: self.embedded.public_bases.clone(),
            addressing,
            acceleration: self.acceleration,
            role_arn: self.role_arn,
            server_role_arn: self.server_role_arn,
            kms_key_arn: self.kms_key_arn,
            options: self.embedded.options.clone(),
            sts_endpoint: self.sts_endpoint,
            keys: None,
        });
        Config {
            listen: self.listen,
            data_dir: self.data_dir,
            database: self.database,
            store,
            embedded: self.embedded,
            grants: self.grants,
            batches: self.batches,
            sessions: self.sessions,
            oidc: self.oidc.finish(),
            webhooks: self.webhooks,
            log: self.log,
        }
    }

    /// What is missing beside what is set: its name, and the name of what needs it.
    pub(super) fn missing(&self) -> Option<(&'static str, &'static str)> {
        let locked_out = self.sessions.passwords == PasswordSignIn::Off && self.oidc.issuer.is_none();
        self.oidc.missing().or(locked_out.then_some(("SLUICE_OIDC_ISSUER", "SLUICE_PASSWORDS")))
    }

    /// Only AWS has a host name for every bucket by itself.
    pub(super) fn addressing(&self) -> Addressing {
        self.addressing.unwrap_or(match self.endpoint {
            Some(_) => Addressing::Path,
            None => Addressing::VirtualHost,
        })
    }
}

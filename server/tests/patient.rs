//! A store with something wrong with it.

use std::sync::Arc;
use std::time::Duration;

use devstore::{BucketName, DevStore, Durability, FaultPlan};
use secrecy::SecretString;
use server::bucket::{Bucket, ObjectOptions};
use server::config::{Acceleration, Addressing, PublicUrl, StoreConfig, StoreKeys};
use server::doctor::{Diagnosis, Doctor};
use server::grant::Grants;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::store::life;

/// Where people open the page.
pub(crate) const PAGE: &str = "https://photos.example.org";

/// An embedded store, and how a server is told to reach it.
pub(crate) struct Patient {
    pub(crate) store: DevStore,
    pub(crate) config: StoreConfig,
    pub(crate) session: Duration,
    _data: TempDir,
}

impl Patient {
    /// A store that lacks nothing.
    pub(crate) async fn healthy() -> Self {
        Self::with(|_| {}).await
    }

    /// A store that was opened otherwise.
    pub(crate) async fn with(change: impl FnOnce(&mut devstore::StoreConfig)) -> Self {
        let data = TempDir::new().unwrap();
        let mut settings = devstore::StoreConfig::new(data.path(), BucketName::new("uploads").unwrap());
        settings.allowed_origins = vec![PAGE.to_owned()];
        settings.durability = Durability::ProcessKill;
        settings.faults = Some(FaultPlan::default());
        change(&mut settings);
        let store = DevStore::open(settings).await.unwrap();
        let identity = store.identity().clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(store.clone().serve(listener, std::future::pending()));
        let config = StoreConfig {
            bucket: identity.bucket,
            region: identity.region,
            endpoint: Some(endpoint),
            public_bases: Vec::new(),
            addressing: Addressing::Path,
            acceleration: Acceleration::Off,
            role_arn: Some(identity.role_arn),
            server_role_arn: None,
            kms_key_arn: None,
            options: ObjectOptions::default(),
            sts_endpoint: None,
            keys: Some(StoreKeys {
                access_key_id: identity.access_key_id,
                secret_access_key: SecretString::from(identity.secret_access_key.expose().to_owned()),
            }),
        };
        Self { store, config, session: life().session, _data: data }
    }

    /// Lets something go wrong, as a plan in TOML says.
    pub(crate) fn ill(self, plan: &str) -> Self {
        self.store.faults().unwrap().set(toml::from_str(plan).unwrap());
        self
    }

    pub(crate) async fn doctor(&self) -> Doctor {
        doctor(&self.config, self.session).await
    }

    pub(crate) async fn examine(&self) -> Diagnosis {
        self.doctor().await.examine().await
    }
}

/// A doctor for any store.
pub(crate) async fn doctor(config: &StoreConfig, session: Duration) -> Doctor {
    let bucket = Arc::new(Bucket::connect(config).await.unwrap());
    let grants = server::config::GrantsConfig { session, ..life() };
    Doctor::new(Arc::new(Grants::new(bucket, grants)), PublicUrl::parse(PAGE).unwrap(), session).unwrap()
}

//! The stores that tests run against: the embedded one always, Ceph where the environment names one.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use devstore::{BucketName, DevStore, FaultPlan};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use server::bucket::{Bucket, ObjectOptions, StorageClass};
use server::config::{Acceleration, Addressing, GrantsConfig, StoreConfig, StoreKeys};
use server::grant::Grants;
use server::setup::{Document, Names};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A store that runs, and what is needed to use it as its owner.
pub(crate) struct TestStore {
    pub(crate) name: &'static str,
    pub(crate) config: StoreConfig,
    bucket: Arc<Bucket>,
    // Deleted when the test ends.
    data: Option<TempDir>,
}

/// Every store at hand.
pub(crate) async fn all() -> Vec<TestStore> {
    let mut stores = vec![embedded().await];
    stores.extend(ceph().await);
    stores
}

/// The embedded store, on a free port.
pub(crate) async fn embedded() -> TestStore {
    started(None, None).await.0
}

/// Stores whose owner wants things of every object: tags, and where there are several, a storage class.
pub(crate) async fn with_options() -> Vec<TestStore> {
    let (mut own, _) = started(None, Some(tagging_role())).await;
    own.config.options.class = Some(StorageClass::StandardIa);
    let mut stores = vec![own];
    stores.extend(ceph().await);
    let mut ready = Vec::new();
    for mut store in stores {
        store.config.options.tags = "team=Photo%20desk%20%C3%BC&year=2026".parse().unwrap();
        ready.push(store.again().await);
    }
    ready
}

/// What the upload role is allowed by the documents that are shipped, with tags.
pub(crate) fn tagging_role() -> String {
    let names = Names { partition: "aws".to_owned(), bucket: "uploads".to_owned(), ..Names::placeholders() };
    let statements: Vec<Value> = [Document::UploadRole, Document::UploadRoleTags]
        .iter()
        .flat_map(|document| document.value(&names)["Statement"].as_array().unwrap().clone())
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// The same with faults, and the log of its requests; without any rule at first.
pub(crate) async fn faulty() -> (TestStore, DevStore) {
    started(Some(FaultPlan::default()), None).await
}

async fn started(faults: Option<FaultPlan>, role_policy: Option<String>) -> (TestStore, DevStore) {
    let data = TempDir::new().unwrap();
    let name = BucketName::new("uploads").unwrap();
    let mut config = devstore::StoreConfig::new(data.path(), name);
    config.faults = faults;
    config.role_policy = role_policy;
    let store = DevStore::open(config).await.unwrap();
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
    (TestStore::new("embedded", config, Some(data)).await, store)
}

/// Ceph, if `SLUICE_TEST_CEPH_ENDPOINT` and its companions say where it is.
async fn ceph() -> Option<TestStore> {
    let said = |what: &str| std::env::var(format!("SLUICE_TEST_CEPH_{what}")).ok();
    let endpoint = said("ENDPOINT")?;
    let must = |what: &str| said(what).unwrap_or_else(|| panic!("SLUICE_TEST_CEPH_{what} is not set"));
    let config = StoreConfig {
        bucket: must("BUCKET"),
        region: must("REGION"),
        endpoint: Some(endpoint),
        public_bases: Vec::new(),
        addressing: Addressing::Path,
        acceleration: Acceleration::Off,
        role_arn: Some(must("ROLE_ARN")),
        server_role_arn: None,
        kms_key_arn: None,
        options: ObjectOptions::default(),
        sts_endpoint: None,
        keys: Some(StoreKeys {
            access_key_id: must("ACCESS_KEY_ID"),
            secret_access_key: SecretString::from(must("SECRET_ACCESS_KEY")),
        }),
    };
    let store = TestStore::new("ceph", config, None).await;
    // It may be there from the test before.
    let _ = store.owner().create_bucket().bucket(&store.config.bucket).send().await;
    Some(store)
}

impl TestStore {
    async fn new(name: &'static str, config: StoreConfig, data: Option<TempDir>) -> Self {
        let bucket = Arc::new(Bucket::connect(&config).await.unwrap());
        Self { name, config, bucket, data }
    }

    /// The same store with its configuration as it is now.
    pub(crate) async fn again(self) -> Self {
        Self::new(self.name, self.config, self.data).await
    }

    /// Grants of an hour, URLs of five minutes.
    pub(crate) fn grants(&self) -> Grants {
        Grants::new(Arc::clone(&self.bucket), life())
    }

    /// The bucket, as the server has it.
    pub(crate) fn bucket(&self) -> Arc<Bucket> {
        Arc::clone(&self.bucket)
    }

    /// The secret half of the owner's keys.
    pub(crate) fn secret(&self) -> String {
        self.config.keys.as_ref().unwrap().secret_access_key.expose_secret().to_owned()
    }

    /// The owner's client, which may do everything.
    pub(crate) fn owner(&self) -> &aws_sdk_s3::Client {
        self.bucket.s3()
    }

    /// Puts an object as the owner.
    pub(crate) async fn put(&self, key: &str, body: &'static [u8]) {
        let put = self.owner().put_object().bucket(&self.config.bucket).key(key);
        put.body(ByteStream::from_static(body)).send().await.unwrap();
    }

    /// An object's class, none for the usual one, and its tags in the order of their keys.
    pub(crate) async fn options(&self, key: &str) -> (Option<String>, Vec<(String, String)>) {
        let bucket = &self.config.bucket;
        let head = self.owner().head_object().bucket(bucket).key(key).send().await.unwrap();
        let class = head.storage_class().map(|class| class.as_str().to_owned());
        let tags = self.owner().get_object_tagging().bucket(bucket).key(key).send().await;
        let tags = tags.unwrap_or_else(|error| panic!("{}: tags of {key}: {error:?}", self.name));
        let tags = tags.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
        let mut tags: Vec<_> = tags.collect();
        tags.sort();
        (class.filter(|class| class != "STANDARD"), tags)
    }

    /// What the owner wants of every object, in the same words.
    pub(crate) fn wanted(&self) -> (Option<String>, Vec<(String, String)>) {
        let options = &self.config.options;
        let mut tags: Vec<_> =
            options.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        tags.sort();
        (options.class.map(|class| class.to_string()), tags)
    }

    /// What an object holds, as its owner reads it; none if there is none.
    pub(crate) async fn read(&self, key: &str) -> Option<Vec<u8>> {
        let got = self.owner().get_object().bucket(&self.config.bucket).key(key).send().await.ok()?;
        Some(got.body.collect().await.unwrap().to_vec())
    }
}

/// How long grants live in tests.
pub(crate) fn life() -> GrantsConfig {
    GrantsConfig { session: Duration::from_secs(3_600), url: Duration::from_secs(300) }
}

/// How the program is told of a store and its owner's keys: the variables of a person's shell.
pub(crate) fn variables(store: &StoreConfig) -> [(&'static str, String); 5] {
    let keys = store.keys.as_ref().unwrap();
    [
        ("SLUICE_BUCKET", store.bucket.clone()),
        ("SLUICE_REGION", store.region.clone()),
        ("SLUICE_ENDPOINT", store.endpoint.clone().unwrap()),
        ("AWS_ACCESS_KEY_ID", keys.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key.expose_secret().to_owned()),
    ]
}

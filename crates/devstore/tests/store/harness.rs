//! A store on a free port, and clients for it.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Builder;
use devstore::{BucketName, DevStore, Durability, FaultPlan, StoreConfig};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const BUCKET: &str = "photos";
pub(crate) const ORIGIN: &str = "http://127.0.0.1:3000";

pub(crate) struct TestStore {
    pub(crate) dir: TempDir,
    pub(crate) addr: SocketAddr,
    pub(crate) store: DevStore,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl TestStore {
    pub(crate) async fn start() -> Self {
        Self::start_in(TempDir::new().unwrap()).await
    }

    pub(crate) async fn start_in(dir: TempDir) -> Self {
        let config = Self::config(&dir);
        Self::start_with(dir, config).await
    }

    /// A store that makes mistakes.
    pub(crate) async fn start_faulty(plan: FaultPlan) -> Self {
        let dir = TempDir::new().unwrap();
        let config = StoreConfig { faults: Some(plan), ..Self::config(&dir) };
        Self::start_with(dir, config).await
    }

    fn config(dir: &TempDir) -> StoreConfig {
        let mut config = StoreConfig::new(dir.path().join("store"), BucketName::new(BUCKET).unwrap());
        config.allowed_origins = vec![ORIGIN.to_owned()];
        config.min_session = Duration::from_secs(1);
        config.durability = Durability::ProcessKill;
        config
    }

    pub(crate) async fn start_with(dir: TempDir, config: StoreConfig) -> Self {
        let store = DevStore::open(config).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(store.clone().serve(listener, async {
            let _ = stopped.await;
        }));
        Self { dir, addr, store, stop: Some(stop), serving }
    }

    /// Ends it and gives the directory back, as a restart needs it.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.await.unwrap().unwrap();
        self.dir
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn root(&self) -> Credentials {
        let identity = self.store.identity();
        Credentials::new(&identity.access_key_id, identity.secret_access_key.expose(), None, None, "store")
    }

    pub(crate) fn s3(&self, credentials: Credentials) -> aws_sdk_s3::Client {
        self.s3_at(&self.endpoint(), credentials)
    }

    pub(crate) fn s3_at(&self, endpoint: &str, credentials: Credentials) -> aws_sdk_s3::Client {
        client(endpoint, &self.store.identity().region, credentials)
    }

    pub(crate) fn admin(&self) -> aws_sdk_s3::Client {
        self.s3(self.root())
    }

    pub(crate) fn sts(&self, credentials: Credentials) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            .region(aws_sdk_sts::config::Region::new(self.store.identity().region.clone()))
            .endpoint_url(self.endpoint())
            .credentials_provider(credentials)
            .http_client(Builder::new().build_http())
            .retry_config(aws_sdk_sts::config::retry::RetryConfig::disabled())
            .build();
        aws_sdk_sts::Client::from_conf(config)
    }

    /// Credentials of the role under `policy` for `seconds`.
    pub(crate) async fn session_for(&self, policy: Option<String>, seconds: i32) -> Credentials {
        let answer = self
            .sts(self.root())
            .assume_role()
            .role_arn(&self.store.identity().role_arn)
            .role_session_name("test-session")
            .duration_seconds(seconds)
            .set_policy(policy)
            .send()
            .await
            .unwrap();
        let given = answer.credentials.unwrap();
        Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            None,
            "session",
        )
    }

    /// Credentials as an uploader's browser gets them: for one prefix.
    pub(crate) async fn batch_session(&self, prefix: &str) -> Credentials {
        self.session_for(Some(batch_policy(prefix)), 900).await
    }

    pub(crate) async fn put(&self, key: &str, body: &[u8]) {
        put(&self.admin(), BUCKET, key, body).await.unwrap();
    }

    pub(crate) async fn read(&self, key: &str) -> Option<Vec<u8>> {
        match self.admin().get_object().bucket(BUCKET).key(key).send().await {
            Ok(answer) => Some(answer.body.collect().await.unwrap().to_vec()),
            Err(error) if code(&error) == "NoSuchKey" => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(crate) async fn keys(&self) -> Vec<String> {
        let answer = self.admin().list_objects_v2().bucket(BUCKET).send().await.unwrap();
        answer.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    /// Files that hold bytes or would.
    pub(crate) fn blob_files(&self) -> usize {
        let dir = self.dir.path().join("store");
        let shards = std::fs::read_dir(dir.join("blobs")).unwrap().map(|shard| shard.unwrap().path());
        shards.chain([dir.join("incoming")]).map(|folder| std::fs::read_dir(folder).unwrap().count()).sum()
    }
}

pub(crate) fn batch_policy(prefix: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"arn:aws:s3:::{BUCKET}/{prefix}*"}}]}}"#
    )
}

/// A client that tries everything once.
pub(crate) fn client(endpoint: &str, region: &str, credentials: Credentials) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(credentials)
        .http_client(Builder::new().build_http())
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

pub(crate) async fn put(
    client: &aws_sdk_s3::Client,
    bucket: &str,
    key: &str,
    body: &[u8],
) -> Result<
    aws_sdk_s3::operation::put_object::PutObjectOutput,
    SdkError<aws_sdk_s3::operation::put_object::PutObjectError>,
> {
    client.put_object().bucket(bucket).key(key).body(ByteStream::from(body.to_vec())).send().await
}

/// The code of a refusal; HEAD has no body, so its status stands for it.
pub(crate) fn code<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    match error {
        SdkError::ServiceError(refusal) => refusal.err().code().unwrap_or("none").to_owned(),
        other => panic!("no answer: {other:?}"),
    }
}

/// The status of a refusal.
pub(crate) fn status<E>(error: &SdkError<E, HttpResponse>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}

//! The store that a case runs on, and its clients.

#[path = "../support/http.rs"]
mod http;

use std::net::SocketAddr;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Builder;
use devstore::{BucketName, DevStore, Durability, StoreConfig};
pub(crate) use http::Answer;
use sigv4::{BaseUrl, Method, Payload, Request, Signer, Timestamp};
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

/// A store, its owner, and keys that no other case uses.
#[derive(Debug)]
pub(crate) struct Target {
    endpoint: String,
    addr: SocketAddr,
    region: String,
    owner: Credentials,
    role_arn: String,
    /// The bucket that the role may write to.
    pub(crate) bucket: String,
    /// What every key of the case begins with.
    pub(crate) prefix: String,
    /// Whether the SDK may send checksums in trailers, as it does by itself.
    trailers: bool,
    // Deleted when the case ends.
    _data: Option<TempDir>,
}

impl Target {
    /// A new embedded store on a free port.
    pub(crate) async fn embedded() -> Self {
        let data = TempDir::new().unwrap();
        let mut config = StoreConfig::new(data.path().join("store"), BucketName::new("uploads").unwrap());
        config.durability = Durability::ProcessKill;
        let store = DevStore::open(config).await.unwrap();
        let identity = store.identity().clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(store.serve(listener, std::future::pending()));
        Self {
            endpoint: format!("http://{addr}"),
            addr,
            region: identity.region,
            owner: Credentials::new(
                identity.access_key_id,
                identity.secret_access_key.expose(),
                None,
                None,
                "owner",
            ),
            role_arn: identity.role_arn,
            bucket: identity.bucket,
            prefix: prefix(),
            trailers: true,
            _data: Some(data),
        }
    }

    /// Ceph, if `SLUICE_TEST_CEPH_ENDPOINT` and its companions say where it is.
    pub(crate) async fn ceph() -> Option<Self> {
        let said = |what: &str| std::env::var(format!("SLUICE_TEST_CEPH_{what}")).ok();
        let endpoint = said("ENDPOINT")?;
        let must = |what: &str| said(what).unwrap_or_else(|| panic!("SLUICE_TEST_CEPH_{what} is not set"));
        let target = Self {
            addr: endpoint.trim_start_matches("http://").trim_end_matches('/').parse().unwrap(),
            endpoint,
            region: must("REGION"),
            owner: Credentials::new(must("ACCESS_KEY_ID"), must("SECRET_ACCESS_KEY"), None, None, "owner"),
            role_arn: must("ROLE_ARN"),
            bucket: must("BUCKET"),
            prefix: prefix(),
            trailers: false,
            _data: None,
        };
        // It may be there from the case before.
        let _ = target.owner().create_bucket().bucket(&target.bucket).send().await;
        Some(target)
    }

    /// A key of this case.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The client that may do everything.
    pub(crate) fn owner(&self) -> aws_sdk_s3::Client {
        self.client(self.owner.clone())
    }

    pub(crate) fn client(&self, credentials: Credentials) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .credentials_provider(credentials)
            .http_client(Builder::new().build_http())
            .retry_config(RetryConfig::disabled());
        let config = if self.trailers {
            config
        } else {
            config
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        };
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// Credentials of the role under `policy`, for 15 minutes.
    pub(crate) async fn session(&self, policy: &str) -> Credentials {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            .region(aws_sdk_sts::config::Region::new(self.region.clone()))
            .endpoint_url(&self.endpoint)
            .credentials_provider(self.owner.clone())
            .http_client(Builder::new().build_http())
            .build();
        let asked = aws_sdk_sts::Client::from_conf(config)
            .assume_role()
            .role_arn(&self.role_arn)
            .role_session_name("conformance")
            .duration_seconds(900)
            .policy(policy);
        let given = asked.send().await.unwrap().credentials.unwrap();
        let (id, secret) = (given.access_key_id, given.secret_access_key);
        Credentials::new(id, secret, Some(given.session_token), None, "session")
    }

    /// Credentials of an uploader for the keys that begin so.
    pub(crate) async fn uploader(&self, prefix: &str) -> Credentials {
        // Without a space: Ceph does not decode what the SDK makes of one.
        self.session(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"arn:aws:s3:::{}/{prefix}*"}}]}}"#,
            self.bucket
        ))
        .await
    }

    /// Puts an object as the owner.
    pub(crate) async fn put(&self, key: &str, body: &[u8]) {
        let put = self.owner().put_object().bucket(&self.bucket).key(key);
        put.body(ByteStream::from(body.to_vec())).send().await.unwrap();
    }

    /// What an object holds, as its owner reads it; none if there is none.
    pub(crate) async fn read(&self, key: &str) -> Option<Vec<u8>> {
        match self.owner().get_object().bucket(&self.bucket).key(key).send().await {
            Ok(got) => Some(got.body.collect().await.unwrap().to_vec()),
            Err(error) if code(&error) == "NoSuchKey" => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// A request that no SDK sends, signed by the owner; `headers` are signed too.
    pub(crate) async fn raw(
        &self,
        method: Method,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.raw_as(Payload::of(body), method, key, query, headers, body).await
    }

    /// As [`Self::raw`], with a payload that may be another than the body's.
    pub(crate) async fn raw_as(
        &self,
        payload: Payload,
        method: Method,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let base = BaseUrl::parse(&format!("{}/{}", self.endpoint, self.bucket)).unwrap();
        let request = Request { method, base: &base, key, query, headers, payload };
        let signed = self.signer(&self.owner).sign_request(&request, now());
        let target = signed.url.strip_prefix(&self.endpoint).unwrap();
        let mut all = headers.to_vec();
        all.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_str())));
        http::send(self.addr, method.as_str(), target, &all, body).await
    }

    /// A request as it is, without a signature of its own.
    pub(crate) async fn bare(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        http::send(self.addr, method, target, headers, body).await
    }

    pub(crate) fn signer(&self, credentials: &Credentials) -> Signer {
        Signer::s3(
            sigv4::Credentials {
                access_key_id: credentials.access_key_id().to_owned(),
                secret_access_key: credentials.secret_access_key().to_owned(),
                session_token: credentials.session_token().map(str::to_owned),
            },
            self.region.clone(),
        )
    }

    pub(crate) fn owner_signer(&self) -> Signer {
        self.signer(&self.owner)
    }
}

fn prefix() -> String {
    format!("{}/", Uuid::new_v4().simple())
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_unix_millis(u64::try_from(since.as_millis()).unwrap())
}

/// The code of a refusal; of one without a document, `none`.
pub(crate) fn code<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::fmt::Debug,
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

/// Bytes without a pattern that a mistake could hide in.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

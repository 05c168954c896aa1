//! The bucket: the server's own way to the store.
//!
//! One [`Bucket`] holds the AWS clients for S3 and STS, the place where browsers find the bucket, and the identity
//! that the server has there. The identity comes from the SDK's default chain (ECS task role, EC2 instance role,
//! SSO, environment); only the embedded store hands over a key pair. Checksums are sent `when_required` only,
//! because stores that are not AWS refuse the SDK's trailing checksums with a 400.

mod address;
mod class;
mod client;
mod deletion;
mod fault;
mod identity;
mod kms;
mod lifecycle;
mod listing;
mod name;
mod options;
mod tags;
mod uploads;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use sigv4::BaseUrl;
use transfer::wire::StoreAddress;

use crate::config::StoreConfig;
use crate::grant::{InvalidRole, RoleArn};

pub use class::{InvalidStorageClass, StorageClass};
pub use fault::{FaultKind, StoreFault};
pub use identity::Identity;
pub use kms::{InvalidKmsKey, KmsKeyArn};
pub use lifecycle::Lifecycle;
pub(crate) use listing::bare_etag;
pub use listing::{Listing, StoredObject};
pub use name::{BucketName, InvalidBucketName};
pub use options::ObjectOptions;
pub use tags::{InvalidTags, ObjectTags};

/// The store, as the server reaches it. Built once, shared by all requests.
#[derive(Debug)]
pub struct Bucket {
    name: BucketName,
    address: StoreAddress,
    first_base: BaseUrl,
    other_bases: Vec<BaseUrl>,
    role: Option<RoleArn>,
    kms_key: Option<KmsKeyArn>,
    options: ObjectOptions,
    s3: aws_sdk_s3::Client,
    sts: aws_sdk_sts::Client,
    identity: Option<SharedCredentialsProvider>,
}

/// Why a configuration does not describe a store.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// The bucket's name.
    #[error(transparent)]
    Name(#[from] InvalidBucketName),
    /// The role that grants are made from.
    #[error(transparent)]
    Role(#[from] InvalidRole),
    /// The key that it is encrypted with.
    #[error(transparent)]
    Key(#[from] InvalidKmsKey),
    /// The endpoint, or one of the public names.
    #[error("`{url}` is not the URL of a store: {why}")]
    Url {
        /// What was configured.
        url: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Bucket {
    /// Builds the clients. Nothing is sent yet: a store that does not answer shows when it is first asked.
    ///
    /// # Errors
    /// If the configuration names an impossible bucket, role or endpoint.
    pub async fn connect(config: &StoreConfig) -> Result<Self, BucketError> {
        let name: BucketName = config.bucket.parse()?;
        let role = config.role_arn.as_deref().map(str::parse).transpose()?;
        if let Some(own) = &config.server_role_arn {
            own.parse::<RoleArn>()?;
        }
        let kms_key = config.kms_key_arn.as_deref().map(str::parse).transpose()?;
        let (first_base, other_bases) = address::bases(config, &name)?;
        let bases = [&first_base].into_iter().chain(&other_bases).map(ToString::to_string).collect();
        let sdk = client::sdk(config).await;
        let own = client::own(&sdk, config).await;
        Ok(Self {
            s3: client::s3(&own, config),
            sts: client::sts(&sdk, config),
            identity: own.credentials_provider(),
            name,
            address: StoreAddress { region: config.region.clone(), bases },
            first_base,
            other_bases,
            role,
            kms_key,
            options: config.options.clone(),
        })
    }

    /// The bucket's name.
    #[must_use]
    pub fn name(&self) -> &BucketName {
        &self.name
    }

    /// Where browsers find it.
    #[must_use]
    pub fn address(&self) -> &StoreAddress {
        &self.address
    }

    /// The origins of the host names that browsers find it by, each once.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = self.address.bases.iter().filter_map(|base| origin(base)).collect();
        origins.sort();
        origins.dedup();
        origins
    }

    /// One of its URLs, each in turn. Turn 0 is the first.
    #[must_use]
    pub fn base(&self, turn: u32) -> &BaseUrl {
        self.base_among(turn, &[])
    }

    /// One of its URLs, each in turn: browsers open six connections to a host name, so URLs spread over all of them,
    /// or over those that are asked for by their place.
    #[must_use]
    pub fn base_among(&self, turn: u32, asked: &[u32]) -> &BaseUrl {
        let turn = usize::try_from(turn).unwrap_or(0);
        let count = self.other_bases.len() + 1;
        let place = match asked.len() {
            0 => turn % count,
            some => {
                asked.get(turn % some).and_then(|place| usize::try_from(*place).ok()).unwrap_or(0) % count
            }
        };
        place.checked_sub(1).and_then(|other| self.other_bases.get(other)).unwrap_or(&self.first_base)
    }

    /// All of its URLs, the first first.
    pub fn bases(&self) -> impl Iterator<Item = &BaseUrl> {
        std::iter::once(&self.first_base).chain(&self.other_bases)
    }

    /// The role that grants are made from, if the store has STS.
    #[must_use]
    pub fn role(&self) -> Option<&RoleArn> {
        self.role.as_ref()
    }

    /// The key of KMS that the bucket is encrypted with, if the owner named one.
    #[must_use]
    pub fn kms_key(&self) -> Option<&KmsKeyArn> {
        self.kms_key.as_ref()
    }

    /// What every object gets.
    #[must_use]
    pub fn options(&self) -> &ObjectOptions {
        &self.options
    }

    /// The STS client, as whoever the server is.
    #[must_use]
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        &self.sts
    }

    /// The S3 client, with the server's own role where it has one.
    #[must_use]
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.s3
    }

    /// The server's own credentials, as they are now.
    ///
    /// # Errors
    /// If the default chain finds none.
    pub async fn identity(&self) -> Result<Credentials, StoreFault> {
        let provider = self.identity.as_ref().ok_or_else(StoreFault::nobody)?;
        provider.provide_credentials().await.map_err(|error| StoreFault::identity(&error))
    }

    /// Where the server's own credentials come from, and when they end.
    ///
    /// # Errors
    /// If the default chain finds none.
    pub async fn who(&self) -> Result<Identity, StoreFault> {
        Ok(Identity::of(&self.identity().await?))
    }

    /// The ARN that STS calls the server by.
    ///
    /// # Errors
    /// If there are no credentials, or the store's STS does not know the question.
    pub async fn caller_arn(&self) -> Result<String, StoreFault> {
        let asked = self.sts.get_caller_identity().send().await;
        let answer = asked.map_err(|error| StoreFault::sdk("GetCallerIdentity", &error))?;
        answer.arn.ok_or_else(|| StoreFault::incomplete("GetCallerIdentity", "ARN"))
    }

    /// Asks the store whether the bucket is there and the server may use it; for the readiness endpoint.
    ///
    /// # Errors
    /// If it is not, or the store does not answer.
    pub async fn probe(&self) -> Result<(), StoreFault> {
        let asked = self.s3.list_objects_v2().bucket(self.name.as_str()).max_keys(1).send().await;
        asked.map(|_| ()).map_err(|error| StoreFault::sdk("ListObjectsV2", &error))
    }
}

/// The origin of a URL.
fn origin(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

//! The store: an S3 endpoint, its bucket, and how browsers reach it.

use std::net::SocketAddr;

use devstore::FaultPlan;
use secrecy::SecretString;

use crate::bucket::ObjectOptions;

/// Where the objects go.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The bucket.
    pub bucket: String,
    /// The region that signatures name.
    pub region: String,
    /// The S3 endpoint that the server talks to; `None` is AWS in that region.
    pub endpoint: Option<String>,
    /// URLs of the bucket as browsers reach it, one for each host name, without a slash at the end. Empty: made from
    /// endpoint, bucket and addressing.
    pub public_bases: Vec<String>,
    /// Where the bucket's name goes in a URL.
    pub addressing: Addressing,
    /// Whether the bucket on AWS has names for transfer acceleration.
    pub acceleration: Acceleration,
    /// The role that grants are made from; without it, no `Credentials` can be issued.
    pub role_arn: Option<String>,
    /// A role for the server's own calls to S3; without it, they are made as whoever the server is.
    pub server_role_arn: Option<String>,
    /// The key of KMS that the bucket is encrypted with by default; grants may use it.
    pub kms_key_arn: Option<String>,
    /// The storage class and the tags of every object.
    pub options: ObjectOptions,
    /// The STS endpoint; `None` is AWS in that region, or `endpoint` if that is set.
    pub sts_endpoint: Option<String>,
    /// Keys of the embedded store. Anywhere else the SDK's default chain finds credentials.
    pub keys: Option<StoreKeys>,
}

/// Where the bucket's name goes in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// `https://host/bucket/key`
    Path,
    /// `https://bucket.host/key`
    VirtualHost,
}

/// S3 Transfer Acceleration of a bucket on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acceleration {
    /// Enabled on the bucket.
    On,
    /// Not enabled.
    #[default]
    Off,
}

/// A fixed key pair.
#[derive(Debug, Clone)]
pub struct StoreKeys {
    /// The access key id.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: SecretString,
}

/// The embedded store, for when no bucket is configured.
#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// Where it listens; port 0 takes any free one.
    pub address: SocketAddr,
    /// URLs of its bucket as browsers reach it; the address it listens on if empty.
    pub public_bases: Vec<String>,
    /// The storage class and the tags of every object.
    pub options: ObjectOptions,
    /// What goes wrong on purpose, for tests. No variable sets it: only the option `--faults`.
    pub faults: Option<FaultPlan>,
}

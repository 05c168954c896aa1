//! What a store is opened with.

use std::path::PathBuf;
use std::time::Duration;

use crate::fault::FaultPlan;

/// The shortest session that STS grants: 15 minutes, as AWS has it.
const AWS_MIN_SESSION: Duration = Duration::from_secs(900);

/// How an embedded store is set up.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Where blobs, index and identity live. Created when absent; used by one process at a time.
    pub data_dir: PathBuf,
    /// The region that signatures must name.
    pub region: String,
    /// The bucket that exists from the start and that the role may write to.
    pub bucket: BucketName,
    /// Names of the store below which each bucket has a name of its own, as `localhost` has
    /// `bucket.localhost`. Under any other name, and under addresses, the bucket is in the path.
    pub domains: Vec<String>,
    /// Origins (`https://host:port`) whose pages may talk to the store, to each bucket that has no
    /// CORS rules of its own; `*` lets every page in.
    pub allowed_origins: Vec<String>,
    /// What the role may do, as an IAM policy of the kind that a session has; a session never has more.
    /// Without one it may upload into the bucket and look after its own uploads.
    pub role_policy: Option<String>,
    /// The shortest `DurationSeconds` that AssumeRole accepts. Tests of expiry go below AWS's 900 s.
    pub min_session: Duration,
    /// What a successful answer to a write promises.
    pub durability: Durability,
    /// What goes wrong on purpose, and a log of the requests. For tests only.
    pub faults: Option<FaultPlan>,
}

impl StoreConfig {
    /// A store in `data_dir` in the region `us-east-1`, with AWS's limits, a role that uploads, safe against a
    /// power cut, and closed to every foreign origin.
    pub fn new(data_dir: impl Into<PathBuf>, bucket: BucketName) -> Self {
        Self {
            data_dir: data_dir.into(),
            region: "us-east-1".to_owned(),
            bucket,
            domains: vec!["localhost".to_owned()],
            allowed_origins: Vec::new(),
            role_policy: None,
            min_session: AWS_MIN_SESSION,
            durability: Durability::PowerCut,
            faults: None,
        }
    }
}

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A power cut: blob, directory and index are synced before the answer.
    #[default]
    PowerCut,
    /// A killed process, but not a power cut: the kernel writes when it likes. For tests and benchmarks.
    ProcessKill,
}

/// The name of a bucket, checked against S3's rules.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BucketName(String);

impl BucketName {
    /// Checks S3's naming rules: 3 to 63 of `[a-z0-9.-]`, no `..`, no IP address.
    ///
    /// # Errors
    /// [`BucketNameError`] with the name that breaks a rule.
    pub fn new(name: impl Into<String>) -> Result<Self, BucketNameError> {
        let name = name.into();
        if s3s::path::check_bucket_name(&name) { Ok(Self(name)) } else { Err(BucketNameError(name)) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name that no bucket can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no bucket name: use 3 to 63 lowercase letters, digits, dots and hyphens")]
pub struct BucketNameError(String);

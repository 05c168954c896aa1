//! Grants: permissions for one batch that end by themselves.
//!
//! What a grant may do is written by [`SessionPolicy`], for the batch's [`BatchPrefix`] and nothing else; the store
//! enforces it. `Credentials` go to the browser. `SignedUrls` are signed here, with a session of the same role that
//! is limited to the project's prefix and never leaves the server; a store without a role gets URLs signed with the
//! server's own identity. `PostPolicy` is not issued yet.

mod assume;
mod policy;
mod prefix;
mod presign;
mod role;
mod signing;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use transfer::wire::{
    BatchId, CredentialsGrant, Grant, GrantKind, Problem, ProblemCode, SignedUrlsGrant, UnixMillis,
};

use crate::bucket::{Bucket, StoreFault};
use crate::config::GrantsConfig;

pub use policy::{MAX_POLICY_CHARS, SessionPolicy};
pub use prefix::{BatchPrefix, InvalidPrefix, ProjectPrefix};
pub use presign::{PresignedPut, PutTarget, Sent};
pub use role::{InvalidRole, RoleArn};

use presign::PageSigner;
use signing::SigningKeys;

/// Issues grants. Built once, shared by all requests.
#[derive(Debug)]
pub struct Grants {
    bucket: Arc<Bucket>,
    life: GrantsConfig,
    signing: SigningKeys,
}

/// Why there is no grant.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// This server, or its store, does not issue that kind.
    #[error("grants of that kind are not issued here")]
    Unsupported(GrantKind),
    /// The store, or its STS.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl GrantError {
    /// Logs what must be logged, this once, and gives what the client may see.
    #[must_use]
    pub fn report(&self) -> Problem {
        match self {
            Self::Store(fault) => fault.report(),
            Self::Unsupported(GrantKind::PostPolicy) => Problem::new(
                ProblemCode::Unsupported,
                "This server does not issue POST policies yet. Ask for `credentials` or `signed_urls`.",
            ),
            Self::Unsupported(_) => Problem::new(
                ProblemCode::Unsupported,
                "This server's store gives no temporary credentials. Ask for `signed_urls`.",
            ),
        }
    }
}

impl Grants {
    /// Grants for a bucket.
    #[must_use]
    pub fn new(bucket: Arc<Bucket>, life: GrantsConfig) -> Self {
        Self { bucket, life, signing: SigningKeys::default() }
    }

    /// The bucket that the grants are for.
    #[must_use]
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// How long presigned URLs live by default.
    #[must_use]
    pub fn url_life(&self) -> Duration {
        self.life.url
    }

    /// The kind that a batch gets: what was asked for, or else what the project prefers and the store can do.
    #[must_use]
    pub fn choose(&self, asked: Option<GrantKind>, preferred: GrantKind) -> GrantKind {
        match (asked, preferred) {
            (Some(kind), _) => kind,
            (None, GrantKind::Credentials) if self.bucket.role().is_none() => GrantKind::SignedUrls,
            (None, kind) => kind,
        }
    }

    /// Issues a grant for a batch.
    ///
    /// # Errors
    /// `Unsupported` for POST policies, and for credentials without a role; otherwise what the store's STS says.
    pub async fn issue(
        &self,
        kind: GrantKind,
        batch: &BatchId,
        prefix: &BatchPrefix,
    ) -> Result<Grant, GrantError> {
        let issued = SystemTime::now();
        match (kind, self.bucket.role()) {
            (GrantKind::Credentials, Some(role)) => {
                let policy = SessionPolicy::for_prefix(role.partition(), self.bucket.name(), prefix.as_str());
                let name = assume::session_name(batch.as_str());
                let session = assume::role(&self.bucket, role, &name, &policy, self.life.session).await?;
                Ok(Grant::Credentials(CredentialsGrant {
                    access_key_id: session.access_key_id,
                    secret_access_key: session.secret_access_key,
                    session_token: session.session_token,
                    issued_at: unix_millis(issued),
                    expires_at: unix_millis(session.expires_at),
                }))
            }
            (GrantKind::SignedUrls, _) => Ok(Grant::SignedUrls(SignedUrlsGrant {
                issued_at: unix_millis(issued),
                expires_at: unix_millis(issued + self.life.session),
            })),
            (kind, _) => Err(GrantError::Unsupported(kind)),
        }
    }

    /// Presigns PUTs of objects below a project's prefix, all with one end.
    ///
    /// The end is `life` from now, or earlier if the credentials that sign end earlier: a URL dies with them.
    ///
    /// # Errors
    /// If there are no credentials to sign with.
    pub async fn presign(
        &self,
        project: &ProjectPrefix,
        targets: &[PutTarget<'_>],
        life: Duration,
    ) -> Result<PresignedPage, StoreFault> {
        let key = self.signing.get(&self.bucket, project, life, self.life.session).await?;
        let now = SystemTime::now();
        let ends = key.ends.map_or(now + life, |ends| ends.min(now + life));
        let life = ends.duration_since(now).unwrap_or_default();
        let signer = PageSigner::new(&key, &self.bucket, now, life);
        let urls = targets.iter().map(|target| signer.put(target)).collect();
        Ok(PresignedPage { urls, expires_at: unix_millis(ends) })
    }
}

/// Presigned PUTs, in the order of their targets.
#[derive(Debug)]
pub struct PresignedPage {
    /// One for each target.
    pub urls: Vec<PresignedPut>,
    /// When all of them end, on the server's clock.
    pub expires_at: UnixMillis,
}

/// An instant as the wire has it. Instants before 1970 are 0.
#[must_use]
pub fn unix_millis(instant: SystemTime) -> UnixMillis {
    let since = instant.duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

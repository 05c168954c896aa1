//! Grants: permissions for one batch that end by themselves.
//!
//! What a grant may do is written by [`SessionPolicy`], for the batch's [`BatchPrefix`] and nothing else; the store
//! enforces it. `Credentials` go to the browser. `SignedUrls` are signed here, with a session of the same role that
//! is limited to the project's prefix and never leaves the server, and so is a `PostPolicy`, whose session is limited
//! to the batch's prefix. For a store without a role the server's own identity signs.

mod assume;
mod form;
mod policy;
mod prefix;
mod presign;
mod put;
mod reading;
mod role;
mod signing;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_s3::primitives::ByteStream;
use transfer::wire::{
    BatchId, CredentialsGrant, Grant, GrantKind, PostPolicyGrant, Problem, ProblemCode, Rules, SignedUpload,
    SignedUrlsGrant, UnixMillis,
};

use crate::bucket::{Bucket, StoreFault};
use crate::config::GrantsConfig;

pub use policy::{MAX_POLICY_CHARS, SessionPolicy};
pub use prefix::{BatchPrefix, InvalidPrefix, ProjectPrefix};
pub use presign::{PresignedPut, PutTarget, Sent, UploadTarget};
pub use put::{NewObject, PutObject};
pub use reading::{Reader, Reading};
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
            Self::Unsupported(_) => Problem::new(
                ProblemCode::Unsupported,
                "This server's store gives no temporary credentials. Ask for `post_policy` or `signed_urls`.",
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

    /// Issues a grant for a batch; a POST policy holds its files to the rules.
    ///
    /// # Errors
    /// `Unsupported` for credentials without a role; otherwise what the store's STS says.
    pub async fn issue(
        &self,
        kind: GrantKind,
        batch: &BatchId,
        prefix: &BatchPrefix,
        rules: &Rules,
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
                    headers: owned(self.bucket.options().headers()),
                    fields: owned(self.bucket.options().fields()),
                    issued_at: unix_millis(issued),
                    expires_at: unix_millis(session.expires_at),
                }))
            }
            (GrantKind::PostPolicy, _) => {
                let key =
                    signing::key(&self.bucket, batch.as_str(), prefix.as_str(), self.life.session).await?;
                let ends = end(issued, self.life.session, key.ends);
                Ok(Grant::PostPolicy(PostPolicyGrant {
                    fields: form::sign(&key, &self.bucket, prefix, rules, (issued, ends)),
                    issued_at: unix_millis(issued),
                    expires_at: unix_millis(ends),
                }))
            }
            (GrantKind::SignedUrls, _) => Ok(Grant::SignedUrls(SignedUrlsGrant {
                issued_at: unix_millis(issued),
                expires_at: unix_millis(issued + self.life.session),
            })),
            (kind, _) => Err(GrantError::Unsupported(kind)),
        }
    }

    /// Presigns PUTs of objects below a project's prefix, all with one end. `bases` are places of the store's host
    /// names that the URLs may lead to; none: any.
    ///
    /// The end is `life` from now, or earlier if the credentials that sign end earlier: a URL dies with them.
    ///
    /// # Errors
    /// If there are no credentials to sign with.
    pub async fn presign(
        &self,
        project: &ProjectPrefix,
        (targets, bases): (&[PutTarget<'_>], &[u32]),
        life: Duration,
    ) -> Result<PresignedPage, StoreFault> {
        let key = self.signing.get(&self.bucket, project, life, self.life.session).await?;
        let (now, ends) = span(life, key.ends);
        let signer = PageSigner::new(&key, (&self.bucket, bases), now, ends);
        let urls = targets.iter().map(|target| signer.put(target)).collect();
        Ok(PresignedPage { urls, expires_at: unix_millis(ends) })
    }

    /// Presigns what an upload in parts needs, like [`presign`](Self::presign).
    ///
    /// # Errors
    /// If there are no credentials to sign with.
    pub async fn presign_upload(
        &self,
        project: &ProjectPrefix,
        (target, bases): (&UploadTarget<'_>, &[u32]),
    ) -> Result<SignedUpload, StoreFault> {
        let life = self.life.url;
        let key = self.signing.get(&self.bucket, project, life, self.life.session).await?;
        let (now, ends) = span(life, key.ends);
        let signer = PageSigner::new(&key, (&self.bucket, bases), now, ends);
        Ok(signer.upload(target, unix_millis(ends), unix_millis(now)))
    }

    /// Puts an object below a project's prefix, with the key that would have signed a URL for it.
    ///
    /// # Errors
    /// If there are no credentials to sign with; what the store says.
    pub async fn put(
        &self,
        project: &ProjectPrefix,
        object: NewObject<'_>,
        content: ByteStream,
    ) -> Result<PutObject, StoreFault> {
        let key = self.signing.get(&self.bucket, project, put::LASTS, self.life.session).await?;
        put::put(&self.bucket, &key, object, content).await
    }
}

/// As the wire has pairs.
fn owned(pairs: Vec<(&'static str, String)>) -> Vec<(String, String)> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// From now on, for that long.
fn span(life: Duration, credentials: Option<SystemTime>) -> (SystemTime, SystemTime) {
    let now = SystemTime::now();
    (now, end(now, life, credentials))
}

/// When something ends that is to live that long: never later than the credentials that sign it.
fn end(now: SystemTime, life: Duration, credentials: Option<SystemTime>) -> SystemTime {
    credentials.map_or(now + life, |ends| ends.min(now + life))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outlives_the_credentials_that_signed_it() {
        let (now, hour) = (UNIX_EPOCH, Duration::from_secs(3_600));
        assert_eq!(end(now, hour, None), now + hour);
        assert_eq!(end(now, hour, Some(now + hour / 2)), now + hour / 2);
        assert_eq!(end(now, hour, Some(now + hour * 2)), now + hour);
    }
}

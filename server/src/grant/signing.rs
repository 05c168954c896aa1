//! What URLs and POST policies are signed with.
//!
//! With a role: a session of it that may write below one prefix only. Without: the server's own identity. The keys of
//! URLs, one for each project's prefix, are kept until too little of them is left, so that a page of URLs seldom costs
//! a request to STS.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sigv4::{Credentials, Signer};
use tokio::sync::Mutex;

use super::{ProjectPrefix, RoleArn, SessionPolicy, assume};
use crate::bucket::{Bucket, StoreFault};

/// A signer, and when its credentials end, if they do.
#[derive(Debug)]
pub(super) struct SigningKey {
    pub(super) signer: Signer,
    pub(super) ends: Option<SystemTime>,
}

/// The keys that are kept, one for each project; without a role, the same identity under each of them.
#[derive(Debug, Default)]
pub(super) struct SigningKeys {
    // Held while STS is asked: of many requests that find the session too old, one renews it and the others wait.
    kept: Mutex<HashMap<ProjectPrefix, Arc<SigningKey>>>,
}

impl SigningKeys {
    /// A key for a project's prefix that lasts for `wanted`, or at least for half of a session.
    pub(super) async fn get(
        &self,
        bucket: &Bucket,
        project: &ProjectPrefix,
        wanted: Duration,
        session: Duration,
    ) -> Result<Arc<SigningKey>, StoreFault> {
        let mut kept = self.kept.lock().await;
        let needed = SystemTime::now() + wanted.min(session / 2);
        if let Some(key) = kept.get(project).filter(|key| key.ends.is_none_or(|ends| ends >= needed)) {
            return Ok(Arc::clone(key));
        }
        let name = format!("urls-{}", project.as_str().replace('/', "."));
        let key = Arc::new(self::key(bucket, &name, project.as_str(), session).await?);
        kept.insert(project.clone(), Arc::clone(&key));
        Ok(key)
    }
}

/// A fresh key for a prefix with its slash at the end. `what` goes into the session's name.
pub(super) async fn key(
    bucket: &Bucket,
    what: &str,
    prefix: &str,
    session: Duration,
) -> Result<SigningKey, StoreFault> {
    match bucket.role() {
        Some(role) => limited(bucket, role, what, prefix, session).await,
        None => own(bucket).await,
    }
}

/// A session of the role for a prefix.
async fn limited(
    bucket: &Bucket,
    role: &RoleArn,
    what: &str,
    prefix: &str,
    session: Duration,
) -> Result<SigningKey, StoreFault> {
    let policy = SessionPolicy::for_prefix(role.partition(), bucket.name(), prefix);
    let name = assume::session_name(what);
    let given = assume::role(bucket, role, &name, &policy, session).await?;
    let credentials = Credentials {
        access_key_id: given.access_key_id,
        secret_access_key: given.secret_access_key,
        session_token: Some(given.session_token),
    };
    Ok(SigningKey { signer: Signer::s3(credentials, &bucket.address().region), ends: Some(given.expires_at) })
}

/// The server's own identity.
pub(super) async fn own(bucket: &Bucket) -> Result<SigningKey, StoreFault> {
    let own = bucket.identity().await?;
    let credentials = Credentials {
        access_key_id: own.access_key_id().to_owned(),
        secret_access_key: own.secret_access_key().to_owned(),
        session_token: own.session_token().map(str::to_owned),
    };
    Ok(SigningKey { signer: Signer::s3(credentials, &bucket.address().region), ends: own.expiry() })
}

//! The secrets that `s3s` verifies signatures with.

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::identity::StoreIdentity;
use crate::session::{KEY_PREFIX, Sessions};

/// Knows the long-lived secret, and derives those of sessions.
#[derive(Debug)]
pub(crate) struct Auth {
    identity: StoreIdentity,
    sessions: Sessions,
}

impl Auth {
    pub(crate) fn new(identity: StoreIdentity, sessions: Sessions) -> Self {
        Self { identity, sessions }
    }
}

#[async_trait::async_trait]
impl S3Auth for Auth {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.identity.access_key_id {
            Ok(SecretKey::from(self.identity.secret_access_key.expose()))
        } else if access_key.starts_with(KEY_PREFIX) {
            // Only whoever got it from STS knows it; the gate has asked for the token that goes with it.
            Ok(SecretKey::from(self.sessions.secret(access_key).expose()))
        } else {
            Err(unknown_key())
        }
    }
}

/// The refusal of an access key that the store did not give out.
pub(crate) fn unknown_key() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::InvalidAccessKeyId,
        "The AWS Access Key Id you provided does not exist in our records.",
    )
}

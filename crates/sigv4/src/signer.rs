//! The signer: credentials, region, service, and the key of the day.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use hmac::Hmac;
use sha2::Sha256;

use crate::{Credentials, Timestamp, digest};

/// The one algorithm of this crate, as requests name it.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Signs for one set of credentials, one region and one service.
///
/// The signing key holds for a day of UTC and takes four HMACs to derive, so it is kept: signing thousands of
/// requests derives it once. Refreshed credentials need a new signer.
pub struct Signer {
    credentials: Credentials,
    region: String,
    service: String,
    key: Mutex<Option<DayKey>>,
}

/// An HMAC that has taken in the signing key of one day.
struct DayKey {
    day: u64,
    keyed: Hmac<Sha256>,
}

impl Signer {
    /// A signer for any service with the rules of S3 for paths.
    #[must_use]
    pub fn new(credentials: Credentials, region: impl Into<String>, service: impl Into<String>) -> Self {
        Self { credentials, region: region.into(), service: service.into(), key: Mutex::new(None) }
    }

    /// A signer for S3.
    #[must_use]
    pub fn s3(credentials: Credentials, region: impl Into<String>) -> Self {
        Self::new(credentials, region, "s3")
    }

    /// The credentials it signs with.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// `20130524/us-east-1/s3/aws4_request`: what the signing key is good for.
    fn scope(&self, now: Timestamp) -> String {
        format!("{}/{}/{}/aws4_request", now.date(), self.region, self.service)
    }

    /// The access key id and the scope, as requests name them.
    pub(crate) fn credential(&self, now: Timestamp) -> String {
        format!("{}/{}", self.credentials.access_key_id, self.scope(now))
    }

    /// Signs a canonical request by its hash.
    pub(crate) fn sign_canonical(&self, hash: &str, now: Timestamp) -> String {
        self.sign(&format!("{ALGORITHM}\n{now}\n{}\n{hash}", self.scope(now)), now)
    }

    /// Signs a text with the key of the day.
    pub(crate) fn sign(&self, text: &str, now: Timestamp) -> String {
        digest::hex(&digest::mac(self.key_of(now), text.as_bytes()))
    }

    fn key_of(&self, now: Timestamp) -> Hmac<Sha256> {
        // What is behind the lock is always whole, so a panic elsewhere cannot have spoilt it.
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(key) if key.day == now.day() => key.keyed.clone(),
            _ => {
                let keyed = self.derive(now);
                *kept = Some(DayKey { day: now.day(), keyed: keyed.clone() });
                keyed
            }
        }
    }

    fn derive(&self, now: Timestamp) -> Hmac<Sha256> {
        let secret = format!("AWS4{}", self.credentials.secret_access_key);
        let date = digest::mac(digest::keyed(secret.as_bytes()), now.date().as_bytes());
        let region = digest::mac(digest::keyed(&date), self.region.as_bytes());
        let service = digest::mac(digest::keyed(&region), self.service.as_bytes());
        digest::keyed(&digest::mac(digest::keyed(&service), b"aws4_request"))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("credentials", &self.credentials)
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

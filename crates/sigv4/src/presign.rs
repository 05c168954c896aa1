//! Presigned URLs: the signature travels in the query.

use std::{error::Error, fmt};

use crate::{BaseUrl, Method, Signer, Timestamp, canonical, object_url, signer::ALGORITHM};

/// How long a presigned URL holds, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expires(u32);

impl Expires {
    /// A week, the most that S3 takes (S3 API reference, "Authenticating Requests: Using Query Parameters").
    pub const MAX: Self = Self(604_800);

    /// From 1 second to [`Expires::MAX`].
    ///
    /// # Errors
    /// For no time at all, or more than a week.
    pub fn from_seconds(seconds: u32) -> Result<Self, ExpiresError> {
        match seconds {
            1..=604_800 => Ok(Self(seconds)),
            other => Err(ExpiresError(other)),
        }
    }

    /// In seconds.
    #[must_use]
    pub fn as_seconds(self) -> u32 {
        self.0
    }
}

/// A presigned URL cannot hold that many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiresError(u32);

impl fmt::Display for ExpiresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a presigned URL holds for 1 to 604800 seconds, not for {}", self.0)
    }
}

impl Error for ExpiresError {}

/// A URL to be presigned. Keys, names and values are plain text: they are encoded here.
#[derive(Debug, Clone, Copy)]
pub struct Presign<'a> {
    /// The only method it will be good for.
    pub method: Method,
    /// The bucket.
    pub base: &'a BaseUrl,
    /// The key, empty for the bucket itself. Not one with `.` or `..` segments for a browser:
    /// see [`encode_path`](crate::encode_path).
    pub key: &'a str,
    /// More of the query, such as `uploadId`, without the names that signing adds.
    pub query: &'a [(&'a str, &'a str)],
    /// Headers to sign besides `host`: whoever uses the URL must send exactly these. The body is not signed.
    pub headers: &'a [(&'a str, &'a str)],
    /// How long it holds, counted from the moment of signing. It ends with its credentials if they end sooner.
    pub expires: Expires,
}

impl Signer {
    /// Presigns a URL, at that moment of the store's clock.
    ///
    /// The URL is a permission: it is as secret as a password while it holds.
    #[must_use]
    pub fn presign(&self, wanted: &Presign<'_>, now: Timestamp) -> String {
        let headers = canonical::CanonicalHeaders::new(wanted.base, wanted.headers.iter().copied());
        let (credential, date, expires) =
            (self.credential(now), now.to_string(), wanted.expires.0.to_string());
        let names = headers.names();
        let token = self.credentials().session_token.as_deref();
        let added = [
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &date),
            ("X-Amz-Expires", &expires),
            ("X-Amz-SignedHeaders", &names),
        ];
        let added = added.into_iter().chain(token.map(|token| ("X-Amz-Security-Token", token)));

        let query = canonical::query(added.chain(wanted.query.iter().copied()));
        let hash = canonical::hash(
            wanted.method.as_str(),
            wanted.base,
            wanted.key,
            &query,
            &headers,
            "UNSIGNED-PAYLOAD",
        );
        let signature = self.sign_canonical(&hash, now);
        format!("{}?{query}&X-Amz-Signature={signature}", object_url(wanted.base, wanted.key))
    }
}

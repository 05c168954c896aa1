//! Presigned PUTs.
//!
//! The size is part of the signature, as `Content-Length`, which every HTTP client sends by itself: the URL takes
//! nothing that is longer or shorter than what was announced. The media type is part of it only where the client can
//! be told to send it; `curl --upload-file` sends none.

use std::fmt;
use std::time::{Duration, SystemTime};

use sigv4::{Expires, Method, Presign, Timestamp};

use super::signing::SigningKey;
use super::unix_millis;
use crate::bucket::Bucket;

/// An object to be put.
#[derive(Debug, Clone, Copy)]
pub struct PutTarget<'a> {
    /// Its whole key.
    pub key: &'a str,
    /// Bytes.
    pub size: u64,
    /// Which of the store's host names it goes to, counted on and on.
    pub turn: u32,
    /// What the client says it is.
    pub media_type: Sent<'a>,
}

/// Whether the client must send its media type.
#[derive(Debug, Clone, Copy)]
pub enum Sent<'a> {
    /// It must, exactly this one: the signature covers it.
    Required(&'a str),
    /// It may send any or none.
    AsItLikes,
}

/// A URL that takes one object.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedPut {
    /// The URL, signature and all; never logged.
    pub url: String,
    /// Headers that must be sent as they are. `Content-Length` is signed too, and not listed: clients send it by
    /// themselves, and browsers let nobody set it.
    pub headers: Vec<(String, String)>,
}

impl fmt::Debug for PresignedPut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresignedPut").field("url", &"******").field("headers", &self.headers).finish()
    }
}

/// Signs a page of URLs at one moment, for one span of time.
pub(super) struct PageSigner<'a> {
    key: &'a SigningKey,
    bucket: &'a Bucket,
    now: Timestamp,
    expires: Expires,
}

impl<'a> PageSigner<'a> {
    pub(super) fn new(key: &'a SigningKey, bucket: &'a Bucket, now: SystemTime, life: Duration) -> Self {
        // Whole seconds, and at least one: a URL of no time at all cannot be written.
        let life = u32::try_from(life.as_secs()).unwrap_or(u32::MAX).max(1);
        Self {
            key,
            bucket,
            now: Timestamp::from_unix_millis(unix_millis(now).0),
            expires: Expires::from_seconds(life).unwrap_or(Expires::MAX),
        }
    }

    pub(super) fn put(&self, target: &PutTarget<'_>) -> PresignedPut {
        let size = target.size.to_string();
        let mut headers = vec![("content-length", size.as_str())];
        if let Sent::Required(media_type) = target.media_type {
            headers.push(("content-type", media_type));
        }
        let wanted = Presign {
            method: Method::Put,
            base: self.bucket.base(target.turn),
            key: target.key,
            query: &[],
            headers: &headers,
            expires: self.expires,
        };
        let told = headers.iter().filter(|(name, _)| *name != "content-length");
        PresignedPut {
            url: self.key.signer.presign(&wanted, self.now),
            headers: told.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }
}

//! Presigned URLs.
//!
//! The size is part of the signature, as `Content-Length`, which every HTTP client sends by itself: the URL takes
//! nothing that is longer or shorter than what was announced. The media type is part of it only where the client can
//! be told to send it; `curl --upload-file` sends none. The owner's storage class and tags always are, so who sends them
//! must send these: an object without them would be another than the owner wants.
//!
//! Each part of an upload in parts is held to its own length in the same way, and only the numbers that the file has are
//! signed, so all of them together take no more than was announced.

use std::fmt;
use std::time::SystemTime;

use sigv4::{Expires, Method, Presign, Timestamp};
use transfer::wire::{PartPlan, SignedPart, SignedUpload, UnixMillis};

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

/// An object to be put in parts.
#[derive(Debug, Clone, Copy)]
pub struct UploadTarget<'a> {
    /// Its whole key.
    pub key: &'a str,
    /// How it is divided.
    pub plan: PartPlan,
    /// Which of the store's host names it begins with, counted on and on.
    pub turn: u32,
    /// What it is.
    pub media_type: &'a str,
    /// What the store calls the upload, if it was begun.
    pub upload: Option<&'a str>,
    /// The list of parts is to begin behind this one.
    pub after: u32,
    /// Which parts.
    pub parts: &'a [u32],
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
    /// Which of the bucket's URLs; none: all.
    bases: &'a [u32],
    now: Timestamp,
    expires: Expires,
}

impl<'a> PageSigner<'a> {
    pub(super) fn new(
        key: &'a SigningKey,
        (bucket, bases): (&'a Bucket, &'a [u32]),
        now: SystemTime,
        ends: SystemTime,
    ) -> Self {
        let life = ends.duration_since(now).unwrap_or_default();
        // Whole seconds, and at least one: a URL of no time at all cannot be written.
        let life = u32::try_from(life.as_secs()).unwrap_or(u32::MAX).max(1);
        Self {
            key,
            bucket,
            bases,
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
        let options = self.bucket.options().headers();
        headers.extend(options.iter().map(|(name, value)| (*name, value.as_str())));
        let url = self.url(Method::Put, (target.key, target.turn), &[], &headers);
        let told = headers.iter().filter(|(name, _)| *name != "content-length");
        PresignedPut {
            url,
            headers: told.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    /// The URL that begins an upload in parts; or, where it was begun, those for the rest of it. `ends` is when all of
    /// them end, and `now` what is answered as the server's time.
    pub(super) fn upload(
        &self,
        target: &UploadTarget<'_>,
        ends: UnixMillis,
        now: UnixMillis,
    ) -> SignedUpload {
        let mut signed = SignedUpload {
            part_size: target.plan.part_size(),
            create: None,
            headers: Vec::new(),
            list: None,
            complete: None,
            abort: None,
            parts: Vec::new(),
            expires_at: ends,
            server_time: now,
        };
        let first = (target.key, target.turn);
        let Some(upload) = target.upload else {
            let options = self.bucket.options().headers();
            let options = options.iter().map(|(name, value)| (*name, value.as_str()));
            let headers: Vec<_> = [("content-type", target.media_type)].into_iter().chain(options).collect();
            signed.create = Some(self.url(Method::Post, first, &[("uploads", "")], &headers));
            signed.headers =
                headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            return signed;
        };
        let id = ("uploadId", upload);
        let after = target.after.to_string();
        let list = [id, ("part-number-marker", after.as_str())];
        let listed = if target.after == 0 { &list[..1] } else { &list[..] };
        signed.list = Some(self.url(Method::Get, first, listed, &[]));
        signed.complete = Some(self.url(Method::Post, first, &[id], &[]));
        signed.abort = Some(self.url(Method::Delete, first, &[id], &[]));
        let own = |number: &&u32| (1..=target.plan.parts()).contains(*number);
        signed.parts = target.parts.iter().filter(own).map(|&number| self.part(target, id, number)).collect();
        signed
    }

    fn part(&self, target: &UploadTarget<'_>, id: (&str, &str), number: u32) -> SignedPart {
        let (from, to) = target.plan.range(number);
        let (length, digits) = ((to - from).to_string(), number.to_string());
        let to = (target.key, target.turn.wrapping_add(number));
        let query = [("partNumber", digits.as_str()), id];
        SignedPart { number, url: self.url(Method::Put, to, &query, &[("content-length", &length)]) }
    }

    fn url(
        &self,
        method: Method,
        (key, turn): (&str, u32),
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> String {
        let base = self.bucket.base_among(turn, self.bases);
        self.key
            .signer
            .presign(&Presign { method, base, key, query, headers, expires: self.expires }, self.now)
    }
}

//! Listing what lies below a prefix, a page of 1,000 objects at a time.

use aws_sdk_s3::types::{EncodingType, Object};
use transfer::wire::UnixMillis;

use super::{Bucket, StoreFault};
use crate::grant::{BatchPrefix, ProjectPrefix};

/// What the store says of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Its ETag without quotes, if the store gave one.
    pub etag: Option<String>,
    /// When it was stored, if the store said so.
    pub stored_at: Option<UnixMillis>,
}

/// A listing on its way.
#[derive(Debug)]
pub struct Listing<'a> {
    bucket: &'a Bucket,
    prefix: &'a str,
    next: Next,
}

#[derive(Debug)]
enum Next {
    First,
    After(String),
    Done,
}

impl Bucket {
    /// Lists a batch's prefix.
    #[must_use]
    pub fn list<'a>(&'a self, prefix: &'a BatchPrefix) -> Listing<'a> {
        Listing { bucket: self, prefix: prefix.as_str(), next: Next::First }
    }

    /// Lists a project's prefix: all of its batches, in the order of their keys.
    #[must_use]
    pub fn list_project<'a>(&'a self, prefix: &'a ProjectPrefix) -> Listing<'a> {
        Listing { bucket: self, prefix: prefix.as_str(), next: Next::First }
    }
}

impl Listing<'_> {
    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// If the store does not answer, or refuses.
    pub async fn page(&mut self) -> Result<Option<Vec<StoredObject>>, StoreFault> {
        let token = match std::mem::replace(&mut self.next, Next::Done) {
            Next::First => None,
            Next::After(token) => Some(token),
            Next::Done => return Ok(None),
        };
        let answer = self
            .bucket
            .s3()
            .list_objects_v2()
            .bucket(self.bucket.name().as_str())
            .prefix(self.prefix)
            // A leaked grant could add a key that XML cannot carry, and no listing could be read any more.
            .encoding_type(EncodingType::Url)
            .set_continuation_token(token)
            .send()
            .await
            .map_err(|error| StoreFault::sdk("ListObjectsV2", &error))?;
        if answer.is_truncated() == Some(true) {
            let token = answer.next_continuation_token();
            let token = token.ok_or_else(|| StoreFault::incomplete("ListObjectsV2", "continuation token"))?;
            self.next = Next::After(token.to_owned());
        }
        // Stores that do not know the parameter do not echo it, and answer the keys as they are.
        let encoded = answer.encoding_type() == Some(&EncodingType::Url);
        Ok(Some(answer.contents().iter().filter_map(|object| stored(object, encoded)).collect()))
    }
}

fn stored(object: &Object, encoded: bool) -> Option<StoredObject> {
    let key = object.key()?;
    Some(StoredObject {
        key: if encoded { decoded(key) } else { key.to_owned() },
        size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        etag: object.e_tag().and_then(bare_etag),
        stored_at: object
            .last_modified()
            .and_then(|time| u64::try_from(time.to_millis().ok()?).ok())
            .map(UnixMillis),
    })
}

/// An ETag without its quotes; `None` if nothing is left.
pub(crate) fn bare_etag(etag: &str) -> Option<String> {
    let bare = etag.trim().trim_matches('"');
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// Undoes the encoding of keys in listings, where a space is `+` on AWS and `%20` on Ceph.
fn decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_out_of_a_listing_as_they_went_in() {
        assert_eq!(decoded("p/a+b%2Bc%20d%25.jpg"), "p/a b+c d%.jpg");
        assert_eq!(decoded("p/%F0%9F%8F%96.jpg"), "p/🏖.jpg");
        assert_eq!(decoded("100%"), "100%");
    }

    #[test]
    fn an_empty_etag_is_none() {
        assert_eq!(bare_etag("\"abc\""), Some("abc".to_owned()));
        assert_eq!(bare_etag("\"\""), None);
    }
}

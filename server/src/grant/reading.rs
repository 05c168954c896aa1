//! Presigned URLs to read one object each.
//!
//! Signed by the server's own identity: sessions for uploads can read nothing, and stay so. The moment of signing is the
//! begin of a few minutes' window, so that the same image has the same URL for a while and browsers need not load it
//! again when somebody scrolls back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sigv4::{Expires, Method, Presign, Timestamp};
use transfer::wire::UnixMillis;

use super::signing::{self, SigningKey};
use super::{Grants, end, unix_millis};
use crate::bucket::{Bucket, StoreFault};

/// How long one URL of an object is answered, in seconds.
const WINDOW_S: u64 = 300;

/// How long it holds, from the begin of its window.
const LIFE: Duration = Duration::from_secs(900);

/// What a browser may keep by itself: as long as the URL holds, for nobody else.
const CACHED: &str = "private, max-age=900";

/// What the object is read for.
#[derive(Debug, Clone, Copy)]
pub enum Reading<'a> {
    /// To be drawn, as that type and no other.
    Look {
        /// Whatever the object says of itself.
        media_type: &'a str,
    },
    /// To be kept as a file of that name; no page opens it.
    Keep {
        /// The file's name.
        name: &'a str,
    },
}

/// Signs URLs of one window.
#[derive(Debug)]
pub struct Reader<'a> {
    bucket: &'a Bucket,
    key: SigningKey,
    from: SystemTime,
    ends: SystemTime,
}

impl Grants {
    /// What signs URLs to read.
    ///
    /// # Errors
    /// If there are no credentials to sign with.
    pub async fn reader(&self) -> Result<Reader<'_>, StoreFault> {
        let key = signing::own(self.bucket()).await?;
        let now = SystemTime::now();
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let from = UNIX_EPOCH + Duration::from_secs(since - since % WINDOW_S);
        let ends = end(from, LIFE, key.ends);
        Ok(Reader { bucket: self.bucket(), key, from, ends })
    }
}

impl Reader<'_> {
    /// When the URLs end.
    #[must_use]
    pub fn expires_at(&self) -> UnixMillis {
        unix_millis(self.ends)
    }

    /// A URL to read one object.
    #[must_use]
    pub fn url(&self, key: &str, reading: Reading<'_>) -> String {
        let disposition;
        let query = match reading {
            Reading::Look { media_type } => {
                [("response-cache-control", CACHED), ("response-content-type", media_type)]
            }
            Reading::Keep { name } => {
                disposition = attachment(name);
                [
                    ("response-content-disposition", disposition.as_str()),
                    ("response-content-type", "application/octet-stream"),
                ]
            }
        };
        let life = self.ends.duration_since(self.from).unwrap_or_default().as_secs();
        let life = u32::try_from(life).unwrap_or(u32::MAX).max(1);
        // One image comes from one host name, or it would be loaded again from each.
        let turn = key.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let wanted = Presign {
            method: Method::Get,
            base: self.bucket.base(turn),
            key,
            query: &query,
            headers: &[],
            expires: Expires::from_seconds(life).unwrap_or(Expires::MAX),
        };
        self.key.signer.presign(&wanted, Timestamp::from_unix_millis(unix_millis(self.from).0))
    }
}

/// A header's value that names a file, whatever it is called (RFC 6266, RFC 8187).
fn attachment(name: &str) -> String {
    let mut value = "attachment; filename*=UTF-8''".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn any_name_goes_into_a_header() {
        assert_eq!(attachment("Ü 1\";\r\n.jpg"), "attachment; filename*=UTF-8''%C3%9C%201%22%3B%0D%0A.jpg");
    }
}

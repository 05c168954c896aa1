//! Signing a request by its headers.

use crate::{BaseUrl, Signer, Timestamp, canonical, digest, object_url, signer::ALGORITHM};

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
}

impl Method {
    /// As requests write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// What a signature says of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Nothing: `UNSIGNED-PAYLOAD`. The store takes whatever body comes.
    Unsigned,
    /// Its SHA-256: the store refuses any other body.
    Sha256([u8; 32]),
}

impl Payload {
    /// Hashes a body that is at hand.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self::Sha256(digest::sha256(body))
    }

    /// From a SHA-256 in hexadecimal, of 64 digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut hash = [0; 32];
        if digits.len() != hash.len() * 2 {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok())?;
                *byte = *byte << 4 | value;
            }
        }
        Some(Self::Sha256(hash))
    }

    fn text(self) -> String {
        match self {
            Self::Unsigned => "UNSIGNED-PAYLOAD".to_owned(),
            Self::Sha256(hash) => digest::hex(&hash),
        }
    }
}

/// A request to be signed. Keys, names and values are plain text: they are encoded here.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The bucket.
    pub base: &'a BaseUrl,
    /// The key, empty for the bucket itself. Not one with `.` or `..` segments in a browser:
    /// see [`encode_path`](crate::encode_path).
    pub key: &'a str,
    /// The query; a name alone has an empty value.
    pub query: &'a [(&'a str, &'a str)],
    /// Headers to sign besides `host` and those that signing adds. They must be sent as they are here.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub payload: Payload,
}

/// Where to send a signed request, and what to add to it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The URL with the query.
    pub url: String,
    /// `x-amz-content-sha256`, `x-amz-date`, `x-amz-security-token` where there is one, `authorization`.
    pub headers: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedRequest").field("url", &self.url).field("headers", &"******").finish()
    }
}

impl Signer {
    /// Signs a request with headers, at that moment of the store's clock.
    #[must_use]
    pub fn sign_request(&self, request: &Request<'_>, now: Timestamp) -> SignedRequest {
        let payload = request.payload.text();
        let mut added = vec![("x-amz-content-sha256", payload.clone()), ("x-amz-date", now.to_string())];
        if let Some(token) = &self.credentials().session_token {
            added.push(("x-amz-security-token", token.clone()));
        }

        let all = request.headers.iter().copied();
        let all = all.chain(added.iter().map(|(name, value)| (*name, value.as_str())));
        let headers = canonical::CanonicalHeaders::new(request.base, all);
        let query = canonical::query(request.query.iter().copied());
        let hash =
            canonical::hash(request.method.as_str(), request.base, request.key, &query, &headers, &payload);

        added.push((
            "authorization",
            format!(
                "{ALGORITHM} Credential={},SignedHeaders={},Signature={}",
                self.credential(now),
                headers.names(),
                self.sign_canonical(&hash, now)
            ),
        ));
        let mut url = object_url(request.base, request.key);
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        SignedRequest { url, headers: added }
    }
}

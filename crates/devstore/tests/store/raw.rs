//! Requests by hand, signed.

#[path = "../support/http.rs"]
mod http;

use std::time::SystemTime;

use aws_credential_types::Credentials;
pub(crate) use http::{Answer, read_answer, send, send_to};
use sigv4::{BaseUrl, Method, Payload, Request, Signer, Timestamp};

use crate::harness::{BUCKET, TestStore};

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_unix_millis(u64::try_from(since.as_millis()).unwrap())
}

pub(crate) fn signer(credentials: &Credentials) -> Signer {
    Signer::s3(
        sigv4::Credentials {
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: credentials.secret_access_key().to_owned(),
            session_token: credentials.session_token().map(str::to_owned),
        },
        "us-east-1",
    )
}

/// A request to the bucket, ready to be signed and bent.
pub(crate) struct Signed {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl TestStore {
    pub(crate) fn base(&self) -> BaseUrl {
        BaseUrl::parse(&format!("{}/{BUCKET}", self.endpoint())).unwrap()
    }

    /// Signs; `headers` are signed and sent.
    pub(crate) fn sign(
        &self,
        credentials: &Credentials,
        method: Method,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        payload: Payload,
    ) -> Signed {
        let base = self.base();
        let request = Request { method, base: &base, key, query, headers, payload };
        let signed = signer(credentials).sign_request(&request, now());
        let target = signed.url.strip_prefix(&self.endpoint()).unwrap().to_owned();
        let own = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let added = signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value));
        Signed { target, headers: own.chain(added).collect() }
    }

    pub(crate) async fn send(&self, method: &str, signed: &Signed, body: &[u8]) -> Answer {
        let headers: Vec<(&str, &str)> =
            signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        send(self.addr, method, &signed.target, &headers, body).await
    }

    /// A signed PUT of `key`, with headers of one's own.
    pub(crate) async fn raw_put(
        &self,
        credentials: &Credentials,
        key: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let signed = self.sign(credentials, Method::Put, key, &[], headers, Payload::Unsigned);
        self.send("PUT", &signed, body).await
    }
}

//! Requests as a browser makes them: to the public names, with an origin, and without the SDK's help.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use sigv4::{BaseUrl, Method, Payload, Request, Signer, Timestamp};

use crate::clock;

/// How long one answer may take. People wait for the doctor.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers are read up to here. What a check looks for is in the headers, or in a page of a listing.
const MOST: usize = 64 * 1024;

/// What the worker sends besides what needs no question, in the order in which browsers ask. A storage class and tags
/// come behind these.
pub(super) const HEADERS: [&str; 8] = [
    "authorization",
    "content-type",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-type",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
];

/// Somebody with a browser on our page.
#[derive(Debug)]
pub(super) struct Browser {
    origin: String,
    plain: Connector,
    /// Made when it is first needed: a bare machine has no root certificates, and a store on loopback needs none.
    secure: std::sync::OnceLock<Connector>,
}

/// What the store answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Browser {
    pub(super) fn new(origin: String) -> Self {
        Self { origin, plain: Connector::builder().build_http(), secure: std::sync::OnceLock::new() }
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Asks whether a page may send such a request. All headers that the worker sends are asked for, and these.
    pub(super) async fn preflight(
        &self,
        base: &BaseUrl,
        key: &str,
        (method, more): (&str, &[&str]),
    ) -> Result<Answer, String> {
        let names = [&HEADERS, more].concat().join(",");
        let headers =
            [("access-control-request-method", method), ("access-control-request-headers", names.as_str())];
        self.send("OPTIONS", &sigv4::object_url(base, key), &headers, Vec::new()).await
    }

    /// Sends a signed request.
    pub(super) async fn signed(
        &self,
        signer: &Signer,
        method: Method,
        base: &BaseUrl,
        target: Target<'_>,
    ) -> Result<Answer, String> {
        let request = Request {
            method,
            base,
            key: target.key,
            query: target.query,
            headers: target.headers,
            payload: Payload::of(target.body),
        };
        let signed = signer.sign_request(&request, now());
        let mut headers = target.headers.to_vec();
        headers.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_str())));
        self.send(method.as_str(), &signed.url, &headers, target.body.to_vec()).await
    }

    /// Sends a request. An error is what happened instead of an answer.
    pub(super) async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).map_err(|error| error.to_string())?;
        request.set_uri(url).map_err(|error| error.to_string())?;
        for (name, value) in headers {
            request.headers_mut().insert((*name).to_owned(), (*value).to_owned());
        }
        request.headers_mut().insert("origin", self.origin.clone());
        let connector = if url.starts_with("https:") { self.secure() } else { &self.plain };
        match tokio::time::timeout(PATIENCE, read(connector, request)).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
        }
    }

    fn secure(&self) -> &Connector {
        self.secure
            .get_or_init(|| Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
    }
}

/// What a signed request is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Target<'a> {
    pub(super) key: &'a str,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

async fn read(connector: &Connector, request: HttpRequest) -> Result<Answer, String> {
    let response = connector.call(request).await.map_err(|error| {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        text
    })?;
    let status = response.status().as_u16();
    let headers =
        response.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = ByteStream::new(response.into_body()).collect().await.map_err(|error| error.to_string())?;
    let body = body.into_bytes();
    let body = String::from_utf8_lossy(body.get(..MOST).unwrap_or(&body)).into_owned();
    Ok(Answer { status, headers, body })
}

/// The moment that signatures name.
pub(super) fn now() -> Timestamp {
    Timestamp::from_unix_millis(clock::now().0)
}

impl Answer {
    /// A header, or nothing.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// Whether a header lists a word, or everything.
    pub(super) fn lists(&self, name: &str, word: &str) -> bool {
        self.header(name)
            .split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.eq_ignore_ascii_case(word))
    }

    /// Whether it did what was asked.
    pub(super) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The code of S3's error document, or else the status.
    pub(super) fn refusal(&self) -> String {
        let code = self.body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        code.map_or_else(|| self.status.to_string(), |(code, _)| code.to_owned())
    }
}

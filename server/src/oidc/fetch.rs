//! Asking the provider: with a limit on time and on size, and without following it anywhere else.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::config::is_private;

/// How long one answer may take: somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most bytes of an answer. A token that lists hundreds of groups has some tens of thousands.
const MOST: usize = 1 << 20;

/// Why there is no answer. Names the address, never what was sent to it.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {why}")]
pub struct FetchError {
    url: String,
    why: String,
}

/// The connections; certificates are checked against those that this machine trusts.
#[derive(Debug)]
pub(super) struct Fetch {
    plain: Connector,
    /// Made when it is first needed: a bare machine has no root certificates, and a provider on loopback needs none.
    secure: OnceLock<Connector>,
}

impl Fetch {
    pub(super) fn new() -> Self {
        Self { plain: Connector::builder().build_http(), secure: OnceLock::new() }
    }

    /// What is published for all.
    pub(super) async fn public<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        self.json(url, request("GET", SdkBody::empty(), None)).await
    }

    /// What a token gives access to.
    pub(super) async fn bearer<T: DeserializeOwned>(
        &self,
        url: &str,
        token: &SecretString,
    ) -> Result<T, FetchError> {
        self.json(url, request("GET", SdkBody::empty(), Some(format!("Bearer {}", token.expose_secret()))))
            .await
    }

    /// What a form is answered.
    pub(super) async fn form<T: DeserializeOwned>(
        &self,
        url: &str,
        form: &str,
        basic: Option<&SecretString>,
    ) -> Result<T, FetchError> {
        let authorization = basic.map(|basic| format!("Basic {}", basic.expose_secret()));
        let request = request("POST", SdkBody::from(form), authorization).map(|mut request| {
            request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
            request
        });
        self.json(url, request).await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        url: &str,
        request: Result<HttpRequest, String>,
    ) -> Result<T, FetchError> {
        let failed = |why: String| FetchError { url: url.to_owned(), why };
        if !is_private(url) {
            return Err(failed(
                "secrets are not sent in the clear; the provider must be at an https URL".to_owned(),
            ));
        }
        let mut request = request.map_err(failed)?;
        request.set_uri(url).map_err(|error| failed(error.to_string()))?;
        let answer = match tokio::time::timeout(PATIENCE, self.ask(url, request)).await {
            Ok(answer) => answer.map_err(failed)?,
            Err(_) => return Err(failed(format!("no answer within {} seconds", PATIENCE.as_secs()))),
        };
        // serde_json's errors name places, and now and then a short value of the wrong type; never a whole token.
        serde_json::from_slice(&answer).map_err(|error| failed(format!("its answer makes no sense: {error}")))
    }

    async fn ask(&self, url: &str, request: HttpRequest) -> Result<Vec<u8>, String> {
        let connector = if url.starts_with("https:") { self.secure() } else { &self.plain };
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
        let body = read(response).await?;
        if status == 200 { Ok(body) } else { Err(format!("status {status}{}", told(&body))) }
    }

    fn secure(&self) -> &Connector {
        self.secure
            .get_or_init(|| Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
    }
}

fn request(method: &str, body: SdkBody, authorization: Option<String>) -> Result<HttpRequest, String> {
    let mut request = HttpRequest::new(body);
    request.set_method(method).map_err(|error| error.to_string())?;
    request.headers_mut().insert("accept", "application/json");
    if let Some(authorization) = authorization {
        request.headers_mut().insert("authorization", authorization);
    }
    Ok(request)
}

async fn read(response: HttpResponse) -> Result<Vec<u8>, String> {
    let mut body = ByteStream::new(response.into_body());
    let mut all = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| error.to_string())?;
        if all.len() + piece.len() > MOST {
            return Err(format!("its answer has more than {MOST} bytes"));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// What an error of RFC 6749, 5.2 says, such as `invalid_client`.
fn told(body: &[u8]) -> String {
    let error = serde_json::from_slice::<serde_json::Value>(body).ok();
    let error = error.as_ref().and_then(|body| body.get("error")?.as_str());
    error.map(|error| format!(" ({:?})", error.chars().take(60).collect::<String>())).unwrap_or_default()
}

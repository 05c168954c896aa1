//! Carrying a message to its receiver, and nowhere else.
//!
//! The address that a name leads to is checked where the connection is made, and the connection goes to that very
//! address: a name that leads elsewhere a moment later (DNS rebinding) changes nothing. Redirects are not followed, no
//! proxy is used, and of the answer nothing is read but its status.

use std::error::Error;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http::Uri;

use super::is_inside;
use crate::config::Reach;

/// The longest URL, in bytes.
const MAX_URL: usize = 2_000;

/// A message, signed.
pub(super) struct Letter<'a> {
    pub(super) url: &'a str,
    pub(super) message: &'a str,
    /// Seconds since 1970.
    pub(super) timestamp: u64,
    /// One for each secret, with spaces between.
    pub(super) signatures: String,
    pub(super) body: String,
}

/// Why a message does not go there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The URL is none that a message can go to.
    #[error("a webhook's URL is like https://example.org/hook, without a user or password in it")]
    Url,
    /// Not over TLS.
    #[error("a webhook's URL begins with https://, unless SLUICE_WEBHOOKS_INSIDE is on")]
    InTheClear,
    /// Its host is inside.
    #[error("{0} is an address inside, where no webhook may lead, unless SLUICE_WEBHOOKS_INSIDE is on")]
    Inside(IpAddr),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsent {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Failed(String),
}

/// Carries messages.
#[derive(Debug)]
pub struct Messenger {
    plain: Connector,
    /// Made when they are first needed: a bare machine has no root certificates.
    anywhere: OnceLock<Connector>,
    outside: OnceLock<Connector>,
}

impl Default for Messenger {
    fn default() -> Self {
        Self::new()
    }
}

impl Messenger {
    /// Without any connection yet.
    #[must_use]
    pub fn new() -> Self {
        let plain = Connector::builder().build_http();
        Self { plain, anywhere: OnceLock::new(), outside: OnceLock::new() }
    }

    /// Carries a message; answers the status of the answer.
    pub(super) async fn carry(
        &self,
        letter: Letter<'_>,
        reach: Reach,
        patience: Duration,
    ) -> Result<u16, Unsent> {
        let uri = check(letter.url, reach)?;
        let connector = match (reach, uri.scheme_str()) {
            (Reach::Outside, _) => self.outside(),
            (Reach::Anywhere, Some("https")) => self.anywhere(),
            (Reach::Anywhere, _) => &self.plain,
        };
        let request = request(letter).map_err(|error| Unsent::Failed(error.to_string()))?;
        match tokio::time::timeout(patience, connector.call(request)).await {
            Ok(Ok(response)) => Ok(response.status().as_u16()),
            Ok(Err(error)) => Err(why(&error)),
            Err(_) => Err(Unsent::Failed(format!("no answer within {} seconds", patience.as_secs_f32()))),
        }
    }

    fn anywhere(&self) -> &Connector {
        self.anywhere
            .get_or_init(|| Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
    }

    fn outside(&self) -> &Connector {
        self.outside.get_or_init(|| {
            Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build_with_resolver(OutsideOnly)
        })
    }
}

/// A URL that a message may go to, as far as can be said without asking where its name leads.
pub(crate) fn check(url: &str, reach: Reach) -> Result<Uri, Refusal> {
    let uri: Uri = url.parse().map_err(|_| Refusal::Url)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(Refusal::Url);
    };
    let fits = url.len() <= MAX_URL && !authority.as_str().contains('@') && !authority.host().is_empty();
    match (scheme, reach) {
        _ if !fits => return Err(Refusal::Url),
        ("https", _) | ("http", Reach::Anywhere) => {}
        ("http", Reach::Outside) => return Err(Refusal::InTheClear),
        _ => return Err(Refusal::Url),
    }
    // Addresses are connected to without asking for them; all other hosts are names, and checked when they are resolved.
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    match host.parse() {
        Ok(address) if reach == Reach::Outside && is_inside(address) => Err(Refusal::Inside(address)),
        _ => Ok(uri),
    }
}

/// Finds the addresses of a name, and gives none away if one of them is inside.
#[derive(Debug, Clone, Copy)]
struct OutsideOnly;

impl ResolveDns for OutsideOnly {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let addresses: Vec<IpAddr> = found.map(|found| found.ip()).collect();
            match addresses.iter().find(|address| is_inside(**address)) {
                Some(inside) => Err(ResolveDnsError::new(Refusal::Inside(*inside))),
                None => Ok(addresses),
            }
        })
    }
}

fn request(letter: Letter<'_>) -> Result<HttpRequest, aws_smithy_runtime_api::http::HttpError> {
    let mut request = HttpRequest::new(SdkBody::from(letter.body));
    request.set_method("POST")?;
    request.set_uri(letter.url)?;
    let headers = request.headers_mut();
    headers.try_insert("content-type", "application/json")?;
    headers.try_insert("user-agent", concat!("Sluice/", env!("CARGO_PKG_VERSION")))?;
    headers.try_insert("webhook-id", letter.message.to_owned())?;
    headers.try_insert("webhook-timestamp", letter.timestamp.to_string())?;
    headers.try_insert("webhook-signature", letter.signatures)?;
    Ok(request)
}

/// The refusal among the causes of an error, or else the first cause of all, which says most in the fewest words.
fn why(error: &(dyn Error + 'static)) -> Unsent {
    let mut last = error;
    loop {
        if let Some(refusal) = last.downcast_ref::<Refusal>() {
            return Unsent::Refused(refusal.clone());
        }
        match last.source() {
            Some(inner) => last = inner,
            None => return Unsent::Failed(last.to_string()),
        }
    }
}

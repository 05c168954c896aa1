//! Which HTTP a host speaks, as browsers agree on it: by ALPN in the TLS handshake (RFC 7301).

use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::Connection;
use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use serde::Serialize;
use sigv4::BaseUrl;
use tower::ServiceExt;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Http {
    /// HTTP/1.1: browsers open six connections to a name, each for one request at a time.
    #[serde(rename = "HTTP/1.1")]
    One,
    /// HTTP/2: one connection to a name, for all requests at once.
    #[serde(rename = "HTTP/2")]
    Two,
}

impl Http {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "HTTP/1.1",
            Self::Two => "HTTP/2",
        }
    }

    /// The one that a browser gets at that address; none if there is no connection to be had.
    pub(super) async fn of(base: &BaseUrl) -> Option<Self> {
        // Browsers speak HTTP/2 over TLS only.
        if base.as_str().starts_with("http:") {
            return Some(Self::One);
        }
        let trust = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let trust = trust.with_safe_default_protocol_versions().ok()?.with_native_roots().ok()?;
        Self::agreed(base.as_str(), trust.with_no_client_auth()).await
    }

    async fn agreed(url: &str, config: ClientConfig) -> Option<Self> {
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_all_versions().build();
        let connecting = connector.oneshot(url.parse().ok()?);
        let stream = tokio::time::timeout(PATIENCE, connecting).await.ok()?.ok()?;
        Some(if stream.connected().is_negotiated_h2() { Self::Two } else { Self::One })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{RootCertStore, ServerConfig};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// Somebody at a loopback port who speaks that; answers what is agreed on.
    async fn agreed_with(protocols: &[&str]) -> Option<Http> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let provider = || Arc::new(default_provider());
        let server = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let mut server =
            server.unwrap().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
        server.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let _kept = TlsAcceptor::from(Arc::new(server)).accept(stream).await;
            std::future::pending::<()>().await;
        });
        let client = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
        let client = client.unwrap().with_root_certificates(roots).with_no_client_auth();
        Http::agreed(&format!("https://localhost:{port}"), client).await
    }

    #[tokio::test]
    async fn the_handshake_says_what_browsers_will_speak() {
        assert_eq!(agreed_with(&["h2", "http/1.1"]).await, Some(Http::Two));
        assert_eq!(agreed_with(&["http/1.1"]).await, Some(Http::One));
        assert_eq!(agreed_with(&[]).await, Some(Http::One), "who says nothing speaks what everybody does");
        assert_eq!(agreed_with(&["ftp"]).await, None);
        let plain = BaseUrl::parse("http://127.0.0.1:1/bucket").unwrap();
        assert_eq!(Http::of(&plain).await, Some(Http::One));
    }
}

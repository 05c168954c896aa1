//! Where the server listens, and where people reach it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the server listens, and where people reach it.
#[derive(Debug, Clone)]
pub struct ListenConfig {
    /// The address; port 0 takes any free one.
    pub address: SocketAddr,
    /// Where `/metrics` is answered; nowhere if not set.
    pub metrics: Option<SocketAddr>,
    /// Where people reach the server; `http://<address>` if not set.
    pub public_url: Option<PublicUrl>,
    /// The folder of the page's files; `site` beside the binary, or else `target/site`, if not set.
    pub site_root: Option<PathBuf>,
    /// Where a client's address is read.
    pub client_address: ClientAddress,
}

/// Where a client's address is read, for the limit on sign-in attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddress {
    /// The connection's other end.
    Peer,
    /// The last address in `X-Forwarded-For`: the one that the nearest proxy saw. Only behind a proxy that sets it.
    XForwardedFor,
}

/// An origin: scheme, host and port, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// An origin such as `https://photos.example.org`; a slash at the end is dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let uri: http::Uri = text.parse().ok()?;
        let scheme = uri.scheme_str()?;
        let authority = uri.authority()?.as_str();
        let plain = matches!(scheme, "http" | "https") && !authority.contains('@');
        // Browsers write hosts in lower case and leave out the default port; so must we, to compare origins.
        let port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(port).unwrap_or(authority).to_ascii_lowercase();
        (plain && matches!(uri.path(), "" | "/") && uri.query().is_none())
            .then(|| Self(format!("{scheme}://{authority}")))
    }

    /// The origin of an address that is listened on.
    #[must_use]
    pub fn of(address: SocketAddr) -> Self {
        // Nobody can open 0.0.0.0; on this machine, loopback leads there.
        let mut address = address;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        Self(format!("http://{address}"))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only browsers on this machine reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let Ok(uri) = self.0.parse::<http::Uri>() else { return false };
        let host = uri.host().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost"
            || host.ends_with(".localhost")
            || address.is_ok_and(|address| address.is_loopback())
    }

    /// Whether browsers reach it over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

//! Texts as values. What is accepted is said by the table, so an error carries nothing.

use std::net::SocketAddr;
use std::time::Duration;

use super::PublicUrl;

/// The text is not a value of that variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unaccepted;

/// A URL of a host, without user, query or slash at the end.
pub(super) fn endpoint(text: &str) -> Result<String, Unaccepted> {
    let text = text.trim_end_matches('/');
    let uri: http::Uri = text.parse().map_err(|_| Unaccepted)?;
    let authority = uri.authority().ok_or(Unaccepted)?.as_str();
    let plain = matches!(uri.scheme_str(), Some("http" | "https"));
    if plain && !authority.contains('@') && uri.query().is_none() {
        Ok(text.to_owned())
    } else {
        Err(Unaccepted)
    }
}

/// A provider's URL, exactly as it was written: its tokens name it so. Not in the clear, except on this machine.
pub(super) fn issuer(text: &str) -> Result<String, Unaccepted> {
    let plain = endpoint(text).is_ok() && is_private(text);
    if plain { Ok(text.to_owned()) } else { Err(Unaccepted) }
}

/// Whether nobody on the way can read what is asked there: over TLS, or on this machine.
pub(crate) fn is_private(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    match uri.scheme_str() {
        Some("https") => uri.host().is_some(),
        Some("http") => PublicUrl::parse(&format!("http://{}", uri.authority().map_or("", |it| it.as_str())))
            .is_some_and(|origin| origin.is_loopback()),
        _ => false,
    }
}

/// Words with spaces or commas between.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A text for people, of at most 60 characters.
pub(super) fn label(text: &str) -> Result<String, Unaccepted> {
    let text = text.trim();
    let fits = (1..=60).contains(&text.chars().count()) && !text.contains(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Unaccepted) }
}

/// Texts with commas between, which may have spaces in them.
pub(super) fn list(text: &str) -> Result<Vec<String>, Unaccepted> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
    Some(parts.collect::<Vec<_>>()).filter(|parts| !parts.is_empty()).ok_or(Unaccepted)
}

/// Domains of e-mail addresses, such as `example.org`.
pub(super) fn domains(text: &str) -> Result<Vec<String>, Unaccepted> {
    let is_domain = |domain: &String| {
        domain.contains('.') && domain.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
    };
    let domains: Vec<String> = list(text)?.iter().map(|domain| domain.to_ascii_lowercase()).collect();
    if domains.iter().all(is_domain) { Ok(domains) } else { Err(Unaccepted) }
}

/// Several URLs of hosts with commas between.
pub(super) fn endpoints(text: &str) -> Result<Vec<String>, Unaccepted> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(endpoint).collect()
}

/// An address with a port.
pub(super) fn address(text: &str) -> Result<SocketAddr, Unaccepted> {
    text.parse().map_err(|_| Unaccepted)
}

/// A whole number of some unit, between two of them.
pub(super) fn duration(text: &str, unit: Duration, least: u32, most: u32) -> Result<Duration, Unaccepted> {
    let number: u32 = text.parse().map_err(|_| Unaccepted)?;
    if (least..=most).contains(&number) { Ok(unit * number) } else { Err(Unaccepted) }
}

/// A text that is not empty and has no spaces.
pub(super) fn word(text: &str) -> Result<String, Unaccepted> {
    let fits = !text.is_empty() && !text.contains(char::is_whitespace);
    if fits { Ok(text.to_owned()) } else { Err(Unaccepted) }
}

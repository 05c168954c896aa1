//! Texts as values. What is accepted is said by the table, so an error carries nothing.

use std::net::SocketAddr;
use std::time::Duration;

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

/// Several of them with commas between.
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

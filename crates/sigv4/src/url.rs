//! URLs of a bucket and of its objects.

use std::{error::Error, fmt};

/// The URL of a bucket: `https://bucket.s3.eu-central-1.amazonaws.com`, or `http://127.0.0.1:9000/bucket`.
///
/// Kept as a browser writes it (scheme and host in lower case, no default port, no slash at the end),
/// because the `Host` header that it sends is part of every signature.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    text: String,
    host: std::ops::Range<usize>,
}

impl BaseUrl {
    /// Reads a base URL. Its path, if it has one, must already be percent-encoded.
    ///
    /// # Errors
    /// What is wrong with it: another scheme, no host, or a user, query, fragment, space or dot segment.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(BaseUrlError::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return Err(BaseUrlError::Scheme),
        };
        if let Some(odd) = rest.chars().find(|c| !c.is_ascii_graphic() || "?#@\\\"<>^`{|}".contains(*c)) {
            return Err(BaseUrlError::Character(odd));
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(default_port).unwrap_or(&host);
        if host.is_empty() || host.starts_with(':') {
            return Err(BaseUrlError::Host);
        }
        let path = path.trim_end_matches('/');
        if path.split('/').any(is_dot_segment) {
            return Err(BaseUrlError::DotSegment);
        }
        let start = scheme.len() + "://".len();
        Ok(Self { text: format!("{scheme}://{host}{path}"), host: start..start + host.len() })
    }

    /// The whole URL, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What a client sends as `Host`: the name, and the port where it is not the scheme's own.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.text[self.host.clone()]
    }

    /// The path before the key: empty, or the bucket's in path style, with a slash in front.
    pub(crate) fn path(&self) -> &str {
        &self.text[self.host.end..]
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Why a text is not the URL of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseUrlError {
    /// It does not begin with `http://` or `https://`.
    Scheme,
    /// It names no host.
    Host,
    /// It has a character that no base URL has: a space, a control, `@`, `?`, `#` or beyond ASCII.
    Character(char),
    /// Its path has a `.` or `..`, which a browser would take out.
    DotSegment,
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("the store's URL must begin with http:// or https://"),
            Self::Host => f.write_str("the store's URL names no host"),
            Self::Character(odd) => write!(f, "the store's URL must not contain {odd:?}"),
            Self::DotSegment => f.write_str("the store's URL must not contain . or .. in its path"),
        }
    }
}

impl Error for BaseUrlError {}

/// Whether a URL parser of a browser takes this segment out, however it is written.
fn is_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// Percent-encodes a key for a URL's path, as S3 signs it.
///
/// Each byte of the UTF-8 that is not unreserved (RFC 3986) is written once as `%XX`; `/` is kept. Nothing is
/// normalised: `.`, `..` and `//` stay, because to S3 they are plain text.
///
/// A browser's URL parser takes `.` and `..` segments out even when they are written `%2e`, so a browser
/// cannot send such a key at all; whoever gives out keys must refuse those paths.
#[must_use]
pub fn encode_path(key: &str) -> String {
    let mut text = String::with_capacity(key.len() + key.len() / 4);
    for byte in key.bytes() {
        match byte {
            b'/' => text.push('/'),
            other => push_encoded(&mut text, other),
        }
    }
    text
}

/// The URL of an object: the base, a slash, and the encoded key.
#[must_use]
pub fn object_url(base: &BaseUrl, key: &str) -> String {
    format!("{base}/{}", encode_path(key))
}

/// Percent-encodes a name or a value of a query, `/` too.
pub(crate) fn encode_query(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 4);
    for byte in text.bytes() {
        push_encoded(&mut encoded, byte);
    }
    encoded
}

fn push_encoded(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        text.push(char::from(byte));
    } else {
        text.push('%');
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_once_and_stay_as_they_are() {
        let base = BaseUrl::parse("http://127.0.0.1:9000/uploads/").unwrap();
        let url = |key: &str| object_url(&base, key).split_off("http://127.0.0.1:9000/uploads/".len());
        assert_eq!(url("a/b.jpg"), "a/b.jpg");
        assert_eq!(url("a b+c%20d"), "a%20b%2Bc%2520d");
        assert_eq!(url("#?&='\"()*!"), "%23%3F%26%3D%27%22%28%29%2A%21");
        assert_eq!(url("é/e\u{301}/🏖"), "%C3%A9/e%CC%81/%F0%9F%8F%96");
        assert_eq!(url("/.././/a~-_."), "/.././/a~-_.");
    }

    #[test]
    fn a_base_is_kept_as_browsers_write_it() {
        let read = |text: &str| BaseUrl::parse(text).map(|base| (base.to_string(), base.host().to_owned()));
        let same = |text: &str, host: &str| Ok((text.to_owned(), host.to_owned()));
        assert_eq!(
            read("HTTPS://B.S3.AmazonAWS.com:443/"),
            same("https://b.s3.amazonaws.com", "b.s3.amazonaws.com")
        );
        assert_eq!(read("http://h:80/B"), same("http://h/B", "h"));
        assert_eq!(read("https://h:80/b//"), same("https://h:80/b", "h:80"));
        assert_eq!(read("http://[::1]:7480/b"), same("http://[::1]:7480/b", "[::1]:7480"));
    }

    #[test]
    fn a_base_that_would_be_read_in_two_ways_is_refused() {
        let refusal = |text: &str| BaseUrl::parse(text).unwrap_err();
        assert_eq!(refusal("ftp://h"), BaseUrlError::Scheme);
        assert_eq!(refusal("//h/b"), BaseUrlError::Scheme);
        assert_eq!(refusal("http:///b"), BaseUrlError::Host);
        assert_eq!(refusal("http://:80/b"), BaseUrlError::Host);
        assert_eq!(refusal("http://good@evil/b"), BaseUrlError::Character('@'));
        assert_eq!(refusal("http://h/b?x"), BaseUrlError::Character('?'));
        assert_eq!(refusal("http://h/b\r\nx"), BaseUrlError::Character('\r'));
        assert_eq!(refusal("http://h\\evil/b"), BaseUrlError::Character('\\'));
        assert_eq!(refusal("http://h/a/../b"), BaseUrlError::DotSegment);
        assert_eq!(refusal("http://h/a/%2E%2e/b"), BaseUrlError::DotSegment);
    }
}

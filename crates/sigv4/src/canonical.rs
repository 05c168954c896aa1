//! The canonical request, the text that a signature is made of.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{BaseUrl, digest, encode_path, url};

/// Headers in canonical form, with `host`.
pub(crate) struct CanonicalHeaders {
    lines: BTreeMap<String, String>,
}

impl CanonicalHeaders {
    /// Headers of the same name become one, with commas, as the standard wants.
    pub(crate) fn new<'a>(base: &BaseUrl, headers: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut lines = BTreeMap::from([("host".to_owned(), base.host().to_owned())]);
        for (name, value) in headers {
            let value = collapsed(value);
            lines
                .entry(name.to_ascii_lowercase())
                .and_modify(|line| {
                    line.push(',');
                    line.push_str(&value);
                })
                .or_insert_with(|| value.into_owned());
        }
        Self { lines }
    }

    /// Their names, with semicolons.
    pub(crate) fn names(&self) -> String {
        self.lines.keys().map(String::as_str).collect::<Vec<_>>().join(";")
    }
}

/// Without spaces at both ends, and with one where there were several.
fn collapsed(value: &str) -> Cow<'_, str> {
    let value = value.trim_matches(' ');
    if value.contains("  ") {
        Cow::Owned(value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(value)
    }
}

/// Encodes a query and sorts it by its encoded names, then values.
pub(crate) fn query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut encoded: Vec<_> =
        pairs.map(|(name, value)| (url::encode_query(name), url::encode_query(value))).collect();
    encoded.sort();
    let mut text = String::new();
    for (name, value) in encoded {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&name);
        text.push('=');
        text.push_str(&value);
    }
    text
}

/// SHA-256 of the canonical request, in hexadecimal.
pub(crate) fn hash(
    method: &str,
    base: &BaseUrl,
    key: &str,
    query: &str,
    headers: &CanonicalHeaders,
    payload: &str,
) -> String {
    let mut text = format!("{method}\n{}/{}\n{query}\n", base.path(), encode_path(key));
    for (name, value) in &headers.lines {
        text.push_str(name);
        text.push(':');
        text.push_str(value);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&headers.names());
    text.push('\n');
    text.push_str(payload);
    digest::hex(&digest::sha256(text.as_bytes()))
}

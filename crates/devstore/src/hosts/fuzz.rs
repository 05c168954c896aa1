//! Keys are literal text, on every way that they come in.

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Uri};
use s3s::dto::CopySource;
use s3s::host::S3Host as _;
use s3s::path::{S3Path, parse_path_style, parse_virtual_hosted_style};

use super::{Hosts, Target};
use crate::access;
use crate::policy::{Ask, Policy, Verdict};

const BATCH: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/batch/*"}}"#;

/// `host \0 key or path`.
pub(crate) fn compare(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (host, key) = text.split_once('\0').unwrap_or(("photos.localhost:3900", text));
    let hosts = Hosts::new(&["localhost".to_owned(), "s3.localhost".to_owned()]);
    literal(&hosts, key);
    raw(&hosts, host, key);
}

/// A key that is encoded as clients do it comes out as it went in, and is judged as it is.
fn literal(hosts: &Hosts, key: &str) {
    let encoded = encode(key);
    let (Ok(by_path), Ok(by_host)) = (format!("/photos/{encoded}").parse(), format!("/{encoded}").parse())
    else {
        // `http` takes URLs of up to 64 KiB.
        assert!(encoded.len() > 60_000, "{encoded}");
        return;
    };
    let expected = if key.is_empty() { Target::Bucket } else { Target::Object };
    assert_eq!(hosts.target(&under("127.0.0.1:3900"), &by_path), expected("photos".to_owned()));
    assert_eq!(hosts.target(&under("photos.localhost"), &by_host), expected("photos".to_owned()));
    let read = decoded(&encoded);
    assert_eq!(read.as_deref(), (key.len() <= 1_024).then_some(key));
    if key.is_empty() || key.len() > 1_024 {
        return;
    }
    let path = parse_path_style(&format!("/photos/{key}"));
    assert_eq!(path.as_ref().ok().and_then(S3Path::get_object_key), Some(key));
    assert_eq!(parse_virtual_hosted_style(Some("photos"), &format!("/{key}")), path);

    let Ok(batch) = Policy::parse(BATCH) else { panic!("the policy is not understood") };
    let Ok(rights) = access::to_write("photos", key, &HeaderMap::new()) else { panic!("no headers") };
    for right in rights {
        let ask = Ask { action: right.action, resource: &right.resource, facts: &right.facts };
        assert_eq!(batch.verdict(ask) == Verdict::Allow, key.starts_with("batch/"), "{key:?}");
    }
}

/// Whatever a client makes of a path and a host, the readers of both agree about the bucket.
fn raw(hosts: &Hosts, host: &str, path: &str) {
    let _ = CopySource::parse(path);
    let (Ok(uri), Ok(value)) = (format!("/{path}").parse::<Uri>(), HeaderValue::from_str(host)) else {
        return;
    };
    let is_text = value.to_str().is_ok();
    let target = hosts.target(&HeaderMap::from_iter([(HOST, value)]), &uri);
    if !is_text {
        return assert_eq!(target, Target::Store, "{host}");
    }
    let Some(plain) = decoded_path(uri.path()) else { return };
    let Ok(named) = hosts.parse_host_header(host) else { panic!("every host is somebody's") };
    let theirs = match named.bucket() {
        Some(bucket) => parse_virtual_hosted_style(Some(bucket), &plain),
        None => parse_path_style(&plain),
    };
    // A bucket's name that is percent-encoded is nobody's, for CORS and forms.
    let Ok(theirs) = theirs else { return };
    if target.bucket().is_some_and(|bucket| bucket.contains('%')) {
        return;
    }
    assert_eq!(target.bucket(), theirs.get_bucket_name(), "{host} {path}");
    assert_eq!(matches!(target, Target::Object(_)), theirs.get_object_key().is_some(), "{host} {path}");
}

fn under(host: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))])
}

/// As `s3s` decodes a path: its decoder is behind its reader of copy sources.
fn decoded(encoded: &str) -> Option<String> {
    match CopySource::parse(&format!("photos/{encoded}")) {
        Ok(CopySource::Bucket { key, version_id: None, .. }) => Some(key.into()),
        _ => None,
    }
}

/// The same for a path of any length; `None` where it is not UTF-8, which `s3s` refuses.
fn decoded_path(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let digits = digits.filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// A key in a URL: every byte that is not unreserved (RFC 3986) as `%XX`, slashes kept.
fn encode(key: &str) -> String {
    use std::fmt::Write as _;
    key.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}

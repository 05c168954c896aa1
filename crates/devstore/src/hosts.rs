//! Which bucket a request is about: by its host (`bucket.localhost`) or by its path.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;

use std::net::{IpAddr, SocketAddr};

use http::header::HOST;
use http::{HeaderMap, Method, Uri, request};
use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// The names of the store below which every bucket has a name of its own.
///
/// Any other host name, and any address, is the store itself: there the bucket is in the path.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    /// In lower case, the longest first: of two that end alike the longer one is meant.
    domains: Vec<String>,
}

/// What a request is about, as far as its host and path tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The store: its list of buckets, or STS.
    Store,
    /// A bucket, its name as it was sent.
    Bucket(String),
    /// Something in a bucket.
    Object(String),
}

impl Hosts {
    pub(crate) fn new(domains: &[String]) -> Self {
        let mut domains: Vec<String> = domains
            .iter()
            .map(|domain| domain.trim_matches('.').to_ascii_lowercase())
            .filter(|domain| !domain.is_empty())
            .collect();
        domains.sort_by_key(|domain| std::cmp::Reverse(domain.len()));
        Self { domains }
    }

    /// The bucket in front of one of the store's names; in lower case, as browsers send hosts.
    pub(crate) fn bucket(&self, host: &str) -> Option<String> {
        if host.starts_with('[') || host.parse::<IpAddr>().is_ok() || host.parse::<SocketAddr>().is_ok() {
            return None;
        }
        let name = host.split_once(':').map_or(host, |(name, _port)| name).to_ascii_lowercase();
        if self.domains.contains(&name) {
            return None;
        }
        self.domains.iter().find_map(|domain| Some(name.strip_suffix(domain)?.strip_suffix('.')?.to_owned()))
    }

    pub(crate) fn target(&self, headers: &HeaderMap, uri: &Uri) -> Target {
        let path = uri.path().strip_prefix('/').unwrap_or(uri.path());
        let host = match headers.get(HOST).map(|host| host.to_str()) {
            None => None,
            Some(Ok(host)) => Some(host),
            // `s3s` refuses it; so must a form, which never gets there.
            Some(Err(_)) => return Target::Store,
        };
        if let Some(bucket) = host.and_then(|host| self.bucket(host)) {
            return if path.is_empty() { Target::Bucket(bucket) } else { Target::Object(bucket) };
        }
        match path.split_once('/') {
            None if path.is_empty() => Target::Store,
            None | Some((_, "")) => Target::Bucket(path.trim_end_matches('/').to_owned()),
            Some((bucket, _)) => Target::Object(bucket.to_owned()),
        }
    }

    /// Whether a request is for STS: no S3 operation is a POST to the store itself.
    pub(crate) fn asks_sts(&self, parts: &request::Parts) -> bool {
        parts.method == Method::POST && self.target(&parts.headers, &parts.uri) == Target::Store
    }
}

impl Target {
    pub(crate) fn bucket(&self) -> Option<&str> {
        match self {
            Self::Store => None,
            Self::Bucket(bucket) | Self::Object(bucket) => Some(bucket),
        }
    }
}

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        Ok(match self.bucket(host) {
            Some(bucket) => VirtualHost::new(host).with_bucket(bucket),
            None => VirtualHost::new(host),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_what_stands_before_a_name_of_the_store() {
        let hosts = Hosts::new(&["localhost".to_owned(), "S3.Photos.example.".to_owned()]);
        for (host, bucket) in [
            ("photos.localhost:3900", Some("photos")),
            ("PHOTOS.LocalHost", Some("photos")),
            ("my.photos.localhost", Some("my.photos")),
            ("a-b.s3.photos.example:80", Some("a-b")),
            (".localhost", Some("")),
            ("localhost:3900", None),
            ("localhost", None),
            ("s3.photos.example", None),
            ("photos.example", None),
            ("notlocalhost", None),
            ("photos.localhost.example", None),
            ("127.0.0.1:3900", None),
            ("127.0.0.2", None),
            ("[::1]:3900", None),
            ("::1", None),
            ("store", None),
            ("", None),
        ] {
            assert_eq!(hosts.bucket(host).as_deref(), bucket, "{host}");
        }
    }

    #[test]
    fn of_two_names_that_end_alike_the_longer_counts() {
        let hosts = Hosts::new(&["localhost".to_owned(), "s3.localhost".to_owned()]);
        assert_eq!(hosts.bucket("s3.localhost"), None);
        assert_eq!(hosts.bucket("photos.s3.localhost").as_deref(), Some("photos"));
        assert_eq!(hosts.bucket("photos.localhost").as_deref(), Some("photos"));
    }

    #[test]
    fn a_path_names_the_bucket_where_the_host_does_not() {
        let hosts = Hosts::new(&["localhost".to_owned()]);
        let target = |host: &'static str, path: &'static str| {
            let Ok(value) = http::HeaderValue::from_str(host) else { panic!("no header: {host}") };
            let headers = HeaderMap::from_iter([(HOST, value)]);
            hosts.target(&headers, &Uri::from_static(path))
        };
        assert_eq!(target("127.0.0.1", "/"), Target::Store);
        assert_eq!(target("127.0.0.1", "/?x=y"), Target::Store);
        assert_eq!(target("127.0.0.1", "/photos"), Target::Bucket("photos".to_owned()));
        assert_eq!(target("localhost", "/photos/"), Target::Bucket("photos".to_owned()));
        assert_eq!(target("localhost", "/photos//"), Target::Object("photos".to_owned()));
        assert_eq!(target("photos.localhost", "/"), Target::Bucket("photos".to_owned()));
        assert_eq!(target("photos.localhost", "/photos"), Target::Object("photos".to_owned()));
        assert_eq!(target("ph\u{f6}tos.localhost", "/photos"), Target::Store);
    }
}

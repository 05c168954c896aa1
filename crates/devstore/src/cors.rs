//! What a browser needs to let a page talk to the store, as S3 answers it.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, VARY,
};
use http::{Method, Response, StatusCode, request};
use s3s::Body;

use crate::hosts::{Hosts, Target};
use crate::index::{CorsRule, Index};

/// What pages of the store's own origins may use.
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];
/// Chromium keeps a preflight for no longer than two hours, whatever a server says.
const MAX_AGE: u32 = 7_200;
/// Every header of an answer that a page has a use for.
const EXPOSED: [&str; 19] = [
    "ETag",
    "Date",
    "Location",
    "Retry-After",
    "Content-Range",
    "Accept-Ranges",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-type",
    "x-amz-version-id",
    "x-amz-mp-parts-count",
    "x-amz-bucket-region",
    "x-amz-abort-date",
    "x-amz-expiration",
];
const VARY_ON: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Headers, Access-Control-Request-Method");

/// The rules of every bucket: its own, or those of the store where it has none.
#[derive(Debug)]
pub(crate) struct Cors {
    index: Arc<Index>,
    stores: Arc<[CorsRule]>,
}

/// What a request says of the page that it is from.
#[derive(Debug)]
pub(crate) struct Asked {
    origin: Option<HeaderValue>,
    method: Method,
    target: Target,
}

impl Asked {
    pub(crate) fn read(parts: &request::Parts, hosts: &Hosts) -> Self {
        Self {
            origin: parts.headers.get(ORIGIN).cloned(),
            method: parts.method.clone(),
            target: hosts.target(&parts.headers, &parts.uri),
        }
    }
}

impl Cors {
    /// Lets pages of `origins` do everything that S3 can allow, in every bucket without rules of its own.
    pub(crate) fn new(origins: &[String], index: Arc<Index>) -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let rule = CorsRule {
            id: None,
            // Browsers send no slash at the end, people write one.
            allowed_origins: origins.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect(),
            allowed_methods: texts(&METHODS),
            allowed_headers: texts(&["*"]),
            expose_headers: texts(&EXPOSED),
            max_age: Some(MAX_AGE),
        };
        Self { index, stores: if origins.is_empty() { Arc::default() } else { Arc::new([rule]) } }
    }

    /// The rules for a request, the first that fits counts; none when pages are not let in.
    fn rules(&self, target: &Target) -> Arc<[CorsRule]> {
        match target.bucket() {
            // No page writes a name so. It could be that of a bucket with rules of its own.
            Some(bucket) if bucket.contains('%') => Arc::default(),
            Some(bucket) => self.index.rules(bucket).cors.unwrap_or_else(|| Arc::clone(&self.stores)),
            None => Arc::clone(&self.stores),
        }
    }

    /// Answers an OPTIONS request.
    pub(crate) fn preflight(&self, asked: &Asked, headers: &HeaderMap, request_id: &str) -> Response<Body> {
        let refuse = |status, code, message: &str, method: Option<&HeaderValue>| {
            refusal(status, code, message, method, &asked.target, request_id)
        };
        let Some(origin) = &asked.origin else {
            let message = "Insufficient information. Origin request header needed.";
            return refuse(StatusCode::BAD_REQUEST, "BadRequest", message, None);
        };
        let Some(method) = headers.get(ACCESS_CONTROL_REQUEST_METHOD) else {
            let message = "Invalid Access-Control-Request-Method: null";
            return refuse(StatusCode::BAD_REQUEST, "BadRequest", message, None);
        };
        let rules = self.rules(&asked.target);
        if rules.is_empty() {
            let message = "CORSResponse: CORS is not enabled for this bucket.";
            return refuse(StatusCode::FORBIDDEN, "AccessForbidden", message, Some(method));
        }
        let wanted = requested_headers(headers);
        let rule = wanted.as_ref().and_then(|wanted| fitting(&rules, origin, method.as_bytes(), wanted));
        let Some((rule, allowed)) = rule else {
            let message = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                 Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not \
                 whitelisted by the resource's CORS spec.";
            let mut response = refuse(StatusCode::FORBIDDEN, "AccessForbidden", message, Some(method));
            response.headers_mut().insert(VARY, VARY_ON);
            return response;
        };
        let mut response = Response::new(Body::empty());
        write(rule, allowed, response.headers_mut());
        if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) {
            insert(response.headers_mut(), ACCESS_CONTROL_ALLOW_HEADERS, &wanted.join(", "));
        }
        response.headers_mut().insert(VARY, VARY_ON);
        response
    }

    /// Adds to any answer, refusals too, what lets a page of an allowed origin read it.
    pub(crate) fn decorate(&self, asked: &Asked, answer: &mut HeaderMap) {
        let rules = self.rules(&asked.target);
        if rules.is_empty() {
            return;
        }
        // Also without an origin: a cache must not give this answer to a page.
        answer.insert(VARY, VARY_ON);
        let Some(origin) = &asked.origin else { return };
        let method = asked.method.as_str().as_bytes();
        if let Some((rule, allowed)) = fitting(&rules, origin, method, &[]) {
            write(rule, allowed, answer);
        }
    }
}

/// Which origin an answer names.
#[derive(Debug, Clone, Copy)]
enum Allowed<'a> {
    /// `*`, for a rule that says no more than that.
    Every,
    Only(&'a HeaderValue),
}

/// The first rule that lets the origin use the method, with these headers in lower case.
fn fitting<'a>(
    rules: &'a [CorsRule],
    origin: &'a HeaderValue,
    method: &[u8],
    headers: &[String],
) -> Option<(&'a CorsRule, Allowed<'a>)> {
    rules.iter().find_map(|rule| {
        let known = |name: &String| rule.allowed_headers.iter().any(|pattern| fits_name(pattern, name));
        if !rule.allowed_methods.iter().any(|known| known.as_bytes() == method) || !headers.iter().all(known)
        {
            return None;
        }
        let pattern = rule.allowed_origins.iter().find(|pattern| fits(pattern, origin.as_bytes()))?;
        Some((rule, if pattern == "*" { Allowed::Every } else { Allowed::Only(origin) }))
    })
}

fn write(rule: &CorsRule, allowed: Allowed<'_>, headers: &mut HeaderMap) {
    match allowed {
        Allowed::Every => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Allowed::Only(origin) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
    insert(headers, ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
    if !rule.expose_headers.is_empty() {
        insert(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &rule.expose_headers.join(", "));
    }
    if let Some(seconds) = rule.max_age {
        insert(headers, ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
    }
}

/// Whether a text fits a pattern with at most one `*`.
fn fits(pattern: &str, text: &[u8]) -> bool {
    match pattern.split_once('*') {
        None => pattern.as_bytes() == text,
        Some((start, end)) => {
            let long_enough = text.len() >= start.len() + end.len();
            long_enough && text.starts_with(start.as_bytes()) && text.ends_with(end.as_bytes())
        }
    }
}

/// The same for the name of a header, which is in lower case already.
fn fits_name(pattern: &str, name: &str) -> bool {
    fits(&pattern.to_ascii_lowercase(), name.as_bytes())
}

/// The names that a preflight asks for, in lower case; `None` when they are no text.
fn requested_headers(headers: &HeaderMap) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for value in headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
        let list = value.to_str().ok()?.split(',').map(|name| name.trim().to_ascii_lowercase());
        names.extend(list.filter(|name| !name.is_empty()));
    }
    Some(names)
}

/// Words of a rule were checked when it was set; what cannot be a header all the same is left out.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn refusal(
    status: StatusCode,
    code: &str,
    message: &str,
    method: Option<&HeaderValue>,
    target: &Target,
    request_id: &str,
) -> Response<Body> {
    let method = method.map_or(Cow::Borrowed(""), |method| String::from_utf8_lossy(method.as_bytes()));
    let method = method.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let method = if method.is_empty() { method } else { format!("<Method>{method}</Method>") };
    let kind = if matches!(target, Target::Object(_)) { "OBJECT" } else { "BUCKET" };
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{method}\
         <ResourceType>{kind}</ResourceType><RequestId>{request_id}</RequestId></Error>"
    );
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(origins: &[&str], methods: &[&str], headers: &[&str], max_age: u32) -> CorsRule {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        CorsRule {
            id: None,
            allowed_origins: texts(origins),
            allowed_methods: texts(methods),
            allowed_headers: texts(headers),
            expose_headers: Vec::new(),
            max_age: Some(max_age),
        }
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules = [
            rule(&["https://a.example"], &["GET"], &[], 1),
            rule(&["https://*.example", "http://x*"], &["PUT", "POST"], &["X-Amz-*", "content-type"], 2),
            rule(&["*"], &["PUT"], &["*"], 3),
        ];
        for (origin, method, headers, expected) in [
            ("https://a.example", "GET", &[][..], Some(1)),
            ("https://a.example", "GET", &["x-amz-date"], None),
            ("https://a.example", "PUT", &["x-amz-date", "content-type"], Some(2)),
            ("https://a.example", "PUT", &["authorization"], Some(3)),
            ("https://a.example", "POST", &["authorization"], None),
            ("http://x", "POST", &["x-amz-"], Some(2)),
            ("https://.example", "POST", &[], Some(2)),
            ("https://example", "POST", &[], None),
            ("https://a.example.evil", "POST", &[], None),
            ("https://a.example", "DELETE", &[], None),
            ("https://a.example", "put", &[], None),
        ] {
            let headers: Vec<String> = headers.iter().map(|name| (*name).to_owned()).collect();
            let page = HeaderValue::from_static(origin);
            let found = fitting(&rules, &page, method.as_bytes(), &headers);
            assert_eq!(found.and_then(|(rule, _)| rule.max_age), expected, "{origin} {method} {headers:?}");
        }
    }

    #[test]
    fn an_answer_names_the_page_or_everybody() {
        let rules = [rule(&["https://a.example", "*"], &["GET"], &[], 1)];
        let answer = |origin| {
            let page = HeaderValue::from_static(origin);
            let mut headers = HeaderMap::new();
            if let Some((rule, allowed)) = fitting(&rules, &page, b"GET", &[]) {
                write(rule, allowed, &mut headers);
            }
            headers
        };
        let known = answer("https://a.example");
        assert_eq!(known[ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
        assert_eq!(known[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        let other = answer("https://b.example");
        assert_eq!(other[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert!(!other.contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS), "everybody sends no cookies");
    }

    #[test]
    fn a_star_has_no_room_for_both_ends_at_once() {
        assert!(fits("ab*ba", b"abba"));
        assert!(!fits("ab*ba", b"aba"));
        assert!(fits("*", b""));
        assert!(!fits("", b"x"));
    }
}

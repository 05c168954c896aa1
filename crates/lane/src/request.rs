//! A request to the store, ready to be sent.
//!
//! Signed by headers, not by query: both cost the same preflight (the method and the type of an image already need
//! one), but a URL with a signature and a session token in it ends in logs of proxies and stores. The preflight
//! names `authorization`, which a store's `AllowedHeaders: ["*"]` answers by echo. Forms are in [`form`](crate::form).

use sigv4::{BaseUrl, Credentials, Method, Payload, Signer, Timestamp};
use transfer::crc64::Crc64;
use transfer::engine::{ChecksumUse, Lane, Step};
use transfer::wire::{CredentialsGrant, Grant, StoreAddress, UnixMillis};

use crate::{checksum, multipart};

/// Used for files without a type, so that the browser does not choose one that is not signed.
const BYTES: &str = "application/octet-stream";

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// The whole file.
    File,
    /// The file from a byte to the one behind the last.
    Slice(u64, u64),
    /// A text.
    Text(String),
}

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// Where to; may be a permission by itself, so not to be printed.
    pub url: String,
    /// Headers to set.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request { .. }")
    }
}

/// Makes requests; keeps the signer, whose key of the day is costly, as long as the grant stays.
#[derive(Debug, Default)]
pub struct Requests {
    signer: Option<Signer>,
}

impl Requests {
    /// The request for a lane, signed as of `now` on the server's clock, with the checksum of what it carries if that is
    /// to be sent. None if the lane and the grant do not go
    /// together, or the store's address is not a URL; and for a form, which is made elsewhere.
    pub fn make(
        &mut self,
        lane: Lane,
        media_type: &str,
        (read, checksum): (Option<Crc64>, ChecksumUse),
        grant: &Grant,
        store: &StoreAddress,
        now: UnixMillis,
    ) -> Option<Request> {
        let media_type = if media_type.is_empty() { BYTES } else { media_type };
        let typed = vec![("content-type", media_type.to_owned())];
        let owners = match grant {
            Grant::Credentials(grant) => grant.headers.as_slice(),
            _ => &[],
        };
        let owners = owners.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let sent = checksum == ChecksumUse::Sent;
        let summed = |checksum: Option<Crc64>| {
            checksum.filter(|_| sent).map(|checksum| (checksum::FIELD, checksum.to_base64()))
        };
        let (base, key, method, query, headers, body) = match lane {
            Lane::Form { .. } => return None,
            Lane::SignedPut { url, headers } => {
                return Some(Request { method: "PUT", url, headers: settable(headers), body: Body::File });
            }
            Lane::Relay { path } => {
                let headers = typed.into_iter().chain(summed(read));
                let headers = headers.map(|(name, value)| (name.to_owned(), value)).collect();
                return Some(Request { method: "PUT", url: path, headers, body: Body::File });
            }
            Lane::SignedMultipart { url, headers, step } => {
                let (method, body) = carried(step);
                return Some(Request { method: method.as_str(), url, headers: settable(headers), body });
            }
            Lane::Put { base, key } => {
                let headers = typed.into_iter().chain(owners).chain(summed(read)).collect();
                (base, key, Method::Put, Vec::new(), headers, Body::File)
            }
            Lane::Multipart { base, key, step } => {
                let of_all = ("x-amz-checksum-type", "FULL_OBJECT".to_owned());
                let (query, headers): (_, Vec<_>) = match &step {
                    Step::Create => {
                        let algorithm = ("x-amz-checksum-algorithm", checksum::ALGORITHM.to_owned());
                        let checked = sent.then_some([algorithm, of_all]);
                        let headers = typed.into_iter().chain(owners).chain(checked.into_iter().flatten());
                        (vec![("uploads", String::new())], headers.collect())
                    }
                    Step::List { upload, after } => {
                        let mut query = vec![("uploadId", upload.clone())];
                        if *after > 0 {
                            query.push(("part-number-marker", after.to_string()));
                        }
                        (query, Vec::new())
                    }
                    Step::Part { upload, number, .. } => {
                        let query = vec![("partNumber", number.to_string()), ("uploadId", upload.clone())];
                        (query, summed(read).into_iter().collect())
                    }
                    Step::Complete { upload, checksum, .. } => {
                        let headers = summed(*checksum).map(|whole| vec![whole, of_all]).unwrap_or_default();
                        (vec![("uploadId", upload.clone())], headers)
                    }
                };
                let (method, body) = carried(step);
                (base, key, method, query, headers, body)
            }
        };
        let mut request =
            self.sign(store.bases.get(base)?, &key, method, &query, &headers, (grant, store, now))?;
        request.body = body;
        Some(request)
    }

    /// The request that throws an unfinished upload away, at a URL that the server signed or at the first of the store's.
    pub fn discard(
        &mut self,
        url: Option<String>,
        key: &str,
        upload: String,
        grant: &Grant,
        store: &StoreAddress,
        now: UnixMillis,
    ) -> Option<Request> {
        if let Some(url) = url {
            return Some(Request {
                method: Method::Delete.as_str(),
                url,
                headers: Vec::new(),
                body: Body::Empty,
            });
        }
        let query = [("uploadId", upload)];
        self.sign(store.bases.first()?, key, Method::Delete, &query, &[], (grant, store, now))
    }

    fn sign(
        &mut self,
        base: &str,
        key: &str,
        method: Method,
        query: &[(&str, String)],
        headers: &[(&str, String)],
        (grant, store, now): (&Grant, &StoreAddress, UnixMillis),
    ) -> Option<Request> {
        let Grant::Credentials(grant) = grant else { return None };
        let base = BaseUrl::parse(base).ok()?;
        let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signed = self.signer(grant, &store.region).sign_request(
            &sigv4::Request {
                method,
                base: &base,
                key,
                query: &query,
                headers: &headers,
                payload: Payload::Unsigned,
            },
            Timestamp::from_unix_millis(now.0),
        );
        let own = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let added = signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value));
        let headers = own.chain(added).collect();
        Some(Request { method: method.as_str(), url: signed.url, headers, body: Body::Empty })
    }

    /// The signer for a grant.
    pub(crate) fn signer(&mut self, grant: &CredentialsGrant, region: &str) -> &Signer {
        let same = |signer: &Signer| {
            let kept = signer.credentials();
            kept.access_key_id == grant.access_key_id
                && kept.session_token.as_deref() == Some(&grant.session_token)
        };
        let kept = self.signer.take().filter(same);
        self.signer.insert(kept.unwrap_or_else(|| {
            let credentials = Credentials {
                access_key_id: grant.access_key_id.clone(),
                secret_access_key: grant.secret_access_key.clone(),
                session_token: Some(grant.session_token.clone()),
            };
            Signer::s3(credentials, region)
        }))
    }

    /// Forgets the grant: a new batch may be in another region.
    pub fn forget(&mut self) {
        self.signer = None;
    }
}

/// The method of a step, and what it carries.
fn carried(step: Step) -> (Method, Body) {
    match step {
        Step::Create => (Method::Post, Body::Empty),
        Step::List { .. } => (Method::Get, Body::Empty),
        Step::Part { from, to, .. } => (Method::Put, Body::Slice(from, to)),
        Step::Complete { parts, .. } => (Method::Post, Body::Text(multipart::completion(&parts))),
    }
}

/// Signed headers, without those that browsers let nobody set.
fn settable(mut headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers.retain(|(name, _)| {
        !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("content-length")
    });
    headers
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use super::*;

    fn store() -> StoreAddress {
        StoreAddress { region: "eu-central-1".to_owned(), bases: vec!["https://b.s3.test".to_owned()] }
    }

    fn grant(token: &str) -> Grant {
        Grant::Credentials(CredentialsGrant {
            access_key_id: "AKIA".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: token.to_owned(),
            headers: vec![("x-amz-tagging".to_owned(), "team=photo".to_owned())],
            fields: Vec::new(),
            issued_at: UnixMillis(0),
            expires_at: UnixMillis(1),
        })
    }

    const NONE: (Option<Crc64>, ChecksumUse) = (None, ChecksumUse::Reported);

    fn header<'a>(put: &'a Request, name: &str) -> &'a str {
        &put.headers.iter().find(|(this, _)| this == name).unwrap().1
    }

    #[test]
    fn signs_type_and_token_with_the_servers_date() {
        let lane = Lane::Put { base: 0, key: "p/b/é 1#.jpg".to_owned() };
        let mut requests = Requests::default();
        let now = UnixMillis(1_800_000_000_000);
        let put = requests.make(lane.clone(), "image/jpeg", NONE, &grant("t1"), &store(), now).unwrap();
        assert_eq!(put.url, "https://b.s3.test/p/b/%C3%A9%201%23.jpg");
        assert_eq!(header(&put, "content-type"), "image/jpeg");
        assert_eq!(header(&put, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
        assert_eq!(header(&put, "x-amz-date"), "20270115T080000Z");
        let names = "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-tagging";
        assert!(header(&put, "authorization").contains(names));
        let renewed = requests.make(lane, "image/jpeg", NONE, &grant("t2"), &store(), now).unwrap();
        assert_eq!(header(&renewed, "x-amz-security-token"), "t2", "a fresh grant is used at once");
    }

    #[test]
    fn takes_signed_urls_as_they_are_but_for_what_browsers_forbid() {
        let headers = [("Host", "h"), ("content-type", "image/png"), ("Content-Length", "5")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let lane = Lane::SignedPut { url: "https://x.test/k?s=1".to_owned(), headers: headers.to_vec() };
        let put =
            Requests::default().make(lane, "image/jpeg", NONE, &grant("t"), &store(), UnixMillis(0)).unwrap();
        assert_eq!(put.headers, [("content-type".to_owned(), "image/png".to_owned())]);
    }

    #[test]
    fn a_step_that_the_server_signed_goes_as_it_is() {
        let lane = |step| Lane::SignedMultipart {
            url: "https://x.test/k?s=1".to_owned(),
            headers: vec![("content-type".to_owned(), "image/png".to_owned())],
            step,
        };
        let urls = Grant::SignedUrls(transfer::wire::SignedUrlsGrant {
            issued_at: UnixMillis(0),
            expires_at: UnixMillis(1),
        });
        let make = |step| {
            Requests::default().make(lane(step), "image/jpeg", NONE, &urls, &store(), UnixMillis(0)).unwrap()
        };
        let create = make(Step::Create);
        assert_eq!((create.method, create.url.as_str()), ("POST", "https://x.test/k?s=1"));
        assert_eq!(create.headers, [("content-type".to_owned(), "image/png".to_owned())]);
        let part = make(Step::Part { upload: "u".to_owned(), number: 2, from: 5, to: 9 });
        assert_eq!((part.method, part.body), ("PUT", Body::Slice(5, 9)));
        assert_eq!(make(Step::List { upload: "u".to_owned(), after: 0 }).method, "GET");
        let url = Some("https://x.test/k?s=1".to_owned());
        let gone =
            Requests::default().discard(url, "k", "u".to_owned(), &urls, &store(), UnixMillis(0)).unwrap();
        assert_eq!((gone.method, gone.url.as_str()), ("DELETE", "https://x.test/k?s=1"));
    }

    #[test]
    fn each_step_of_an_upload_is_signed() {
        let step = |step| {
            let lane = Lane::Multipart { base: 0, key: "k".to_owned(), step };
            Requests::default().make(lane, "image/jpeg", NONE, &grant("t"), &store(), UnixMillis(0)).unwrap()
        };
        let upload = || "u/1=".to_owned();
        let create = step(Step::Create);
        assert_eq!((create.method, create.url.as_str()), ("POST", "https://b.s3.test/k?uploads="));
        let part = step(Step::Part { upload: upload(), number: 2, from: 5, to: 9 });
        assert_eq!(part.url, "https://b.s3.test/k?partNumber=2&uploadId=u%2F1%3D");
        assert_eq!((part.method, part.body), ("PUT", Body::Slice(5, 9)));
        let list = step(Step::List { upload: upload(), after: 1_000 });
        assert_eq!(list.url, "https://b.s3.test/k?part-number-marker=1000&uploadId=u%2F1%3D");
        let complete =
            step(Step::Complete { upload: upload(), parts: vec![(1, "e".to_owned())], checksum: None });
        let tagged = [&create.headers, &part.headers, &list.headers, &complete.headers]
            .map(|headers| headers.iter().any(|(name, _)| name == "x-amz-tagging"));
        assert_eq!(tagged, [true, false, false, false], "an object is what its beginning says");
        assert!(matches!(complete.body, Body::Text(text) if text.contains("<PartNumber>1</PartNumber>")));
        for request in [create.headers, part.headers, list.headers, complete.headers] {
            assert!(request.iter().any(|(name, _)| name == "authorization"));
        }
    }

    #[test]
    fn a_checksum_is_sent_and_signed_only_where_it_is_wanted() {
        let value = Crc64::of(b"123456789");
        let names = |lane, checksum| {
            let what = (Some(value), checksum);
            let now = UnixMillis(0);
            let request = Requests::default().make(lane, "a/b", what, &grant("t"), &store(), now).unwrap();
            let signed = header(&request, "authorization").to_owned();
            let sums = request.headers.into_iter().filter(|(name, _)| name.starts_with("x-amz-checksum"));
            sums.inspect(|(name, _)| assert!(signed.contains(name.as_str()))).collect::<Vec<_>>()
        };
        let upload = || "u".to_owned();
        let step = |step| Lane::Multipart { base: 0, key: "k".to_owned(), step };
        let lanes = || {
            [
                Lane::Put { base: 0, key: "k".to_owned() },
                step(Step::Part { upload: upload(), number: 1, from: 0, to: 9 }),
                step(Step::Complete { upload: upload(), parts: Vec::new(), checksum: Some(value) }),
                step(Step::Create),
            ]
        };
        for lane in lanes() {
            assert_eq!(names(lane, ChecksumUse::Reported), []);
        }
        let [put, part, complete, create] = lanes().map(|lane| names(lane, ChecksumUse::Sent));
        let own = ("x-amz-checksum-crc64nvme".to_owned(), "rosUhgp5mIg=".to_owned());
        let of_all = ("x-amz-checksum-type".to_owned(), "FULL_OBJECT".to_owned());
        assert_eq!((put, part), (vec![own.clone()], vec![own.clone()]));
        assert_eq!(complete, [own, of_all.clone()]);
        assert_eq!(create, [("x-amz-checksum-algorithm".to_owned(), "CRC64NVME".to_owned()), of_all]);
    }

    #[test]
    fn an_address_that_is_none_is_no_panic() {
        let nowhere = StoreAddress { region: String::new(), bases: vec!["nonsense".to_owned()] };
        for base in [0, 1] {
            let lane = Lane::Put { base, key: "k".to_owned() };
            assert_eq!(
                Requests::default().make(lane, "a/b", NONE, &grant("t"), &nowhere, UnixMillis(0)),
                None
            );
        }
    }
}

//! The PUT of one file, ready to be sent.
//!
//! Signed by headers, not by query: both cost the same preflight (the method and the type of an image already need
//! one), but a URL with a signature and a session token in it ends in logs of proxies and stores. The preflight
//! names `authorization`, which a store's `AllowedHeaders: ["*"]` answers by echo.

use sigv4::{BaseUrl, Credentials, Method, Payload, Request, Signer, Timestamp};
use transfer::engine::Lane;
use transfer::wire::{CredentialsGrant, Grant, StoreAddress, UnixMillis};

/// Used for files without a type, so that the browser does not choose one that is not signed.
const BYTES: &str = "application/octet-stream";

/// A PUT.
#[derive(Clone, PartialEq, Eq)]
pub struct Put {
    /// Where to; may be a permission by itself, so not to be printed.
    pub url: String,
    /// Headers to set.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for Put {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Put { .. }")
    }
}

/// Makes PUTs; keeps the signer, whose key of the day is costly, as long as the grant stays.
#[derive(Debug, Default)]
pub struct Puts {
    signer: Option<Signer>,
}

impl Puts {
    /// The PUT for a lane, signed as of `now` on the server's clock. None if the lane and the grant do not go
    /// together, or the store's address is not a URL.
    pub fn make(
        &mut self,
        lane: Lane,
        media_type: &str,
        grant: &Grant,
        store: &StoreAddress,
        now: UnixMillis,
    ) -> Option<Put> {
        match (lane, grant) {
            (Lane::SignedPut { url, headers }, _) => {
                let settable = |(name, _): &(String, String)| {
                    !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("content-length")
                };
                Some(Put { url, headers: headers.into_iter().filter(settable).collect() })
            }
            (Lane::Put { base, key }, Grant::Credentials(grant)) => {
                let base = BaseUrl::parse(store.bases.get(base)?).ok()?;
                let media_type = if media_type.is_empty() { BYTES } else { media_type };
                let signed = self.signer(grant, &store.region).sign_request(
                    &Request {
                        method: Method::Put,
                        base: &base,
                        key: &key,
                        query: &[],
                        headers: &[("content-type", media_type)],
                        payload: Payload::Unsigned,
                    },
                    Timestamp::from_unix_millis(now.0),
                );
                let mut headers = vec![("content-type".to_owned(), media_type.to_owned())];
                headers.extend(signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value)));
                Some(Put { url: signed.url, headers })
            }
            (Lane::Put { .. }, Grant::PostPolicy(_) | Grant::SignedUrls(_)) => None,
        }
    }

    fn signer(&mut self, grant: &CredentialsGrant, region: &str) -> &Signer {
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
            issued_at: UnixMillis(0),
            expires_at: UnixMillis(1),
        })
    }

    fn header<'a>(put: &'a Put, name: &str) -> &'a str {
        &put.headers.iter().find(|(this, _)| this == name).unwrap().1
    }

    #[test]
    fn signs_type_and_token_with_the_servers_date() {
        let lane = Lane::Put { base: 0, key: "p/b/é 1#.jpg".to_owned() };
        let mut puts = Puts::default();
        let now = UnixMillis(1_800_000_000_000);
        let put = puts.make(lane.clone(), "image/jpeg", &grant("t1"), &store(), now).unwrap();
        assert_eq!(put.url, "https://b.s3.test/p/b/%C3%A9%201%23.jpg");
        assert_eq!(header(&put, "content-type"), "image/jpeg");
        assert_eq!(header(&put, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
        assert_eq!(header(&put, "x-amz-date"), "20270115T080000Z");
        let names = "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
        assert!(header(&put, "authorization").contains(names));
        let renewed = puts.make(lane, "image/jpeg", &grant("t2"), &store(), now).unwrap();
        assert_eq!(header(&renewed, "x-amz-security-token"), "t2", "a fresh grant is used at once");
    }

    #[test]
    fn takes_signed_urls_as_they_are_but_for_what_browsers_forbid() {
        let headers = [("Host", "h"), ("content-type", "image/png"), ("Content-Length", "5")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let lane = Lane::SignedPut { url: "https://x.test/k?s=1".to_owned(), headers: headers.to_vec() };
        let put = Puts::default().make(lane, "image/jpeg", &grant("t"), &store(), UnixMillis(0)).unwrap();
        assert_eq!(put.headers, [("content-type".to_owned(), "image/png".to_owned())]);
    }

    #[test]
    fn an_address_that_is_none_is_no_panic() {
        let nowhere = StoreAddress { region: String::new(), bases: vec!["nonsense".to_owned()] };
        for base in [0, 1] {
            let lane = Lane::Put { base, key: "k".to_owned() };
            assert_eq!(Puts::default().make(lane, "a/b", &grant("t"), &nowhere, UnixMillis(0)), None);
        }
    }
}

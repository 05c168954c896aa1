//! A POST form that carries one file.
//!
//! Its body is written by hand, so that it can be sent as bytes: a `fetch` with that content type and no other header
//! is a simple request, which browsers send without asking first (Fetch standard, "CORS-safelisted request-header").

use sigv4::{BaseUrl, PostPolicy, Timestamp};
use transfer::crc64::Crc64;
use transfer::engine::ChecksumUse;
use transfer::wire::{Grant, StoreAddress, UnixMillis};

use crate::checksum;
use crate::request::Requests;

/// Between the fields. Long and odd enough to be in no photograph, and the store would only refuse the form.
const BOUNDARY: &str = "sluice-7d1f0c5be94a4c2f8c36e0a1b2d94f57";

/// The largest file that a policy of our own allows: what one PUT may carry (S3 user guide, "Uploading objects").
const MOST: u64 = 5 << 30;

/// The file's name in the form. Stores put it where a key says `${filename}` (S3 API, "POST Object"): a photograph with
/// that in its own name keeps it.
const FILE_NAME: &str = "${filename}";

/// A form, but for the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    /// Where to.
    pub url: String,
    /// The fields; have the signature in them, so not to be printed.
    fields: String,
    /// What says that the file comes now.
    file: String,
    /// Whether a session signed it, and not a long-lived key.
    pub by_session: bool,
}

impl Form {
    /// The content type of the body.
    pub const CONTENT_TYPE: &'static str =
        "multipart/form-data; boundary=sluice-7d1f0c5be94a4c2f8c36e0a1b2d94f57";
    /// What comes after the file's bytes.
    pub const TAIL: &'static str = "\r\n--sluice-7d1f0c5be94a4c2f8c36e0a1b2d94f57--\r\n";

    /// What comes before the file's bytes, whose checksum the store is to compare; not to be printed.
    #[must_use]
    pub fn head(&self, checksum: Option<Crc64>) -> String {
        let mut head = String::with_capacity(self.fields.len() + self.file.len() + 256);
        head.push_str(&self.fields);
        if let Some(checksum) = checksum {
            field(&mut head, checksum::FIELD, &checksum.to_base64());
        }
        head.push_str(&self.file);
        head
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Form { .. }")
    }
}

/// Makes forms; one signature serves all files under a grant, whatever the host name.
#[derive(Debug, Default)]
pub struct Forms {
    signed: Option<Signed>,
    /// For forms without a checksum.
    signed_without: Option<Signed>,
}

/// What a policy was signed with, and its fields.
type Signed = (String, Vec<(String, String)>);

impl Forms {
    /// The form for a key, with a policy of the server's or one that is signed here as of `now` on the server's clock.
    /// None if the grant signs no forms, or the store's address is not a URL.
    pub fn make(
        &mut self,
        (key, media_type, checksum): (&str, &str, ChecksumUse),
        grant: &Grant,
        (store, base): (&StoreAddress, usize),
        now: UnixMillis,
        requests: &mut Requests,
    ) -> Option<Form> {
        let base = BaseUrl::parse(store.bases.get(base)?).ok()?;
        let fields = match grant {
            Grant::SignedUrls(_) => return None,
            Grant::PostPolicy(grant) => &grant.fields,
            Grant::Credentials(grant) => {
                let signed = match checksum {
                    ChecksumUse::Sent => &mut self.signed,
                    ChecksumUse::Reported => &mut self.signed_without,
                };
                if signed.as_ref().is_none_or(|(token, _)| *token != grant.session_token) {
                    let policy = PostPolicy::until(Timestamp::from_unix_millis(grant.expires_at.0))
                        .equals("bucket", bucket(store.bases.first()?))
                        .starts_with("key", "")
                        .starts_with("Content-Type", "")
                        .content_length(0, MOST);
                    let owners = grant.fields.iter();
                    let policy = owners
                        .fold(policy, |policy, (name, value)| policy.equals(name.as_str(), value.as_str()));
                    let policy = match checksum {
                        // S3 refuses a form that lacks a field which its policy names.
                        ChecksumUse::Sent => policy.starts_with(checksum::FIELD, ""),
                        ChecksumUse::Reported => policy,
                    };
                    let signer = requests.signer(grant, &store.region);
                    let fields = signer.sign_policy(&policy, Timestamp::from_unix_millis(now.0));
                    *signed = Some((grant.session_token.clone(), fields));
                }
                &signed.as_ref()?.1
            }
        };
        let media_type = if media_type.is_empty() { "application/octet-stream" } else { media_type };
        let mut text = String::with_capacity(4_096);
        field(&mut text, "key", key);
        field(&mut text, "Content-Type", media_type);
        for (name, value) in fields {
            field(&mut text, name, value);
        }
        let mut file = String::with_capacity(256);
        file.push_str("--");
        file.push_str(BOUNDARY);
        file.push_str("\r\nContent-Disposition: form-data; name=\"file\"; filename=\"");
        file.push_str(FILE_NAME);
        file.push_str("\"\r\nContent-Type: ");
        file.push_str(media_type);
        file.push_str("\r\n\r\n");
        let by_session = fields.iter().any(|(name, _)| name == "x-amz-security-token");
        Some(Form { url: format!("{base}/"), fields: text, file, by_session })
    }

    /// Forgets the grant: a new batch may be in another store.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

fn field(head: &mut String, name: &str, value: &str) {
    for text in
        ["--", BOUNDARY, "\r\nContent-Disposition: form-data; name=\"", name, "\"\r\n\r\n", value, "\r\n"]
    {
        head.push_str(text);
    }
}

/// The bucket's name, which a policy must have: the last part of the path, or what stands before the store's own name.
/// A guess where an owner gave the bucket a name of its own; a store that sees it otherwise refuses, and gets PUTs.
fn bucket(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    match rest.rsplit_once('/') {
        Some((_, bucket)) => bucket,
        None => rest.split_once(".s3").or_else(|| rest.split_once('.')).map_or(rest, |(bucket, _)| bucket),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use transfer::wire::{CredentialsGrant, PostPolicyGrant, SignedUrlsGrant};

    use super::*;

    fn store() -> StoreAddress {
        let bases = ["https://b.s3.test", "https://s3.test/b"].map(str::to_owned);
        StoreAddress { region: "r".to_owned(), bases: bases.to_vec() }
    }

    fn credentials(token: &str) -> Grant {
        Grant::Credentials(CredentialsGrant {
            access_key_id: "AKIA".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: token.to_owned(),
            headers: Vec::new(),
            fields: vec![("x-amz-storage-class".to_owned(), "STANDARD_IA".to_owned())],
            issued_at: UnixMillis(0),
            expires_at: UnixMillis(1_800_000_000_000),
        })
    }

    fn make(forms: &mut Forms, grant: &Grant, base: usize) -> Option<Form> {
        make_with(forms, grant, base, ChecksumUse::Sent)
    }

    fn make_with(forms: &mut Forms, grant: &Grant, base: usize, checksum: ChecksumUse) -> Option<Form> {
        let mut requests = Requests::default();
        let now = UnixMillis(1_799_999_000_000);
        let what = ("p/b/é.jpg", "image/jpeg", checksum);
        forms.make(what, grant, (&store(), base), now, &mut requests)
    }

    fn value<'a>(form: &'a Form, name: &str) -> &'a str {
        let (_, rest) = form.fields.split_once(&format!("name=\"{name}\"\r\n\r\n")).unwrap();
        rest.split_once("\r\n").unwrap().0
    }

    #[test]
    fn one_signature_serves_all_files_and_all_hosts_of_a_grant() {
        let mut forms = Forms::default();
        let first = make(&mut forms, &credentials("t1"), 0).unwrap();
        let second = make(&mut forms, &credentials("t1"), 1).unwrap();
        assert_eq!((first.url.as_str(), second.url.as_str()), ("https://b.s3.test/", "https://s3.test/b/"));
        assert_eq!(first.head(None), second.head(None));
        assert_eq!(value(&first, "key"), "p/b/é.jpg");
        assert_eq!((value(&first, "x-amz-security-token"), first.by_session), ("t1", true));
        assert_eq!(value(&first, "x-amz-storage-class"), "STANDARD_IA", "the owner's fields are in each");
        let renewed = make(&mut forms, &credentials("t2"), 0).unwrap();
        assert_eq!(value(&renewed, "x-amz-security-token"), "t2", "a fresh grant is used at once");
        assert_ne!(value(&renewed, "x-amz-signature"), value(&first, "x-amz-signature"));
    }

    #[test]
    fn only_forms_with_a_checksum_are_held_to_it() {
        let mut forms = Forms::default();
        let with = make(&mut forms, &credentials("t"), 0).unwrap();
        let without = make_with(&mut forms, &credentials("t"), 0, ChecksumUse::Reported).unwrap();
        assert_ne!(value(&with, "policy"), value(&without, "policy"));
        assert_eq!(make(&mut forms, &credentials("t"), 0), Some(with));
    }

    #[test]
    fn the_file_comes_last_and_the_body_ends() {
        let form = make(&mut Forms::default(), &credentials("t"), 0).unwrap();
        let body = format!("{}BYTES{}", form.head(Some(Crc64::of(b"BYTES"))), Form::TAIL);
        let last = body.rsplit_once(&format!("--{BOUNDARY}\r\n")).unwrap().1;
        assert!(last.starts_with("Content-Disposition: form-data; name=\"file\""));
        let checksum =
            format!("name=\"x-amz-checksum-crc64nvme\"\r\n\r\n{}\r\n", Crc64::of(b"BYTES").to_base64());
        assert_eq!(body.matches(&checksum).count(), 1);
        assert!(!form.head(None).contains("x-amz-checksum"));
        assert!(body.ends_with(&format!("BYTES\r\n--{BOUNDARY}--\r\n")));
        assert!(Form::CONTENT_TYPE.ends_with(BOUNDARY));
    }

    #[test]
    fn a_policy_of_the_servers_is_sent_as_it_is_and_urls_sign_no_form() {
        let fields = vec![("policy".to_owned(), "abc".to_owned())];
        let (issued_at, expires_at) = (UnixMillis(0), UnixMillis(1));
        let grant = Grant::PostPolicy(PostPolicyGrant { fields, issued_at, expires_at });
        let form = make(&mut Forms::default(), &grant, 0).unwrap();
        assert_eq!((value(&form, "policy"), form.by_session), ("abc", false));
        let urls = Grant::SignedUrls(SignedUrlsGrant { issued_at, expires_at });
        assert_eq!(make(&mut Forms::default(), &urls, 0), None);
    }

    #[test]
    fn finds_the_buckets_name_in_each_style() {
        assert_eq!(bucket("https://photos.s3.eu-central-1.amazonaws.com"), "photos");
        assert_eq!(bucket("https://my.photos.s3.dualstack.eu-central-1.amazonaws.com"), "my.photos");
        assert_eq!(bucket("https://photos.s3-accelerate.amazonaws.com"), "photos");
        assert_eq!(bucket("http://127.0.0.1:9000/photos"), "photos");
    }
}

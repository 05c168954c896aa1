//! The fields of a form before its file.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::Metadata;
use s3s::{S3Error, S3ErrorCode, S3Result};

/// User metadata begins so.
const META: &str = "x-amz-meta-";
/// Replaced by the file's name on S3; here it would be taken for a name, so it is refused.
const FILENAME: &str = "${filename}";
/// Fields that stand for a header of a PUT.
const HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
];

/// Names in lower case, each at most once.
#[derive(Debug, Default)]
pub(super) struct Fields {
    values: BTreeMap<String, String>,
    size: usize,
}

impl Fields {
    /// Keeps a field.
    ///
    /// # Errors
    /// When it is there already: which of the two a policy means would be anybody's guess.
    pub(super) fn insert(&mut self, name: String, value: String) -> S3Result<()> {
        self.size += name.len() + value.len();
        match self.values.insert(name, value) {
            None => Ok(()),
            Some(_) => Err(invalid("A field is there twice.")),
        }
    }

    /// Names and values in bytes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A field that a signed form must have.
    pub(super) fn require(&self, name: &str) -> S3Result<&str> {
        // Without a signature the form is anonymous, and nothing here is open to everybody.
        self.get(name).ok_or_else(crate::access::denied)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub(super) fn key(&self) -> S3Result<&str> {
        match self.get("key") {
            None => Err(invalid("Bucket POST must contain a field named 'key'.")),
            Some(key) if key.contains(FILENAME) => Err(S3Error::with_message(
                S3ErrorCode::NotImplemented,
                "This store does not put the file's name into the key.",
            )),
            Some(key) => Ok(key),
        }
    }

    /// What a PUT would have sent as headers.
    pub(super) fn headers(&self) -> HeaderMap {
        let named = self.values.iter().filter_map(|(name, value)| match name.as_str() {
            "acl" => Some(("x-amz-acl", value)),
            "tagging" => Some(("x-amz-tagging", value)),
            "expires" => Some(("expires", value)),
            name if name.starts_with("x-amz-") || HEADERS.contains(&name) => Some((name, value)),
            _ => None,
        });
        named
            .filter_map(|(name, value)| {
                Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
            })
            .collect()
    }

    pub(super) fn metadata(&self) -> Metadata {
        let meta =
            |(name, value): (&String, &String)| Some((name.strip_prefix(META)?.to_owned(), value.clone()));
        self.values.iter().filter_map(meta).collect()
    }
}

fn invalid(message: &'static str) -> S3Error {
    S3Error::with_message(S3ErrorCode::InvalidArgument, message)
}

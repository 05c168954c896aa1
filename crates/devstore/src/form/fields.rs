//! The fields of a form before its file.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::Metadata;
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::tags::Tags;

/// User metadata begins so.
const META: &str = "x-amz-meta-";
/// Stands for the file's name in the key.
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
            Some(key) => Ok(key),
        }
    }

    /// Puts the file's name into the key where it is asked for. S3 does so before it looks at the policy.
    pub(super) fn expand(&mut self, file: Option<&str>) {
        if let Some(key) = self.values.get_mut("key") {
            *key = key.replace(FILENAME, file.unwrap_or_default());
        }
    }

    /// What a PUT would have sent as headers.
    ///
    /// # Errors
    /// For tags that are none, and for a value that no header can have: it would be lost.
    pub(super) fn headers(&self) -> S3Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.values {
            let (name, value) = match name.as_str() {
                "acl" => ("x-amz-acl", value.clone()),
                "tagging" => ("x-amz-tagging", Tags::from_xml(value)?.to_header()),
                "expires" => ("expires", value.clone()),
                // It goes into the metadata as it is.
                name if name.starts_with(META) => continue,
                name if name.starts_with("x-amz-") || HEADERS.contains(&name) => (name, value.clone()),
                _ => continue,
            };
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
                return Err(invalid("A field is no header."));
            };
            headers.insert(name, value);
        }
        Ok(headers)
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

//! Tags of objects, within S3's limits.

use s3s::dto::{Tag, TagSet, Tagging};
use s3s::xml::{self, Deserializer};
use s3s::{S3Error, S3ErrorCode, S3Result};
use serde::{Deserialize, Serialize};

/// S3's most tags of an object.
const MAX_TAGS: usize = 10;
/// S3's longest key and value, in characters.
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;
/// Beside letters, digits and spaces, what S3 allows in keys and values.
const SIGNS: &str = "+-=._:/@";
/// AWS keeps tags that begin so for itself.
const RESERVED: &str = "aws:";

/// Keys and values in the order they came; no key twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tags(Vec<(String, String)>);

impl Tags {
    /// Reads `x-amz-tagging`: `key=value&...`, percent-encoded.
    ///
    /// # Errors
    /// `InvalidArgument` when it is not that, `InvalidTag` and `BadRequest` for S3's limits.
    pub(crate) fn from_header(text: &str) -> S3Result<Self> {
        let malformed = || {
            refuse(
                S3ErrorCode::InvalidArgument,
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters \
                 without tag name duplicates.",
            )
        };
        let tags: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|_| malformed())?;
        if has_double(&tags) { Err(malformed()) } else { Self::checked(tags) }
    }

    /// Reads the document of a PutObjectTagging.
    ///
    /// # Errors
    /// `MalformedXML` for a tag without key or value, `InvalidTag` and `BadRequest` for S3's limits.
    pub(crate) fn from_set(set: TagSet) -> S3Result<Self> {
        let tags: Option<Vec<_>> = set.into_iter().map(|tag| Some((tag.key?, tag.value?))).collect();
        let tags = tags.ok_or_else(|| refuse(S3ErrorCode::MalformedXML, "A tag has a Key and a Value."))?;
        if has_double(&tags) {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
        Self::checked(tags)
    }

    /// Reads the field of a form, which is the same document.
    ///
    /// # Errors
    /// As [`Self::from_set`], and `MalformedXML` for what is no such document.
    pub(crate) fn from_xml(text: &str) -> S3Result<Self> {
        let mut document = Deserializer::new(text.as_bytes());
        let read = <Tagging as xml::Deserialize>::deserialize(&mut document).and_then(|tagging| {
            document.expect_eof()?;
            Ok(tagging.tag_set)
        });
        let set = read.map_err(|_| {
            refuse(
                S3ErrorCode::MalformedXML,
                "The tagging field is no document of the kind that S3 publishes.",
            )
        })?;
        Self::from_set(set)
    }

    fn checked(tags: Vec<(String, String)>) -> S3Result<Self> {
        if tags.len() > MAX_TAGS {
            return Err(refuse(
                S3ErrorCode::Custom("BadRequest".into()),
                "Object tags cannot be greater than 10",
            ));
        }
        for (key, value) in &tags {
            if key.is_empty() || key.chars().count() > MAX_KEY || !key.chars().all(is_allowed) {
                return Err(invalid("The TagKey you have provided is invalid"));
            }
            if key.starts_with(RESERVED) {
                return Err(invalid("System tags cannot be added/updated by requester"));
            }
            if value.chars().count() > MAX_VALUE || !value.chars().all(is_allowed) {
                return Err(invalid("The TagValue you have provided is invalid"));
            }
        }
        Ok(Self(tags))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Keys and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// As a document lists them.
    pub(crate) fn to_set(&self) -> TagSet {
        let tag =
            |(key, value): &(String, String)| Tag { key: Some(key.clone()), value: Some(value.clone()) };
        self.0.iter().map(tag).collect()
    }

    /// As `x-amz-tagging` says them.
    pub(crate) fn to_header(&self) -> String {
        serde_urlencoded::to_string(&self.0).unwrap_or_default()
    }
}

fn has_double(tags: &[(String, String)]) -> bool {
    tags.iter().enumerate().any(|(at, (key, _))| tags.iter().take(at).any(|(earlier, _)| earlier == key))
}

fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || SIGNS.contains(character)
}

fn invalid(message: &'static str) -> S3Error {
    refuse(S3ErrorCode::InvalidTag, message)
}

fn refuse(code: S3ErrorCode, message: &'static str) -> S3Error {
    let is_custom = matches!(code, S3ErrorCode::Custom(_));
    let mut error = S3Error::with_message(code, message);
    if is_custom {
        error.set_status_code(http::StatusCode::BAD_REQUEST);
    }
    error
}

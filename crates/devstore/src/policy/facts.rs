//! What conditions can ask about a request.

use crate::tags::Tags;

/// A condition key that the store knows, of those in AWS's list of S3's
/// (Service Authorization Reference, "Condition keys for Amazon S3").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// `s3:if-none-match`: that header of a write that makes an object.
    IfNoneMatch,
    /// `s3:ObjectCreationOperation`: whether a write makes an object, or only begins or carries parts.
    ObjectCreationOperation,
    /// `s3:x-amz-acl`: the canned ACL of a write.
    Acl,
    /// `s3:x-amz-server-side-encryption`: that header of a write.
    ServerSideEncryption,
    /// `s3:x-amz-storage-class`: that header of a write.
    StorageClass,
    /// `s3:RequestObjectTag/<key>`, in lower case: the value of a tag that the request would set.
    RequestTag(String),
    /// `s3:RequestObjectTagKeys`: the keys of all tags that the request would set.
    RequestTagKeys,
    /// `s3:prefix`: the prefix of a listing.
    Prefix,
    /// `s3:max-keys`: the length of a listing's page.
    MaxKeys,
}

/// What the values of a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Truth,
    Number,
    /// Any number of texts, for operators on sets.
    Texts,
}

impl Key {
    /// Keys ignore case, as IAM has it.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if let Some(tag) = name.strip_prefix("s3:requestobjecttag/") {
            return (!tag.is_empty()).then(|| Self::RequestTag(tag.to_owned()));
        }
        Some(match name.as_str() {
            "s3:if-none-match" => Self::IfNoneMatch,
            "s3:objectcreationoperation" => Self::ObjectCreationOperation,
            "s3:x-amz-acl" => Self::Acl,
            "s3:x-amz-server-side-encryption" => Self::ServerSideEncryption,
            "s3:x-amz-storage-class" => Self::StorageClass,
            "s3:requestobjecttagkeys" => Self::RequestTagKeys,
            "s3:prefix" => Self::Prefix,
            "s3:max-keys" => Self::MaxKeys,
            _ => return None,
        })
    }

    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::IfNoneMatch
            | Self::Acl
            | Self::ServerSideEncryption
            | Self::StorageClass
            | Self::RequestTag(_)
            | Self::Prefix => Kind::Text,
            Self::RequestTagKeys => Kind::Texts,
            Self::ObjectCreationOperation => Kind::Truth,
            Self::MaxKeys => Kind::Number,
        }
    }
}

/// What a request says: a value for each key that it has; several for [`Key::RequestTagKeys`] only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts(Vec<(Key, String)>);

impl Facts {
    /// With a value that the request has; without one, the key stays absent.
    #[must_use]
    pub(crate) fn with(mut self, key: Key, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value
            && self.get(&key).is_none()
        {
            self.0.push((key, value.into()));
        }
        self
    }

    /// With the tags that the request would set.
    #[must_use]
    pub(crate) fn with_tags(mut self, tags: &Tags) -> Self {
        for (key, value) in tags.iter() {
            self.0.push((Key::RequestTagKeys, key.to_owned()));
            self = self.with(Key::RequestTag(key.to_ascii_lowercase()), Some(value));
        }
        self
    }

    pub(super) fn get(&self, key: &Key) -> Option<&str> {
        self.all(key).next()
    }

    pub(super) fn all(&self, key: &Key) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

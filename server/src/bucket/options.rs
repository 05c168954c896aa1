//! What the bucket's owner wants of every object: its storage class and its tags.
//!
//! The one list that each way into the store is made from: a header of what the browser signs, of what is presigned and of
//! what goes through the server; a field of a form; a condition of a session's policy.

use serde_json::{Map, Value, json};

use super::{ObjectTags, StorageClass};

/// The header, and the form's field.
pub(crate) const STORAGE_CLASS: &str = "x-amz-storage-class";

/// The header. A form's field is called `tagging`, and is written otherwise.
pub(crate) const TAGGING: &str = "x-amz-tagging";

/// What every object gets, thumbnails too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectOptions {
    /// Its class; the bucket's usual one if nothing is said.
    pub class: Option<StorageClass>,
    /// Its tags.
    pub tags: ObjectTags,
}

impl ObjectOptions {
    /// As headers of a PUT, or of what begins an upload in parts.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let class = self.class.map(|class| (STORAGE_CLASS, class.to_string()));
        let tags = (!self.tags.is_empty()).then(|| (TAGGING, self.tags.to_string()));
        class.into_iter().chain(tags).collect()
    }

    /// As fields of a form.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let class = self.class.map(|class| (STORAGE_CLASS, class.to_string()));
        let tags = (!self.tags.is_empty()).then(|| ("tagging", self.tags.to_xml()));
        class.into_iter().chain(tags).collect()
    }

    /// As a condition of a policy: no other class, no other value, no other tag (Service Authorization Reference,
    /// "Condition keys for Amazon S3").
    ///
    /// `IfExists`, because one statement covers parts and their completion, too, and these have neither class nor tags.
    /// So an object with less than this is not refused.
    #[must_use]
    pub fn condition(&self) -> Option<Value> {
        let class = self.class.map(|class| (format!("s3:{STORAGE_CLASS}"), json!(class.name())));
        let tags = self.tags.iter().map(|(key, value)| (format!("s3:RequestObjectTag/{key}"), json!(value)));
        let texts: Map<String, Value> = class.into_iter().chain(tags).collect();
        let keys: Vec<&str> = self.tags.iter().map(|(key, _)| key).collect();
        match (texts.is_empty(), keys.is_empty()) {
            (true, _) => None,
            (false, true) => Some(json!({ "StringEqualsIfExists": texts })),
            (false, false) => Some(json!({
                "StringEqualsIfExists": texts,
                "ForAllValues:StringEquals": { "s3:RequestObjectTagKeys": keys },
            })),
        }
    }
}

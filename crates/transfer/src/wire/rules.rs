//! Rules: what a project takes. The page checks them before anything is sent, the server checks them again.

use serde::{Deserialize, Serialize};

use super::NewItem;
use super::thumbnail::RESERVED;

/// S3 keys have at most 1,024 bytes of UTF-8 (S3 user guide, "Naming objects").
pub const MAX_KEY_BYTES: usize = 1_024;

/// What a project takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rules {
    /// Media types, each `type/subtype` or `type/*`. Empty: any.
    pub media_types: Vec<String>,
    /// Smallest file in bytes.
    pub min_size: u64,
    /// Largest file in bytes.
    pub max_size: u64,
    /// Most files in a batch.
    pub max_items: u32,
}

impl Default for Rules {
    /// Photographs of 1 byte to 5 GB (the most a single PUT takes), 100,000 a batch.
    fn default() -> Self {
        Self {
            media_types: vec!["image/*".to_owned()],
            min_size: 1,
            max_size: 5_000_000_000,
            max_items: 100_000,
        }
    }
}

/// Why a file may not be part of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// Its media type is not one of the project's.
    Type {
        /// What it is.
        media_type: String,
    },
    /// It has no bytes.
    Empty,
    /// It is smaller than the project takes.
    TooSmall {
        /// The smallest, in bytes.
        min: u64,
    },
    /// It is larger than the project takes.
    TooLarge {
        /// The largest, in bytes.
        max: u64,
    },
    /// The batch is full.
    TooMany {
        /// The most files in a batch.
        max: u32,
    },
    /// Its path makes a key that the store cannot take.
    PathTooLong {
        /// The most bytes of UTF-8 for the key.
        max_bytes: usize,
    },
    /// Its path is empty or has a part that is `.`, `..` or empty.
    PathUnsafe,
    /// The batch has another file with that path.
    Duplicate,
    /// A file that the system keeps for itself, such as `.DS_Store` or `Thumbs.db`.
    Junk,
    /// The project, the person, or the link that the guest came by, takes no more at all.
    OverQuota,
    /// The project or the person takes no more today.
    OverDailyQuota,
}

impl Rules {
    /// Checks one file by itself, for a batch with that prefix.
    ///
    /// # Errors
    /// The first reason to refuse it. That it is one too many, or a duplicate, only the whole batch shows.
    pub fn check(&self, item: &NewItem, prefix: &str) -> Result<(), Refusal> {
        if is_junk(&item.path) {
            return Err(Refusal::Junk);
        }
        if item.path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(Refusal::PathUnsafe);
        }
        if prefix.len() + item.path.len() > MAX_KEY_BYTES {
            return Err(Refusal::PathTooLong { max_bytes: MAX_KEY_BYTES });
        }
        if !self.takes(&item.media_type) {
            return Err(Refusal::Type { media_type: item.media_type.clone() });
        }
        if item.size == 0 && self.min_size > 0 {
            return Err(Refusal::Empty);
        }
        if item.size < self.min_size {
            return Err(Refusal::TooSmall { min: self.min_size });
        }
        if item.size > self.max_size {
            return Err(Refusal::TooLarge { max: self.max_size });
        }
        Ok(())
    }

    /// Whether a media type is one of these.
    #[must_use]
    pub fn takes(&self, media_type: &str) -> bool {
        self.media_types.is_empty()
            || self.media_types.iter().any(|wanted| match wanted.strip_suffix("/*") {
                Some(family) => {
                    media_type.split_once('/').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case(family))
                }
                None => wanted.eq_ignore_ascii_case(media_type),
            })
    }
}

/// Files that operating systems and cameras leave in folders; and a folder that is ours.
#[must_use]
pub fn is_junk(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("._")
        || path.split('/').any(|part| part == "__MACOSX")
        || path.split('/').next() == Some(RESERVED)
        || [".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini", ".localized", "Icon\r"]
            .iter()
            .any(|junk| name.eq_ignore_ascii_case(junk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ItemIndex;

    fn item(path: &str, size: u64, media_type: &str) -> NewItem {
        NewItem {
            index: ItemIndex(0),
            path: path.to_owned(),
            size,
            modified: None,
            media_type: media_type.to_owned(),
        }
    }

    #[test]
    fn takes_photographs_with_any_name_and_refuses_the_rest() {
        let rules = Rules::default();
        let check = |path: &str, size, kind| rules.check(&item(path, size, kind), "photos/b1/");
        assert_eq!(check("summer/🏖 #1?.jpg", 9, "image/jpeg"), Ok(()));
        assert_eq!(check("a..b/c.jpg", 9, "image/jpeg"), Ok(()));
        assert_eq!(check("a/../b.jpg", 9, "image/jpeg"), Err(Refusal::PathUnsafe));
        assert_eq!(check("/a.jpg", 9, "image/jpeg"), Err(Refusal::PathUnsafe));
        assert_eq!(check("", 9, "image/jpeg"), Err(Refusal::PathUnsafe));
        assert_eq!(check("a.jpg", 0, "image/jpeg"), Err(Refusal::Empty));
        assert_eq!(check("a/.DS_Store", 9, "image/jpeg"), Err(Refusal::Junk));
        assert_eq!(check(".sluice/thumbnails/0", 9, "image/jpeg"), Err(Refusal::Junk));
        assert_eq!(check("a/.sluice/b.jpg", 9, "image/jpeg"), Ok(()));
        assert_eq!(
            check("a.pdf", 9, "application/pdf"),
            Err(Refusal::Type { media_type: "application/pdf".to_owned() })
        );
        assert_eq!(
            check(&"é".repeat(600), 9, "image/jpeg"),
            Err(Refusal::PathTooLong { max_bytes: MAX_KEY_BYTES })
        );
        assert_eq!(
            check("a.jpg", 6_000_000_000, "image/jpeg"),
            Err(Refusal::TooLarge { max: 5_000_000_000 })
        );
    }
}

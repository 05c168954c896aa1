//! Thumbnails: small pictures that browsers make of what they send, beside the originals.

use serde::{Deserialize, Serialize};

use super::{BatchId, ItemIndex};

/// The folder of a batch that no file of a person's can be in.
pub const RESERVED: &str = ".sluice";

/// Smaller files are shown as they are: a thumbnail would save less than it costs.
const SMALLEST: u64 = 128 << 10;

/// The largest that counts as one, in bytes; a photograph's has some 15 kB. A larger object in its place is something
/// else.
pub const LARGEST: u64 = 512 << 10;

/// What a thumbnail is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// WebP.
    Webp,
    /// JPEG, by browsers that write no WebP.
    Jpeg,
}

impl Format {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpeg",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The one with that media type.
    #[must_use]
    pub fn of(media_type: &str) -> Option<Self> {
        [Self::Webp, Self::Jpeg].into_iter().find(|format| format.media_type() == media_type)
    }
}

/// A thumbnail that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewThumbnail {
    /// Of which item.
    pub index: ItemIndex,
    /// Bytes.
    pub size: u64,
    /// What it is written as.
    pub format: Format,
}

/// Asks for presigned URLs for at most [`SIGN_PAGE`](super::SIGN_PAGE) thumbnails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignThumbnailsRequest {
    /// The batch.
    pub batch: BatchId,
    /// The thumbnails.
    pub thumbnails: Vec<NewThumbnail>,
}

/// The key of an item's thumbnail, in a batch with that prefix.
#[must_use]
pub fn key(prefix: &str, item: ItemIndex) -> String {
    format!("{prefix}{RESERVED}/thumbnails/{}", item.0)
}

/// Which item's thumbnail it is that has this key, in a batch with that prefix.
#[must_use]
pub fn item(prefix: &str, key: &str) -> Option<ItemIndex> {
    let number = key.strip_prefix(prefix)?.strip_prefix(RESERVED)?.strip_prefix("/thumbnails/")?;
    let item = ItemIndex(number.parse().ok()?);
    // No second way to write a number.
    (number == item.0.to_string()).then_some(item)
}

/// Whether a file of that type and size gets one. Some browsers decode more than others; what cannot be decoded is left.
#[must_use]
pub fn is_wanted(media_type: &str, size: u64) -> bool {
    const KINDS: [&str; 8] = ["jpeg", "png", "webp", "gif", "avif", "bmp", "heic", "heif"];
    size >= SMALLEST && media_type.strip_prefix("image/").is_some_and(|kind| KINDS.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_has_a_place_and_only_that() {
        let own = key("p/b/", ItemIndex(7));
        assert_eq!(own, "p/b/.sluice/thumbnails/7");
        assert_eq!(item("p/b/", &own), Some(ItemIndex(7)));
        for other in
            ["p/b/7", "p/c/.sluice/thumbnails/7", "p/b/.sluice/thumbnails/07", "p/b/.sluice/thumbnails/+7"]
        {
            assert_eq!(item("p/b/", other), None, "{other}");
        }
    }
}

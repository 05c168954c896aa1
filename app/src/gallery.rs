//! The gallery: what a batch or a project holds, as pictures.

use serde::{Deserialize, Serialize};
use transfer::wire::{BatchId, ItemIndex, ProjectId, UnixMillis};

/// Images in a part of a gallery: more than a screen shows, and few enough to sign their URLs in a millisecond or two.
pub const IMAGES_PART: u32 = 100;

/// Images that are deleted at once: as many as S3 deletes with one request.
pub const DELETE_MOST: usize = 1_000;

/// Originals up to that many bytes are small enough for a grid of them.
pub const SMALL: u64 = 2_000_000;

/// Whose images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GalleryOf {
    /// Those of a batch, by path.
    Batch(BatchId),
    /// Those of a project, the newest batch first.
    Project(ProjectId),
}

/// Asks for a part of a gallery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GalleryQuestion {
    /// Whose images.
    pub of: GalleryOf,
    /// Where the part begins, counted from 0.
    #[serde(default)]
    pub first: u64,
    /// Only images with this in their path.
    #[serde(default)]
    pub about: Option<String>,
    /// With `about`: only in batches that are older than that one, to go on where a search ended.
    #[serde(default)]
    pub older_than: Option<BatchId>,
}

/// A part of a gallery, or of what a search finds in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct GalleryPart {
    /// Images in the whole gallery, as far as is known; or all that the search found.
    pub total: u64,
    /// At most 100 of them, in order.
    pub images: Vec<ImageCard>,
    /// When their URLs end, on the server's clock.
    pub expires_at: UnixMillis,
    /// Whether the caller may delete them.
    pub may_delete: bool,
    /// Where the search ended before the gallery does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<Beyond>,
}

/// What a search did not look at: it ends after some 30,000 images of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Beyond {
    /// So many images.
    pub images: u64,
    /// They are in batches that are older than that one.
    pub older_than: BatchId,
}

/// A stored image, or any other file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImageCard {
    /// Its batch.
    pub batch: BatchId,
    /// Its place in the batch.
    pub index: ItemIndex,
    /// Its path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// Where its thumbnail is, if there should be one. It may be missing all the same: browsers make them, and whoever
    /// closes the page early has made only some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// Where the original is, if browsers can draw it. A permission to read it: keep it out of logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
}

impl std::fmt::Debug for ImageCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageCard")
            .field("batch", &self.batch)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// Names one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRequest {
    /// Its batch.
    pub batch: BatchId,
    /// Its place in the batch.
    pub index: ItemIndex,
}

/// Where an image can be downloaded for some minutes, under its own name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImageDownload {
    /// GET it. It is a permission: keep it out of logs.
    pub url: String,
    /// When it ends, on the server's clock.
    pub expires_at: UnixMillis,
}

impl std::fmt::Debug for ImageDownload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageDownload").field("url", &"******").finish_non_exhaustive()
    }
}

/// Asks to delete images of a batch that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteImages {
    /// The batch.
    pub batch: BatchId,
    /// At most [`DELETE_MOST`].
    pub items: Vec<ItemIndex>,
}

/// Images were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DeletedImages {
    /// How many that were there.
    pub deleted: u64,
}

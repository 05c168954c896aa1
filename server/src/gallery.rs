//! The gallery: what a batch or a project holds, as pictures.
//!
//! Whoever may see a batch may look at its images: its owner, and admins. So a project shows an admin everything, and
//! everybody else what they sent themselves; guests, who come by a link that others may have as well, see no gallery at
//! all. Images come straight from the store by presigned URLs that hold for some minutes. Only types that browsers draw
//! get one to look at, and it says which type it is, whatever the object says of itself.
//!
//! Deleting is an admin's; see [`Desk::delete_images`](crate::desk::Desk::delete_images).

mod error;

use app::gallery::{
    Beyond, GalleryOf, GalleryPart, GalleryQuestion, IMAGES_PART, ImageCard, ImageDownload, ImageRequest,
};
use app::person::Role;
use ledger::{Gallery, Image};
use transfer::wire::BatchId;

pub use error::GalleryError;

use crate::batch::{self, BatchError};
use crate::caller::Caller;
use crate::grant::{Reader, Reading};
use crate::state::AppState;

/// What every browser that runs these pages draws.
const DRAWN: [&str; 6] = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"];

/// A part of a gallery, or of what a search finds in it.
///
/// # Errors
/// `NoSuchBatch`, `NoSuchProject`, also for what the caller may not see; what the store's identity says.
pub async fn part(
    state: &AppState,
    caller: &Caller,
    question: GalleryQuestion,
) -> Result<GalleryPart, GalleryError> {
    let of = seen(state, caller, question.of).await?;
    let (about, older_than) = (question.about.as_deref(), question.older_than.as_ref());
    let images = state.ledger.images();
    let part = images.find(&of, about, older_than, question.first, IMAGES_PART.into()).await?;
    let reader = state.grants.reader().await?;
    Ok(GalleryPart {
        total: part.total,
        images: part.images.into_iter().map(|image| card(&reader, image)).collect(),
        expires_at: reader.expires_at(),
        may_delete: caller.is_admin(),
        beyond: part.beyond.map(|beyond| Beyond { images: beyond.images, older_than: beyond.older_than }),
    })
}

/// Where an image can be downloaded.
///
/// # Errors
/// As [`part`]; `NoSuchImage`.
pub async fn download(
    state: &AppState,
    caller: &Caller,
    request: ImageRequest,
) -> Result<ImageDownload, GalleryError> {
    seen(state, caller, GalleryOf::Batch(request.batch.clone())).await?;
    let found = state.ledger.images().of_items(&request.batch, &[request.index]).await?.pop();
    let image = found.ok_or(GalleryError::NoSuchImage)?;
    let reader = state.grants.reader().await?;
    let name = image.path.rsplit('/').next().unwrap_or(&image.path);
    Ok(ImageDownload { url: reader.url(&image.key, Reading::Keep { name }), expires_at: reader.expires_at() })
}

/// Notes that a browser has stored thumbnails of a batch, open or not: the last are made when all is sent.
///
/// # Errors
/// `NoSuchBatch`.
pub async fn has_thumbnails(state: &AppState, caller: &Caller, batch: &BatchId) -> Result<(), GalleryError> {
    let batch = batch::summary(state, caller, batch).await?.batch;
    Ok(state.ledger.images().note_thumbnails(&batch).await?)
}

/// What the caller may see of it.
async fn seen(state: &AppState, caller: &Caller, of: GalleryOf) -> Result<Gallery, BatchError> {
    let guest = caller.person().role == Role::Guest;
    match of {
        GalleryOf::Batch(_) if guest => Err(BatchError::NoSuchBatch),
        GalleryOf::Project(_) if guest => Err(BatchError::NoSuchProject),
        GalleryOf::Batch(id) => Ok(Gallery::Batch(batch::summary(state, caller, &id).await?.batch)),
        GalleryOf::Project(id) => {
            let project = batch::open_to(state, caller, &id).await?;
            Ok(Gallery::Project(project.id, batch::seen_by(caller)))
        }
    }
}

fn card(reader: &Reader<'_>, image: Image) -> ImageCard {
    let drawn = DRAWN.iter().find(|drawn| image.media_type.eq_ignore_ascii_case(drawn));
    let thumbnail = image.thumbnail.map(|key| reader.url(&key, Reading::Look { media_type: "image/webp" }));
    ImageCard {
        thumbnail,
        original: drawn.map(|media_type| reader.url(&image.key, Reading::Look { media_type })),
        batch: image.batch,
        index: image.index,
        path: image.path,
        size: image.size,
        media_type: image.media_type,
    }
}

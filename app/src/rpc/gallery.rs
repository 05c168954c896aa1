//! The gallery.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use transfer::wire::thumbnail::SignThumbnailsRequest;
use transfer::wire::{BatchId, SignedUrls};

#[cfg(feature = "ssr")]
use super::answer;
#[cfg(feature = "ssr")]
use crate::backend::backend;
use crate::error::AppError;
use crate::gallery::{
    DeleteImages, DeletedImages, GalleryPart, GalleryQuestion, ImageDownload, ImageRequest,
};

/// A part of a gallery.
///
/// # Errors
/// `SignedOut`; `NotFound`, also for what the person may not see; `Store` when nothing can be signed.
#[server(name = GalleryCall, prefix = "/api/rpc", endpoint = "gallery", input = Json, output = Json)]
pub async fn gallery(request: GalleryQuestion) -> Result<GalleryPart, AppError> {
    answer(backend()?.gallery(request).await)
}

/// Where an image can be downloaded.
///
/// # Errors
/// As [`gallery`].
#[server(name = DownloadCall, prefix = "/api/rpc", endpoint = "download_image", input = Json, output = Json)]
pub async fn download_image(request: ImageRequest) -> Result<ImageDownload, AppError> {
    answer(backend()?.download_image(request).await)
}

/// Notes that a browser has stored thumbnails of a batch. Called by the worker, once a batch.
///
/// # Errors
/// `SignedOut`; `NotFound`.
#[server(name = ThumbnailsCall, prefix = "/api/rpc", endpoint = "has_thumbnails", input = Json, output = Json)]
pub async fn has_thumbnails(request: BatchId) -> Result<(), AppError> {
    answer(backend()?.has_thumbnails(request).await)
}

/// Presigns thumbnails of a batch that was given no other grant. Called by the worker.
///
/// # Errors
/// `SignedOut`; `NotFound`; `Conflict` for a batch that has been over for long; `PayloadTooLarge`.
#[server(name = SignThumbnailsCall, prefix = "/api/rpc", endpoint = "sign_thumbnails", input = Json, output = Json)]
pub async fn sign_thumbnails(request: SignThumbnailsRequest) -> Result<SignedUrls, AppError> {
    answer(backend()?.sign_thumbnails(request).await)
}

/// Deletes images from the store.
///
/// # Errors
/// `SignedOut`, `Forbidden` to all but admins; `NotFound`; `Conflict` while the batch is open; `TooLarge`; `Store`.
#[server(name = DeleteCall, prefix = "/api/rpc", endpoint = "delete_images", input = Json, output = Json)]
pub async fn delete_images(request: DeleteImages) -> Result<DeletedImages, AppError> {
    answer(backend()?.delete_images(request).await)
}

//! Images, which an admin may delete one by one.

use app::gallery::{DELETE_MOST, DeleteImages, DeletedImages};
use transfer::wire::BatchState;

use super::Desk;
use crate::batch::BatchError;
use crate::gallery::GalleryError;

impl Desk<'_> {
    /// Deletes images of a batch that is over: from the store first, and then from what galleries show. The receipt
    /// stays as it is.
    ///
    /// # Errors
    /// `NoSuchBatch`, `PageTooLarge`; `Open`; what the store says, and then all can be asked again.
    pub async fn delete_images(&self, request: DeleteImages) -> Result<DeletedImages, GalleryError> {
        if request.items.len() > DELETE_MOST {
            return Err(BatchError::PageTooLarge { most: DELETE_MOST }.into());
        }
        let ledger = &self.state.ledger;
        let batch = ledger.batches().get(&request.batch).await?.ok_or(BatchError::NoSuchBatch)?;
        if batch.state == BatchState::Open {
            return Err(GalleryError::Open);
        }
        let images = ledger.images().of_items(&batch.id, &request.items).await?;
        let mut keys = Vec::with_capacity(images.len());
        for image in &images {
            // First, so that none is left behind if the store refuses half-way.
            keys.extend(image.thumbnail.clone());
            keys.push(image.key.clone());
        }
        self.state.grants.bucket().delete(&keys).await?;
        let indexes: Vec<_> = images.iter().map(|image| image.index).collect();
        Ok(DeletedImages { deleted: ledger.images().delete(self.deed(), &batch.id, &indexes).await? })
    }
}

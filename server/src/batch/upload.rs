//! Presigning an upload in parts.

use transfer::wire::{PartPlan, SIGN_PAGE, SignUploadRequest, SignedUpload};

use super::{BatchError, access, error};
use crate::caller::Caller;
use crate::grant::{BatchPrefix, UploadTarget};
use crate::state::AppState;

/// Longest name of an upload that is signed. AWS and Ceph stay far below.
const MAX_UPLOAD_ID: usize = 1_024;

/// Presigns what the upload of an item in parts needs: to begin it, or, once the store has named it, to go on, to list
/// what is there, and to complete it or throw it away.
///
/// All URLs lead to the item's own key, and each part's takes exactly the bytes that the part has of what was announced.
/// Whether the upload is the item's, the store knows: it keeps them by key.
///
/// # Errors
/// `NoSuchBatch`; `NoSuchItem`; `Over`; `PageTooLarge`; what the store's STS says.
pub async fn sign_upload(
    state: &AppState,
    caller: &Caller,
    request: SignUploadRequest,
) -> Result<SignedUpload, BatchError> {
    error::fits(request.parts.len(), SIGN_PAGE)?;
    let batch = access::own_open(state, caller, &request.batch).await?;
    let prefix: BatchPrefix = batch.prefix.parse()?;
    let found = state.ledger.items().by_index(&batch.id, &[request.index]).await?;
    let item = found.first().ok_or(BatchError::NoSuchItem)?;
    let upload = request.upload.as_deref();
    if upload.is_some_and(|id| id.is_empty() || id.len() > MAX_UPLOAD_ID) {
        return Err(BatchError::NoSuchUpload);
    }
    let target = UploadTarget {
        key: &item.key,
        plan: PartPlan::of(item.size),
        turn: item.index.0,
        media_type: &item.media_type,
        upload,
        after: request.after,
        parts: &request.parts,
    };
    Ok(state.grants.presign_upload(&prefix.project(), (&target, &request.bases)).await?)
}

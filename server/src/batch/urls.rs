//! Presigning a page of URLs.

use transfer::wire::{SIGN_PAGE, SignUrlsRequest, SignedUrl, SignedUrls};

use super::{BatchError, access, error};
use crate::caller::Caller;
use crate::clock;
use crate::grant::{BatchPrefix, PutTarget, Sent};
use crate::state::AppState;

/// Presigns a PUT for each of these items that the batch has, for exactly the size and type that were announced.
///
/// # Errors
/// `NoSuchBatch`; `Over`; `PageTooLarge`; what the store's STS says.
pub async fn sign_urls(
    state: &AppState,
    caller: &Caller,
    request: SignUrlsRequest,
) -> Result<SignedUrls, BatchError> {
    error::fits(request.items.len(), SIGN_PAGE)?;
    let batch = access::own_open(state, caller, &request.batch).await?;
    let prefix: BatchPrefix = batch.prefix.parse()?;
    let items = state.ledger.items().by_index(&batch.id, &request.items).await?;
    let targets: Vec<PutTarget<'_>> = items
        .iter()
        .map(|item| PutTarget {
            key: &item.key,
            size: item.size,
            turn: item.index.0,
            media_type: Sent::Required(&item.media_type),
        })
        .collect();
    let page =
        state.grants.presign(&prefix.project(), (&targets, &request.bases), state.grants.url_life()).await?;
    let urls = items
        .iter()
        .zip(page.urls)
        .map(|(item, put)| SignedUrl { index: item.index, url: put.url, headers: put.headers })
        .collect();
    Ok(SignedUrls { urls, expires_at: page.expires_at, server_time: clock::now() })
}

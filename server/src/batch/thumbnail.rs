//! Presigning thumbnails, for batches whose grant is presigned URLs. Those of other grants cover them.

use transfer::wire::thumbnail::{self, NewThumbnail, SignThumbnailsRequest};
use transfer::wire::{BatchState, ItemIndex, SIGN_PAGE, SignedUrl, SignedUrls};

use super::{BatchError, access, error};
use crate::caller::Caller;
use crate::clock;
use crate::grant::{BatchPrefix, PutTarget, Sent};
use crate::state::AppState;

/// How long after its end a batch still gets thumbnails, in milliseconds: browsers make the last ones when all is sent,
/// and the credentials of other batches hold for an hour as well.
const LATE: u64 = 3_600_000;

/// Presigns a PUT for each of these thumbnails whose item the batch has and should have one, for exactly its size and
/// format.
///
/// # Errors
/// `NoSuchBatch`; `Over`, for a batch that ended long ago, was revoked or undone, or whose project wants no thumbnails;
/// `PageTooLarge`; what the store's STS says.
pub async fn sign_thumbnails(
    state: &AppState,
    caller: &Caller,
    request: SignThumbnailsRequest,
) -> Result<SignedUrls, BatchError> {
    error::fits(request.thumbnails.len(), SIGN_PAGE)?;
    let batch = access::own(state, caller, &request.batch).await?;
    let project = access::project(state, caller, &batch.project).await?;
    let lately = batch.state == BatchState::Open
        || batch.closed_at.is_some_and(|end| clock::now().0 <= end.0.saturating_add(LATE));
    if !lately || !project.thumbnails || batch.revoked_at.is_some() || batch.undo.is_some() {
        return Err(BatchError::Over);
    }
    let prefix: BatchPrefix = batch.prefix.parse()?;
    let indexes: Vec<ItemIndex> = request.thumbnails.iter().map(|thumbnail| thumbnail.index).collect();
    let items = state.ledger.items().by_index(&batch.id, &indexes).await?;
    let wanted: Vec<(NewThumbnail, String)> = request
        .thumbnails
        .into_iter()
        .filter(|small| (1..=thumbnail::LARGEST).contains(&small.size))
        .filter(|small| {
            let item = items.iter().find(|item| item.index == small.index);
            item.is_some_and(|item| thumbnail::is_wanted(&item.media_type, item.size))
        })
        .map(|small| (small, thumbnail::key(prefix.as_str(), small.index)))
        .collect();
    let targets: Vec<PutTarget<'_>> = wanted
        .iter()
        .map(|(small, key)| PutTarget {
            key,
            size: small.size,
            turn: small.index.0,
            media_type: Sent::Required(small.format.media_type()),
        })
        .collect();
    let page = state.grants.presign(&prefix.project(), (&targets, &[]), state.grants.url_life()).await?;
    let urls = wanted
        .iter()
        .zip(page.urls)
        .map(|((small, _), put)| SignedUrl { index: small.index, url: put.url, headers: put.headers })
        .collect();
    Ok(SignedUrls { urls, expires_at: page.expires_at, server_time: clock::now() })
}

//! Reports: what became of items, as the browser saw it.

use transfer::wire::{ItemOutcome, ItemReport, REPORT_PAGE, ReportAnswer, ReportRequest};

use super::{BatchError, access, error};
use crate::bucket::bare_etag;
use crate::caller::Caller;
use crate::state::AppState;

/// Longest ETag that is kept. S3's has 32 digits, or 38 for an upload of 10,000 parts.
const MAX_ETAG: usize = 128;

/// Longest class of a failure that is kept.
const MAX_CLASS: usize = 64;

/// Notes what became of a page of items. The last report of an item counts; unknown items are ignored.
///
/// # Errors
/// `NoSuchBatch`; `Over`; `PageTooLarge`.
pub async fn report(
    state: &AppState,
    caller: &Caller,
    request: ReportRequest,
) -> Result<ReportAnswer, BatchError> {
    error::fits(request.items.len(), REPORT_PAGE)?;
    let batch = access::own_open(state, caller, &request.batch).await?;
    let reports: Vec<ItemReport> = request.items.into_iter().map(tidied).collect();
    let stored = state.ledger.items().report(&batch.id, &reports).await?;
    Ok(ReportAnswer { stored })
}

/// Takes out what cannot be compared with the store's word: Ceph answers an empty ETag for multipart uploads.
fn tidied(report: ItemReport) -> ItemReport {
    let outcome = match report.outcome {
        ItemOutcome::Stored { etag, checksum } => ItemOutcome::Stored {
            etag: etag.as_deref().and_then(bare_etag).filter(|etag| is_plain(etag)),
            checksum: checksum.filter(|checksum| is_plain(checksum)),
        },
        ItemOutcome::Failed { class } => {
            ItemOutcome::Failed { class: class.chars().filter(|c| !c.is_control()).take(MAX_CLASS).collect() }
        }
        ItemOutcome::Cancelled => ItemOutcome::Cancelled,
    };
    ItemReport { index: report.index, outcome }
}

/// Whether a text is short, and has nothing in it that a database does not keep.
fn is_plain(text: &str) -> bool {
    text.len() <= MAX_ETAG && !text.contains(char::is_control)
}

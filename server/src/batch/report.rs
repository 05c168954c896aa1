//! Reports: what became of items, as the browser saw it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use transfer::wire::{ItemOutcome, ItemReport, REPORT_PAGE, ReportAnswer, ReportRequest};

use super::{BatchError, access, error, list};
use crate::bucket::bare_etag;
use crate::caller::Caller;
use crate::state::AppState;

/// Longest ETag that is kept. S3's has 32 digits, or 38 for an upload of 10,000 parts.
const MAX_ETAG: usize = 128;

/// What S3 can check an object with, and how many bytes it has (S3 user guide, "Checking object integrity").
const ALGORITHMS: [(&str, usize); 5] =
    [("crc32", 4), ("crc32c", 4), ("crc64nvme", 8), ("sha1", 20), ("sha256", 32)];

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
    let may_replace = access::may_replace(caller);
    let reports: Vec<ItemReport> =
        request.items.into_iter().map(|report| tidied(report, may_replace)).collect();
    let stored = state.ledger.items().report(&batch.id, list::seen_by(caller), &reports).await?;
    Ok(ReportAnswer { stored })
}

/// Whether it is one of S3's checksums: the name of an algorithm, and as many bytes as it has in base64.
fn is_checksum(text: &str) -> bool {
    let Some((name, value)) = text.split_once(':') else { return false };
    let known = ALGORITHMS.iter().find(|(known, _)| *known == name);
    let length = STANDARD.decode(value).ok().map(|bytes| bytes.len());
    known.is_some_and(|(_, bytes)| length == Some(*bytes))
}

/// Takes out what the caller may not ask for, and what cannot be compared with the store's word: Ceph answers an empty
/// ETag for multipart uploads.
fn tidied(report: ItemReport, may_replace: bool) -> ItemReport {
    let outcome = match report.outcome {
        ItemOutcome::Stored { etag, checksum, replace } => ItemOutcome::Stored {
            etag: etag.as_deref().and_then(bare_etag).filter(|etag| is_plain(etag)),
            checksum: checksum.filter(|checksum| is_checksum(checksum)),
            replace: replace && may_replace,
        },
        ItemOutcome::Failed { class } => {
            ItemOutcome::Failed { class: class.chars().filter(|c| !c.is_control()).take(MAX_CLASS).collect() }
        }
        outcome @ (ItemOutcome::Cancelled | ItemOutcome::Skipped) => outcome,
    };
    ItemReport { index: report.index, outcome }
}

/// Whether a text is short, and has nothing in it that a database does not keep.
fn is_plain(text: &str) -> bool {
    text.len() <= MAX_ETAG && !text.contains(char::is_control)
}

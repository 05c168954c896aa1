//! Quotas, between what a page or a program says and what the ledger keeps.

use app::desk::{Quota, Used};
use ledger::Usage;

use super::DeskError;

/// Checks a quota.
///
/// # Errors
/// `Invalid`, with that sentence, if it would take nothing at all.
pub(super) fn checked(quota: Quota, nothing: &str) -> Result<ledger::Quota, DeskError> {
    if quota.files == Some(0) || quota.bytes == Some(0) {
        return Err(DeskError::Invalid(nothing.to_owned()));
    }
    Ok(ledger::Quota { files: quota.files, bytes: quota.bytes })
}

pub(super) fn shown(quota: ledger::Quota) -> Quota {
    Quota { files: quota.files, bytes: quota.bytes }
}

pub(super) fn used(usage: Usage) -> Used {
    Used { files: usage.files, bytes: usage.bytes }
}

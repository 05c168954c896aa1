//! What goes wrong with a batch.

use ledger::LedgerError;
use transfer::wire::{Problem, ProblemCode};

use crate::bucket::StoreFault;
use crate::grant::GrantError;
use crate::problem::HttpProblem;

/// Why something could not be done with a batch.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// There is none, or it is somebody else's.
    #[error("no such batch")]
    NoSuchBatch,
    /// There is none, or the caller may not upload into it.
    #[error("no such project")]
    NoSuchProject,
    /// The batch has none with that index.
    #[error("no such item")]
    NoSuchItem,
    /// No store names an upload like that.
    #[error("no such upload")]
    NoSuchUpload,
    /// It is closed or verified.
    #[error("the batch is over")]
    Over,
    /// More than one request may carry.
    #[error("more than {most} in one request")]
    PageTooLarge {
        /// The most.
        most: usize,
    },
    /// The ledger.
    #[error(transparent)]
    Ledger(LedgerError),
    /// A prefix in the ledger that no policy may name.
    #[error(transparent)]
    Prefix(#[from] crate::grant::InvalidPrefix),
    /// The grant.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl From<LedgerError> for BatchError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NoSuchBatch(_) => Self::NoSuchBatch,
            LedgerError::BatchNotOpen(_) => Self::Over,
            other => Self::Ledger(other),
        }
    }
}

impl BatchError {
    /// Logs what must be logged, this once, and gives what the client may see.
    #[must_use]
    pub fn report(&self) -> Problem {
        match self {
            Self::NoSuchBatch => {
                Problem::new(ProblemCode::NotFound, "There is no such batch, or it belongs to somebody else.")
            }
            Self::NoSuchProject => Problem::new(
                ProblemCode::NotFound,
                "There is no such project. `GET /api/v1/projects` lists those you may upload into.",
            ),
            Self::NoSuchItem => {
                Problem::new(ProblemCode::NotFound, "This batch has no such item. Announce it first.")
            }
            Self::NoSuchUpload => Problem::new(
                ProblemCode::Invalid,
                "`upload` is what the store answered when the upload was begun: 1 to 1,024 bytes.",
            ),
            Self::Over => Problem::new(
                ProblemCode::Conflict,
                "This batch is over and takes nothing more. Open a new one for more files.",
            ),
            Self::PageTooLarge { most } => Problem::new(
                ProblemCode::TooLarge,
                format!("One request carries at most {most} of them. Send the rest in another."),
            ),
            Self::Ledger(_) | Self::Prefix(_) => {
                tracing::error!(error = %self, "ledger failed");
                Problem::new(
                    ProblemCode::Internal,
                    "Something went wrong on the server. Try again in a moment.",
                )
            }
            Self::Grant(error) => error.report(),
            Self::Store(fault) => fault.report(),
        }
    }
}

impl From<BatchError> for Problem {
    fn from(error: BatchError) -> Self {
        error.report()
    }
}

impl From<BatchError> for HttpProblem {
    fn from(error: BatchError) -> Self {
        Self(error.report())
    }
}

/// Holds a page to its limit.
pub(super) fn fits(count: usize, most: usize) -> Result<(), BatchError> {
    if count <= most { Ok(()) } else { Err(BatchError::PageTooLarge { most }) }
}

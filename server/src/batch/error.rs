//! What goes wrong with a batch.

use ledger::LedgerError;
use transfer::wire::{Problem, ProblemCode};

use super::Broken;
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
    /// Files of the project do not go through the server.
    #[error("the project's files do not go through the server")]
    NotRelayed,
    /// More than goes through the server in one request.
    #[error("too large to go through the server")]
    TooLargeToRelay,
    /// As many files as may be are on their way through the server.
    #[error("too many files are on their way")]
    Busy,
    /// The body did not pass.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The store refused what the server sent it.
    #[error(transparent)]
    Refused(StoreFault),
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
            Self::NotRelayed => Problem::new(
                ProblemCode::Forbidden,
                "Files of this project go straight to the store. An admin can allow it to relay them.",
            ),
            Self::TooLargeToRelay => Problem::new(
                ProblemCode::TooLarge,
                "A file of more than 5 GiB does not go through the server. Send it from another network.",
            ),
            Self::Busy => Problem::new(
                ProblemCode::Busy,
                "Many files are on their way through the server. Try again in a moment.",
            ),
            Self::Broken(broken) => of_body(*broken),
            Self::Refused(fault) => Problem { status: 502, ..fault.report() },
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

/// What became of a file that did not pass. Nothing of it is stored.
fn of_body(broken: Broken) -> Problem {
    let invalid = |detail: &str| Problem::new(ProblemCode::Invalid, detail);
    match broken {
        Broken::Length { announced } => invalid(&format!(
            "The body must have exactly the {announced} bytes that were announced, and `Content-Length` must say so. \
             Nothing was stored.",
        )),
        Broken::Checksum => invalid(
            "The body does not have the CRC-64/NVME that `x-amz-checksum-crc64nvme` gives in base64. Nothing was stored.",
        ),
        Broken::Stalled => {
            invalid("The rest of the body did not come in time. Nothing was stored; send it again.")
        }
        Broken::Store => {
            tracing::error!("store stalled while a file was relayed");
            Problem::new(
                ProblemCode::Store,
                "The store did not answer as it should. Nothing is lost; try again in a minute.",
            )
        }
    }
}

/// Holds a page to its limit.
pub(super) fn fits(count: usize, most: usize) -> Result<(), BatchError> {
    if count <= most { Ok(()) } else { Err(BatchError::PageTooLarge { most }) }
}

//! What goes wrong with a gallery.

use ledger::LedgerError;
use transfer::wire::{Problem, ProblemCode};

use crate::batch::BatchError;
use crate::bucket::StoreFault;
use crate::problem::HttpProblem;

/// Why something could not be done with images.
#[derive(Debug, thiserror::Error)]
pub enum GalleryError {
    /// It is not there, or not any more.
    #[error("no such image")]
    NoSuchImage,
    /// What is still sent would only be sent again.
    #[error("the batch is open")]
    Open,
    /// As for any batch or project.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl From<LedgerError> for GalleryError {
    fn from(error: LedgerError) -> Self {
        Self::Batch(error.into())
    }
}

impl GalleryError {
    /// Logs what must be logged, this once, and gives what the client may see.
    #[must_use]
    pub fn report(&self) -> Problem {
        match self {
            Self::NoSuchImage => {
                Problem::new(ProblemCode::NotFound, "There is no such image, or it was deleted.")
            }
            Self::Open => Problem::new(
                ProblemCode::Conflict,
                "This batch is still being uploaded. Delete from it when it is over.",
            ),
            Self::Batch(error) => error.report(),
            Self::Store(fault) if fault.code() == "AccessDenied" => {
                let detail = "The store does not let the server delete. Whoever runs it must give it `s3:DeleteObject`.";
                Problem { detail: detail.to_owned(), ..fault.report() }
            }
            Self::Store(fault) => fault.report(),
        }
    }
}

impl From<GalleryError> for Problem {
    fn from(error: GalleryError) -> Self {
        error.report()
    }
}

impl From<GalleryError> for HttpProblem {
    fn from(error: GalleryError) -> Self {
        Self(error.report())
    }
}

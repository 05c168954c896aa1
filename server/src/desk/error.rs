//! What goes wrong at a desk.

use ledger::LedgerError;
use transfer::wire::{Problem, ProblemCode};

use crate::batch::BatchError;
use crate::bucket::{FaultKind, StoreFault};
use crate::doctor::RepairError;
use crate::problem::HttpProblem;
use crate::session::{GateError, PasswordError};

/// Why something could not be done for an admin.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The caller is no admin.
    #[error("for admins only")]
    Forbidden,
    /// What was entered cannot be; in a sentence.
    #[error("{0}")]
    Invalid(String),
    /// No such token.
    #[error("no such token")]
    NoSuchToken,
    /// No such link.
    #[error("no such link")]
    NoSuchLink,
    /// A member whom nobody knows.
    #[error("no person is called {0:?}")]
    Nobody(String),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What was asked of a batch.
    #[error(transparent)]
    Batch(BatchError),
    /// What the store says to a deletion.
    #[error(transparent)]
    Delete(StoreFault),
    /// What the store says to a change of its lifecycle.
    #[error(transparent)]
    Lifecycle(StoreFault),
    /// Another retention was decided than whoever wants it written believes.
    #[error("the retention was changed")]
    RetentionChanged,
    /// A defect: a rule that lacks what it must have.
    #[error("the rule is incomplete: {0}")]
    Rule(#[from] aws_smithy_types::error::operation::BuildError),
    /// What the store says to a repair.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// A defect: what was begun was not ended.
    #[error("the work was not ended: {0}")]
    Work(#[from] tokio::task::JoinError),
    /// No randomness.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl From<BatchError> for DeskError {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Ledger(error) => Self::Ledger(error),
            other => Self::Batch(other),
        }
    }
}

impl From<GateError> for DeskError {
    fn from(error: GateError) -> Self {
        Self::Invalid(error.report().detail)
    }
}

impl DeskError {
    /// Logs what must be logged, this once, and gives what the client may see.
    #[must_use]
    pub fn report(&self) -> Problem {
        let (code, detail) = match self {
            Self::Batch(error) => return error.report(),
            Self::Delete(fault) => {
                let told = fault.report();
                if fault.kind() != FaultKind::Refused {
                    return told;
                }
                let detail = "The store refuses to delete. The server's own role needs s3:DeleteObject for this: \
                    `sluice setup server` prints the policy. Then undo again.";
                (ProblemCode::Store, detail.to_owned())
            }
            Self::Lifecycle(fault) => {
                let told = fault.report();
                if fault.kind() != FaultKind::Refused {
                    return told;
                }
                let detail = "The store refuses this change of the bucket's lifecycle rules. Nothing was changed; \
                    the server's log has what the store said.";
                (ProblemCode::Store, detail.to_owned())
            }
            Self::RetentionChanged => (
                ProblemCode::Conflict,
                "The project's retention was changed meanwhile. Nothing was written; look at it again."
                    .to_owned(),
            ),
            Self::Repair(error) => {
                tracing::warn!(%error, "store could not be put right");
                let detail = "The store did not let the server change the bucket's rules. Nothing was changed. \
                    Paste the rule that is shown into the bucket, as its owner.";
                (ProblemCode::Store, detail.to_owned())
            }
            Self::Ledger(LedgerError::NoSuchBatch(_)) => {
                (ProblemCode::NotFound, "There is no such batch.".to_owned())
            }
            Self::Ledger(LedgerError::BatchOpen(_)) => (
                ProblemCode::Conflict,
                "This batch is open still. Wait for its end, or revoke its grant, which closes it."
                    .to_owned(),
            ),
            Self::Ledger(LedgerError::BatchNotOpen(_)) => {
                (ProblemCode::Conflict, "This batch is over and gets no grants any more.".to_owned())
            }
            Self::Forbidden => (ProblemCode::Forbidden, "This is for admins only.".to_owned()),
            Self::Invalid(detail) => (ProblemCode::Invalid, detail.clone()),
            Self::NoSuchToken => {
                (ProblemCode::NotFound, "There is no such token, or it has ended already.".to_owned())
            }
            Self::NoSuchLink | Self::Ledger(LedgerError::NoSuchLink) => {
                (ProblemCode::NotFound, "There is no such link, or it has ended already.".to_owned())
            }
            Self::Nobody(name) => {
                (ProblemCode::Invalid, format!("Nobody is called {name}. Add the person first."))
            }
            Self::Ledger(LedgerError::NoSuchPerson) => {
                (ProblemCode::NotFound, "There is no such person.".to_owned())
            }
            Self::Ledger(LedgerError::NoSuchProject(_)) => {
                (ProblemCode::NotFound, "There is no such project.".to_owned())
            }
            Self::Ledger(LedgerError::NoSuchSession) => {
                (ProblemCode::NotFound, "This session has ended already.".to_owned())
            }
            Self::Ledger(LedgerError::NoSuchWebhook) => {
                (ProblemCode::NotFound, "There is no such webhook.".to_owned())
            }
            Self::Ledger(LedgerError::NoSuchDelivery) => {
                (ProblemCode::NotFound, "There is no such delivery. They are kept for 30 days.".to_owned())
            }
            Self::Ledger(LedgerError::DeliveryUnderWay) => {
                (ProblemCode::Conflict, "It is being delivered just now. Look again in a moment.".to_owned())
            }
            Self::Ledger(LedgerError::NameTaken(name)) => {
                (ProblemCode::Conflict, format!("Somebody is called {name} already. Choose another name."))
            }
            Self::Ledger(LedgerError::LastAdmin) => (
                ProblemCode::Conflict,
                "This is the last admin. Make somebody else an admin first.".to_owned(),
            ),
            Self::Ledger(LedgerError::ProjectTaken(id)) => (
                ProblemCode::Conflict,
                format!(
                    "The project {id} is in the way: id and prefix must be apart from those of all others."
                ),
            ),
            Self::Password(PasswordError::TooShort) => {
                (ProblemCode::Invalid, "Choose a password of at least 10 characters.".to_owned())
            }
            Self::Ledger(_) | Self::Password(_) | Self::Work(_) | Self::Rule(_) => {
                tracing::error!(error = %self, "desk failed");
                (
                    ProblemCode::Internal,
                    "Something went wrong on the server. Try again in a moment.".to_owned(),
                )
            }
        };
        Problem::new(code, detail)
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        error.report()
    }
}

impl From<DeskError> for HttpProblem {
    fn from(error: DeskError) -> Self {
        Self(error.report())
    }
}

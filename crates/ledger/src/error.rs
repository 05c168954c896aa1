//! What can go wrong with the ledger.

use sea_orm::DbErr;
use transfer::wire::{BatchId, ProjectId};

/// Why the ledger could not do something.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another person has that name (upper and lower case are the same).
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    /// No such person.
    #[error("there is no such person")]
    NoSuchPerson,
    /// Nobody else is an admin, and somebody must be.
    #[error("this is the last admin")]
    LastAdmin,
    /// The identity is another person's.
    #[error("this identity is another person's")]
    IdentityTaken,
    /// No such project.
    #[error("there is no project {0}")]
    NoSuchProject(ProjectId),
    /// Another project has that id, or a prefix that is the same or lies within the other.
    #[error("project {0} is in the way")]
    ProjectTaken(ProjectId),
    /// No such batch.
    #[error("there is no batch {0}")]
    NoSuchBatch(BatchId),
    /// The batch takes no more items or reports.
    #[error("batch {0} is not open")]
    BatchNotOpen(BatchId),
    /// The batch is open still.
    #[error("batch {0} is open")]
    BatchOpen(BatchId),
    /// No such session, or it has ended.
    #[error("there is no such session")]
    NoSuchSession,
    /// No such link, or it was ended.
    #[error("there is no such link")]
    NoSuchLink,
    /// No such webhook.
    #[error("there is no such webhook")]
    NoSuchWebhook,
    /// No such delivery.
    #[error("there is no such delivery")]
    NoSuchDelivery,
    /// The delivery is being sent just now.
    #[error("the delivery is under way")]
    DeliveryUnderWay,
    /// The one-time link was used, has expired, or never was.
    #[error("the link is not valid any more")]
    LinkInvalid,
    /// A row holds what no version of this program wrote.
    #[error("the ledger holds {found:?} where {column} should be")]
    Corrupt {
        /// Table and column.
        column: &'static str,
        /// What was found there.
        found: String,
    },
    /// The database did not do as asked.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
}

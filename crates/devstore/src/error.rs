//! What goes wrong inside the store, and how S3 says it.

use std::io;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode};

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the bucket does not exist")]
    NoSuchBucket,
    #[error("the bucket exists already")]
    BucketExists,
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    #[error("the key does not exist")]
    NoSuchKey,
    #[error("the upload does not exist, was aborted or completed")]
    NoSuchUpload,
    #[error("a part is missing or its ETag differs")]
    InvalidPart,
    #[error("a part other than the last is smaller than 5 MiB")]
    PartTooSmall,
    #[error("at least one of the preconditions you specified did not hold")]
    PreconditionFailed,
    /// What a check inside a change says to the client.
    #[error("refused: {0}")]
    Refused(S3Error),
    #[error("the disk is full")]
    Full,
    #[error("the disk refused")]
    Io(#[source] io::Error),
    #[error("the index refused")]
    Index(#[source] rusqlite::Error),
    #[error("the index could not commit: {0}")]
    Commit(String),
    #[error("the store is closing")]
    Closed,
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Index(error),
        }
    }
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> Self {
        let error = match error {
            StoreError::Refused(refusal) => return refusal,
            other => other,
        };
        let code = match &error {
            StoreError::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            StoreError::BucketExists => S3ErrorCode::BucketAlreadyOwnedByYou,
            StoreError::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
            StoreError::NoSuchKey => S3ErrorCode::NoSuchKey,
            StoreError::NoSuchUpload => S3ErrorCode::NoSuchUpload,
            StoreError::InvalidPart => S3ErrorCode::InvalidPart,
            StoreError::PartTooSmall => S3ErrorCode::EntityTooSmall,
            StoreError::PreconditionFailed => S3ErrorCode::PreconditionFailed,
            StoreError::Closed => S3ErrorCode::ServiceUnavailable,
            StoreError::Full => {
                // S3 has no code for it; 507 tells clients that a retry in a second is no use.
                let mut answer = Self::with_message(
                    S3ErrorCode::Custom("InsufficientStorage".into()),
                    "The store's disk is full. Free space and send it again.",
                );
                answer.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
                return answer;
            }
            StoreError::Refused(_) | StoreError::Io(_) | StoreError::Index(_) | StoreError::Commit(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
                return Self::with_message(S3ErrorCode::InternalError, "The store failed. Try it again.");
            }
        };
        Self::with_message(code, error.to_string())
    }
}

//! The storage class of what is uploaded.

use std::fmt;
use std::str::FromStr;

/// A storage class, of those that a bucket can be sent (S3 API reference, "PutObject", `x-amz-storage-class`; without
/// those of Outposts, Express One Zone, Snow and `FSx`, which are other stores).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageClass {
    /// What S3 uses if nothing is said.
    Standard,
    /// Standard with infrequent access.
    StandardIa,
    /// The same in one availability zone.
    OnezoneIa,
    /// S3 moves objects by how they are used.
    IntelligentTiering,
    /// An archive that is read at once.
    GlacierIr,
    /// An archive whose objects are restored before they are read: Glacier Flexible Retrieval.
    Glacier,
    /// The same, deeper.
    DeepArchive,
    /// An old class, which AWS no longer recommends.
    ReducedRedundancy,
}

/// Why a text is no storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that is no storage class")]
pub struct InvalidStorageClass;

impl StorageClass {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Standard,
        Self::StandardIa,
        Self::OnezoneIa,
        Self::IntelligentTiering,
        Self::GlacierIr,
        Self::Glacier,
        Self::DeepArchive,
        Self::ReducedRedundancy,
    ];

    /// As S3 writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::StandardIa => "STANDARD_IA",
            Self::OnezoneIa => "ONEZONE_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::GlacierIr => "GLACIER_IR",
            Self::Glacier => "GLACIER",
            Self::DeepArchive => "DEEP_ARCHIVE",
            Self::ReducedRedundancy => "REDUCED_REDUNDANCY",
        }
    }

    /// Whether an object must be restored before it can be read, so that no gallery shows it (S3 User Guide, "Working
    /// with archived objects").
    #[must_use]
    pub fn is_archive(self) -> bool {
        matches!(self, Self::Glacier | Self::DeepArchive)
    }
}

impl FromStr for StorageClass {
    type Err = InvalidStorageClass;

    fn from_str(text: &str) -> Result<Self, InvalidStorageClass> {
        Self::ALL.into_iter().find(|class| class.name() == text).ok_or(InvalidStorageClass)
    }
}

impl fmt::Display for StorageClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

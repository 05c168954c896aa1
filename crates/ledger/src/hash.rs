//! SHA-256 of secrets that are random by themselves (tokens, session ids, links).

use std::fmt;

use sha2::{Digest, Sha256};

use crate::LedgerError;

/// The SHA-256 of a secret with at least 128 bits of randomness; passwords need argon2 instead.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256Hash([u8; 32]);

impl Sha256Hash {
    /// Hashes a secret.
    #[must_use]
    pub fn of(secret: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(secret.as_ref()).into())
    }

    /// A hash that was kept as its 32 bytes.
    #[must_use]
    pub fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn to_column(self) -> Vec<u8> {
        self.0.to_vec()
    }

    pub(crate) fn from_column(column: &'static str, bytes: &[u8]) -> Result<Self, LedgerError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| LedgerError::Corrupt { column, found: format!("{} bytes", bytes.len()) })
    }
}

impl fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha256Hash(******)")
    }
}

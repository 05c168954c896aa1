//! A checksum of a whole file, as S3 writes it.

use std::fmt;

/// A checksum: the driver computes it while it reads the file, the store compares it with what arrived.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Checksum {
    /// CRC-64/NVME, in base64 of its 8 bytes, big-endian.
    Crc64Nvme(String),
    /// SHA-256, in base64 of its 32 bytes.
    Sha256(String),
}

impl Checksum {
    /// The header, or the form's field, that carries it.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Crc64Nvme(_) => "x-amz-checksum-crc64nvme",
            Self::Sha256(_) => "x-amz-checksum-sha256",
        }
    }

    /// The value, without the algorithm.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Crc64Nvme(value) | Self::Sha256(value) => value,
        }
    }

    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once(':')?;
        match name {
            "crc64nvme" => Some(Self::Crc64Nvme(value.to_owned())),
            "sha256" => Some(Self::Sha256(value.to_owned())),
            _ => None,
        }
    }
}

/// `crc64nvme:<base64>` or `sha256:<base64>`.
impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Crc64Nvme(_) => "crc64nvme",
            Self::Sha256(_) => "sha256",
        };
        f.write_str(name)?;
        f.write_str(":")?;
        f.write_str(self.value())
    }
}

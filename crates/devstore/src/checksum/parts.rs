//! Checksums of objects that came in parts, made of the parts' without their bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::{Algorithm, Checksum, Scope};

/// What the parts of an upload are checked with, and how their checksums make the object's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartsChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) scope: Scope,
}

impl PartsChecksum {
    /// Reads `x-amz-checksum-algorithm` and `x-amz-checksum-type` of a CreateMultipartUpload.
    ///
    /// # Errors
    /// `InvalidRequest` for pairs that S3 does not have ("Checking object integrity", full object and
    /// composite types): SHAs are composite, CRC64NVME is of the full object, the other CRCs are either.
    pub(crate) fn read(algorithm: Option<&str>, scope: Option<&str>) -> S3Result<Option<Self>> {
        let scope = match scope {
            None => None,
            Some("COMPOSITE") => Some(Scope::Composite),
            Some("FULL_OBJECT") => Some(Scope::FullObject),
            Some(_) => return Err(refuse("Value for x-amz-checksum-type header is invalid.".to_owned())),
        };
        let Some(name) = algorithm else {
            return match scope {
                None => Ok(None),
                Some(_) => Err(refuse(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
                        .to_owned(),
                )),
            };
        };
        let algorithm = Algorithm::named(name)
            .ok_or_else(|| refuse("Checksum algorithm provided is unsupported.".to_owned()))?;
        let (usual, only) = match algorithm {
            Algorithm::Crc32 | Algorithm::Crc32c => (Scope::Composite, false),
            Algorithm::Crc64Nvme => (Scope::FullObject, true),
            Algorithm::Sha1 | Algorithm::Sha256 => (Scope::Composite, true),
        };
        let scope = scope.unwrap_or(usual);
        if only && scope != usual {
            return Err(refuse(format!(
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                scope.name(),
                algorithm.name().to_lowercase()
            )));
        }
        Ok(Some(Self { algorithm, scope }))
    }

    /// As the index keeps it, like `CRC32 COMPOSITE`.
    pub(crate) fn to_text(self) -> String {
        format!("{} {}", self.algorithm.name(), self.scope.name())
    }

    /// Reads what [`Self::to_text`] wrote.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let (algorithm, scope) = text.split_once(' ').unwrap_or((text, "COMPOSITE"));
        Self::read(Some(algorithm), Some(scope)).ok().flatten()
    }

    /// Refuses a part that comes with another checksum, or with none where S3 wants one.
    ///
    /// # Errors
    /// `InvalidRequest`, as S3 says it.
    pub(crate) fn check_part(self, promised: Option<Algorithm>) -> S3Result<()> {
        let told = match (promised, self.scope) {
            (Some(algorithm), _) if algorithm == self.algorithm => return Ok(()),
            // S3 makes it by itself.
            (None, Scope::FullObject) => return Ok(()),
            (Some(algorithm), _) => algorithm.name().to_lowercase(),
            (None, Scope::Composite) => "null".to_owned(),
        };
        Err(refuse(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {told}",
            self.algorithm.name().to_lowercase()
        )))
    }

    /// The object's checksum, from those of its parts and their lengths in bytes; `None` unless
    /// every part has one of the algorithm.
    pub(crate) fn of<'a>(
        self,
        parts: impl IntoIterator<Item = (Option<&'a Checksum>, u64)>,
    ) -> Option<Checksum> {
        let mut raw = Vec::new();
        for (checksum, length) in parts {
            let checksum = checksum.filter(|checksum| checksum.algorithm == self.algorithm)?;
            raw.push((STANDARD.decode(&checksum.base64).ok()?, length));
        }
        match self.scope {
            Scope::Composite => self.composite(&raw),
            Scope::FullObject => self.combined(&raw),
        }
    }

    /// The checksum of the parts' checksums, and how many they are.
    fn composite(self, parts: &[(Vec<u8>, u64)]) -> Option<Checksum> {
        let mut hasher = self.algorithm.hasher();
        for (bytes, _) in parts {
            hasher.update(bytes);
        }
        let mut checksum = self.algorithm.finish(hasher)?;
        checksum.base64 = format!("{}-{}", checksum.base64, parts.len());
        checksum.scope = Scope::Composite;
        Some(checksum)
    }

    /// A CRC of all bytes: those of two runs and the length of the second make that of both.
    fn combined(self, parts: &[(Vec<u8>, u64)]) -> Option<Checksum> {
        let crc = match self.algorithm {
            Algorithm::Crc32 => CrcAlgorithm::Crc32IsoHdlc,
            Algorithm::Crc32c => CrcAlgorithm::Crc32Iscsi,
            Algorithm::Crc64Nvme => CrcAlgorithm::Crc64Nvme,
            Algorithm::Sha1 | Algorithm::Sha256 => return None,
        };
        let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let mut parts = parts.iter().filter(|(_, length)| *length > 0);
        let mut whole = parts.next().map_or(0, |(bytes, _)| number(bytes));
        for (bytes, length) in parts {
            whole = crc_fast::checksum_combine(crc, whole, number(bytes), *length);
        }
        let bytes = whole.to_be_bytes();
        let base64 = STANDARD.encode(bytes.get(bytes.len() - self.algorithm.length()..)?);
        Some(Checksum { algorithm: self.algorithm, base64, scope: Scope::FullObject })
    }
}

fn refuse(message: String) -> S3Error {
    S3Error::with_message(S3ErrorCode::InvalidRequest, message)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failure here is the test's")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(algorithm: Algorithm, bytes: &[u8]) -> Checksum {
        let mut hasher = algorithm.hasher();
        hasher.update(bytes);
        algorithm.finish(hasher).unwrap()
    }

    proptest! {
        #[test]
        fn parts_combine_to_the_checksum_of_the_whole(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..8)
        ) {
            let whole = parts.concat();
            for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
                let checksum = PartsChecksum { algorithm, scope: Scope::FullObject };
                let sums: Vec<_> = parts.iter().map(|part| (sum(algorithm, part), part.len() as u64)).collect();
                let combined = checksum.of(sums.iter().map(|(sum, length)| (Some(sum), *length)));
                prop_assert_eq!(combined, Some(sum(algorithm, &whole)));
            }
        }
    }

    #[test]
    fn algorithms_have_the_types_that_s3_gives_them() {
        let read = |algorithm, scope| {
            PartsChecksum::read(algorithm, scope).map(|read| read.map(PartsChecksum::to_text))
        };
        assert_eq!(read(Some("CRC32"), None).unwrap().unwrap(), "CRC32 COMPOSITE");
        assert_eq!(read(Some("CRC32C"), Some("FULL_OBJECT")).unwrap().unwrap(), "CRC32C FULL_OBJECT");
        assert_eq!(read(Some("CRC64NVME"), None).unwrap().unwrap(), "CRC64NVME FULL_OBJECT");
        assert_eq!(read(Some("SHA256"), None).unwrap().unwrap(), "SHA256 COMPOSITE");
        assert_eq!(read(None, None).unwrap(), None);
        assert!(read(Some("CRC64NVME"), Some("COMPOSITE")).is_err());
        assert!(read(Some("SHA1"), Some("FULL_OBJECT")).is_err());
        assert!(read(None, Some("FULL_OBJECT")).is_err());
        assert!(read(Some("MD5"), None).is_err());
        assert!(read(Some("CRC32"), Some("WHOLE")).is_err());
    }
}

//! The checksums that a client may send and that the store verifies, keeps and echoes.

mod parts;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
pub(crate) use parts::PartsChecksum;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto;
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders};
use serde::{Deserialize, Serialize};

/// What S3 can check a body with, beside MD5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The header and trailer that carries it.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// Its name in `x-amz-checksum-algorithm` and in XML.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Length of the raw checksum in bytes.
    const fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The algorithm of that name, upper case as S3 writes it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub(crate) fn hasher(self) -> ChecksumHasher {
        let mut hasher = ChecksumHasher::default();
        match self {
            Self::Crc32 => hasher.crc32 = Some(Crc32::new()),
            Self::Crc32c => hasher.crc32c = Some(Crc32c::new()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(Crc64Nvme::new()),
            Self::Sha1 => hasher.sha1 = Some(Sha1::new()),
            Self::Sha256 => hasher.sha256 = Some(Sha256::new()),
        }
        hasher
    }

    /// The one value that [`Self::hasher`] made.
    pub(crate) fn finish(self, hasher: ChecksumHasher) -> Option<Checksum> {
        let values = hasher.finalize();
        let base64 = match self {
            Self::Crc32 => values.checksum_crc32,
            Self::Crc32c => values.checksum_crc32c,
            Self::Crc64Nvme => values.checksum_crc64nvme,
            Self::Sha1 => values.checksum_sha1,
            Self::Sha256 => values.checksum_sha256,
        };
        base64.map(|base64| Checksum { algorithm: self, base64, scope: Scope::FullObject })
    }
}

/// A checksum as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    /// Base64 of the raw checksum; of a composite one with `-<parts>` after it.
    pub(crate) base64: String,
    pub(crate) scope: Scope,
}

/// What a checksum was made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scope {
    /// Every byte of the object.
    FullObject,
    /// The checksums of its parts.
    Composite,
}

impl From<Algorithm> for dto::ChecksumAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        Self::from_static(algorithm.name())
    }
}

impl From<Scope> for dto::ChecksumType {
    fn from(scope: Scope) -> Self {
        Self::from_static(scope.name())
    }
}

impl Scope {
    /// Its name in `x-amz-checksum-type` and in XML.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FullObject => dto::ChecksumType::FULL_OBJECT,
            Self::Composite => dto::ChecksumType::COMPOSITE,
        }
    }
}

impl Checksum {
    /// The first of these that has a value, in Base64.
    pub(crate) fn one_of(values: &[(Algorithm, Option<String>)]) -> Option<(Algorithm, String)> {
        values.iter().find_map(|(algorithm, value)| Some((*algorithm, value.clone()?)))
    }

    /// Whether this is what was said, in Base64; of a composite one the count may be left out.
    pub(crate) fn says(&self, said: &str) -> bool {
        let bare = self.base64.split_once('-').map_or(self.base64.as_str(), |(value, _)| value);
        said == self.base64 || said == bare
    }

    /// The fields of an answer: the five values, of which one is set, and the type.
    pub(crate) fn fields(this: Option<&Self>) -> dto::Checksum {
        let mut fields = dto::Checksum::default();
        let Some(checksum) = this else { return fields };
        let value = Some(checksum.base64.clone());
        match checksum.algorithm {
            Algorithm::Crc32 => fields.checksum_crc32 = value,
            Algorithm::Crc32c => fields.checksum_crc32c = value,
            Algorithm::Crc64Nvme => fields.checksum_crc64nvme = value,
            Algorithm::Sha1 => fields.checksum_sha1 = value,
            Algorithm::Sha256 => fields.checksum_sha256 = value,
        }
        fields.checksum_type = Some(checksum.scope.into());
        fields
    }
}

/// What the client promised about a body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Promise {
    /// From Content-MD5.
    pub(crate) md5: Option<[u8; 16]>,
    pub(crate) checksum: Option<PromisedChecksum>,
}

/// A checksum announced before the body.
#[derive(Debug, Clone)]
pub(crate) struct PromisedChecksum {
    pub(crate) algorithm: Algorithm,
    /// The value from the header; absent when it follows the body in a trailer.
    value: Option<String>,
}

impl Promise {
    /// Reads Content-MD5, `x-amz-checksum-*` and `x-amz-trailer`.
    ///
    /// # Errors
    /// `InvalidDigest` and `InvalidRequest` for values that no body can have, or for two checksums.
    pub(crate) fn from_headers(headers: &HeaderMap) -> S3Result<Self> {
        let md5 = headers.get("content-md5").map(|value| decode_md5(value.as_bytes())).transpose()?;
        let mut checksum = None;
        for algorithm in Algorithm::ALL {
            let Some(value) = headers.get(algorithm.header()) else { continue };
            let value = value.to_str().map_err(|_| invalid(algorithm))?;
            check_shape(algorithm, value)?;
            announce(&mut checksum, PromisedChecksum { algorithm, value: Some(value.to_owned()) })?;
        }
        for trailer in headers.get_all("x-amz-trailer") {
            for name in trailer.to_str().unwrap_or_default().split(',') {
                let name = name.trim().to_ascii_lowercase();
                if let Some(algorithm) = Algorithm::ALL.into_iter().find(|known| known.header() == name) {
                    announce(&mut checksum, PromisedChecksum { algorithm, value: None })?;
                }
            }
        }
        Ok(Self { md5, checksum })
    }

    /// Compares what arrived with what was promised.
    ///
    /// # Errors
    /// `BadDigest` when they differ, `InvalidRequest` when an announced trailer did not come.
    pub(crate) fn check(
        &self,
        md5: [u8; 16],
        checksum: Option<&Checksum>,
        trailers: Option<&TrailingHeaders>,
    ) -> S3Result<()> {
        if self.md5.is_some_and(|promised| promised != md5) {
            return Err(S3Error::with_message(
                S3ErrorCode::BadDigest,
                "The Content-MD5 you specified did not match what we received.",
            ));
        }
        let Some(promised) = &self.checksum else { return Ok(()) };
        let algorithm = promised.algorithm;
        let value = match &promised.value {
            Some(value) => value.clone(),
            None => trailers
                .and_then(|trailers| {
                    trailers.read(|map| map.get(algorithm.header())?.to_str().ok().map(str::to_owned))
                })
                .flatten()
                .ok_or_else(|| invalid(algorithm))?,
        };
        check_shape(algorithm, &value)?;
        if checksum.is_some_and(|computed| computed.algorithm == algorithm && computed.base64 == value) {
            return Ok(());
        }
        Err(S3Error::with_message(
            S3ErrorCode::BadDigest,
            format!("The {} you specified did not match the calculated checksum.", algorithm.name()),
        ))
    }
}

fn announce(slot: &mut Option<PromisedChecksum>, promised: PromisedChecksum) -> S3Result<()> {
    if slot.is_some() {
        return Err(S3Error::with_message(
            S3ErrorCode::InvalidRequest,
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    *slot = Some(promised);
    Ok(())
}

fn decode_md5(value: &[u8]) -> S3Result<[u8; 16]> {
    STANDARD.decode(value).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()).ok_or_else(|| {
        S3Error::with_message(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.")
    })
}

fn check_shape(algorithm: Algorithm, value: &str) -> S3Result<()> {
    match STANDARD.decode(value) {
        Ok(bytes) if bytes.len() == algorithm.length() => Ok(()),
        _ => Err(invalid(algorithm)),
    }
}

fn invalid(algorithm: Algorithm) -> S3Error {
    S3Error::with_message(
        S3ErrorCode::InvalidRequest,
        format!("Value for {} header is invalid.", algorithm.header()),
    )
}

//! Putting an object oneself, for who cannot reach the store.

use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Config, Credentials, StalledStreamProtectionConfig};
use aws_sdk_s3::primitives::ByteStream;
use transfer::crc64::Crc64;

use super::signing::SigningKey;
use crate::bucket::{Bucket, StoreFault};

/// How long the session that signs must last when the request begins: stores look at its end only then.
pub(super) const LASTS: Duration = Duration::from_secs(60);

/// An object to be.
#[derive(Debug, Clone, Copy)]
pub struct NewObject<'a> {
    /// Its whole key.
    pub key: &'a str,
    /// Bytes.
    pub size: u64,
    /// What it is.
    pub media_type: &'a str,
    /// For the store to compare.
    pub checksum: Option<Crc64>,
}

/// What the store says of an object that it has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutObject {
    /// The ETag, as it wrote it.
    pub etag: Option<String>,
}

/// Puts an object in one request that signs no payload (`UNSIGNED-PAYLOAD`), which is what lets it stream. Nothing is
/// tried twice, because a stream comes only once, and nothing but its content says how long it may take.
pub(super) async fn put(
    bucket: &Bucket,
    key: &SigningKey,
    object: NewObject<'_>,
    content: ByteStream,
) -> Result<PutObject, StoreFault> {
    let signer = key.signer.credentials();
    let credentials = Credentials::new(
        signer.access_key_id.clone(),
        signer.secret_access_key.clone(),
        signer.session_token.clone(),
        None,
        "relay",
    );
    let patience = TimeoutConfig::builder()
        .disable_operation_timeout()
        .disable_operation_attempt_timeout()
        .disable_read_timeout()
        .build();
    let own = Config::builder()
        .credentials_provider(credentials)
        .timeout_config(patience)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    let put = bucket.s3().put_object().bucket(bucket.name().as_str()).key(object.key);
    let put = put
        .content_type(object.media_type)
        .content_length(i64::try_from(object.size).unwrap_or(i64::MAX))
        .set_storage_class(bucket.options().class.map(|class| class.name().into()))
        .set_tagging((!bucket.options().tags.is_empty()).then(|| bucket.options().tags.to_string()))
        .set_checksum_crc64_nvme(object.checksum.map(Crc64::to_base64))
        .body(content);
    let answer = put.customize().config_override(own).send().await;
    let answer = answer.map_err(|error| StoreFault::sdk("PutObject", &error))?;
    Ok(PutObject { etag: answer.e_tag })
}

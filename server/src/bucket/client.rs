//! The AWS clients.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder as HttpClientBuilder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use secrecy::ExposeSecret;

use crate::config::{Addressing, StoreConfig};

/// Tries of one request, the first included. The SDK waits between them with full jitter.
const ATTEMPTS: u32 = 3;

/// One try. A listing of 1,000 keys and an `AssumeRole` take far less than a second; people wait for both.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// All tries together, so that a page gets its answer before a proxy in front gives up (often at 60 s).
const OPERATION_TIMEOUT: Duration = Duration::from_secs(25);

/// What both clients share: credentials, region, HTTP, patience.
pub(super) async fn sdk(config: &StoreConfig) -> SdkConfig {
    // The embedded store is on loopback: no TLS, so no search for root certificates, which a bare machine lacks.
    let http = match config.keys {
        Some(_) => HttpClientBuilder::new().build_http(),
        None => HttpClientBuilder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
    };
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(config.region.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    if let Some(keys) = &config.keys {
        let secret = keys.secret_access_key.expose_secret();
        let pair = Credentials::new(&keys.access_key_id, secret, None, None, "embedded store");
        loader = loader.credentials_provider(pair);
    }
    loader.load().await
}

/// The same with the role for the server's own calls, if there is one. The clients keep its session, and fetch another
/// before it ends.
pub(super) async fn own(sdk: &SdkConfig, config: &StoreConfig) -> SdkConfig {
    let Some(role) = &config.server_role_arn else { return sdk.clone() };
    let mut base = sdk.to_builder();
    if let Some(endpoint) = config.sts_endpoint.as_ref().or(config.endpoint.as_ref()) {
        base = base.endpoint_url(endpoint);
    }
    let provider = AssumeRoleProvider::builder(role.as_str())
        .session_name("sluice-server")
        .configure(&base.build())
        .build()
        .await;
    sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// The S3 client.
pub(super) fn s3(sdk: &SdkConfig, config: &StoreConfig) -> aws_sdk_s3::Client {
    let mut builder =
        aws_sdk_s3::config::Builder::from(sdk).force_path_style(config.addressing == Addressing::Path);
    if let Some(endpoint) = &config.endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    aws_sdk_s3::Client::from_conf(builder.build())
}

/// The STS client. A store of one's own usually answers STS at its S3 endpoint.
pub(super) fn sts(sdk: &SdkConfig, config: &StoreConfig) -> aws_sdk_sts::Client {
    let mut builder = aws_sdk_sts::config::Builder::from(sdk);
    if let Some(endpoint) = config.sts_endpoint.as_ref().or(config.endpoint.as_ref()) {
        builder = builder.endpoint_url(endpoint);
    }
    aws_sdk_sts::Client::from_conf(builder.build())
}

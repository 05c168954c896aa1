//! A bucket's CORS rules: kept here, obeyed in [`crate::cors`].

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::{Objects, check_bucket, refuse};
use crate::index::CorsRule;

/// S3's most rules of a bucket.
const MAX_RULES: usize = 100;
/// S3's longest id of a rule, in characters.
const MAX_ID: usize = 255;
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

impl Objects {
    pub(super) async fn put_cors(&self, input: PutBucketCorsInput) -> S3Result<PutBucketCorsOutput> {
        let rules = input.cors_configuration.cors_rules;
        if rules.is_empty() || rules.len() > MAX_RULES {
            return Err(malformed());
        }
        let rules = rules.into_iter().map(rule).collect::<S3Result<Vec<_>>>()?;
        self.index.set_cors(input.bucket, Some(rules)).await?;
        Ok(PutBucketCorsOutput::default())
    }

    pub(super) async fn cors(&self, input: GetBucketCorsInput) -> S3Result<GetBucketCorsOutput> {
        check_bucket(&self.index, &input.bucket).await?;
        let rules = self.index.rules(&input.bucket).cors.ok_or_else(|| {
            refuse(S3ErrorCode::NoSuchCORSConfiguration, "The CORS configuration does not exist")
        })?;
        Ok(GetBucketCorsOutput { cors_rules: Some(rules.iter().map(listed).collect()) })
    }

    pub(super) async fn forget_cors(&self, input: DeleteBucketCorsInput) -> S3Result<DeleteBucketCorsOutput> {
        self.index.set_cors(input.bucket, None).await?;
        Ok(DeleteBucketCorsOutput::default())
    }
}

/// Checks a rule as S3 does.
fn rule(rule: CORSRule) -> S3Result<CorsRule> {
    if rule.allowed_origins.is_empty()
        || rule.allowed_methods.is_empty()
        || rule.id.as_ref().is_some_and(|id| id.chars().count() > MAX_ID)
    {
        return Err(malformed());
    }
    if let Some(method) = rule.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        return Err(invalid(format!(
            "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
        )));
    }
    let allowed_headers = rule.allowed_headers.unwrap_or_default();
    for (element, texts) in [("AllowedOrigin", &rule.allowed_origins), ("AllowedHeader", &allowed_headers)] {
        if let Some(text) = texts.iter().find(|text| text.matches('*').count() > 1) {
            return Err(invalid(format!("{element} \"{text}\" can not have more than one wildcard.")));
        }
    }
    let expose_headers = rule.expose_headers.unwrap_or_default();
    if let Some(name) = expose_headers.iter().find(|name| name.contains('*')) {
        return Err(invalid(format!(
            "ExposeHeader \"{name}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
        )));
    }
    // They go into answers as they are.
    if let Some(name) = expose_headers.iter().find(|name| http::HeaderName::try_from(name.as_str()).is_err())
    {
        return Err(invalid(format!("ExposeHeader \"{name}\" is no name of a header.")));
    }
    let max_age = rule.max_age_seconds.map(u32::try_from).transpose().map_err(|_| malformed())?;
    Ok(CorsRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers,
        expose_headers,
        max_age,
    })
}

fn listed(rule: &CorsRule) -> CORSRule {
    let some = |texts: &[String]| (!texts.is_empty()).then(|| texts.to_vec());
    CORSRule {
        id: rule.id.clone(),
        allowed_origins: rule.allowed_origins.clone(),
        allowed_methods: rule.allowed_methods.clone(),
        allowed_headers: some(&rule.allowed_headers),
        expose_headers: some(&rule.expose_headers),
        max_age_seconds: rule.max_age.and_then(|seconds| i32::try_from(seconds).ok()),
    }
}

fn invalid(message: String) -> S3Error {
    refuse(S3ErrorCode::InvalidRequest, message)
}

fn malformed() -> S3Error {
    refuse(
        S3ErrorCode::MalformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

//! POST of an HTML form into a bucket, under a signed policy.
//!
//! `s3s` has this too, but it keeps the file in memory, does not know session tokens, and lets a
//! policy live for no longer than its clock skew. Here the file streams to disk like any body.

mod answer;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod parts;
mod policy;
mod signature;

use bytes::Bytes;
use futures::Stream;
use http::header::CONTENT_TYPE;
use http::{Method, Response, request};
use s3s::{Body, S3Error, S3ErrorCode, S3Result};
use time::OffsetDateTime;

use self::fields::Fields;
use self::parts::FormBody;
use self::policy::FormPolicy;
use crate::access;
use crate::gate::Gate;
use crate::hosts::Target;
use crate::index::Precondition;
use crate::object::{Length, Put};

/// The most that the fields before the file may have, names and values, in bytes: S3's 20 kB.
const MAX_FIELDS: usize = 20 * 1024;
/// The largest file of a policy that does not say: 5 GiB, as S3 has it.
const MAX_FILE: u64 = 5 * 1024 * 1024 * 1024;

/// Whether the request is a form. No such request may reach `s3s`.
pub(crate) fn is_form(parts: &request::Parts) -> bool {
    let multipart = |value: &http::HeaderValue| {
        value.as_bytes().trim_ascii_start().to_ascii_lowercase().starts_with(b"multipart/")
    };
    parts.method == Method::POST && parts.headers.get_all(CONTENT_TYPE).iter().any(multipart)
}

/// Checks the form and keeps its file.
///
/// # Errors
/// S3's refusals: of the form, of its signature, of what its policy or the caller's rights do not cover.
pub(crate) async fn post<S, E>(gate: &Gate, parts: &request::Parts, body: S) -> S3Result<Response<Body>>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
    E: std::fmt::Display,
{
    let bucket = bucket(&gate.hosts.target(&parts.headers, &parts.uri))?;
    let mut form = FormBody::new(body, &boundary(parts)?);
    let mut fields = Fields::default();
    while let Some(part) = form.next_part().await? {
        if part.field == "file" {
            fields.expand(part.file.as_deref());
            let now = OffsetDateTime::now_utc();
            let signed = signature::read(&fields, &gate.identity.region, now)?;
            let caller = gate.recognise(signed.access_key_id, fields.get("x-amz-security-token"))?;
            let secret = gate.secret(&caller);
            signed.verify(secret.expose())?;
            let policy = FormPolicy::parse(&signed.policy)?;
            policy.check(&fields, &bucket, now)?;
            let key = fields.key()?.to_owned();
            let headers = fields.headers()?;
            access::require(&caller, &access::to_write(&bucket, &key, &headers)?)?;
            let (min, max) = policy.length.unwrap_or((0, MAX_FILE));
            let put = Put {
                bucket: bucket.clone(),
                key: key.clone(),
                headers,
                metadata: Some(fields.metadata()),
                precondition: Precondition::None,
                stream: Box::pin(form.into_file()),
                length: Length::Within(min, max),
                trailers: None,
            };
            let success = answer::Success::read(&fields);
            let kept = gate.objects.keep(put).await?;
            return Ok(success.render(&bucket, &key, &kept));
        }
        let value = form.text(MAX_FIELDS.saturating_sub(fields.size())).await?;
        fields.insert(part.field, value)?;
    }
    Err(S3Error::with_message(
        S3ErrorCode::InvalidArgument,
        "POST requires exactly one file upload per request.",
    ))
}

/// The bucket of a form's URL, which names no key.
fn bucket(target: &Target) -> S3Result<String> {
    match target {
        Target::Bucket(name) if s3s::path::check_bucket_name(name) => Ok(name.clone()),
        _ => Err(S3Error::with_message(
            S3ErrorCode::MethodNotAllowed,
            "The specified method is not allowed against this resource.",
        )),
    }
}

fn boundary(parts: &request::Parts) -> S3Result<String> {
    let malformed = || {
        S3Error::with_message(
            S3ErrorCode::MalformedPOSTRequest,
            "The body of your POST request is not well-formed multipart/form-data.",
        )
    };
    let value =
        parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).ok_or_else(malformed)?;
    let (kind, parameters) = value.split_once(';').ok_or_else(malformed)?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(malformed());
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    });
    // RFC 2046, section 5.1.1: 1 to 70 characters.
    boundary.filter(|text| (1..=70).contains(&text.len())).map(str::to_owned).ok_or_else(malformed)
}

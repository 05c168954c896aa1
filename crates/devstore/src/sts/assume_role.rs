//! AssumeRole.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::{self, StsError, StsErrorCode};
use super::{MAX_SESSION, Query, Sts, assumed_role_arn, assumed_role_id};
use crate::caller::Caller;
use crate::policy::Policy;

/// STS's limit on the text of an inline policy, in characters.
const MAX_POLICY: usize = 2_048;
/// How long a session lasts when the caller does not say, as AWS has it.
const DEFAULT_SESSION: Duration = Duration::from_secs(3_600);

impl Sts {
    pub(super) fn assume_role(&self, caller: &Caller, query: Query) -> Result<String, StsError> {
        // A session that could make sessions would never have to end.
        if matches!(caller, Caller::Session(_)) {
            return Err(StsError::new(
                StsErrorCode::AccessDenied,
                "Temporary credentials cannot assume a role here. Use the long-lived key pair.",
            ));
        }
        let role = query.role_arn.ok_or_else(|| missing("RoleArn"))?;
        if role != self.identity.role_arn {
            return Err(StsError::new(
                StsErrorCode::AccessDenied,
                format!("Not authorized to perform: sts:AssumeRole on resource: {role}"),
            ));
        }
        let name = query.role_session_name.ok_or_else(|| missing("RoleSessionName"))?;
        check_session_name(&name)?;
        let duration = self.duration(query.duration_seconds.as_deref())?;
        let packed = query.policy.as_deref().map(check_policy).transpose()?;
        let expires = OffsetDateTime::now_utc() + duration;
        let session = self.sessions.start(&name, query.policy, expires).map_err(|error| internal(&error))?;
        let expiration = session
            .expires
            .replace_nanosecond(0)
            .ok()
            .and_then(|expires| expires.format(&Rfc3339).ok())
            .ok_or_else(|| StsError::new(StsErrorCode::InternalFailure, "The clock is out of range."))?;
        let packed = packed
            .map(|percent| format!("<PackedPolicySize>{percent}</PackedPolicySize>"))
            .unwrap_or_default();
        Ok(format!(
            "<AssumeRoleResponse xmlns=\"{ns}\"><AssumeRoleResult>\
             <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
             <SessionToken>{token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             <AssumedRoleUser><AssumedRoleId>{id}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>\
             {packed}</AssumeRoleResult>{meta}</AssumeRoleResponse>",
            ns = answer::NAMESPACE,
            key = session.access_key_id,
            secret = session.secret_access_key.expose(),
            token = session.token,
            id = assumed_role_id(&name),
            arn = assumed_role_arn(&name),
            meta = answer::metadata(),
        ))
    }

    fn duration(&self, seconds: Option<&str>) -> Result<Duration, StsError> {
        let duration = match seconds {
            None => DEFAULT_SESSION,
            Some(text) => {
                Duration::from_secs(text.parse().map_err(|_| invalid("DurationSeconds", "no number"))?)
            }
        };
        if (self.min_session..=MAX_SESSION).contains(&duration) {
            return Ok(duration);
        }
        let range = format!("not within {} and {}", self.min_session.as_secs(), MAX_SESSION.as_secs());
        Err(invalid("DurationSeconds", &range))
    }
}

/// 2 to 64 of `[A-Za-z0-9_+=,.@-]`; they appear in ARNs and logs, and need no escaping in XML.
fn check_session_name(name: &str) -> Result<(), StsError> {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    if (2..=64).contains(&name.len()) && letters {
        Ok(())
    } else {
        Err(invalid("RoleSessionName", "not 2 to 64 of [A-Za-z0-9_+=,.@-]"))
    }
}

/// Refuses a policy that the store does not understand; answers its share of the limit in percent.
fn check_policy(policy: &str) -> Result<usize, StsError> {
    let length = policy.chars().count();
    if length == 0 {
        return Err(invalid("Policy", "empty"));
    }
    // STS API reference, "AssumeRole", `Policy`.
    if !policy.chars().all(|letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{ff}')) {
        return Err(invalid("Policy", "not of tab, line ends and U+0020 to U+00FF"));
    }
    if length > MAX_POLICY {
        return Err(StsError::new(
            StsErrorCode::ValidationError,
            format!("The policy has {length} characters; {MAX_POLICY} are allowed."),
        ));
    }
    Policy::parse(policy)
        .map_err(|error| StsError::new(StsErrorCode::MalformedPolicyDocument, error.to_string()))?;
    Ok((length * 100).div_ceil(MAX_POLICY))
}

fn missing(field: &str) -> StsError {
    invalid(field, "missing")
}

fn invalid(field: &str, reason: &str) -> StsError {
    StsError::new(StsErrorCode::ValidationError, format!("The value of {field} is {reason}."))
}

fn internal(error: &std::io::Error) -> StsError {
    tracing::error!(error = error as &dyn std::error::Error, "no session could be made");
    StsError::new(StsErrorCode::InternalFailure, "No session could be made.")
}

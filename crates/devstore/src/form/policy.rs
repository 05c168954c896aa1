//! The policy of a form: what its fields and its file may be.

use s3s::{S3Error, S3ErrorCode, S3Result};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::fields::Fields;

/// Fields that need no condition, as S3 lists them.
const FREE: [&str; 4] = ["policy", "x-amz-signature", "file", "submit"];
const IGNORED: &str = "x-ignore-";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    expiration: String,
    conditions: Vec<Value>,
}

/// A policy whose every condition is understood.
#[derive(Debug)]
pub(super) struct FormPolicy {
    expires: OffsetDateTime,
    conditions: Vec<Condition>,
    /// The file's bytes, both ends included.
    pub(super) length: Option<(u64, u64)>,
}

#[derive(Debug)]
struct Condition {
    /// In lower case.
    field: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Equals(String),
    StartsWith(String),
}

impl FormPolicy {
    /// Reads the JSON.
    ///
    /// # Errors
    /// `InvalidPolicyDocument` for anything that is not understood.
    pub(super) fn parse(json: &[u8]) -> S3Result<Self> {
        let document: Document = serde_json::from_slice(json).map_err(|error| invalid(&error.to_string()))?;
        let expires = OffsetDateTime::parse(&document.expiration, &Rfc3339)
            .map_err(|_| invalid("its expiration is no time"))?;
        let mut this = Self { expires, conditions: Vec::new(), length: None };
        for condition in &document.conditions {
            this.read(condition)?;
        }
        Ok(this)
    }

    fn read(&mut self, condition: &Value) -> S3Result<()> {
        if let Value::Object(pairs) = condition {
            for (field, value) in pairs {
                let value = value.as_str().ok_or_else(|| invalid("a value is no text"))?;
                self.push(field, Test::Equals(value.to_owned()));
            }
            return Ok(());
        }
        let list = condition.as_array().map(Vec::as_slice).unwrap_or_default();
        let [Value::String(operator), first, second] = list else {
            return Err(invalid("a condition is neither a pair nor a list of three"));
        };
        let operator = operator.to_ascii_lowercase();
        if operator == "content-length-range" {
            let (Some(min), Some(max)) = (number(first), number(second)) else {
                return Err(invalid("content-length-range needs two numbers"));
            };
            // Two ranges mean what both allow.
            let (low, high) = self.length.unwrap_or((0, u64::MAX));
            self.length = Some((min.max(low), max.min(high)));
            return Ok(());
        }
        let field = first.as_str().and_then(|name| name.strip_prefix('$'));
        let (Some(field), Some(value)) = (field, second.as_str()) else {
            return Err(invalid("a condition names no field or no value"));
        };
        let value = value.to_owned();
        match operator.as_str() {
            "eq" => self.push(field, Test::Equals(value)),
            "starts-with" => self.push(field, Test::StartsWith(value)),
            _ => return Err(invalid("a condition has an unknown operator")),
        }
        Ok(())
    }

    fn push(&mut self, field: &str, test: Test) {
        self.conditions.push(Condition { field: field.to_ascii_lowercase(), test });
    }

    /// Every condition must hold, and every field must have one.
    ///
    /// # Errors
    /// `AccessDenied` with the reason, which the sender knows anyway.
    pub(super) fn check(&self, fields: &Fields, bucket: &str, now: OffsetDateTime) -> S3Result<()> {
        if now >= self.expires {
            return Err(refused("Policy expired."));
        }
        for condition in &self.conditions {
            let value = if condition.field == "bucket" { Some(bucket) } else { fields.get(&condition.field) };
            // Even `starts-with ""` wants the field to be there.
            let holds = value.is_some_and(|value| match &condition.test {
                Test::Equals(expected) => value == expected,
                // Of types S3 takes a list, every one of which must pass.
                Test::StartsWith(start) if condition.field == "content-type" => {
                    value.split(',').all(|item| item.trim_start().starts_with(start.as_str()))
                }
                Test::StartsWith(start) => value.starts_with(start.as_str()),
            });
            if !holds {
                return Err(refused(&format!("Policy Condition failed: [{}]", condition.field)));
            }
        }
        let covered = |name: &str| {
            FREE.contains(&name)
                || name.starts_with(IGNORED)
                || self.conditions.iter().any(|condition| condition.field == name)
        };
        match fields.names().find(|name| !covered(name)) {
            None => Ok(()),
            Some(name) => Err(refused(&format!("Extra input fields: {name}"))),
        }
    }
}

/// S3 takes numbers as JSON numbers and as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn invalid(reason: &str) -> S3Error {
    S3Error::with_message(
        S3ErrorCode::InvalidPolicyDocument,
        format!("The policy is not understood: {reason}"),
    )
}

fn refused(reason: &str) -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, format!("Invalid according to Policy: {reason}"))
}

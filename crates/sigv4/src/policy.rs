//! POST policies: one signature for every form that keeps to its conditions.

use std::fmt::Write as _;

use crate::{Signer, Timestamp, base64, signer::ALGORITHM};

/// What the forms that a signature is good for must look like.
///
/// A store refuses a form with a field that no condition names, apart from `file`, `policy` and the
/// signature's own. Fields are named here without the `$` that some conditions want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostPolicy {
    until: Timestamp,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Equals { field: String, value: String },
    StartsWith { field: String, start: String },
    ContentLength { min: u64, max: u64 },
}

impl PostPolicy {
    /// A policy that ends at a moment of the store's clock, without conditions yet.
    #[must_use]
    pub fn until(until: Timestamp) -> Self {
        Self { until, conditions: Vec::new() }
    }

    /// The field must have this value. The bucket must be named this way.
    #[must_use]
    pub fn equals(self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(Condition::Equals { field: field.into(), value: value.into() })
    }

    /// The field must begin like this; with an empty start it may have any value.
    #[must_use]
    pub fn starts_with(self, field: impl Into<String>, start: impl Into<String>) -> Self {
        self.with(Condition::StartsWith { field: field.into(), start: start.into() })
    }

    /// The file must have from `min` to `max` bytes.
    #[must_use]
    pub fn content_length(self, min: u64, max: u64) -> Self {
        self.with(Condition::ContentLength { min, max })
    }

    fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// As JSON, with the conditions that the signature itself brings.
    fn json(&self, signature_fields: &[(String, String)]) -> String {
        let mut text = format!("{{\"expiration\":{},\"conditions\":[", quoted(&self.until.extended()));
        for condition in &self.conditions {
            let written = match condition {
                Condition::Equals { field, value } => equals(field, value),
                Condition::StartsWith { field, start } => {
                    format!("[\"starts-with\",{},{}]", quoted(&format!("${field}")), quoted(start))
                }
                Condition::ContentLength { min, max } => format!("[\"content-length-range\",{min},{max}]"),
            };
            text.push_str(&written);
            text.push(',');
        }
        let last: Vec<_> = signature_fields.iter().map(|(field, value)| equals(field, value)).collect();
        text.push_str(&last.join(","));
        text.push_str("]}");
        text
    }
}

fn equals(field: &str, value: &str) -> String {
    format!("{{{}:{}}}", quoted(field), quoted(value))
}

/// A JSON string. Everything beyond printable ASCII is escaped: S3 reads no other character in a policy
/// ("Creating a POST policy", character escaping).
fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                json.push('\\');
                json.push(character);
            }
            ' '..='~' => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
    }
    json.push('"');
    json
}

impl Signer {
    /// Signs a policy, at that moment of the store's clock, and answers the fields that its forms carry.
    ///
    /// They are in the order to send them: the values that the policy fixes (save for the bucket, which the URL
    /// names), then those of the signature. `key`, `Content-Type` and, last of all, `file` are the sender's.
    #[must_use]
    pub fn sign_policy(&self, policy: &PostPolicy, now: Timestamp) -> Vec<(String, String)> {
        let mut own = vec![
            ("x-amz-algorithm".to_owned(), ALGORITHM.to_owned()),
            ("x-amz-credential".to_owned(), self.credential(now)),
            ("x-amz-date".to_owned(), now.to_string()),
        ];
        if let Some(token) = &self.credentials().session_token {
            own.push(("x-amz-security-token".to_owned(), token.clone()));
        }
        let encoded = base64::encode(policy.json(&own).as_bytes());
        let signature = self.sign(&encoded, now);

        let fixed = policy.conditions.iter().filter_map(|condition| match condition {
            Condition::Equals { field, value } if field != "bucket" => Some((field.clone(), value.clone())),
            _ => None,
        });
        let mut fields: Vec<_> = fixed.collect();
        fields.append(&mut own);
        fields.push(("policy".to_owned(), encoded));
        fields.push(("x-amz-signature".to_owned(), signature));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Credentials;

    /// The example of the S3 API reference, "Example: Browser-Based Upload using HTTP POST (Using AWS Signature
    /// Version 4)", whose policy has spaces and line breaks that this crate would not write.
    #[test]
    fn signs_the_policy_that_aws_publishes() {
        let policy = include_str!("policy/aws-example.base64");
        let signer = Signer::s3(
            Credentials {
                access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
                session_token: None,
            },
            "us-east-1",
        );
        assert_eq!(
            signer.sign(policy.trim_end(), Timestamp::from_unix_millis(1_451_347_200_000)),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }
}

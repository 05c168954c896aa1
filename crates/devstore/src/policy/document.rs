//! The JSON of a policy.

use serde::{Deserialize, Deserializer};

use super::condition::{self, Condition, RawConditions};
use super::{Ask, Glob};

/// The one version of the language that is understood.
const VERSION: &str = "2012-10-17";

/// Why a document is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PolicyError {
    #[error("the policy is not JSON of the form this store understands: {0}")]
    Json(String),
    #[error("the policy's Version must be {VERSION}")]
    Version,
    #[error("the policy has an empty list")]
    Empty,
    #[error("`{0}` is no action")]
    Action(String),
    #[error("`{0}` is no resource: use * or arn:aws:s3:::bucket/key, without variables")]
    Resource(String),
    #[error("`{operator}` on `{key}`, or its value, is no condition that this store understands")]
    Condition { operator: String, key: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version")]
    version: String,
    #[serde(rename = "Id", default)]
    _id: Option<String>,
    #[serde(rename = "Statement")]
    statements: OneOrMany<RawStatement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStatement {
    #[serde(rename = "Sid", default)]
    _sid: Option<String>,
    #[serde(rename = "Effect")]
    effect: Effect,
    #[serde(rename = "Action")]
    actions: OneOrMany<String>,
    #[serde(rename = "Resource")]
    resources: OneOrMany<String>,
    #[serde(rename = "Condition", default, deserialize_with = "present")]
    conditions: Option<RawConditions>,
}

/// Without this, `null` would be no condition at all.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RawConditions>, D::Error> {
    RawConditions::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Result<Vec<T>, PolicyError> {
        match self {
            Self::One(item) => Ok(vec![item]),
            Self::Many(items) if items.is_empty() => Err(PolicyError::Empty),
            Self::Many(items) => Ok(items),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// One statement, ready to be asked.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    actions: Vec<Glob>,
    resources: Vec<Glob>,
    conditions: Vec<Condition>,
}

impl Statement {
    pub(super) fn covers(&self, ask: Ask<'_>) -> bool {
        // Actions ignore case, resources do not.
        let action = ask.action.to_ascii_lowercase();
        self.actions.iter().any(|glob| glob.matches(&action))
            && self.resources.iter().any(|glob| glob.matches(ask.resource))
            && self.conditions.iter().all(|condition| condition.holds(ask.facts))
    }
}

pub(super) fn parse(text: &str) -> Result<Vec<Statement>, PolicyError> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| PolicyError::Json(error.to_string()))?;
    if document.version != VERSION {
        return Err(PolicyError::Version);
    }
    document.statements.into_vec()?.into_iter().map(statement).collect()
}

fn statement(raw: RawStatement) -> Result<Statement, PolicyError> {
    Ok(Statement {
        effect: raw.effect,
        actions: raw.actions.into_vec()?.into_iter().map(action).collect::<Result<_, _>>()?,
        resources: raw.resources.into_vec()?.into_iter().map(resource).collect::<Result<_, _>>()?,
        conditions: raw.conditions.map(condition::read).transpose()?.unwrap_or_default(),
    })
}

fn action(text: String) -> Result<Glob, PolicyError> {
    let known = text == "*"
        || text.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty()
                && service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?'))
        });
    if known { Ok(Glob::new(&text.to_ascii_lowercase())) } else { Err(PolicyError::Action(text)) }
}

fn resource(text: String) -> Result<Glob, PolicyError> {
    let known = text == "*" || text.strip_prefix("arn:aws:s3:::").is_some_and(|rest| !rest.is_empty());
    // `${...}` is a variable, and `$` alone is nothing that a prefix needs.
    if known && !text.contains('$') { Ok(Glob::new(&text)) } else { Err(PolicyError::Resource(text)) }
}

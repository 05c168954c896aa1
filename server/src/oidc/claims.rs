//! Claims: what a provider says of somebody.

use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::token::{Expected, TokenError};

/// How far the provider's clock and ours may be apart, in seconds.
const SKEW: f64 = 120.0;

/// The longest subject, in characters (OpenID Connect Core 1.0, 2).
const MAX_SUBJECT: usize = 255;

/// What a provider says of somebody.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Claims(Map<String, Value>);

/// The claims by which a token is good, and for what (OpenID Connect Core 1.0, 2 and 3.1.3.7).
#[derive(Deserialize)]
struct Standing {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// Whether they are for us, and now; answers the subject.
    pub(super) fn check(&self, expected: &Expected<'_>) -> Result<String, TokenError> {
        let standing: Standing = serde_json::from_value(Value::Object(self.0.clone()))
            .map_err(|error| TokenError::Claims(error.to_string()))?;
        if standing.iss != expected.issuer {
            return Err(TokenError::Issuer);
        }
        let (ours, others) = match &standing.aud {
            Audience::One(one) => (one == expected.client_id, false),
            Audience::Several(all) => (all.iter().any(|one| one == expected.client_id), all.len() > 1),
        };
        let party = standing.azp.as_deref();
        if !ours || party.is_some_and(|party| party != expected.client_id) || (others && party.is_none()) {
            return Err(TokenError::Audience);
        }
        let nonce = standing.nonce.unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
            return Err(TokenError::Nonce);
        }
        let now = expected.now.0 as f64 / 1_000.0;
        if now - SKEW >= standing.exp {
            return Err(TokenError::Time("exp"));
        }
        if standing.iat > now + SKEW {
            return Err(TokenError::Time("iat"));
        }
        if standing.nbf.is_some_and(|nbf| nbf > now + SKEW) {
            return Err(TokenError::Time("nbf"));
        }
        let fits = (1..=MAX_SUBJECT).contains(&standing.sub.chars().count());
        if fits { Ok(standing.sub) } else { Err(TokenError::Claims("sub".to_owned())) }
    }

    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is `true`; Cognito writes it as a text.
    pub(super) fn is_true(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Value::Bool(true)))
            || self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// The texts of a claim that is a text or a list of them: by its whole name, or by its path with dots.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let value = self.0.get(name).or_else(|| {
            let mut parts = name.split('.');
            let first = self.0.get(parts.next()?)?;
            parts.try_fold(first, |value, part| value.get(part))
        })?;
        match value {
            Value::String(text) => Some(vec![text]),
            Value::Array(all) => Some(all.iter().filter_map(Value::as_str).collect()),
            _ => None,
        }
    }

    /// Adds what is not there yet.
    pub(super) fn add(&mut self, more: Self) {
        for (name, value) in more.0 {
            self.0.entry(name).or_insert(value);
        }
    }
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Result<Claims, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn groups_are_where_providers_put_them() -> Result<(), serde_json::Error> {
        let all = claims(json!({
            "cognito:groups": ["studio"],
            "https://example.org/roles": "admin",
            "realm_access": { "roles": ["a", 1, "b"] },
            "groups": { "no": "list" },
        }))?;
        assert_eq!(all.texts("cognito:groups"), Some(vec!["studio"]));
        assert_eq!(all.texts("https://example.org/roles"), Some(vec!["admin"]));
        assert_eq!(all.texts("realm_access.roles"), Some(vec!["a", "b"]));
        assert_eq!(all.texts("groups"), None);
        assert_eq!(all.texts("realm_access.nothing"), None);
        Ok(())
    }

    #[test]
    fn what_a_token_says_stays() -> Result<(), serde_json::Error> {
        let mut token = claims(json!({ "sub": "1", "groups": ["uploaders"] }))?;
        token.add(claims(json!({ "groups": ["admins"], "email": "ada@example.org" }))?);
        assert_eq!(token.texts("groups"), Some(vec!["uploaders"]));
        assert_eq!(token.text("email"), Some("ada@example.org"));
        Ok(())
    }
}

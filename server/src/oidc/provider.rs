//! The provider: what it says of itself, and its keys. Both are kept a while; every server has its own copy.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::claims::Claims;
use super::error::OidcError;
use super::fetch::Fetch;
use super::key::{KeySet, Keys};
use super::token::{TokenError, Unproven};
use crate::config::is_private;

/// How long what was fetched is good: a key that was withdrawn is trusted no longer than that.
const LIFE: Duration = Duration::from_secs(3_600);

/// How often keys are fetched again before that because a token names one that is not among them: three times, then
/// once a minute. Whoever sends such tokens makes us ask no more often.
const AGAIN: (NonZeroU32, Duration) = (NonZeroU32::MIN.saturating_add(2), Duration::from_secs(60));

/// How long a provider that did not answer is left alone: people press the button again, and each waits.
const PAUSE: Duration = Duration::from_secs(3);

/// What a provider says of itself (OpenID Connect Discovery 1.0, 3).
#[derive(Debug, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// The provider.
#[derive(Debug)]
pub(super) struct Provider {
    issuer: String,
    fetch: Fetch,
    discovery: Mutex<Kept<Discovery>>,
    keys: Mutex<Kept<Keys>>,
    again: DefaultDirectRateLimiter,
}

/// Something that was fetched, or when that failed.
#[derive(Debug)]
struct Kept<T> {
    value: Option<(Arc<T>, Instant)>,
    failed: Option<Instant>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { value: None, failed: None }
    }
}

impl<T> Kept<T> {
    fn fresh(&self) -> Option<Arc<T>> {
        let (value, since) = self.value.as_ref()?;
        (since.elapsed() < LIFE).then(|| Arc::clone(value))
    }

    fn is_paused(&self) -> bool {
        self.failed.is_some_and(|failed| failed.elapsed() < PAUSE)
    }

    fn keep(&mut self, fetched: Result<T, OidcError>) -> Result<Arc<T>, OidcError> {
        match fetched {
            Ok(value) => {
                let value = Arc::new(value);
                *self = Self { value: Some((Arc::clone(&value), Instant::now())), failed: None };
                Ok(value)
            }
            Err(error) => {
                self.failed = Some(Instant::now());
                Err(error)
            }
        }
    }
}

impl Provider {
    pub(super) fn new(issuer: String) -> Self {
        let quota = Quota::with_period(AGAIN.1).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN));
        Self {
            issuer,
            fetch: Fetch::new(),
            discovery: Mutex::default(),
            keys: Mutex::default(),
            again: RateLimiter::direct(quota.allow_burst(AGAIN.0)),
        }
    }

    /// How to ask it.
    pub(super) fn fetch(&self) -> &Fetch {
        &self.fetch
    }

    /// What it says of itself. Whoever comes while it is fetched waits for the same answer.
    pub(super) async fn discovery(&self) -> Result<Arc<Discovery>, OidcError> {
        let mut kept = self.discovery.lock().await;
        if let Some(found) = kept.fresh() {
            return Ok(found);
        }
        if kept.is_paused() {
            return Err(OidcError::Discovery(format!("{} did not answer a moment ago", self.issuer)));
        }
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let fetched: Result<Discovery, _> = self.fetch.public(&url).await;
        kept.keep(fetched.map_err(OidcError::from).and_then(|found| self.check(&found).map(|()| found)))
    }

    /// The claims of a token, if one of the provider's keys signed it.
    pub(super) async fn prove(&self, token: Unproven<'_>) -> Result<Claims, OidcError> {
        let keys = self.keys_for(&token).await?;
        let key = keys.find(token.key.as_deref(), token.algorithm);
        let key = key.ok_or_else(|| TokenError::Key(token.key.clone()))?;
        Ok(token.proven_by(key)?)
    }

    /// The keys; fetched again, within limits, if the token's is not among them: providers change their keys.
    async fn keys_for(&self, token: &Unproven<'_>) -> Result<Arc<Keys>, OidcError> {
        let found = self.discovery().await?;
        let mut kept = self.keys.lock().await;
        if let Some(keys) = kept.fresh()
            && (keys.find(token.key.as_deref(), token.algorithm).is_some() || self.again.check().is_err())
        {
            return Ok(keys);
        }
        let fetched: Result<KeySet, _> = self.fetch.public(&found.jwks_uri).await;
        kept.keep(fetched.map(Keys::from).map_err(OidcError::from))
    }

    /// Refuses a document that is about another provider (Discovery 4.3), or leads where others can read along.
    fn check(&self, found: &Discovery) -> Result<(), OidcError> {
        if found.issuer != self.issuer {
            let text = format!(
                "the provider calls itself {:?}; set SLUICE_OIDC_ISSUER to exactly that if it is the right one",
                found.issuer.chars().take(200).collect::<String>()
            );
            return Err(OidcError::Discovery(text));
        }
        let endpoints = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
        match endpoints.into_iter().chain(&found.userinfo_endpoint).find(|url| !is_private(url)) {
            Some(url) => Err(OidcError::Discovery(format!("the provider's {url:?} is no https URL"))),
            None => Ok(()),
        }
    }
}

impl Discovery {
    /// Whether the secret goes into a header, which is so if nothing is said (Discovery 3), or into the form.
    pub(super) fn takes_basic(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_ref();
        methods.is_none_or(|methods| {
            let takes = |method: &str| methods.iter().any(|known| known == method);
            takes("client_secret_basic") || !takes("client_secret_post")
        })
    }
}

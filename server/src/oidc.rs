//! Single sign-on with OpenID Connect: the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).
//!
//! 1. `/sso` begins a [`Flow`]: one random secret in a cookie of this browser, from which `state`, `nonce` and PKCE's
//!    verifier are derived. The ledger keeps a row under its hash, so that any server can go on, and only once.
//! 2. The provider redirects back to `/sso/callback`. The code is exchanged for an ID token, of which signature and
//!    claims are checked ([`token`], [`key`]); what it lacks is asked of the provider's UserInfo.
//! 3. Issuer and subject find the person, and the claims the role ([`admission`]). From there on it is a session like
//!    any other.
//!
//! Signatures are checked by `ring`, which TLS has brought along. The libraries for this were weighed:
//! `openidconnect` and `jsonwebtoken` bring big-integer RSA and elliptic curves of their own, or AWS-LC, to compile;
//! what is left for us without them is to split a token at its dots and to compare its claims.

mod admission;
mod claims;
mod error;
mod fetch;
mod flow;
mod key;
mod provider;
mod token;

use ledger::{Identity, Ledger, PersonRecord};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

use crate::clock;
use crate::config::{OidcConfig, PublicUrl};

pub use error::{OidcError, Refusal};
pub use flow::{Flow, Purpose};

use claims::Claims;
use provider::{Discovery, Provider};
use token::{Expected, Unproven};

/// Where the provider sends people back to.
pub const CALLBACK: &str = "/sso/callback";

/// Single sign-on by one provider.
#[derive(Debug)]
pub struct Oidc {
    config: OidcConfig,
    provider: Provider,
    callback: String,
}

/// What the provider sends along with the person.
#[derive(Deserialize)]
pub struct Answer {
    state: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    code: Option<SecretString>,
    error: Option<String>,
    error_description: Option<String>,
    /// RFC 9207.
    iss: Option<String>,
}

impl Oidc {
    /// By that provider, which is asked nothing yet.
    #[must_use]
    pub fn new(config: OidcConfig, public_url: &PublicUrl) -> Self {
        let provider = Provider::new(config.issuer.clone());
        Self { config, provider, callback: format!("{public_url}{CALLBACK}") }
    }

    /// What people call the provider.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.config.label
    }

    /// Where a flow leads the browser.
    ///
    /// # Errors
    /// If the provider does not say.
    pub async fn departure(&self, flow: &Flow) -> Result<String, OidcError> {
        let found = self.provider.discovery().await?;
        let query = serde_urlencoded::to_string([
            ("response_type", "code"),
            ("client_id", self.config.client_id.as_str()),
            ("redirect_uri", self.callback.as_str()),
            ("scope", self.config.scopes.as_str()),
            ("state", flow.state().as_str()),
            ("nonce", flow.nonce().as_str()),
            ("code_challenge", flow.challenge().as_str()),
            ("code_challenge_method", "S256"),
        ])?;
        let endpoint = &found.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{joint}{query}"))
    }

    /// Who comes back, as a person of this server.
    ///
    /// # Errors
    /// Whatever is wrong with the answer, its token, or the person.
    pub async fn arrival(
        &self,
        ledger: &Ledger,
        flow: &Flow,
        purpose: &Purpose,
        answer: Answer,
    ) -> Result<PersonRecord, OidcError> {
        let found = self.provider.discovery().await?;
        self.check_sender(&found, answer.iss.as_deref())?;
        if let Some(error) = answer.error {
            return Err(OidcError::declined(&error, answer.error_description.as_deref()));
        }
        let code = answer.code.ok_or(OidcError::Flow)?;
        let tokens = self.exchange(&found, flow, &code).await?;
        let token = Unproven::read(&tokens.id_token)?;
        let claims = self.provider.prove(token).await?;
        let subject = claims.check(&Expected {
            issuer: &self.config.issuer,
            client_id: &self.config.client_id,
            nonce: &flow.nonce(),
            now: clock::now(),
        })?;
        let identity = Identity { issuer: self.config.issuer.clone(), subject };
        let claims = self.complete(&found, &identity, claims, tokens.access_token.as_ref()).await?;
        admission::admit(ledger, &self.config, &identity, &claims, purpose.welcome()).await
    }

    /// Whether the answer says that it comes from the provider that was asked (RFC 9207). A provider that announces
    /// to say so must.
    fn check_sender(&self, found: &Discovery, iss: Option<&str>) -> Result<(), OidcError> {
        match iss {
            Some(iss) if iss != self.config.issuer => Err(OidcError::Sender(iss.chars().take(200).collect())),
            None if found.authorization_response_iss_parameter_supported => {
                Err(OidcError::Sender(String::new()))
            }
            _ => Ok(()),
        }
    }

    /// Exchanges a code for tokens.
    async fn exchange(
        &self,
        found: &Discovery,
        flow: &Flow,
        code: &SecretString,
    ) -> Result<Tokens, OidcError> {
        let verifier = flow.verifier();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", self.callback.as_str()),
            ("code_verifier", verifier.as_str()),
        ];
        let client_id = self.config.client_id.as_str();
        let mut basic = None;
        match &self.config.client_secret {
            Some(secret) if found.takes_basic() => basic = Some(basic_of(client_id, secret)?),
            Some(secret) => {
                form.extend([("client_id", client_id), ("client_secret", secret.expose_secret())]);
            }
            None => form.push(("client_id", client_id)),
        }
        let form = serde_urlencoded::to_string(form)?;
        Ok(self.provider.fetch().form(&found.token_endpoint, &form, basic.as_ref()).await?)
    }

    /// Asks UserInfo for what the token lacks and the configuration needs; what the token says stays.
    async fn complete(
        &self,
        found: &Discovery,
        identity: &Identity,
        mut claims: Claims,
        access: Option<&SecretString>,
    ) -> Result<Claims, OidcError> {
        let (Some(url), Some(access)) = (&found.userinfo_endpoint, access) else { return Ok(claims) };
        if admission::suffices(&self.config, &claims) {
            return Ok(claims);
        }
        let more: Claims = self.provider.fetch().bearer(url, access).await?;
        // Core 5.3.2: UserInfo of another subject must not be used.
        if more.text("sub") != Some(identity.subject.as_str()) {
            return Err(OidcError::Subject);
        }
        claims.add(more);
        Ok(claims)
    }
}

impl Answer {
    /// Reads a query.
    ///
    /// # Errors
    /// `Flow` if it is none of a provider's.
    pub fn of_query(query: &str) -> Result<Self, OidcError> {
        serde_urlencoded::from_str(query).map_err(|_| OidcError::Flow)
    }

    /// Whether it answers what that flow asked.
    #[must_use]
    pub fn answers(&self, flow: &Flow) -> bool {
        let state = self.state.as_deref().unwrap_or_default();
        state.as_bytes().ct_eq(flow.state().as_bytes()).into()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("error", &self.error).finish_non_exhaustive()
    }
}

/// What the token endpoint answers.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default, deserialize_with = "secret")]
    access_token: Option<SecretString>,
}

fn secret<'de, D: Deserializer<'de>>(text: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(text)?.map(SecretString::from))
}

/// The credentials of HTTP's basic scheme, encoded as forms are first (RFC 6749, 2.3.1).
fn basic_of(client_id: &str, secret: &SecretString) -> Result<SecretString, OidcError> {
    use base64::Engine as _;
    let encoded =
        |text: &str| serde_urlencoded::to_string([("", text)]).map(|pair| pair.replacen('=', "", 1));
    let pair = format!("{}:{}", encoded(client_id)?, encoded(secret.expose_secret())?);
    Ok(SecretString::from(base64::prelude::BASE64_STANDARD.encode(pair)))
}

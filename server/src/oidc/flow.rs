//! One sign-in on its way: what the browser keeps of it, and what the ledger keeps.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::COOKIE;
use ledger::{Ledger, SessionRecord, Sha256Hash};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::error::OidcError;
use crate::clock;
use crate::config::PublicUrl;
use crate::session::NewSecret;

/// How long somebody may take at the provider: with a second factor, and a password that must be looked for.
const LIFE: Duration = Duration::from_secs(600);

/// The longest cookie that is looked at.
const MAX_SECRET: usize = 100;

/// One sign-in on its way: a secret of this browser. What goes to the provider is derived from it, one way, so that
/// there is nothing else to keep.
pub struct Flow(SecretString);

/// What a sign-in is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// The path to go on to.
    pub next: String,
    /// The hash of the one-time link that was brought along.
    welcome: Option<[u8; 32]>,
}

impl Purpose {
    /// To go on to that path, with that one-time link if there is one.
    #[must_use]
    pub fn new(next: String, welcome: Option<&str>) -> Self {
        Self { next, welcome: welcome.map(|token| *Sha256Hash::of(token).as_bytes()) }
    }

    /// The hash of the one-time link that was brought along.
    pub(super) fn welcome(&self) -> Option<Sha256Hash> {
        self.welcome.map(Sha256Hash::of_bytes)
    }
}

impl Flow {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretString::from(NewSecret::random().expose()))
    }

    /// The one of this browser.
    #[must_use]
    pub fn of_request(headers: &HeaderMap, public_url: &PublicUrl) -> Option<Self> {
        let name = cookie_name(public_url);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let secret = cookies
            .flat_map(|header| header.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
        let fits = !secret.is_empty() && secret.len() <= MAX_SECRET;
        fits.then(|| Self(SecretString::from(secret)))
    }

    /// The cookie that keeps it in the browser. Lax, because the provider's redirect must bring it back.
    #[must_use]
    pub fn cookie(&self, public_url: &PublicUrl) -> String {
        set_cookie(public_url, self.0.expose_secret(), LIFE)
    }

    /// The cookie that takes it away.
    #[must_use]
    pub fn end_cookie(public_url: &PublicUrl) -> String {
        set_cookie(public_url, "", Duration::ZERO)
    }

    /// Keeps what it is for, for any server of this ledger.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn keep(&self, ledger: &Ledger, purpose: &Purpose) -> Result<(), OidcError> {
        let data = serde_json::json!({ "sso": purpose }).to_string();
        let row = SessionRecord {
            id: self.row(),
            person: None,
            data,
            expires_at: clock::after(clock::now(), LIFE),
        };
        Ok(ledger.sessions().save(row).await?)
    }

    /// What it was for. Once, and in time.
    ///
    /// # Errors
    /// `Flow`.
    pub async fn take(&self, ledger: &Ledger) -> Result<Purpose, OidcError> {
        let row = ledger.sessions().take(self.row(), clock::now()).await?.ok_or(OidcError::Flow)?;
        let mut data: serde_json::Value = serde_json::from_str(&row.data).map_err(|_| OidcError::Flow)?;
        serde_json::from_value(data["sso"].take()).map_err(|_| OidcError::Flow)
    }

    /// Binds the provider's answer to this browser.
    pub(super) fn state(&self) -> String {
        self.derived("state")
    }

    /// Binds the ID token to this browser.
    pub(super) fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// Binds the code to this browser: 43 characters, the least that RFC 7636 takes, of 256 bits.
    pub(super) fn verifier(&self) -> String {
        self.derived("verifier")
    }

    /// What the provider is told of the verifier first.
    pub(super) fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256Hash::of(self.verifier()).as_bytes())
    }

    /// Under which the ledger keeps it, beside the sessions, which are swept with it. No session's id hashes to it:
    /// those are 16 bytes long.
    fn row(&self) -> Sha256Hash {
        Sha256Hash::of(self.derived("row"))
    }

    fn derived(&self, what: &str) -> String {
        let hash = Sha256Hash::of(format!("sluice sso {what}\n{}", self.0.expose_secret()));
        BASE64_URL_SAFE_NO_PAD.encode(hash.as_bytes())
    }
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flow(******)")
    }
}

fn cookie_name(public_url: &PublicUrl) -> &'static str {
    if public_url.is_https() { "__Host-sluice-sso" } else { "sluice-sso" }
}

fn set_cookie(public_url: &PublicUrl, value: &str, life: Duration) -> String {
    let (name, seconds) = (cookie_name(public_url), life.as_secs());
    let secure = if public_url.is_https() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_sees_tells_neither_the_secret_nor_the_rest() {
        let flow = Flow::random();
        let all = [
            flow.state(),
            flow.nonce(),
            flow.verifier(),
            flow.challenge(),
            flow.0.expose_secret().to_owned(),
        ];
        for (number, one) in all.iter().enumerate() {
            assert_eq!(one.len(), 43);
            assert!(all[number + 1..].iter().all(|other| other != one));
        }
        assert_ne!(flow.state(), Flow::random().state());
    }

    #[test]
    fn only_its_own_cookie_is_read() {
        let read = |cookies: &'static str, url: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, http::HeaderValue::from_static(cookies));
            let flow = Flow::of_request(&headers, &PublicUrl::parse(url)?)?;
            Some(flow.0.expose_secret().to_owned())
        };
        let (plain, secure) = ("http://127.0.0.1:3000", "https://photos.example.org");
        assert_eq!(read("sluice=a; sluice-sso=b", plain).as_deref(), Some("b"));
        assert_eq!(read("sluice-sso=b; __Host-sluice-sso=c", secure).as_deref(), Some("c"));
        // Another host of the domain can plant the first, not the second.
        assert_eq!(read("sluice-sso=b", secure), None);
        assert_eq!(read("sluice-sso=", plain), None);
    }
}

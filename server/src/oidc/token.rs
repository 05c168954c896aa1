//! ID tokens: JSON Web Tokens of three parts (RFC 7519, RFC 7515), and what must be true of them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use transfer::wire::UnixMillis;

use super::claims::Claims;
use super::key::{Algorithm, Key};

/// The longest token that is looked at, in bytes: far above one with hundreds of groups.
const MOST: usize = 256 * 1024;

/// A token of which nothing is proven yet: nobody can read its claims.
#[derive(Debug)]
pub(super) struct Unproven<'a> {
    /// The id of the key that it names.
    pub(super) key: Option<String>,
    /// How it says that it is signed.
    pub(super) algorithm: Algorithm,
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: UnixMillis,
}

/// Why a token proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokenError {
    /// Not three parts, or not what should be in them.
    #[error("it is no signed JSON Web Token")]
    Shape,
    /// None, or one that proves nothing.
    #[error("its algorithm {0} is not one that is taken")]
    Algorithm(String),
    /// Extensions that must be understood.
    #[error("it has critical extensions")]
    Critical,
    /// The provider publishes no such key.
    #[error("the provider has no key {0:?} for its algorithm")]
    Key(Option<String>),
    /// The signature is not the key's.
    #[error("its signature is wrong")]
    Signature,
    /// A claim that must be there is not, or is of another kind.
    #[error("its claims make no sense: {0}")]
    Claims(String),
    /// Made by somebody else.
    #[error("its issuer is not the configured one")]
    Issuer,
    /// Made for somebody else.
    #[error("it is for another client")]
    Audience,
    /// Made for another sign-in.
    #[error("its nonce is another sign-in's")]
    Nonce,
    /// Not now.
    #[error("by its {0} it is not good now; compare the clocks")]
    Time(&'static str),
}

#[derive(Deserialize)]
struct Header {
    alg: serde_json::Value,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

impl<'a> Unproven<'a> {
    /// Takes a token apart.
    pub(super) fn read(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MOST {
            return Err(TokenError::Shape);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Shape)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Shape)?;
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| TokenError::Shape)?;
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let algorithm = serde_json::from_value(header.alg.clone())
            .map_err(|_| TokenError::Algorithm(header.alg.to_string().chars().take(20).collect()))?;
        Ok(Self { key: header.kid, algorithm, message, payload, signature: decoded(signature)? })
    }

    /// Its claims, if that key signed them.
    pub(super) fn proven_by(&self, key: &Key) -> Result<Claims, TokenError> {
        if !key.signed(self.algorithm, self.message.as_bytes(), &self.signature) {
            return Err(TokenError::Signature);
        }
        serde_json::from_slice(&decoded(self.payload)?).map_err(|_| TokenError::Shape)
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenError> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Shape)
}

//! Temporary credentials without a table: everything about a session is in its token.
//!
//! The token is the claims and a MAC over them; the secret is a MAC over the access key. Both
//! hang on a master secret that only this store knows, so sessions survive a restart and need
//! no clearing up, and a token is worth nothing with another key pair than its own.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use time::OffsetDateTime;

use crate::identity::{self, SecretKey, SessionMaster};

/// Begins the access keys of sessions, as AWS has it.
pub(crate) const KEY_PREFIX: &str = "ASIA";

/// What a token says about its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The access key that the token belongs to.
    access_key_id: String,
    /// Seconds since 1970; from then on the session is over.
    pub(crate) expires: i64,
    /// The RoleSessionName, for the log.
    pub(crate) session_name: String,
    /// The inline policy as it was given; `None` leaves the role's rights as they are.
    pub(crate) policy: Option<String>,
}

/// A new session, as STS answers it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: SecretKey,
    pub(crate) token: String,
    pub(crate) expires: OffsetDateTime,
}

/// Why a token does not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("The provided token is malformed or otherwise invalid.")]
    Invalid,
    #[error("The provided token has expired.")]
    Expired,
}

/// Makes sessions and knows its own again.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    master: SessionMaster,
}

impl Sessions {
    pub(crate) fn new(master: SessionMaster) -> Self {
        Self { master }
    }

    /// Starts a session that ends at `expires`.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub(crate) fn start(
        &self,
        session_name: &str,
        policy: Option<String>,
        expires: OffsetDateTime,
    ) -> std::io::Result<Session> {
        let access_key_id = identity::access_key_id(KEY_PREFIX)?;
        let claims = Claims {
            access_key_id: access_key_id.clone(),
            expires: expires.unix_timestamp(),
            session_name: session_name.to_owned(),
            policy,
        };
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).map_err(std::io::Error::other)?);
        let mac = URL_SAFE_NO_PAD.encode(self.mac(Purpose::Token, &payload).finalize().into_bytes());
        Ok(Session {
            secret_access_key: self.secret(&access_key_id),
            access_key_id,
            token: format!("{payload}.{mac}"),
            expires,
        })
    }

    /// The secret that belongs to a session's access key.
    pub(crate) fn secret(&self, access_key_id: &str) -> SecretKey {
        let mac = self.mac(Purpose::Secret, access_key_id).finalize().into_bytes();
        // 30 bytes are 40 letters of Base64, the length of AWS's secrets.
        SecretKey::new(STANDARD.encode(&mac[..30]))
    }

    /// The claims of a token, if it is ours, of this access key, and not over.
    pub(crate) fn claims(
        &self,
        access_key_id: &str,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<Claims, TokenError> {
        let (payload, mac) = token.split_once('.').ok_or(TokenError::Invalid)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| TokenError::Invalid)?;
        self.mac(Purpose::Token, payload).verify_slice(&mac).map_err(|_| TokenError::Invalid)?;
        let claims = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Invalid)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| TokenError::Invalid)?;
        if claims.access_key_id != access_key_id {
            return Err(TokenError::Invalid);
        }
        if now.unix_timestamp() >= claims.expires {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    fn mac(&self, purpose: Purpose, message: &str) -> Hmac<Sha256> {
        // HMAC fills a short key up to its block of 64 bytes with zeros; so no length can be wrong here.
        let mut block = [0; 64];
        block[..32].copy_from_slice(self.master.bytes());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(purpose.label());
        mac.update(message.as_bytes());
        mac
    }
}

/// Keeps a MAC made for one thing from passing for another.
#[derive(Clone, Copy)]
enum Purpose {
    Token,
    Secret,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Token => b"sluice session token 1\0",
            Self::Secret => b"sluice session secret 1\0",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failure here is the test's")]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn a_token_stands_for_its_own_key_until_it_ends() {
        let sessions = Sessions::new(SessionMaster::for_test(1));
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let end = now + Duration::seconds(900);
        let one = sessions.start("one", Some("{}".to_owned()), end).unwrap();
        let two = sessions.start("two", None, end).unwrap();

        let claims = sessions.claims(&one.access_key_id, &one.token, now).unwrap();
        assert_eq!((claims.session_name.as_str(), claims.policy.as_deref()), ("one", Some("{}")));
        assert_eq!(sessions.claims(&one.access_key_id, &two.token, now), Err(TokenError::Invalid));
        assert_eq!(sessions.claims(&one.access_key_id, &one.token, end), Err(TokenError::Expired));
        let other = Sessions::new(SessionMaster::for_test(2));
        assert_eq!(other.claims(&one.access_key_id, &one.token, now), Err(TokenError::Invalid));
        assert_ne!(sessions.secret(&one.access_key_id), sessions.secret(&two.access_key_id));
    }

    #[test]
    fn no_letter_of_a_token_can_be_changed() {
        let sessions = Sessions::new(SessionMaster::for_test(1));
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let session = sessions.start("one", None, now + Duration::seconds(60)).unwrap();
        for index in 0..session.token.len() {
            let mut token = session.token.clone().into_bytes();
            token[index] = if token[index] == b'A' { b'B' } else { b'A' };
            let token = String::from_utf8(token).unwrap();
            assert_eq!(
                sessions.claims(&session.access_key_id, &token, now),
                Err(TokenError::Invalid),
                "letter {index}"
            );
        }
    }
}

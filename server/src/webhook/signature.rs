//! Signatures, by which a receiver knows who wrote.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;

/// What secrets begin with (Standard Webhooks, "Signature scheme").
const PREFIX: &str = "whsec_";

/// Random bytes of a secret: as many as SHA-256 has; 24 to 64 are allowed (ibid.).
const BYTES: usize = 32;

/// A new secret, as its receiver is given it.
pub(crate) fn new_secret() -> String {
    format!("{PREFIX}{}", BASE64_STANDARD.encode(rand::random::<[u8; BYTES]>()))
}

/// The signature `v1,…` of a message at a time, in seconds since 1970; nothing if the secret is none.
pub(super) fn sign(secret: &str, message: &str, timestamp: u64, body: &str) -> Option<String> {
    let key = BASE64_STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{message}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", BASE64_STANDARD.encode(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference implementation.
    #[test]
    fn signatures_are_those_of_the_specification() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = "{\"test\": 2432232314}";
        let signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(sign("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "m", 1, body), None);
        let new = new_secret();
        assert!(new.len() == PREFIX.len() + 44 && new != new_secret());
        assert!(sign(&new, "m", 1, body).is_some());
    }
}

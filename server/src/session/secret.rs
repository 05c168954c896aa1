//! Random secrets: API tokens and one-time links.

use std::fmt;

use ledger::Sha256Hash;
use rand::Rng;
use rand::distr::Alphanumeric;
use secrecy::{ExposeSecret, SecretString};

/// 43 of 62 characters: 256 bits.
const SECRET_CHARS: usize = 43;

/// The public half of a token: 10 of 62 characters, so that two never meet.
const PREFIX_CHARS: usize = 10;

/// A secret that was made just now; shown once, never stored.
#[derive(Debug)]
pub struct NewSecret(SecretString);

impl NewSecret {
    /// 256 random bits.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretString::from(random_text(SECRET_CHARS)))
    }

    /// What is stored.
    #[must_use]
    pub fn hash(&self) -> Sha256Hash {
        Sha256Hash::of(self.0.expose_secret())
    }

    /// The secret, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// An API token, `slu_<prefix>_<secret>`: the first part says what it is (secret scanners look for that), the second
/// finds it, the third proves it.
pub struct TokenText {
    /// The public half.
    pub prefix: String,
    /// The hash of the secret half.
    pub secret: Sha256Hash,
}

impl TokenText {
    /// A new token, and its text, to be shown once.
    #[must_use]
    pub fn random() -> (Self, SecretString) {
        let prefix = random_text(PREFIX_CHARS);
        let secret = NewSecret::random();
        let text = format!("slu_{prefix}_{}", secret.expose());
        (Self { prefix, secret: secret.hash() }, SecretString::from(text))
    }

    /// Reads a token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, secret) = text.strip_prefix("slu_")?.split_once('_')?;
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
        let fits = prefix.len() == PREFIX_CHARS && secret.len() == SECRET_CHARS;
        (fits && plain(prefix) && plain(secret))
            .then(|| Self { prefix: prefix.to_owned(), secret: Sha256Hash::of(secret) })
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenText").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Letters and digits only, so that a double click selects all of it and no URL needs escapes.
fn random_text(chars: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(chars).map(char::from).collect()
}

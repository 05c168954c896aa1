//! Passwords: argon2id, a few at a time.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// The shortest password, in characters. Length is what helps; nothing else is asked (NIST SP 800-63B).
pub const MIN_PASSWORD: usize = 10;

/// The longest, in characters, so that hashing is not given megabytes.
pub const MAX_PASSWORD: usize = 1_024;

/// Passwords that are hashed at a time. Each takes 19 MiB and some tens of milliseconds of a core, so that a flood of
/// sign-ins cannot take all cores and memory.
const AT_A_TIME: usize = 2;

/// Why a password is not taken, or was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password has at least {MIN_PASSWORD} characters")]
    TooShort,
    /// Too long.
    #[error("a password has at most {MAX_PASSWORD} characters")]
    TooLong,
    /// Our own fault.
    #[error("hashing failed: {0}")]
    Hash(String),
}

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// The hash of nobody's password, so that an unknown name takes as long as a wrong password.
    nobody: String,
}

impl Passwords {
    /// Ready to hash. Costs one hash.
    ///
    /// # Errors
    /// `Hash` if the system has no randomness.
    pub fn new() -> Result<Self, PasswordError> {
        let nobody = hash(&SecretString::from("nobody has this password"))?;
        Ok(Self { turns: Arc::new(Semaphore::new(AT_A_TIME)), nobody })
    }

    /// Checks that a password may be used, and hashes it.
    ///
    /// # Errors
    /// `TooShort`, `TooLong`; `Hash`.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        match password.expose_secret().chars().count() {
            ..MIN_PASSWORD => return Err(PasswordError::TooShort),
            MIN_PASSWORD..=MAX_PASSWORD => {}
            _ => return Err(PasswordError::TooLong),
        }
        self.in_turn(move || hash(&password)).await?
    }

    /// Whether a password is the one of that hash. Without a hash the work is the same, and the answer no.
    ///
    /// # Errors
    /// `Hash` if the stored hash makes no sense.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        if password.expose_secret().chars().count() > MAX_PASSWORD {
            return Ok(false);
        }
        let somebody = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let same = self.in_turn(move || verify(&password, &stored)).await??;
        Ok(same && somebody)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|error| PasswordError::Hash(error.to_string()))?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        task.await.map_err(|error| PasswordError::Hash(error.to_string()))
    }
}

/// Argon2id with the crate's defaults: 19 MiB, 2 passes, 1 lane (OWASP's first choice of 2024).
fn hash(password: &SecretString) -> Result<String, PasswordError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.expose_secret().as_bytes())
        .map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(hash.to_string())
}

fn verify(password: &SecretString, stored: &str) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &stored).is_ok())
}

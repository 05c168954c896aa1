//! The store's own keys: made at the first open, kept in the data directory.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};

use crate::config::StoreConfig;

const FILE_NAME: &str = "identity.json";

/// The account in the ARNs. The store has one; AWS account ids have twelve digits.
pub(crate) const ACCOUNT: &str = "000000000000";
/// The one role: it may upload into the bucket, and no more.
pub(crate) const ROLE_NAME: &str = "sluice-upload";
/// The role's unique id, of the form that AWS gives roles.
pub(crate) const ROLE_ID: &str = "AROASLUICEUPLOAD00000";

/// What a client needs to talk to the store, with every right.
#[derive(Debug, Clone)]
pub struct StoreIdentity {
    /// The access key id of the long-lived key pair.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: SecretKey,
    /// The role that AssumeRole takes: uploading into the bucket is all it may do.
    pub role_arn: String,
    /// The region that signatures must name.
    pub region: String,
    /// The bucket that exists from the start.
    pub bucket: String,
}

/// A secret that does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

impl SecretKey {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for a signer.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([redacted])")
    }
}

/// Makes every session token and secret; whoever knows it can forge them.
#[derive(Clone)]
pub(crate) struct SessionMaster([u8; 32]);

impl SessionMaster {
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn for_test(byte: u8) -> Self {
        Self([byte; 32])
    }
}

impl fmt::Debug for SessionMaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionMaster([redacted])")
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    access_key_id: String,
    secret_access_key: String,
    session_master: String,
}

/// Reads the identity from the data directory, or makes and keeps a new one.
pub(crate) fn load_or_create(config: &StoreConfig) -> io::Result<(StoreIdentity, SessionMaster)> {
    let path = config.data_dir.join(FILE_NAME);
    let stored = match File::open(&path) {
        Ok(mut file) => {
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            serde_json::from_str(&text).map_err(io::Error::other)?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(&config.data_dir, &path)?,
        Err(error) => return Err(error),
    };
    let master = STANDARD
        .decode(&stored.session_master)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or_else(|| io::Error::other("the session secret in identity.json is damaged"))?;
    let identity = StoreIdentity {
        access_key_id: stored.access_key_id,
        secret_access_key: SecretKey::new(stored.secret_access_key),
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/{ROLE_NAME}"),
        region: config.region.clone(),
        bucket: config.bucket.as_str().to_owned(),
    };
    Ok((identity, SessionMaster(master)))
}

fn create(data_dir: &Path, path: &Path) -> io::Result<Stored> {
    let mut session_master = [0; 32];
    let mut secret = [0; 30];
    fill(&mut session_master)?;
    fill(&mut secret)?;
    let stored = Stored {
        access_key_id: access_key_id("AKIA")?,
        secret_access_key: STANDARD.encode(secret),
        session_master: STANDARD.encode(session_master),
    };
    let text = serde_json::to_vec_pretty(&stored).map_err(io::Error::other)?;
    let temporary = data_dir.join(format!("{FILE_NAME}.new"));
    // A crash before the rename may have left one behind.
    match std::fs::remove_file(&temporary) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = owner_only().open(&temporary)?;
    file.write_all(&text)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    File::open(data_dir)?.sync_all()?;
    Ok(stored)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A new access key id: AWS's 20 characters, `prefix` telling long-lived and session keys apart.
pub(crate) fn access_key_id(prefix: &str) -> io::Result<String> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut random = [0; 16];
    fill(&mut random)?;
    let tail: String = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok(format!("{prefix}{tail}"))
}

fn fill(bytes: &mut [u8]) -> io::Result<()> {
    OsRng.try_fill_bytes(bytes).map_err(io::Error::other)
}

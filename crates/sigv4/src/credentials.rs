//! Access keys.

use std::fmt;

/// An access key, with its session token if it is a temporary one.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id. It is part of every signature, so not a secret.
    pub access_key_id: String,
    /// The secret half. Never printed.
    pub secret_access_key: String,
    /// The session token of temporary credentials. Never printed.
    pub session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &"******")
            .field("session_token", &self.session_token.as_ref().map(|_| "******"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_keeps_the_secrets() {
        let shown = format!(
            "{:?}",
            Credentials {
                access_key_id: "AKIA".to_owned(),
                secret_access_key: "wJalr".to_owned(),
                session_token: Some("IQoJb".to_owned()),
            }
        );
        assert!(shown.contains("AKIA"));
        assert!(!shown.contains("wJalr") && !shown.contains("IQoJb"), "{shown}");
    }
}

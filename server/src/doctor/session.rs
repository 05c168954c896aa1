//! What a session must not be able to do: it is tried, and must be refused.

use aws_credential_types::Credentials;
use sigv4::{Method, Signer};

use super::browser::Target;
use super::{BODY, Doctor, Finding, PREFIX, PROBE, Trial};

/// In another batch of the same project.
const OTHER_BATCH: &str = "sluice-doctor/other/probe";

/// Beside the batch: its prefix without the slash, and more.
const LOOKALIKE: &str = "sluice-doctor/doctor-too/probe";

impl Doctor {
    /// Tries every way out.
    pub(super) async fn session(&self, signer: &Signer) -> Finding {
        let list = [("list-type", "2"), ("prefix", PREFIX)];
        let put = |key| (Method::Put, Target { key, body: BODY, ..Target::default() });
        // Deleting comes last, so that there is something to read.
        let trials = [
            (Trial::OtherBatch, put(OTHER_BATCH)),
            (Trial::Lookalike, put(LOOKALIKE)),
            (Trial::Read, (Method::Get, Target { key: PROBE, ..Target::default() })),
            (Trial::List, (Method::Get, Target { query: &list, ..Target::default() })),
            (Trial::Delete, (Method::Delete, Target { key: PROBE, ..Target::default() })),
        ];
        let tried = trials.len() + 1;
        let _ = self.browser.signed(signer, Method::Put, self.bucket().base(0), put(PROBE).1).await;
        let mut open = Vec::new();
        for (trial, (method, target)) in trials {
            match self.browser.signed(signer, method, self.bucket().base(0), target).await {
                // "Not found" says that one may look.
                Ok(answer) if answer.is_done() || answer.status == 404 => open.push(trial),
                Ok(_) => {}
                Err(detail) => return Finding::Unseen { detail },
            }
        }
        if self.assume_again(signer).await {
            open.push(Trial::AssumeAgain);
        }
        if open.is_empty() { Finding::Confined { tried } } else { Finding::NotConfined { open } }
    }

    /// Whether a session can become one without limits.
    async fn assume_again(&self, signer: &Signer) -> bool {
        let Some(role) = self.bucket().role() else { return false };
        let own = signer.credentials();
        let credentials = Credentials::new(
            &own.access_key_id,
            &own.secret_access_key,
            own.session_token.clone(),
            None,
            "a session of the doctor",
        );
        let config = self.bucket().sts().config().to_builder().credentials_provider(credentials).build();
        let asked = aws_sdk_sts::Client::from_conf(config)
            .assume_role()
            .role_arn(role.as_str())
            .role_session_name("sluice-doctor-again")
            .send()
            .await;
        asked.is_ok()
    }
}

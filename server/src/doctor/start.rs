//! Before the server lets anybody in: can it make grants at all?

use std::time::Duration;

use rand::Rng;

use super::{Check, Doctor, Finding, Subject};

/// How long to wait between tries, a minute in all: an instance's or a container's credentials may come some seconds
/// after it started, and stores restart.
pub const PATIENCE: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(15),
    Duration::from_secs(30),
];

/// Why no grant can be made, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("no grant can be made, so the server does not start.\n{0}")]
pub struct Unfit(pub Box<Check>);

impl Doctor {
    /// Makes one grant, as for a batch. What may pass is tried again after each of these waits; if it has not passed by
    /// then the server may start all the same: `/readyz` says no until the store answers.
    ///
    /// # Errors
    /// What will not pass by itself.
    pub async fn admit(&self, waits: &[Duration]) -> Result<(), Unfit> {
        let mut waits = waits.iter();
        loop {
            let (subject, finding) = self.first_grant().await;
            if !finding.is_bad() {
                return Ok(());
            }
            let passing = matches!(finding, Finding::Unreachable { .. } | Finding::CredentialsLate { .. });
            let arn = self.bucket().caller_arn().await.ok();
            let check = Check::new(subject, finding, &self.names(arn.as_deref()), Duration::ZERO);
            if !passing {
                return Err(Unfit(Box::new(check)));
            }
            let Some(wait) = waits.next() else {
                tracing::error!(found = %check.found, "no grant can be made yet; serving all the same");
                return Ok(());
            };
            tracing::warn!(found = %check.found, "no grant can be made yet; trying again");
            // Servers that were started together do not ask together.
            let share = rand::rng().random_range(0.5..1.0);
            tokio::time::sleep(wait.mul_f64(share)).await;
        }
    }

    async fn first_grant(&self) -> (Subject, Finding) {
        let identity = self.identity().await;
        if let Finding::Known { source, who } = &identity {
            tracing::info!(source, who = who.as_deref().unwrap_or("the store does not say"), "credentials");
        }
        if identity.is_bad() || self.bucket().role().is_none() {
            return (Subject::Credentials, identity);
        }
        (Subject::Role, self.role().await.0)
    }
}

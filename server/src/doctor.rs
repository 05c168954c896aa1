//! The doctor: whether the store does what Sluice needs, and what to do where it does not.
//!
//! Every check asks the store itself, as the server does or as a browser would; nothing is assumed from a name. What
//! a grant must not be able to do is tried, and must be refused. One object is written, always the same:
//! `sluice-doctor/doctor/probe`.
//!
//! - [`Doctor::examine`] asks everything. A [`Diagnosis`] has a [`Check`] for each subject.
//! - [`Finding`]: everything that can be found. Its words are in `words`, what to do about it in `remedy`.
//! - [`Doctor::admit`]: the first two questions, before the server lets anybody in.
//! - [`Doctor::apply`]: the repairs that the server's own credentials may allow.

mod browser;
mod bucket_rules;
mod cors;
mod diagnosis;
mod finding;
mod http;
mod object;
mod reach;
mod remedy;
mod repair;
mod role;
mod sentence;
mod session;
mod start;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sigv4::{Credentials, Signer};

use crate::bucket::Bucket;
use crate::config::PublicUrl;
use crate::grant::{BatchPrefix, Grants, InvalidPrefix};
use crate::setup::Names;

pub use diagnosis::{Check, Diagnosis, Subject, Verdict};
pub use finding::{Finding, Side, Trial};
pub use http::Http;
pub use remedy::Remedy;
pub use repair::{Repair, RepairError};
pub use sentence::Sentence;
pub use start::{PATIENCE, Unfit};

use browser::Browser;

/// Where the doctor writes. No batch has this prefix: their ids are UUIDs.
const PREFIX: &str = "sluice-doctor/doctor/";

/// The one object that it writes.
const PROBE: &str = "sluice-doctor/doctor/probe";

/// What is in it.
const BODY: &[u8] = b"Written by `sluice doctor`. It may be deleted.\n";

/// Asks a store what it can do.
#[derive(Debug)]
pub struct Doctor {
    grants: Arc<Grants>,
    page: PublicUrl,
    session: Duration,
    prefix: BatchPrefix,
    browser: Browser,
}

impl Doctor {
    /// A doctor for that store, for pages at that address, and for grants that live so long.
    ///
    /// # Errors
    /// Never, as long as the doctor's own prefix is one.
    pub fn new(grants: Arc<Grants>, page: PublicUrl, session: Duration) -> Result<Self, InvalidPrefix> {
        Ok(Self { session, prefix: PREFIX.parse()?, browser: Browser::new(page.to_string()), grants, page })
    }

    /// Asks everything, one thing after the other: what comes first explains what fails later.
    pub async fn examine(&self) -> Diagnosis {
        let mut examination =
            Examination { checks: Vec::new(), since: Instant::now(), names: self.names(None) };

        let identity = self.identity().await;
        let known = !identity.is_bad();
        if known {
            let arn = self.bucket().caller_arn().await.ok();
            examination.names = self.names(arn.as_deref());
        }
        examination.note(Subject::Credentials, identity);
        examination.note(Subject::Hosts, self.hosts().await);
        examination.note(Subject::Clock, self.clock().await);
        if !known {
            examination.note(Subject::Cors, self.preflights().await);
            return examination.end();
        }

        let endpoint = self.endpoint().await;
        let listed = !endpoint.is_bad();
        examination.note(Subject::Endpoint, endpoint);

        let (role, signer) = self.role().await;
        examination.note(Subject::Role, role);
        if let Some(signer) = signer {
            let (object, stored) = self.object(&signer, listed).await;
            examination.note(Subject::Object, object);
            if stored {
                if self.bucket().role().is_some() {
                    examination.note(Subject::Session, self.session(&signer).await);
                }
                examination.note(Subject::Overwrite, self.overwrite(&signer).await);
                examination.note(Subject::Checksums, self.checksums(&signer).await);
                examination.note(Subject::Forms, self.forms(&signer).await);
                examination.note(Subject::Cors, self.cors(&signer).await);
                self.clear_up().await;
            } else {
                examination.note(Subject::Cors, self.preflights().await);
            }
        } else {
            examination.note(Subject::Cors, self.preflights().await);
        }
        examination.note(Subject::Lifecycle, self.lifecycle().await);
        examination.note(Subject::Versioning, self.versioning().await);
        examination.end()
    }

    fn bucket(&self) -> &Bucket {
        self.grants.bucket()
    }

    fn names(&self, arn: Option<&str>) -> Names {
        Names::known(self.bucket(), &self.page, arn)
    }

    /// A signer with the server's own credentials, as they are now.
    async fn own_signer(&self) -> Option<Signer> {
        let own = self.bucket().identity().await.ok()?;
        let credentials = Credentials {
            access_key_id: own.access_key_id().to_owned(),
            secret_access_key: own.secret_access_key().to_owned(),
            session_token: own.session_token().map(str::to_owned),
        };
        Some(Signer::s3(credentials, &self.bucket().address().region))
    }
}

/// Checks so far.
struct Examination {
    checks: Vec<Check>,
    since: Instant,
    names: Names,
}

impl Examination {
    fn note(&mut self, subject: Subject, finding: Finding) {
        let now = Instant::now();
        let took = now.duration_since(std::mem::replace(&mut self.since, now));
        self.checks.push(Check::new(subject, finding, &self.names, took));
    }

    fn end(self) -> Diagnosis {
        Diagnosis { checks: self.checks }
    }
}

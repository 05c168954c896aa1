//! The bucket's own rules: lifecycle, retentions and versions.

use std::time::Instant;

use app::desk::projects::RuleState;
use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus};
use ledger::{ProjectRecord, Retention};

use super::{Check, Diagnosis, Doctor, Finding, Subject};
use crate::bucket::StoreFault;
use crate::retention;

impl Doctor {
    /// Whether unfinished uploads are given up some day.
    pub(super) async fn lifecycle(&self) -> Finding {
        let lifecycle = match self.bucket().lifecycle().await {
            Ok(lifecycle) => lifecycle,
            Err(fault) => return Finding::Unseen { detail: fault.detail().to_owned() },
        };
        let days = lifecycle
            .rules()
            .iter()
            .filter(|rule| rule.status == ExpirationStatus::Enabled)
            .filter_map(|rule| rule.abort_incomplete_multipart_upload()?.days_after_initiation())
            .min();
        days.map_or(Finding::LifecycleMissing, |days| Finding::LifecycleRight { days })
    }

    /// As [`examine`](Self::examine), and what was decided for these projects.
    pub async fn examine_with(&self, projects: &[ProjectRecord]) -> Diagnosis {
        let mut diagnosis = self.examine().await;
        // Where it did not come so far, neither does this.
        if diagnosis.about(Subject::Lifecycle).is_some() {
            diagnosis.checks.extend(self.retentions(projects).await);
        }
        diagnosis
    }

    /// Whether the bucket's rules are those of the projects' retentions; nothing where all is kept for ever and no rule
    /// says otherwise.
    pub async fn retentions(&self, projects: &[ProjectRecord]) -> Option<Check> {
        let since = Instant::now();
        let decided = projects.iter().filter(|project| project.retention != Retention::ForEver).count();
        let finding = match self.bucket().lifecycle().await {
            Ok(lifecycle) => {
                let differs =
                    |project: &&ProjectRecord| retention::state(project, &lifecycle) != RuleState::Same;
                let apart: Vec<String> =
                    projects.iter().filter(differs).map(|project| project.id.to_string()).collect();
                if apart.is_empty() {
                    Finding::RetentionsHeld { projects: decided }
                } else {
                    Finding::RetentionsApart { projects: apart }
                }
            }
            Err(fault) => Finding::Unseen { detail: fault.detail().to_owned() },
        };
        let said = decided > 0 || matches!(finding, Finding::RetentionsApart { .. });
        said.then(|| Check::new(Subject::Retention, finding, &self.names(None), since.elapsed()))
    }

    /// Whether old versions are kept.
    pub(super) async fn versioning(&self) -> Finding {
        let s3 = self.bucket().s3();
        let asked = s3.get_bucket_versioning().bucket(self.bucket().name().as_str()).send().await;
        match asked.map_err(|error| StoreFault::sdk("GetBucketVersioning", &error)) {
            Ok(answer) if answer.status() == Some(&BucketVersioningStatus::Enabled) => Finding::Versioned,
            Ok(_) => Finding::Unversioned,
            // A store that does not know the question keeps no versions.
            Err(fault) if fault.code() == "NotImplemented" => Finding::Unversioned,
            Err(fault) => Finding::Unseen { detail: fault.detail().to_owned() },
        }
    }
}

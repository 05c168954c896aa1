//! Credentials, host names, clock, bucket and region.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::{Doctor, Finding, Http, PROBE};
use crate::bucket::{FaultKind, StoreFault};

/// S3 refuses requests that are 15 minutes off; a third of that is wrong enough to be told.
const CLOCK_TOLERANCE_S: i64 = 300;

impl Doctor {
    /// Who the server is.
    pub(super) async fn identity(&self) -> Finding {
        match self.bucket().who().await {
            Ok(identity) => {
                Finding::Known { source: identity.source, who: self.bucket().caller_arn().await.ok() }
            }
            Err(fault) if fault.kind() == FaultKind::NoCredentials => {
                Finding::NoCredentials { detail: fault.detail().to_owned() }
            }
            Err(fault) => Finding::CredentialsLate { detail: fault.detail().to_owned() },
        }
    }

    /// Whether all the names answer. What they answer is asked later.
    pub(super) async fn hosts(&self) -> Finding {
        let (mut answering, mut silent) = (Vec::new(), Vec::new());
        for base in self.bucket().bases() {
            match self.browser.preflight(base, PROBE, ("PUT", &[])).await {
                Ok(_) => answering.push(base.to_string()),
                Err(why) => silent.push(format!("{base} ({why})")),
            }
        }
        if silent.is_empty() {
            Finding::HostsAnswer { hosts: answering.len(), http: self.http().await }
        } else {
            Finding::HostsSilent { answering, silent }
        }
    }

    /// What all the names speak: the least of them.
    async fn http(&self) -> Option<Http> {
        let mut least = Http::Two;
        for base in self.bucket().bases() {
            least = least.min(Http::of(base).await?);
        }
        Some(least)
    }

    /// How far our clock is from the store's.
    pub(super) async fn clock(&self) -> Finding {
        for base in self.bucket().bases() {
            let asked = SystemTime::now();
            let Ok(answer) = self.browser.preflight(base, PROBE, ("PUT", &[])).await else { continue };
            let Ok(theirs) = DateTime::from_str(answer.header("date"), Format::HttpDate) else { continue };
            let ours = DateTime::from(asked).secs();
            let ahead = ours - theirs.secs();
            return if ahead.abs() > CLOCK_TOLERANCE_S {
                Finding::ClockWrong { ahead }
            } else {
                Finding::ClockRight { ahead }
            };
        }
        Finding::ClockUnseen
    }

    /// Whether the bucket is there, in that region, and can be listed.
    pub(super) async fn endpoint(&self) -> Finding {
        match self.bucket().probe().await {
            Ok(()) => Finding::Listed,
            Err(fault) => self.refused_listing(&fault).await,
        }
    }

    async fn refused_listing(&self, fault: &StoreFault) -> Finding {
        let detail = fault.detail();
        match fault.code() {
            "NoSuchBucket" => Finding::NoBucket,
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
                Finding::WrongRegion {
                    configured: self.bucket().address().region.clone(),
                    expected: self.region_by_name(detail).await,
                }
            }
            "AccessDenied" | "AllAccessDisabled" => Finding::ListDenied,
            "RequestTimeTooSkewed" => match self.clock().await {
                Finding::ClockWrong { ahead } => Finding::ClockWrong { ahead },
                _ => Finding::StoreRefuses { detail: detail.to_owned() },
            },
            code @ ("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "ExpiredToken") => {
                Finding::KeyRefused { refusal: code.to_owned() }
            }
            _ if fault.kind() == FaultKind::Passing => Finding::Unreachable { detail: detail.to_owned() },
            _ => Finding::StoreRefuses { detail: detail.to_owned() },
        }
    }

    /// AWS tells everybody in which region a bucket is, by a header; others in the words of the refusal.
    async fn region_by_name(&self, detail: &str) -> Option<String> {
        let said = detail.split_once("expecting '").and_then(|(_, rest)| rest.split_once('\''));
        if let Some((region, _)) = said {
            return Some(region.to_owned());
        }
        let answer = self.browser.send("HEAD", self.bucket().base(0).as_str(), &[], Vec::new()).await.ok()?;
        let region = answer.header("x-amz-bucket-region");
        (!region.is_empty()).then(|| region.to_owned())
    }
}

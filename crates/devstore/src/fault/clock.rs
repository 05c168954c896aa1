//! A store's clock that is wrong.

use std::sync::Arc;

use http::Response;
use http::header::{DATE, HeaderValue};
use http::request::Parts;
use s3s::config::{HotReloadConfigProvider, S3Config, S3ConfigProvider};
use s3s::{Body, S3Error, S3ErrorCode};
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::refusal::Refusal;
use super::{Fault, FaultPlan};

/// How far a signature's time may be from the store's: 15 minutes, as AWS has it.
const TOLERANCE: Duration = Duration::minutes(15);

/// The limits of `s3s`, which knows only the real clock: as wide as the wrong ones need. How far a request is from the
/// clock that it meets is then asked here.
#[derive(Debug)]
pub(crate) struct ClockLimits {
    strict: S3Config,
    now: HotReloadConfigProvider,
}

impl ClockLimits {
    pub(crate) fn new(strict: S3Config) -> Self {
        Self { now: HotReloadConfigProvider::new(Arc::new(strict.clone())), strict }
    }

    pub(super) fn allow(&self, plan: &FaultPlan) {
        let skew = |fault: &Fault| match fault {
            Fault::SkewedClock { seconds } => u32::try_from(seconds.unsigned_abs()).unwrap_or(u32::MAX),
            _ => 0,
        };
        let most = plan.rules.iter().map(|rule| skew(&rule.fault)).max().unwrap_or(0);
        let mut limits = self.strict.clone();
        limits.presigned_url_max_skew_time_secs =
            limits.presigned_url_max_skew_time_secs.saturating_add(most);
        self.now.update(Arc::new(limits));
    }
}

impl S3ConfigProvider for ClockLimits {
    fn snapshot(&self) -> Arc<S3Config> {
        self.now.snapshot()
    }
}

/// The clock that a request meets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    skew: Duration,
}

impl Clock {
    pub(super) fn ahead(seconds: i64) -> Self {
        Self { skew: Duration::seconds(seconds) }
    }

    fn now(self) -> Option<OffsetDateTime> {
        OffsetDateTime::now_utc().checked_add(self.skew)
    }

    /// Why the clock refuses the time of a signature.
    pub(super) fn refusal(self, parts: &Parts) -> Option<Refusal> {
        let now = self.now()?;
        let header = parts.headers.get("x-amz-date").and_then(|value| value.to_str().ok());
        if let Some(signed) = header.and_then(signed_at) {
            return ((now - signed).abs() > TOLERANCE).then(too_skewed);
        }
        let signed = parameter(parts, "X-Amz-Date").and_then(signed_at)?;
        let expires: i64 = parameter(parts, "X-Amz-Expires")?.parse().ok()?;
        if signed - now > TOLERANCE {
            return Some(too_skewed());
        }
        (now - signed > Duration::seconds(expires))
            .then(|| Refusal::from(S3Error::with_message(S3ErrorCode::AccessDenied, "Request has expired")))
    }

    /// Says the wrong time in an answer.
    pub(super) fn stamp(self, response: &mut Response<Body>) {
        if self.skew.is_zero() {
            return;
        }
        // RFC 9110, section 5.6.7.
        let format = format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        );
        let date = self.now().and_then(|now| HeaderValue::from_str(&now.format(&format).ok()?).ok());
        if let Some(date) = date {
            response.headers_mut().insert(DATE, date);
        }
    }
}

fn signed_at(text: &str) -> Option<OffsetDateTime> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    PrimitiveDateTime::parse(text, &format).ok().map(PrimitiveDateTime::assume_utc)
}

fn parameter<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn too_skewed() -> Refusal {
    Refusal::from(S3Error::with_message(
        S3ErrorCode::RequestTimeTooSkewed,
        "The difference between the request time and the current time is too large.",
    ))
}

//! Which rules hit a request.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{ETAG, HeaderValue};
use http::{HeaderMap, Response};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use s3s::Body;

use super::flow::{Line, Stall};
use super::refusal::Refusal;
use super::subject::Subject;
use super::{Corruption, Fault, FaultPlan, FaultRule, Moment, Operation, Side};
use crate::policy::Glob;

/// A plan at work.
#[derive(Debug)]
pub(super) struct Active {
    plan: FaultPlan,
    rules: Vec<ActiveRule>,
}

#[derive(Debug)]
struct ActiveRule {
    key: Option<Glob>,
    line: Option<Arc<Line>>,
    tally: Mutex<Tally>,
}

#[derive(Debug)]
struct Tally {
    random: StdRng,
    matched: u64,
    hits: u64,
    /// The sessions that an `expired_token` has ended.
    ended: HashSet<String>,
}

/// A rule that hit: its place in the plan, and what it does to this request.
#[derive(Debug)]
struct Hit {
    rule: usize,
    fault: Fault,
    /// Chosen for this request.
    latency: Duration,
    line: Option<Arc<Line>>,
}

/// Everything that goes wrong for one request.
#[derive(Debug)]
pub(super) struct Hits(Vec<Hit>);

impl Active {
    pub(super) fn of(plan: FaultPlan) -> Self {
        let rule = |(index, rule): (u64, &FaultRule)| ActiveRule {
            key: rule.key.as_deref().map(Glob::new),
            line: match rule.fault {
                Fault::Bandwidth { bytes_per_second } => Some(Arc::new(Line::new(bytes_per_second))),
                _ => None,
            },
            tally: Mutex::new(Tally {
                // Each rule draws for itself, so that adding one changes nothing for the others.
                random: StdRng::seed_from_u64(plan.seed.wrapping_add(index)),
                matched: 0,
                hits: 0,
                ended: HashSet::new(),
            }),
        };
        let rules = (0..).zip(&plan.rules).map(rule).collect();
        Self { plan, rules }
    }

    pub(super) fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    pub(super) fn draw(&self, subject: &Subject) -> Hits {
        let rules = self.plan.rules.iter().zip(&self.rules).enumerate();
        Hits(
            rules
                .filter_map(|(index, (rule, active))| {
                    let latency = active.hit(rule, subject)?;
                    let (fault, line) = (rule.fault.clone(), active.line.clone());
                    Some(Hit { rule: index, fault, latency, line })
                })
                .collect(),
        )
    }
}

impl ActiveRule {
    /// Whether the request is hit, and how late that makes it.
    fn hit(&self, rule: &FaultRule, subject: &Subject) -> Option<Duration> {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let expires = matches!(rule.fault, Fault::ExpiredToken);
        if expires && subject.session.as_ref().is_some_and(|key| tally.ended.contains(key)) {
            return Some(Duration::ZERO);
        }
        let operation = match rule.operations.as_slice() {
            [] => subject.operation != Operation::Preflight,
            named => named.contains(&subject.operation),
        };
        let key = match (&self.key, &subject.key) {
            (None, _) => true,
            (Some(glob), Some(key)) => glob.matches(key),
            (Some(_), None) => false,
        };
        // Who brings no session has none that could end.
        if !operation || !key || (expires && subject.session.is_none()) {
            return None;
        }
        tally.matched += 1;
        let late = tally.matched > rule.skip && rule.count.is_none_or(|count| tally.hits < count);
        if !late || !tally.random.random_bool(rule.share.get()) {
            return None;
        }
        tally.hits += 1;
        if expires {
            tally.ended.extend(subject.session.clone());
        }
        Some(match rule.fault {
            Fault::Latency { milliseconds, jitter, .. } => {
                Duration::from_millis(milliseconds.saturating_add(tally.random.random_range(0..=jitter)))
            }
            _ => Duration::ZERO,
        })
    }
}

impl Hits {
    /// Places in the plan.
    pub(super) fn rules(&self) -> Vec<usize> {
        self.0.iter().map(|hit| hit.rule).collect()
    }

    fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().map(|hit| &hit.fault)
    }

    pub(super) async fn wait(&self, moment: Moment) {
        let late = |hit: &&Hit| matches!(hit.fault, Fault::Latency { when, .. } if when == moment);
        let sum: Duration = self.0.iter().filter(late).map(|hit| hit.latency).sum();
        if !sum.is_zero() {
            tokio::time::sleep(sum).await;
        }
    }

    /// After how many bytes of the body.
    pub(super) fn cut_before_write(&self) -> Option<u64> {
        self.faults().find_map(|fault| match fault {
            Fault::Cut { when: Moment::BeforeWrite, after_bytes } => Some(*after_bytes),
            _ => None,
        })
    }

    pub(super) fn cut_after_write(&self) -> bool {
        self.faults().any(|fault| matches!(fault, Fault::Cut { when: Moment::AfterWrite, .. }))
    }

    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.faults().find_map(Refusal::of)
    }

    /// How far the store's clock is ahead.
    pub(super) fn clock_seconds(&self) -> i64 {
        self.faults()
            .find_map(|fault| match fault {
                Fault::SkewedClock { seconds } => Some(*seconds),
                _ => None,
            })
            .unwrap_or(0)
    }

    pub(super) fn lines(&self) -> Vec<Arc<Line>> {
        self.0.iter().filter_map(|hit| hit.line.clone()).collect()
    }

    pub(super) fn stalls(&self, side: Side) -> Vec<Stall> {
        let stall = |fault: &Fault| match fault {
            Fault::Stall { body, after_bytes, milliseconds } if *body == side => {
                Some(Stall { after_bytes: *after_bytes, pause: Duration::from_millis(*milliseconds) })
            }
            _ => None,
        };
        self.faults().filter_map(stall).collect()
    }

    pub(super) fn corrupts(&self, wanted: Corruption) -> bool {
        self.faults().any(|fault| *fault == Fault::Corrupt(wanted))
    }

    /// Spoils the head of an answer.
    pub(super) fn corrupt(&self, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        if self.corrupts(Corruption::NoEtag) {
            headers.remove(ETAG);
        }
        if self.corrupts(Corruption::Etag) {
            turn_etag(headers);
        }
    }
}

/// Another ETag of the same shape.
fn turn_etag(headers: &mut HeaderMap) {
    let turned = headers.get(ETAG).and_then(|etag| {
        let text = etag.to_str().ok()?;
        let turned = text.chars().map(|letter| match letter {
            '0' => 'f',
            'f' => '0',
            other => other.to_digit(16).and_then(|digit| char::from_digit(15 - digit, 16)).unwrap_or(other),
        });
        HeaderValue::from_str(&turned.collect::<String>()).ok()
    });
    if let Some(turned) = turned {
        headers.insert(ETAG, turned);
    }
}

//! What an operator watches: counters and gauges in the text format of Prometheus (OpenMetrics 1.0).
//!
//! - [`label`]: the words that tell one series from another. Each has a handful; none is the name of a person, a
//!   project, a batch or a file, so there are never more series than at the start.
//! - [`endpoint`]: `/metrics`, on a listener of its own (`SLUICE_METRICS_LISTEN`), which people and browsers need not
//!   reach.
//! - [`process`]: what the kernel says of this process.
//!
//! Every series is there from the start with 0, so that a rate has a beginning and an alert something to look at. Each
//! server counts what it did itself; of what the ledger knows, all servers on it say the same.

pub mod endpoint;
mod label;
mod process;

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use ledger::Ledger;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use transfer::wire::GrantKind;

use crate::clock;
use crate::grant::GrantError;
use crate::session::GateError;

pub use label::{ClosedBy, Closing, Route};

/// Names and values of labels.
type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];
/// Counters told apart by one label.
type Counters<const N: usize> = Family<Labels<N>, Counter>;

/// Upper ends of the histogram's buckets, in seconds. Most answers are quick; closing a large batch may take up to the
/// time limit of two minutes.
const SECONDS: [f64; 13] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];

/// Statuses that are there from the start; others follow when they are answered.
const STATUSES: [StatusCode; 3] =
    [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE];

/// What this process counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Counters<2>,
    durations: Family<Labels<1>, Histogram, fn() -> Histogram>,
    grants: Counters<1>,
    grant_failures: Counters<1>,
    batches_opened: Counter,
    batch_closings: Counters<2>,
    batches_open: Gauge,
    ledger_up: Gauge,
    files_announced: Counter,
    bytes_announced: Counter,
    files_refused: Counter,
    files_relayed: Counter,
    bytes_relayed: Counter,
    files_stored: Counter,
    bytes_stored: Counter,
    sign_in_failures: Counters<1>,
    sweeps: Counters<1>,
    last_sweep: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut all = Registry::default();
        all.register_collector(Box::new(process::Process));
        let ours = all.sub_registry_with_prefix("sluice");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "Which version this is", version);
        let durations = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        ours.register(
            "http_request_duration_seconds",
            "Seconds until a request was answered, by what it was for",
            durations.clone(),
        );
        let metrics = Self {
            requests: registered(
                ours,
                "http_requests",
                "Requests, by what they were for and the status of the answer",
            ),
            durations,
            grants: registered(ours, "grants_issued", "Grants, first ones and renewed ones, by kind"),
            grant_failures: registered(
                ours,
                "grant_failures",
                "Grants that could not be issued, by cause: mostly what STS answers to AssumeRole",
            ),
            batches_opened: registered(ours, "batches_opened", "Batches that were opened"),
            batch_closings: registered(
                ours,
                "batch_closings",
                "Comparisons of an open batch with the store, by who asked for it and how it ended; an incomplete batch stays open",
            ),
            batches_open: registered(
                ours,
                "batches_open",
                "Open batches in the ledger; all servers say the same",
            ),
            ledger_up: registered(ours, "ledger_up", "Whether the ledger answered just now"),
            files_announced: registered(ours, "files_announced", "Files that were announced and taken"),
            bytes_announced: registered(ours, "announced_bytes", "Their bytes"),
            files_refused: registered(
                ours,
                "files_refused",
                "Files that were announced and refused by a rule",
            ),
            files_relayed: registered(
                ours,
                "files_relayed",
                "Files that went through this server, because a browser could not reach the store",
            ),
            bytes_relayed: registered(ours, "relayed_bytes", "Their bytes"),
            files_stored: registered(
                ours,
                "files_stored",
                "Files that the store was seen to hold when their batch ended",
            ),
            bytes_stored: registered(ours, "stored_bytes", "Their bytes"),
            sign_in_failures: registered(ours, "sign_in_failures", "Sign-ins that failed, by cause"),
            sweeps: registered(
                ours,
                "sweeps",
                "Runs of the sweep: ended sessions are forgotten and abandoned batches closed, every ten minutes",
            ),
            last_sweep: registered(
                ours,
                "last_sweep_timestamp_seconds",
                "When a sweep last did all that it does, in seconds since 1970; 0 if none did yet",
            ),
            registry: all,
        };
        metrics.begin();
        metrics
    }
}

/// A metric in the registry, and the same to count with.
fn registered<M>(registry: &mut Registry, name: &str, help: &str) -> M
where
    M: prometheus_client::registry::Metric + Clone + Default,
{
    let metric = M::default();
    // The library ends the sentence.
    registry.register(name, help, metric.clone());
    metric
}

/// A label's value that is known when this is compiled.
fn word(text: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(text)
}

impl Metrics {
    /// Makes every series.
    fn begin(&self) {
        for route in Route::ALL {
            drop(self.durations.get_or_create(&[("route", word(route.word()))]));
            for status in STATUSES {
                drop(self.requests.get_or_create(&request(route, status)));
            }
        }
        for kind in [GrantKind::Credentials, GrantKind::PostPolicy, GrantKind::SignedUrls] {
            drop(self.grants.get_or_create(&[("kind", word(label::grant(kind)))]));
        }
        for cause in label::GRANT_FAILURES {
            drop(self.grant_failures.get_or_create(&[("cause", word(cause))]));
        }
        for by in ClosedBy::ALL {
            for how in Closing::ALL {
                drop(self.batch_closings.get_or_create(&closing(by, how)));
            }
        }
        for cause in label::SIGN_IN_FAILURES {
            drop(self.sign_in_failures.get_or_create(&[("cause", word(cause))]));
        }
        for outcome in label::SWEEPS {
            drop(self.sweeps.get_or_create(&[("outcome", word(outcome))]));
        }
    }

    /// A request was answered.
    pub fn answered(&self, route: Route, status: StatusCode, took: Duration) {
        self.requests.get_or_create(&request(route, status)).inc();
        self.durations.get_or_create(&[("route", word(route.word()))]).observe(took.as_secs_f64());
    }

    /// A grant was issued, or could not be.
    pub fn granted<G>(&self, kind: GrantKind, issued: &Result<G, GrantError>) {
        match issued {
            Ok(_) => self.grants.get_or_create(&[("kind", word(label::grant(kind)))]).inc(),
            Err(error) => {
                self.grant_failures.get_or_create(&[("cause", word(label::grant_failure(error)))]).inc()
            }
        };
    }

    /// A batch was opened.
    pub fn opened(&self) {
        self.batches_opened.inc();
    }

    /// A batch was compared with the store, which holds so many of its files and bytes. They count once it has ended.
    pub fn compared(&self, by: ClosedBy, how: Closing, files: u64, bytes: u64) {
        self.batch_closings.get_or_create(&closing(by, how)).inc();
        if how != Closing::Incomplete {
            self.files_stored.inc_by(files);
            self.bytes_stored.inc_by(bytes);
        }
    }

    /// Files were announced: so many were taken, with so many bytes, and so many refused.
    pub fn announced(&self, taken: usize, bytes: u64, refused: usize) {
        self.files_announced.inc_by(taken as u64);
        self.bytes_announced.inc_by(bytes);
        self.files_refused.inc_by(refused as u64);
    }

    /// A file of so many bytes went through this server.
    pub fn relayed(&self, bytes: u64) {
        self.files_relayed.inc();
        self.bytes_relayed.inc_by(bytes);
    }

    /// Somebody was not let in.
    pub fn turned_away(&self, error: &GateError) {
        self.sign_in_failures.get_or_create(&[("cause", word(label::sign_in_failure(error)))]).inc();
    }

    /// A sweep has run; whether all of it worked.
    pub fn swept(&self, outcome: Result<(), ()>) {
        let [ok, failed] = label::SWEEPS;
        self.sweeps.get_or_create(&[("outcome", word(if outcome.is_ok() { ok } else { failed }))]).inc();
        if outcome.is_ok() {
            self.last_sweep.set(i64::try_from(clock::now().0 / 1_000).unwrap_or(i64::MAX));
        }
    }

    /// All of it as text, with what the ledger says just now.
    pub async fn text(&self, ledger: &Ledger) -> String {
        match ledger.batches().going_on(0).await {
            Ok((_, open)) => {
                self.batches_open.set(i64::try_from(open).unwrap_or(i64::MAX));
                self.ledger_up.set(1);
            }
            Err(error) => {
                tracing::error!(%error, "ledger does not answer");
                self.ledger_up.set(0);
            }
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn request(route: Route, status: StatusCode) -> Labels<2> {
    [("route", word(route.word())), ("status", Cow::Owned(status.as_str().to_owned()))]
}

fn closing(by: ClosedBy, how: Closing) -> Labels<2> {
    [("by", word(by.word())), ("outcome", word(how.word()))]
}

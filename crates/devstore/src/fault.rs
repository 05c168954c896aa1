//! Faults for tests: what goes wrong between a client and a real store, on purpose and by rule.
//!
//! Nothing of this exists unless the store was opened with [`StoreConfig::faults`]. The rules may
//! change while the store answers, and every request is logged: in the process through [`Faults`],
//! from outside through its control endpoint.
//!
//! [`StoreConfig::faults`]: crate::StoreConfig::faults

mod clock;
mod control;
mod draw;
mod flow;
mod log;
mod operation;
mod refusal;
mod rule;
mod subject;

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use http::{Request, Response};
use hyper::body::Incoming;
use s3s::Body;
use tokio::net::TcpListener;

pub use self::log::{LogEntry, LogPage};
pub use self::operation::Operation;
pub use self::rule::{Corruption, Fault, FaultPlan, FaultRule, Moment, Share, Side, Status, WrongRule};

pub(crate) use self::clock::ClockLimits;

use self::clock::Clock;
use self::draw::Active;
use self::flow::Flow;
use self::log::RequestLog;
use self::subject::Subject;
use crate::gate::Gate;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("a rule cuts the connection")]
pub(crate) struct Cut;

/// The rules that hold now, and the log of requests. Clones are the same.
#[derive(Debug, Clone)]
pub struct Faults(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    active: RwLock<Arc<Active>>,
    log: Arc<RequestLog>,
    limits: Arc<ClockLimits>,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan, limits: Arc<ClockLimits>) -> Self {
        limits.allow(&plan);
        let active = RwLock::new(Arc::new(Active::of(plan)));
        Self(Arc::new(Shared { active, log: Arc::default(), limits }))
    }

    /// Replaces every rule; counts begin again. Requests under way end as they began.
    pub fn set(&self, plan: FaultPlan) {
        self.0.limits.allow(&plan);
        *self.0.active.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Active::of(plan));
    }

    /// The rules that hold now.
    #[must_use]
    pub fn plan(&self) -> FaultPlan {
        self.active().plan().clone()
    }

    /// The requests that ended after the one with that number; 0 for all that are kept.
    #[must_use]
    pub fn log(&self, after: u64) -> LogPage {
        self.0.log.page(after)
    }

    /// Forgets the requests that have ended. Numbers go on.
    pub fn clear_log(&self) {
        self.0.log.clear();
    }

    /// Lets other processes read the log and change the rules, at `http://<listener>/<token>/`.
    ///
    /// # Errors
    /// If `listener` is not on loopback, or fails.
    pub async fn serve_control(&self, listener: TcpListener, token: &str) -> io::Result<()> {
        control::serve(self, listener, token).await
    }

    fn active(&self) -> Arc<Active> {
        Arc::clone(&self.0.active.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers a request as the gate would, but for what the rules say.
    ///
    /// # Errors
    /// If a rule cuts the connection.
    pub(crate) async fn answer(
        &self,
        gate: &Gate,
        connection: u64,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Cut> {
        let (parts, body) = request.into_parts();
        let mut body = Flow::new(Body::from(body));
        let subject = Subject::of(&parts, &gate.hosts, &mut body).await;
        let hits = self.active().draw(&subject);
        let mut record = self.0.log.begin(connection, &parts, subject, &hits, body.passed());

        hits.wait(Moment::BeforeWrite).await;
        if let Some(after) = hits.cut_before_write() {
            body.discard(after).await;
            return Err(Cut);
        }
        body.slow(&hits, Side::Request);
        let clock = Clock::ahead(hits.clock_seconds());
        let refusal = hits.refusal().or_else(|| clock.refusal(&parts));
        let request = Request::from_parts(parts, Body::http_body(body));
        let mut response = match refusal {
            Some(refusal) => refusal.answer(gate, request).await,
            None => gate.answer(request).await,
        };
        hits.wait(Moment::AfterWrite).await;
        if hits.cut_after_write() {
            return Err(Cut);
        }
        clock.stamp(&mut response);
        hits.corrupt(&mut response);
        let status = response.status();
        Ok(response.map(|body| {
            let mut body = Flow::new(body);
            body.slow(&hits, Side::Answer);
            body.spoil(&hits);
            record.answered(status, body.passed());
            body.keep(record);
            Body::http_body(body)
        }))
    }
}

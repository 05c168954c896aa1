//! A body on its way: counted, and as slow and as wrong as the rules say.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use s3s::{Body, StdError};
use tokio::time::{Instant, Sleep};

use super::draw::Hits;
use super::log::Record;
use super::{Corruption, Side};

/// A line that bodies share.
#[derive(Debug)]
pub(super) struct Line {
    bytes_per_second: NonZeroU64,
    /// When everything that was promised will have passed.
    free: Mutex<Option<Instant>>,
}

impl Line {
    pub(super) fn new(bytes_per_second: NonZeroU64) -> Self {
        Self { bytes_per_second, free: Mutex::new(None) }
    }

    /// When the next `bytes` will have passed.
    fn pass(&self, bytes: u64) -> Instant {
        let now = Instant::now();
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = free.map_or(now, |free| free.max(now));
        let nanoseconds = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second.get());
        let end = begin + Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        *free = Some(end);
        end
    }
}

/// A pause in a body.
#[derive(Debug)]
pub(super) struct Stall {
    pub(super) after_bytes: u64,
    pub(super) pause: Duration,
}

/// A body, and what happens to it.
#[derive(Debug)]
pub(super) struct Flow {
    body: Body,
    /// What was read ahead.
    front: VecDeque<Frame<Bytes>>,
    passed: Arc<AtomicU64>,
    lines: Vec<Arc<Line>>,
    stalls: Vec<Stall>,
    waiting: Option<(Pin<Box<Sleep>>, Frame<Bytes>)>,
    spoil: Option<Corruption>,
    /// Dropped with this body, which is when it tells the log.
    _record: Option<Record>,
}

impl Flow {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body,
            front: VecDeque::new(),
            passed: Arc::default(),
            lines: Vec::new(),
            stalls: Vec::new(),
            waiting: None,
            spoil: None,
            _record: None,
        }
    }

    /// The bytes that have passed, as they do.
    pub(super) fn passed(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.passed)
    }

    pub(super) fn slow(&mut self, hits: &Hits, side: Side) {
        self.lines = hits.lines();
        self.stalls = hits.stalls(side);
    }

    pub(super) fn spoil(&mut self, hits: &Hits) {
        self.spoil =
            [Corruption::Body, Corruption::Short].into_iter().find(|corruption| hits.corrupts(*corruption));
    }

    /// The request ends with this body.
    pub(super) fn keep(&mut self, record: Record) {
        self._record = Some(record);
    }

    /// Reads ahead until `enough` is, or until `most` bytes. What was read comes again.
    pub(super) async fn peek(&mut self, most: usize, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut read = Vec::new();
        while read.len() < most && !enough(&read) {
            let Some(Ok(frame)) = self.body.frame().await else { break };
            read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
            self.front.push_back(frame);
        }
        read
    }

    /// Reads at least that much, and throws it away.
    pub(super) async fn discard(&mut self, bytes: u64) {
        while self.passed.load(Ordering::Relaxed) < bytes {
            let Some(Ok(_)) = self.frame().await else { break };
        }
    }

    /// When the frame may pass, if not now.
    fn delay(&mut self, frame: &Frame<Bytes>) -> Option<Instant> {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        let passed = self.passed.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let mut until = self.lines.iter().map(|line| line.pass(bytes)).max();
        self.stalls.retain(|stall| {
            let stalls = passed > stall.after_bytes;
            if stalls {
                until = Some(until.unwrap_or_else(Instant::now) + stall.pause);
            }
            !stalls
        });
        until
    }

    fn spoiled(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, StdError> {
        match (self.spoil, frame.into_data()) {
            (None, Ok(data)) => Ok(Frame::data(data)),
            (_, Err(frame)) => Ok(frame),
            (Some(Corruption::Short), Ok(data)) if data.len() > 1 => {
                self.spoil = None;
                self.front.clear();
                self.body = Body::http_body(Broken);
                Ok(Frame::data(data.slice(..data.len() / 2)))
            }
            (Some(Corruption::Short), Ok(_)) => Err(broken()),
            (Some(_), Ok(data)) => {
                self.spoil = None;
                let mut data = BytesMut::from(data);
                if let Some(byte) = data.first_mut() {
                    *byte ^= 1;
                }
                Ok(Frame::data(data.freeze()))
            }
        }
    }
}

impl hyper::body::Body for Flow {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        if self.waiting.is_none() {
            let next = match self.front.pop_front() {
                Some(frame) => Some(Ok(frame)),
                None => ready!(Pin::new(&mut self.body).poll_frame(cx)),
            };
            let frame = match next {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            };
            match self.delay(&frame) {
                None => return Poll::Ready(Some(self.spoiled(frame))),
                Some(until) => self.waiting = Some((Box::pin(tokio::time::sleep_until(until)), frame)),
            }
        }
        if let Some((sleep, _)) = &mut self.waiting {
            ready!(sleep.as_mut().poll(cx));
        }
        Poll::Ready(self.waiting.take().map(|(_, frame)| self.spoiled(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.front.is_empty() && self.waiting.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let ahead = self.front.iter().chain(self.waiting.as_ref().map(|(_, frame)| frame));
        let ahead: u64 = ahead.filter_map(Frame::data_ref).map(|data| data.len() as u64).sum();
        match hint.exact() {
            Some(exact) => hint.set_exact(exact + ahead),
            None => hint.set_lower(hint.lower() + ahead),
        }
        hint
    }
}

/// A body that breaks off.
struct Broken;

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        Poll::Ready(Some(Err(broken())))
    }
}

fn broken() -> StdError {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a rule cuts the answer short").into()
}

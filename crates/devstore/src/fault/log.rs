//! The log of requests, for tests to read.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use http::request::Parts;
use serde::Serialize;

use super::Operation;
use super::draw::Hits;
use super::subject::Subject;
use crate::index::{Millis, now};

/// Entries that are kept; the oldest go first. About 50 MB.
const KEPT: usize = 200_000;

/// A request that has ended, with or without an answer.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// Counts the requests in the order in which they ended, from 1.
    pub number: u64,
    /// When its head was there, in milliseconds since 1970.
    pub began: Millis,
    /// When the last byte of the answer was handed on, or the connection was gone.
    pub ended: Millis,
    /// Counts the connections, from 1.
    pub connection: u64,
    /// Its `Host`.
    pub host: String,
    /// Its method.
    pub method: String,
    /// What it asked for.
    pub operation: Operation,
    /// Whether it was a browser's question before another request.
    pub preflight: bool,
    /// The bucket, if it names one.
    pub bucket: Option<String>,
    /// The key, if it names one; of a form, the one in its fields.
    pub key: Option<String>,
    /// What was answered; none if there was no answer.
    pub status: Option<u16>,
    /// Bytes of the request's body that were read.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
    /// The rules that hit it, by their place in the plan, from 0.
    pub rules: Vec<usize>,
}

/// A part of the log.
#[derive(Debug, Clone, Serialize)]
pub struct LogPage {
    /// In the order in which they ended.
    pub entries: Vec<LogEntry>,
    /// The number of the last request that has ended: ask for what came after it next time.
    pub last: u64,
    /// Requests that have begun and not ended.
    pub open: u64,
}

#[derive(Debug, Default)]
pub(super) struct RequestLog {
    ended: Mutex<Ended>,
    open: AtomicU64,
}

#[derive(Debug, Default)]
struct Ended {
    entries: VecDeque<LogEntry>,
    last: u64,
}

impl RequestLog {
    pub(super) fn begin(
        self: &Arc<Self>,
        connection: u64,
        parts: &Parts,
        subject: Subject,
        hits: &Hits,
        bytes_in: Arc<AtomicU64>,
    ) -> Record {
        self.open.fetch_add(1, Ordering::Relaxed);
        Record {
            log: Arc::clone(self),
            began: now(),
            connection,
            method: parts.method.to_string(),
            subject,
            status: None,
            bytes_in,
            bytes_out: Arc::default(),
            rules: hits.rules(),
        }
    }

    pub(super) fn page(&self, after: u64) -> LogPage {
        let ended = self.lock();
        let from = ended.entries.partition_point(|entry| entry.number <= after);
        let entries = ended.entries.range(from..).cloned().collect();
        LogPage { entries, last: ended.last, open: self.open.load(Ordering::Relaxed) }
    }

    pub(super) fn clear(&self) {
        self.lock().entries.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ended> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way. It is in the log once this is dropped: with the answer's body, or without one.
#[derive(Debug)]
pub(super) struct Record {
    log: Arc<RequestLog>,
    began: Millis,
    connection: u64,
    method: String,
    subject: Subject,
    status: Option<StatusCode>,
    bytes_in: Arc<AtomicU64>,
    bytes_out: Arc<AtomicU64>,
    rules: Vec<usize>,
}

impl Record {
    /// There is an answer, and its body is counted there.
    pub(super) fn answered(&mut self, status: StatusCode, bytes_out: Arc<AtomicU64>) {
        self.status = Some(status);
        self.bytes_out = bytes_out;
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let mut ended = self.log.lock();
        ended.last += 1;
        let entry = LogEntry {
            number: ended.last,
            began: self.began,
            ended: now(),
            connection: self.connection,
            host: std::mem::take(&mut self.subject.host),
            method: std::mem::take(&mut self.method),
            operation: self.subject.operation,
            preflight: self.subject.operation == Operation::Preflight,
            bucket: self.subject.bucket.take(),
            key: self.subject.key.take(),
            status: self.status.map(|status| status.as_u16()),
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            rules: std::mem::take(&mut self.rules),
        };
        if ended.entries.len() == KEPT {
            ended.entries.pop_front();
        }
        ended.entries.push_back(entry);
        self.log.open.fetch_sub(1, Ordering::Relaxed);
    }
}

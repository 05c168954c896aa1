//! Rules, as a file or a test writes them.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::Operation;

/// Every rule of a store, and what its chances follow from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultPlan {
    /// The same seed hits the same requests of a rule: its first, its third, ... as they arrive.
    pub seed: u64,
    /// All of them are asked about each request; several may hit.
    pub rules: Vec<FaultRule>,
}

/// Which requests something goes wrong for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Only these; when empty, every one but preflights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
    /// Only requests for a key that fits: `*` is any run of characters, `?` exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How many of the requests that fit are hit.
    #[serde(default)]
    pub share: Share,
    /// The first requests that fit, which are left alone.
    #[serde(default)]
    pub skip: u64,
    /// The most requests that are hit; without it, there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What goes wrong.
    pub fault: Fault,
}

impl FaultRule {
    /// `fault` for every request.
    #[must_use]
    pub fn always(fault: Fault) -> Self {
        Self { operations: Vec::new(), key: None, share: Share::default(), skip: 0, count: None, fault }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The store takes its time.
    Latency {
        /// How long.
        milliseconds: u64,
        /// Up to this much longer, by chance.
        #[serde(default)]
        jitter: u64,
        /// When.
        #[serde(default)]
        when: Moment,
    },
    /// The line is narrow, in both directions. All requests that the rule hits share it.
    Bandwidth {
        /// How narrow.
        bytes_per_second: NonZeroU64,
    },
    /// `503 SlowDown`; nothing is written.
    SlowDown {
        /// The seconds of `Retry-After`; without it, the header is not there.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// Another refusal; nothing is written.
    Refusal {
        /// Its status.
        status: Status,
        /// Its code, like `InternalError`.
        code: String,
    },
    /// A refusal without CORS headers, as a proxy or an older store answers: a page learns nothing of it.
    Opaque {
        /// Its status.
        status: Status,
    },
    /// The connection is closed, and no answer comes.
    Cut {
        /// Before anything is written, or after all of it is.
        when: Moment,
        /// Before the write: how much of the request's body is read first.
        #[serde(default)]
        after_bytes: u64,
    },
    /// A body stops on its way, and goes on later.
    Stall {
        /// Which of the two.
        body: Side,
        /// Where in the body.
        #[serde(default)]
        after_bytes: u64,
        /// For how long.
        #[serde(default = "long")]
        milliseconds: u64,
    },
    /// A session ends before its time: `400 ExpiredToken`. Chances, `skip` and `count` are of requests, but a session
    /// that was hit stays over. New ones are as good as ever.
    ExpiredToken,
    /// The store's clock is ahead by this, or behind: it refuses what was signed more than 15 minutes from it, and
    /// says its own time in `Date`.
    SkewedClock {
        /// Seconds.
        seconds: i64,
    },
    /// The store has done its work, and its answer is wrong.
    Corrupt(Corruption),
}

/// The longest that clients wait for a byte is about a minute; this is longer.
const fn long() -> u64 {
    120_000
}

/// Before or after the store does what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Nothing has happened yet.
    #[default]
    BeforeWrite,
    /// Everything has, and only the answer is missing.
    AfterWrite,
}

/// A body of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What the client sends.
    Request,
    /// What the store sends.
    Answer,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corruption {
    /// Its `ETag` is another one.
    Etag,
    /// It has no `ETag`.
    NoEtag,
    /// A bit of its body is turned.
    Body,
    /// Its body ends half-way, and the connection with it.
    Short,
}

/// A part of all requests: from 0, none, to 1, every one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

impl Share {
    pub(super) fn get(self) -> f64 {
        self.0
    }
}

impl Default for Share {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for Share {
    type Error = WrongRule;

    fn try_from(share: f64) -> Result<Self, WrongRule> {
        if (0.0..=1.0).contains(&share) { Ok(Self(share)) } else { Err(WrongRule::Share) }
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.0
    }
}

/// The status of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Status(http::StatusCode);

impl Status {
    pub(super) fn get(self) -> http::StatusCode {
        self.0
    }
}

impl TryFrom<u16> for Status {
    type Error = WrongRule;

    fn try_from(status: u16) -> Result<Self, WrongRule> {
        let known = http::StatusCode::from_u16(status).ok();
        known.filter(|status| status.as_u16() >= 400).map(Self).ok_or(WrongRule::Status)
    }
}

impl From<Status> for u16 {
    fn from(status: Status) -> Self {
        status.0.as_u16()
    }
}

/// A number that no rule can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongRule {
    /// Of a share.
    #[error("a share is a number from 0 to 1")]
    Share,
    /// Of a status.
    #[error("the status of a refusal is a number from 400 to 999")]
    Status,
}

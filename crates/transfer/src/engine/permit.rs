//! The grant in use, and when to renew it, counted on the server's clock.

use crate::port::FailureClass;
use crate::wire::{CredentialsGrant, Grant, GrantKind, PostPolicyGrant, SignedUrlsGrant, UnixMillis};

use super::Moment;

/// Nothing is sent with a grant that ends within this time.
const MARGIN: u64 = 2_000;

/// A renewal that helped nothing is not repeated for this long, doubling up to 64 times.
const FRUITLESS_WAIT: u64 = 1_000;

/// A denial brings a renewal at most this often: a file that may not be sent must not cost a renewal each.
const DENIED_WAIT: u64 = 60_000;

/// The grant.
#[derive(Debug, Clone)]
pub(super) struct Permit {
    grant: Grant,
    /// Counts the grants, so that an attempt knows which one it was made with.
    serial: u32,
    /// The server's clock and the driver's when the grant came.
    server_then: u64,
    then: Moment,
    /// The store did not believe this grant.
    doubted: bool,
    not_before: Moment,
    fruitless: u8,
    denied_at: Option<Moment>,
}

impl Permit {
    pub(super) fn new(grant: Grant, server_time: UnixMillis, now: Moment) -> Self {
        Self {
            grant,
            serial: 0,
            server_then: server_time.0,
            then: now,
            doubted: false,
            not_before: now,
            fruitless: 0,
            denied_at: None,
        }
    }

    /// No grant yet: one of that kind is to be got.
    pub(super) fn ended(kind: GrantKind, now: Moment) -> Self {
        let (issued_at, expires_at) = (UnixMillis(0), UnixMillis(0));
        let grant = match kind {
            GrantKind::Credentials => Grant::Credentials(CredentialsGrant {
                access_key_id: String::new(),
                secret_access_key: String::new(),
                session_token: String::new(),
                headers: Vec::new(),
                fields: Vec::new(),
                issued_at,
                expires_at,
            }),
            GrantKind::PostPolicy => {
                Grant::PostPolicy(PostPolicyGrant { fields: Vec::new(), issued_at, expires_at })
            }
            GrantKind::SignedUrls => Grant::SignedUrls(SignedUrlsGrant { issued_at, expires_at }),
        };
        Self { doubted: true, ..Self::new(grant, UnixMillis(0), now) }
    }

    pub(super) fn grant(&self) -> &Grant {
        &self.grant
    }

    pub(super) fn kind(&self) -> GrantKind {
        self.grant.kind()
    }

    pub(super) fn serial(&self) -> u32 {
        self.serial
    }

    /// The server's clock, as far as can be told.
    pub(super) fn server_time(&self, now: Moment) -> UnixMillis {
        UnixMillis(self.server_then.saturating_add(now.since(self.then)))
    }

    /// Sets the clock by an answer of the server.
    pub(super) fn set_clock(&mut self, server_time: UnixMillis, now: Moment) {
        self.server_then = server_time.0;
        self.then = now;
    }

    /// Takes a fresh grant.
    pub(super) fn replace(&mut self, grant: Grant, server_time: UnixMillis, now: Moment) {
        self.grant = grant;
        self.serial += 1;
        self.set_clock(server_time, now);
        self.doubted = false;
        self.not_before = now.after(FRUITLESS_WAIT << self.fruitless.min(6));
        self.fruitless = self.fruitless.saturating_add(1);
    }

    /// Whether attempts may start with it.
    pub(super) fn is_usable(&self, now: Moment) -> bool {
        let margin = MARGIN.min(self.life() / 10);
        !self.doubted && self.server_time(now).0.saturating_add(margin) < self.grant.expires_at().0
    }

    /// Whether something that ends then may still be used.
    pub(super) fn is_ahead(&self, ends: UnixMillis, now: Moment) -> bool {
        self.server_time(now).0.saturating_add(MARGIN) < ends.0
    }

    /// When to renew: at 70 % of its life, or as soon as possible if the store does not believe it.
    pub(super) fn renewal_due(&self) -> Moment {
        if self.doubted {
            return self.not_before;
        }
        let due = self.grant.issued_at().0.saturating_add(self.life() / 10 * 7);
        self.then.after(due.saturating_sub(self.server_then)).max(self.not_before)
    }

    /// The class of a failure, seen in the light of the grant: when it has ended, stores refuse in their own ways,
    /// some of them without the headers that would let a browser read the answer.
    pub(super) fn judge(&self, class: FailureClass, now: Moment) -> FailureClass {
        let over = self.server_time(now).0 >= self.grant.expires_at().0;
        match class {
            FailureClass::Network | FailureClass::Denied | FailureClass::Rejected if over => {
                FailureClass::Expired
            }
            other => other,
        }
    }

    /// The store did not believe the grant with that serial.
    pub(super) fn doubt(&mut self, serial: u32) {
        if serial == self.serial {
            self.doubted = true;
        }
    }

    /// Whether the grant with that serial is not, or no longer, believed in.
    pub(super) fn is_past(&self, serial: u32) -> bool {
        serial != self.serial || self.doubted
    }

    /// The store denied an attempt with the grant with that serial: renews it, if that was not done lately.
    pub(super) fn denied(&mut self, serial: u32, now: Moment) {
        let lately = self.denied_at.is_some_and(|at| now.since(at) < DENIED_WAIT);
        if serial == self.serial && !lately {
            self.denied_at = Some(now);
            self.doubted = true;
        }
    }

    /// The store believed it.
    pub(super) fn success(&mut self) {
        self.fruitless = 0;
    }

    fn life(&self) -> u64 {
        self.grant.expires_at().0.saturating_sub(self.grant.issued_at().0)
    }
}

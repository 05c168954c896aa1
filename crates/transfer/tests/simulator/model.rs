//! The modelled world: a server with a ledger, a store, and the line to them.

use std::collections::{HashMap, HashSet};

use transfer::engine::{Answer, Call, CallFailure};
use transfer::port::FailureClass;
use transfer::wire::*;

use super::chance::Chance;

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
/// The server's clock as the simulation begins.
const EPOCH: u64 = 1_800_000_000_000;
/// How long the model's URLs live.
const URL_LIFE: u64 = 5 * MINUTE;
/// What S3 tolerates between the date of a signature and its own clock.
const TOLERANCE: u64 = 15 * MINUTE;

/// What goes wrong, in times out of a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) busy: u64,
    pub(crate) server_error: u64,
    /// The connection is cut before the store has everything.
    pub(crate) cut: u64,
    /// The store has everything, but the answer is lost.
    pub(crate) lost: u64,
    /// The store says it has it and has not.
    pub(crate) lying: u64,
    /// The store says it has it, but a byte is missing.
    pub(crate) short: u64,
    /// The server does not answer, and did nothing.
    pub(crate) call_error: u64,
    /// The server did what was asked, but the answer is lost.
    pub(crate) call_lost: u64,
    pub(crate) opaque_expiry: bool,
}

impl Faults {
    pub(crate) fn storm() -> Self {
        Self {
            busy: 60,
            server_error: 40,
            cut: 60,
            lost: 40,
            lying: 5,
            short: 5,
            call_error: 150,
            call_lost: 100,
            opaque_expiry: true,
        }
    }
}

/// The world's settings.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) kind: GrantKind,
    pub(crate) size: u64,
    /// Round trip in milliseconds.
    pub(crate) latency: u64,
    pub(crate) bytes_per_second: u64,
    pub(crate) grant_life: u64,
    /// How far the browser's clock is ahead of the server's.
    pub(crate) skew: i64,
    /// How long the page sat on the opened batch.
    pub(crate) stale_open: u64,
    /// All grants and URLs issued before then end then.
    pub(crate) revoke_at: Option<u64>,
    /// From when and for how long nothing answers.
    pub(crate) outage: Option<(u64, u64)>,
    /// From when and for how long the server does not answer.
    pub(crate) server_down: Option<(u64, u64)>,
    pub(crate) session_ends: Vec<u64>,
    pub(crate) refused: HashSet<u32>,
    /// Items that always fail.
    pub(crate) cursed: Vec<(u32, FailureClass)>,
    pub(crate) faults: Faults,
}

impl Default for World {
    fn default() -> Self {
        Self {
            kind: GrantKind::Credentials,
            size: 100_000,
            latency: 50,
            bytes_per_second: 20_000_000,
            grant_life: 60 * MINUTE,
            skew: 0,
            stale_open: 0,
            revoke_at: None,
            outage: None,
            server_down: None,
            session_ends: Vec::new(),
            refused: HashSet::new(),
            cursed: Vec::new(),
            faults: Faults::default(),
        }
    }
}

/// What a PUT comes to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Put {
    Stored,
    Failed(FailureClass, Option<u64>),
}

/// The server and the store.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) world: World,
    pub(crate) ledger: HashMap<u32, (NewItem, Option<ItemOutcome>)>,
    pub(crate) objects: HashMap<String, u64>,
    pub(crate) signed_out: bool,
    pub(crate) verified: bool,
    pub(crate) renewals: u32,
    sessions_ended: usize,
}

fn within(window: Option<(u64, u64)>, now: u64) -> bool {
    window.is_some_and(|(from, length)| (from..from + length).contains(&now))
}

impl Model {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world,
            ledger: HashMap::new(),
            objects: HashMap::new(),
            signed_out: false,
            verified: false,
            renewals: 0,
            sessions_ended: 0,
        }
    }

    pub(crate) fn clock(now: u64) -> UnixMillis {
        UnixMillis(EPOCH + now)
    }

    pub(crate) fn key(item: u32) -> String {
        format!("p/b1/{item}.jpg")
    }

    pub(crate) fn grant(&self, now: u64) -> Grant {
        let (issued_at, expires_at) = (Self::clock(now), Self::clock(now + self.world.grant_life));
        match self.world.kind {
            GrantKind::SignedUrls => Grant::SignedUrls(SignedUrlsGrant { issued_at, expires_at }),
            _ => Grant::Credentials(CredentialsGrant {
                access_key_id: "AK".to_owned(),
                secret_access_key: "secret".to_owned(),
                session_token: format!("{now}"),
                issued_at,
                expires_at,
            }),
        }
    }

    /// What the store says to a PUT that arrives now: signed at `signed`, with a permission from `issued` to `ends`.
    pub(crate) fn put(
        &mut self,
        item: u32,
        now: u64,
        issued: u64,
        ends: u64,
        signed: u64,
        chance: &mut Chance,
    ) -> Put {
        let faults = self.world.faults;
        if within(self.world.outage, now) {
            return Put::Failed(FailureClass::Network, None);
        }
        let revoked = self.world.revoke_at.is_some_and(|at| now >= at && issued < at);
        if now >= ends || revoked {
            // A browser that cannot read the answer sees a broken connection; only a grant known to be over tells.
            let opaque = faults.opaque_expiry && now >= ends;
            let class = if opaque { FailureClass::Network } else { FailureClass::Expired };
            return Put::Failed(class, None);
        }
        if signed.abs_diff(EPOCH + now) > TOLERANCE {
            return Put::Failed(FailureClass::Skewed, None);
        }
        if let Some((_, class)) = self.world.cursed.iter().find(|(cursed, _)| *cursed == item) {
            return Put::Failed(*class, None);
        }
        if chance.hits(faults.busy) {
            return Put::Failed(FailureClass::Throttled, chance.hits(200).then_some(2_000));
        }
        if chance.hits(faults.server_error) {
            return Put::Failed(FailureClass::Store, None);
        }
        if chance.hits(faults.cut) {
            return Put::Failed(FailureClass::Network, None);
        }
        if chance.hits(faults.lying) {
            return Put::Stored;
        }
        let short = u64::from(chance.hits(faults.short));
        self.objects.insert(Self::key(item), self.world.size.saturating_sub(short));
        if chance.hits(faults.lost) { Put::Failed(FailureClass::Network, None) } else { Put::Stored }
    }

    /// What the server answers to a call.
    pub(crate) fn call(&mut self, call: Call, now: u64, chance: &mut Chance) -> Result<Answer, CallFailure> {
        let unavailable = Err(CallFailure::Unavailable { retry_after: None });
        if within(self.world.outage, now) || within(self.world.server_down, now) {
            return unavailable;
        }
        if self.world.session_ends.get(self.sessions_ended).is_some_and(|&at| at <= now) {
            self.sessions_ended += 1;
            self.signed_out = true;
        }
        if self.signed_out {
            return Err(CallFailure::SignedOut);
        }
        if chance.hits(self.world.faults.call_error) {
            return unavailable;
        }
        let answer = match call {
            Call::Announce(request) => Answer::Announce(self.announce(request)),
            Call::Report(request) => Answer::Report(self.report(request)),
            Call::RenewGrant(_) => {
                self.renewals += 1;
                let (grant, server_time) = (self.grant(now), Self::clock(now));
                Answer::RenewGrant(Box::new(RenewedGrant { grant, server_time }))
            }
            Call::SignUrls(request) => Answer::SignUrls(self.sign(&request, now)),
            Call::Close(_) => Answer::Close(self.close()),
        };
        if chance.hits(self.world.faults.call_lost) { unavailable } else { Ok(answer) }
    }

    fn announce(&mut self, request: AnnounceRequest) -> AnnounceAnswer {
        assert!(request.items.len() <= ANNOUNCE_PAGE && !self.verified);
        let mut answer = AnnounceAnswer { accepted: Vec::new(), refused: Vec::new() };
        for item in request.items {
            let index = item.index;
            assert_eq!(item.path, format!("{}.jpg", index.0), "the path is announced as it was added");
            if self.world.refused.contains(&index.0) {
                answer.refused.push(RefusedItem { index, reason: Refusal::Duplicate });
            } else {
                answer.accepted.push(AcceptedItem { index, key: Self::key(index.0) });
                self.ledger.entry(index.0).or_insert((item, None));
            }
        }
        answer
    }

    fn report(&mut self, request: ReportRequest) -> ReportAnswer {
        assert!(request.items.len() <= REPORT_PAGE && !request.items.is_empty());
        for report in request.items {
            let known = self.ledger.get_mut(&report.index.0).unwrap();
            known.1 = Some(report.outcome);
        }
        ReportAnswer { stored: 0 }
    }

    fn sign(&self, request: &SignUrlsRequest, now: u64) -> SignedUrls {
        assert!(request.items.len() <= SIGN_PAGE);
        let urls = request.items.iter().map(|index| {
            assert!(self.ledger.contains_key(&index.0), "only accepted items are signed");
            let url = format!("https://s{}.test/{now}", index.0 % 4);
            SignedUrl { index: *index, url, headers: Vec::new() }
        });
        SignedUrls {
            urls: urls.collect(),
            expires_at: Self::clock(now + URL_LIFE),
            server_time: Self::clock(now),
        }
    }

    /// When a permission that was issued then ends.
    pub(crate) fn ends(&self, issued: u64) -> u64 {
        issued + if self.world.kind == GrantKind::SignedUrls { URL_LIFE } else { self.world.grant_life }
    }

    fn close(&mut self) -> CloseAnswer {
        let mut answer = CloseAnswer {
            state: BatchState::Verified,
            stored: 0,
            bytes: 0,
            missing: Vec::new(),
            differing: Vec::new(),
            unexpected: Vec::new(),
        };
        for (&index, (item, outcome)) in &self.ledger {
            match (self.objects.get(&Self::key(index)), outcome) {
                (_, Some(ItemOutcome::Failed { .. } | ItemOutcome::Cancelled)) => {}
                (None, _) => answer.missing.push(ItemIndex(index)),
                (Some(&size), _) if size != item.size => answer.differing.push(ItemIndex(index)),
                (Some(&size), _) => {
                    answer.stored += 1;
                    answer.bytes += size;
                }
            }
        }
        if !answer.missing.is_empty() || !answer.differing.is_empty() {
            answer.state = BatchState::Open;
        }
        self.verified = answer.state == BatchState::Verified;
        answer
    }
}

//! The modelled world: a server with a ledger, a store, and the line to them.

use std::collections::{BTreeMap, HashMap, HashSet};

use transfer::crc64::Crc64;
use transfer::engine::{Answer, Call, CallFailure, Lane, Step, StoredPart};
use transfer::port::{DuplicateChoice, FailureClass};
use transfer::wire::*;

use super::chance::Chance;
use super::content::Contents;

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
    /// Nothing more is heard of it.
    pub(crate) hang: u64,
    /// The ETag cannot be read.
    pub(crate) blind: u64,
    /// The store forgets an upload in parts.
    pub(crate) forgotten: u64,
    /// A bit is turned on the way; a store that gets no checksum would keep that.
    pub(crate) turned: u64,
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
            hang: 10,
            blind: 100,
            forgotten: 5,
            turned: 20,
        }
    }
}

/// The world's settings.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) kind: GrantKind,
    pub(crate) size: u64,
    /// Each so many-th file is larger: 0 for none.
    pub(crate) large_each: u32,
    pub(crate) large_size: u64,
    /// Whether the store takes POST forms; if not, whether a browser can read what it says to one.
    pub(crate) forms: Forms,
    pub(crate) multipart: bool,
    pub(crate) checksums: Checksums,
    /// The store looks at the permission as a request ends, which is harder than what stores do.
    pub(crate) strict: bool,
    /// Host names that lead nowhere.
    pub(crate) bad_hosts: Vec<usize>,
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
    /// Whether files may go through the server.
    pub(crate) relay: Relay,
    /// From when and for how long no request to the store is answered so that a browser could read it.
    pub(crate) blocked: Option<(u64, u64)>,
    /// The same, but nothing is said at all: a firewall swallows the connections.
    pub(crate) swallowed: bool,
    /// From when and for how long the server does not answer.
    pub(crate) server_down: Option<(u64, u64)>,
    pub(crate) session_ends: Vec<u64>,
    pub(crate) refused: HashSet<u32>,
    /// An earlier batch holds a file of the path and size of each so many-th: 0 for none.
    pub(crate) held_each: u32,
    /// What the person says of duplicates, when asked at the latest.
    pub(crate) choice: DuplicateChoice,
    /// Items that always fail.
    pub(crate) cursed: Vec<(u32, FailureClass)>,
    pub(crate) faults: Faults,
}

impl Default for World {
    fn default() -> Self {
        Self {
            kind: GrantKind::Credentials,
            size: 100_000,
            large_each: 0,
            large_size: 0,
            forms: Forms::Taken,
            multipart: true,
            checksums: Checksums::Checked,
            strict: true,
            bad_hosts: Vec::new(),
            latency: 50,
            bytes_per_second: 20_000_000,
            grant_life: 60 * MINUTE,
            skew: 0,
            stale_open: 0,
            revoke_at: None,
            outage: None,
            relay: Relay::Never,
            blocked: None,
            swallowed: false,
            server_down: None,
            session_ends: Vec::new(),
            refused: HashSet::new(),
            held_each: 0,
            choice: DuplicateChoice::Skip,
            cursed: Vec::new(),
            faults: Faults::default(),
        }
    }
}

/// What the store does with POST forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    Taken,
    Refused,
    /// Refused without the headers that would let a browser read it.
    Opaque,
}

/// What the store does with checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checksums {
    /// It compares them, and keeps those of parts.
    Checked,
    /// It does not look at them.
    Unheard,
    /// It refuses what has one.
    Refused,
}

/// What a request to the store comes to.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Stored(Option<String>),
    Created(String),
    Listed(Vec<StoredPart>, bool),
    Unsupported,
    Gone,
    Silence,
    Failed(FailureClass, Option<u64>),
}

/// When and with what a request was signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed {
    pub(crate) began: u64,
    pub(crate) at: u64,
    pub(crate) issued: u64,
    pub(crate) ends: u64,
    /// Whether it says anything of a checksum.
    pub(crate) checksum: bool,
}

/// Parts in one page of a list of them.
const LIST_PAGE: usize = 3;

/// A part that the store holds: bytes, ETag, checksum.
type Part = (u64, String, Option<Crc64>);

/// The server and the store.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) world: World,
    pub(crate) ledger: HashMap<u32, (NewItem, Option<ItemOutcome>)>,
    pub(crate) objects: HashMap<String, u64>,
    /// Uploads in parts.
    pub(crate) uploads: HashMap<String, BTreeMap<u32, Part>>,
    uploads_begun: u32,
    /// Bytes of all parts that came.
    pub(crate) part_bytes: u64,
    kind: GrantKind,
    pub(crate) signed_out: bool,
    pub(crate) verified: bool,
    pub(crate) renewals: u32,
    sessions_ended: usize,
}

/// A URL for an item: which of the host names that are asked for, when it was signed, and for what.
fn url(item: u32, turn: u32, bases: &[u32], now: u64) -> String {
    let host = match bases.len() {
        0 => turn % 4,
        some => bases[turn as usize % some],
    };
    format!("https://s{host}.test/{now}/{item}")
}

fn within(window: Option<(u64, u64)>, now: u64) -> bool {
    window.is_some_and(|(from, length)| (from..from + length).contains(&now))
}

impl Model {
    pub(crate) fn new(world: World) -> Self {
        Self {
            kind: world.kind,
            world,
            ledger: HashMap::new(),
            objects: HashMap::new(),
            uploads: HashMap::new(),
            uploads_begun: 0,
            part_bytes: 0,
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
        match self.kind {
            GrantKind::PostPolicy => {
                let fields = vec![("policy".to_owned(), format!("{now}"))];
                Grant::PostPolicy(PostPolicyGrant { fields, issued_at, expires_at })
            }
            GrantKind::SignedUrls => Grant::SignedUrls(SignedUrlsGrant { issued_at, expires_at }),
            _ => Grant::Credentials(CredentialsGrant {
                access_key_id: "AK".to_owned(),
                secret_access_key: "secret".to_owned(),
                session_token: format!("{now}"),
                headers: Vec::new(),
                fields: Vec::new(),
                issued_at,
                expires_at,
            }),
        }
    }

    pub(crate) fn size(&self, item: u32) -> u64 {
        let large = self.world.large_each > 0 && item.is_multiple_of(self.world.large_each);
        if large { self.world.large_size } else { self.world.size }
    }

    /// What the store says to a request that arrives now.
    pub(crate) fn ask(
        &mut self,
        (item, host): (u32, usize),
        (lane, checksum): (&Lane, Option<Crc64>),
        now: u64,
        signed: Signed,
        chance: &mut Chance,
    ) -> Reply {
        let faults = self.world.faults;
        if matches!(lane, Lane::Relay { .. }) {
            return self.carry(item, now, chance);
        }
        if within(self.world.blocked, now) {
            return if self.world.swallowed {
                Reply::Silence
            } else {
                Reply::Failed(FailureClass::Network, None)
            };
        }
        if within(self.world.outage, now) || self.world.bad_hosts.contains(&host) {
            return Reply::Failed(FailureClass::Network, None);
        }
        match self.world.forms {
            Forms::Refused if matches!(lane, Lane::Form { .. }) => return Reply::Unsupported,
            Forms::Opaque if matches!(lane, Lane::Form { .. }) => {
                return Reply::Failed(FailureClass::Network, None);
            }
            _ => {}
        }
        if !self.world.multipart && matches!(lane, Lane::Multipart { .. } | Lane::SignedMultipart { .. }) {
            return Reply::Unsupported;
        }
        let revoked = self.world.revoke_at.is_some_and(|at| now >= at && signed.issued < at);
        if now >= signed.ends || revoked {
            // A browser that cannot read the answer sees a broken connection; only a grant known to be over tells.
            let opaque = faults.opaque_expiry && now >= signed.ends;
            let class = if opaque { FailureClass::Network } else { FailureClass::Expired };
            return Reply::Failed(class, None);
        }
        let looked_at = if self.world.strict { now } else { signed.began };
        if signed.at.abs_diff(EPOCH + looked_at) > TOLERANCE {
            return Reply::Failed(FailureClass::Skewed, None);
        }
        if let Some((_, class)) = self.world.cursed.iter().find(|(cursed, _)| *cursed == item) {
            return Reply::Failed(*class, None);
        }
        if chance.hits(faults.busy) {
            return Reply::Failed(FailureClass::Throttled, chance.hits(200).then_some(2_000));
        }
        if chance.hits(faults.server_error) {
            return Reply::Failed(FailureClass::Store, None);
        }
        if chance.hits(faults.hang) {
            return Reply::Silence;
        }
        if chance.hits(faults.cut) {
            return Reply::Failed(FailureClass::Network, None);
        }
        let creates = matches!(
            lane,
            Lane::Multipart { step: Step::Create, .. } | Lane::SignedMultipart { step: Step::Create, .. }
        );
        match self.world.checksums {
            // One says that it does not know the header, another that it does not know what is asked.
            Checksums::Refused if signed.checksum && creates => return Reply::Unsupported,
            Checksums::Refused if signed.checksum => return Reply::Failed(FailureClass::Rejected, None),
            Checksums::Checked if checksum.is_some() && chance.hits(faults.turned) => {
                return Reply::Failed(FailureClass::Corrupted, None);
            }
            _ => {}
        }
        let kept = checksum.filter(|_| self.world.checksums == Checksums::Checked);
        let reply = self.take(item, lane, kept, chance);
        if chance.hits(faults.lost) { Reply::Failed(FailureClass::Network, None) } else { reply }
    }

    /// What the server says to a file that is to go through it.
    fn carry(&mut self, item: u32, now: u64, chance: &mut Chance) -> Reply {
        let faults = self.world.faults;
        if within(self.world.outage, now) || within(self.world.server_down, now) {
            return Reply::Failed(FailureClass::Network, None);
        }
        if self.signed_out {
            return Reply::Failed(FailureClass::Denied, None);
        }
        if self.world.relay == Relay::Never {
            return Reply::Unsupported;
        }
        if chance.hits(faults.busy) {
            return Reply::Failed(FailureClass::Throttled, Some(2_000));
        }
        if chance.hits(faults.server_error) {
            return Reply::Failed(FailureClass::Store, None);
        }
        self.objects.insert(Self::key(item), self.size(item));
        if chance.hits(faults.lost) {
            return Reply::Failed(FailureClass::Network, None);
        }
        Reply::Stored(Some("\"0cc175b9c0f1b6a831c399e269772661\"".to_owned()))
    }

    /// What the store does with a request that it takes.
    fn take(&mut self, item: u32, lane: &Lane, sum: Option<Crc64>, chance: &mut Chance) -> Reply {
        let faults = self.world.faults;
        let (Lane::Multipart { step, .. } | Lane::SignedMultipart { step, .. }) = lane else {
            if chance.hits(faults.lying) {
                return Reply::Stored(None);
            }
            let short = u64::from(chance.hits(faults.short));
            self.objects.insert(Self::key(item), self.size(item).saturating_sub(short));
            return Reply::Stored(Some("\"0cc175b9c0f1b6a831c399e269772661\"".to_owned()));
        };
        if let Step::List { upload, .. } | Step::Part { upload, .. } | Step::Complete { upload, .. } = step {
            if chance.hits(faults.forgotten) {
                self.uploads.remove(upload);
            }
            if !self.uploads.contains_key(upload) {
                return Reply::Gone;
            }
        }
        match step {
            Step::Create => {
                let id = format!("u{}", self.uploads_begun);
                self.uploads_begun += 1;
                self.uploads.insert(id.clone(), BTreeMap::new());
                Reply::Created(id)
            }
            Step::List { upload, after } => {
                let behind = self.uploads[upload].range(after + 1..);
                let mut parts: Vec<_> = behind
                    .map(|(number, (size, etag, checksum))| StoredPart {
                        number: *number,
                        size: *size,
                        etag: etag.clone(),
                        checksum: *checksum,
                    })
                    .take(LIST_PAGE + 1)
                    .collect();
                let more = parts.len() > LIST_PAGE;
                parts.truncate(LIST_PAGE);
                Reply::Listed(parts, more)
            }
            Step::Part { upload, number, from, to } => {
                assert!(from < to && *to <= self.size(item), "a part is a part of the file");
                let etag = format!("{upload}-{number}-{}", chance.below(1_000));
                self.part_bytes += to - from;
                self.uploads.get_mut(upload).unwrap().insert(*number, (to - from, etag.clone(), sum));
                Reply::Stored((!chance.hits(faults.blind)).then_some(etag))
            }
            Step::Complete { upload, parts, .. } => {
                let held = &self.uploads[upload];
                let same = parts.len() == held.len()
                    && parts
                        .iter()
                        .zip(held)
                        .all(|((number, etag), (held, (_, known, _)))| number == held && etag == known);
                if !same {
                    return Reply::Failed(FailureClass::Rejected, None);
                }
                let size = held.values().map(|(size, _, _)| size).sum();
                self.uploads.remove(upload);
                self.objects.insert(Self::key(item), size);
                Reply::Stored(None)
            }
        }
    }

    /// The browser throws an upload away.
    pub(crate) fn discard(&mut self, upload: &str) {
        self.uploads.remove(upload);
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
            Call::RenewGrant(request) => {
                self.renewals += 1;
                self.kind = request.kind.unwrap_or(self.kind);
                let (grant, server_time) = (self.grant(now), Self::clock(now));
                Answer::RenewGrant(Box::new(RenewedGrant {
                    grant,
                    server_time,
                    relay: self.world.relay,
                    thumbnails: false,
                }))
            }
            Call::SignUrls(request) => Answer::SignUrls(self.sign(&request, now)),
            Call::SignUpload(request) => Answer::SignUpload(Box::new(self.sign_upload(&request, now))),
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
                let held = self.holds(index.0);
                answer.accepted.push(AcceptedItem { index, key: Self::key(index.0), held });
                self.ledger.entry(index.0).or_insert((item, None));
            }
        }
        answer
    }

    /// What an earlier batch holds under the path and with the size of an item: every other time another content.
    fn holds(&self, item: u32) -> Option<HeldItem> {
        let each = self.world.held_each;
        (each > 0 && item.is_multiple_of(each)).then(|| {
            let content = if self.is_duplicate(item) { item } else { item + 1 };
            let checksum = Contents::default().checksum(content, 0, self.size(item));
            let replaceable = self.is_replaceable(item);
            HeldItem { checksum: Some(checksum.to_string()), modified: None, replaceable }
        })
    }

    /// Whether the person may replace what an earlier batch holds: half of each kind.
    pub(crate) fn is_replaceable(&self, item: u32) -> bool {
        let each = self.world.held_each;
        each > 0 && item.is_multiple_of(each) && (item / each) % 4 < 2
    }

    /// Whether an earlier batch holds that very file.
    pub(crate) fn is_duplicate(&self, item: u32) -> bool {
        let each = self.world.held_each;
        each > 0 && item.is_multiple_of(each) && (item / each).is_multiple_of(2)
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
            let url = url(index.0, index.0, &request.bases, now);
            SignedUrl { index: *index, url, headers: Vec::new() }
        });
        SignedUrls {
            urls: urls.collect(),
            expires_at: Self::clock(now + URL_LIFE),
            server_time: Self::clock(now),
        }
    }

    fn sign_upload(&self, request: &SignUploadRequest, now: u64) -> SignedUpload {
        assert!(request.parts.len() <= SIGN_PAGE);
        let item = request.index.0;
        let (announced, _) = &self.ledger[&item];
        let plan = PartPlan::of(announced.size);
        let step = |turn: u32| Some(url(item, item + turn, &request.bases, now));
        let begun = request.upload.is_some();
        SignedUpload {
            part_size: plan.part_size(),
            create: step(0).filter(|_| !begun),
            headers: Vec::new(),
            list: step(0).filter(|_| begun),
            complete: step(0).filter(|_| begun),
            abort: step(0).filter(|_| begun),
            parts: request
                .parts
                .iter()
                .map(|&number| {
                    assert!(
                        begun && (1..=plan.parts()).contains(&number),
                        "only parts of the file are signed"
                    );
                    SignedPart { number, url: step(number).unwrap() }
                })
                .collect(),
            expires_at: Self::clock(now + URL_LIFE),
            server_time: Self::clock(now),
        }
    }

    /// When a permission that was issued then ends.
    pub(crate) fn ends(&self, lane: &Lane, issued: u64) -> u64 {
        let by_url = matches!(lane, Lane::SignedPut { .. } | Lane::SignedMultipart { .. });
        issued + if by_url { URL_LIFE } else { self.world.grant_life }
    }

    fn close(&mut self) -> CloseAnswer {
        let mut answer = CloseAnswer {
            state: BatchState::Verified,
            stored: 0,
            bytes: 0,
            missing: Vec::new(),
            differing: Vec::new(),
            unexpected: Vec::new(),
            replaced: 0,
            unreplaced: 0,
        };
        for (&index, (item, outcome)) in &self.ledger {
            match (self.objects.get(&Self::key(index)), outcome) {
                (_, Some(ItemOutcome::Failed { .. } | ItemOutcome::Cancelled | ItemOutcome::Skipped)) => {}
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

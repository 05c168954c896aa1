//! A desk with an engine on it, and by hand what a driver does.

use super::super::*;
use crate::crc64::Crc64;
use crate::port::{Command, FailureClass, FileFacts, Filter, RowState, Snapshot};
use crate::wire::*;

pub(super) const SIZE: u64 = 1_000;
pub(super) const LIFE: u64 = 1_000_000;
/// Nothing stalls here but where a test wants it to.
const HOUR: u64 = 3_600_000;
const KNOWN: StoreTraits =
    StoreTraits { forms: Support::Yes, multipart: Support::Yes, checksums: Support::Yes };
const SERVER: u64 = 1_700_000_000_000;

/// A file at that path.
pub(super) fn facts(path: &str) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        size: SIZE,
        modified: UnixMillis(0),
        media_type: "image/jpeg".to_owned(),
    }
}

/// An engine and what it has asked for.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) now: Moment,
    calls: Vec<(CallId, Call)>,
    attempts: Vec<AttemptId>,
    announced: Vec<usize>,
    reported: Vec<ItemReport>,
    renewals: u32,
    /// The log that the engine asked to keep.
    pub(super) log: String,
    /// Files that were matched: their place in the command, and the item.
    pub(super) attached: Vec<(u32, u32)>,
    sent: Vec<Send>,
    /// The project holds all items below this one, each with its number for a content.
    pub(super) held: u32,
    /// What the checksums of what it holds begin with.
    pub(super) held_as: &'static str,
    /// Files that are being read, to be compared.
    pub(super) comparing: Vec<(AttemptId, u32)>,
    /// Whether files may go through the server.
    pub(super) relay: Relay,
}

impl Desk {
    pub(super) fn open(kind: GrantKind, files: u32) -> Self {
        let mut desk = Self {
            engine: Engine::new(1, Settings { stall: HOUR, stall_at_end: HOUR, ..Settings::default() }),
            now: Moment(5),
            calls: Vec::new(),
            attempts: Vec::new(),
            announced: Vec::new(),
            reported: Vec::new(),
            renewals: 0,
            log: String::new(),
            attached: Vec::new(),
            sent: Vec::new(),
            held: 0,
            held_as: "",
            comparing: Vec::new(),
            relay: Relay::Never,
        };
        desk.begin(kind);
        desk.add(files);
        desk
    }

    pub(super) fn begin(&mut self, kind: GrantKind) {
        let opened = OpenedBatch {
            batch: "b".parse().unwrap(),
            prefix: "p/b/".to_owned(),
            grant: self.grant(kind),
            store: StoreAddress { region: "r".to_owned(), bases: vec!["h0".to_owned(), "h1".to_owned()] },
            rules: Rules::default(),
            server_time: self.server_time(),
            thumbnails: false,
            relay: self.relay,
        };
        self.event(Event::Command(Command::Open { batch: Box::new(opened) }));
        self.engine.recall(KNOWN);
    }

    pub(super) fn add(&mut self, files: u32) {
        let files = (0..files).map(|n| facts(&n.to_string()));
        self.event(Event::Command(Command::Add { files: files.collect() }));
    }

    pub(super) fn event(&mut self, event: Event) {
        match &event {
            Event::Sent { attempt, .. } | Event::Failed { attempt, .. } | Event::Unsupported { attempt } => {
                self.attempts.retain(|flying| flying != attempt);
            }
            Event::Compared { attempt, .. } => self.comparing.retain(|(reading, _)| reading != attempt),
            Event::Answered { id, .. } => self.calls.retain(|(asked, _)| asked != id),
            _ => {}
        }
        self.engine.handle(event, self.now);
        while let Some(action) = self.engine.next_action() {
            match action {
                Action::Call { id, call } => {
                    match &call {
                        Call::Announce(request) => self.announced.push(request.items.len()),
                        Call::Report(request) => self.reported.extend(request.items.iter().cloned()),
                        Call::RenewGrant(_) => self.renewals += 1,
                        Call::SignUrls(_) | Call::SignUpload(_) | Call::Close(_) => {}
                    }
                    self.calls.push((id, call));
                }
                Action::Send(send) => {
                    self.attempts.push(send.attempt);
                    self.sent.push(*send);
                }
                Action::Compare { attempt, item, .. } => self.comparing.push((attempt, item.0)),
                Action::Abort { attempt } => {
                    self.attempts.retain(|flying| *flying != attempt);
                    self.comparing.retain(|(reading, _)| *reading != attempt);
                }
                Action::Persist(Persist::Append(lines)) => self.log.push_str(&lines),
                Action::Persist(Persist::Replace(lines)) => self.log = lines,
                Action::Persist(Persist::Forget) => self.log.clear(),
                Action::Attach { pairs } => {
                    self.attached.extend(pairs.into_iter().map(|(at, item)| (at, item.0)));
                }
                Action::Remember(_) | Action::Discard { .. } => {}
            }
        }
        assert!(self.engine.next_wake().is_none_or(|wake| wake > self.now));
    }

    /// Which items were sent, in that order.
    pub(super) fn sent(&self) -> Vec<u32> {
        self.sent.iter().map(|send| send.item.0).collect()
    }

    /// Adds files at these paths.
    pub(super) fn add_paths(&mut self, paths: &[&str]) {
        self.event(Event::Command(Command::Add { files: paths.iter().map(|path| facts(path)).collect() }));
    }

    /// Another life of the engine, from the log of this one.
    pub(super) fn restart(&mut self) {
        let settings = Settings { stall: HOUR, stall_at_end: HOUR, ..Settings::default() };
        self.engine = Engine::restore(2, settings, &self.log, self.now).unwrap();
        self.engine.recall(KNOWN);
        self.calls.clear();
        self.attempts.clear();
        self.sent.clear();
        self.comparing.clear();
        self.event(Event::Tick);
    }

    /// Lets time pass, waking the engine as it wants.
    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.now.after(millis);
        while let Some(wake) = self.engine.next_wake().filter(|wake| *wake <= end) {
            self.now = wake;
            self.event(Event::Tick);
        }
        self.now = end;
        self.event(Event::Tick);
    }

    pub(super) fn pass_to_wake(&mut self) {
        let wake = self.engine.next_wake().unwrap();
        self.pass(wake.since(self.now));
    }

    pub(super) fn sending(&self) -> Vec<AttemptId> {
        self.attempts.clone()
    }

    pub(super) fn calls(&self) -> Vec<CallId> {
        self.calls.iter().map(|(id, _)| *id).collect()
    }

    pub(super) fn announced_pages(&self) -> &[usize] {
        &self.announced
    }

    pub(super) fn reported(&mut self) -> Vec<ItemReport> {
        self.answer_report();
        self.reported.clone()
    }

    pub(super) fn renewals(&self) -> u32 {
        self.renewals
    }

    pub(super) fn closings(&self) -> usize {
        self.calls.iter().filter(|(_, call)| matches!(call, Call::Close(_))).count()
    }

    pub(super) fn signing(&self) -> Vec<usize> {
        let pages = self.calls.iter().filter_map(|(_, call)| match call {
            Call::SignUrls(request) => Some(request.items.len()),
            _ => None,
        });
        pages.collect()
    }

    pub(super) fn fail(&mut self, attempt: AttemptId, class: FailureClass) {
        self.event(Event::Failed { attempt, failure: SendFailure { class, retry_after: None } });
    }

    pub(super) fn store(&mut self, attempt: AttemptId) {
        self.event(Event::Sent { attempt, etag: Some("\"e1\"".to_owned()) });
    }

    /// The server accepts the oldest page, if there is one.
    pub(super) fn accept_page(&mut self) {
        let (held, held_as) = (self.held, self.held_as);
        let holds = |item: u32| {
            let checksum = Crc64::of(&item.to_be_bytes()).to_string();
            (item < held).then(|| HeldItem {
                checksum: Some(format!("{held_as}{checksum}")),
                modified: None,
                replaceable: item.is_multiple_of(2),
            })
        };
        self.answer(|call, _| match call {
            Call::Announce(request) => Some(Answer::Announce(AnnounceAnswer {
                accepted: request
                    .items
                    .iter()
                    .map(|item| AcceptedItem {
                        index: item.index,
                        key: format!("p/b/{}", item.index.0),
                        held: holds(item.index.0),
                    })
                    .collect(),
                refused: Vec::new(),
            })),
            _ => None,
        });
    }

    pub(super) fn sign_page(&mut self, life: u64) {
        self.answer(|call, server_time| match call {
            Call::SignUrls(request) => Some(Answer::SignUrls(SignedUrls {
                urls: request
                    .items
                    .iter()
                    .map(|&index| SignedUrl {
                        index,
                        url: format!("h{}/k", index.0 % 2),
                        headers: Vec::new(),
                    })
                    .collect(),
                expires_at: UnixMillis(server_time.0 + life),
                server_time,
            })),
            _ => None,
        });
    }

    pub(super) fn renew(&mut self) {
        let (grant, relay) = (self.grant(GrantKind::Credentials), self.relay);
        self.answer(|call, server_time| match call {
            Call::RenewGrant(_) => Some(Answer::RenewGrant(Box::new(RenewedGrant {
                grant: grant.clone(),
                server_time,
                relay,
                thumbnails: false,
            }))),
            _ => None,
        });
    }

    pub(super) fn answer_report(&mut self) {
        self.answer(|call, _| match call {
            Call::Report(_) => Some(Answer::Report(ReportAnswer { stored: 0 })),
            _ => None,
        });
    }

    pub(super) fn close(&mut self, state: BatchState) {
        self.close_with(state, &[]);
    }

    pub(super) fn close_with(&mut self, state: BatchState, lost: &[u32]) {
        self.answer(|call, _| match call {
            Call::Close(_) => Some(Answer::Close(CloseAnswer {
                state,
                stored: 1,
                bytes: 1,
                missing: lost.iter().map(|&item| ItemIndex(item)).collect(),
                differing: Vec::new(),
                unexpected: Vec::new(),
                replaced: 0,
                unreplaced: 0,
            })),
            _ => None,
        });
    }

    pub(super) fn watch(&mut self, filter: Filter, first: u32, count: u32) {
        self.event(Event::Command(Command::Watch { filter, first, count }));
    }

    pub(super) fn snapshot(&mut self) -> Snapshot {
        self.engine.snapshot(self.now)
    }

    pub(super) fn state(&mut self, item: u32) -> RowState {
        self.watch(Filter::All, item, 1);
        self.snapshot().rows[0].state.clone()
    }

    pub(super) fn server_time(&self) -> UnixMillis {
        UnixMillis(SERVER + self.now.0)
    }

    pub(super) fn grant(&self, kind: GrantKind) -> Grant {
        let issued_at = self.server_time();
        let expires_at = UnixMillis(issued_at.0 + LIFE);
        match kind {
            GrantKind::SignedUrls => Grant::SignedUrls(SignedUrlsGrant { issued_at, expires_at }),
            _ => Grant::Credentials(CredentialsGrant {
                access_key_id: String::new(),
                secret_access_key: String::new(),
                session_token: String::new(),
                headers: Vec::new(),
                fields: Vec::new(),
                issued_at,
                expires_at,
            }),
        }
    }

    fn answer(&mut self, with: impl Fn(&Call, UnixMillis) -> Option<Answer>) {
        let server_time = self.server_time();
        let found = self.calls.iter().find_map(|(id, call)| Some((*id, with(call, server_time)?)));
        if let Some((id, answer)) = found {
            self.event(Event::Answered { id, answer: Ok(answer) });
        }
    }
}

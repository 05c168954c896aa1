//! Held to `serde`: what it writes is read as the same, and what is written here it reads as the same.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

use serde_json::json;
use transfer::engine::Call;
use transfer::port::*;
use transfer::wire::thumbnail::{Format, NewThumbnail, SignThumbnailsRequest};
use transfer::wire::*;

use super::*;

const ODD: &str = "sömmer/\"1\"\\\u{1}\n🏖\u{fffd}é.jpg";

fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::Type { media_type: ODD.to_owned() },
        Refusal::Empty,
        Refusal::TooSmall { min: 1 },
        Refusal::TooLarge { max: u64::MAX },
        Refusal::TooMany { max: 3 },
        Refusal::PathTooLong { max_bytes: 1_024 },
        Refusal::PathUnsafe,
        Refusal::Duplicate,
        Refusal::Junk,
        Refusal::OverQuota,
        Refusal::OverDailyQuota,
    ]
}

fn grants() -> [Grant; 3] {
    let (issued_at, expires_at) = (UnixMillis(7), UnixMillis(1_800_000_000_000));
    [
        Grant::Credentials(CredentialsGrant {
            access_key_id: "AK".to_owned(),
            secret_access_key: "a/b+c".to_owned(),
            session_token: "t==".to_owned(),
            headers: vec![("x-amz-tagging".to_owned(), "a=%20b".to_owned())],
            fields: vec![("tagging".to_owned(), "<Tagging>\u{fc}</Tagging>".to_owned())],
            issued_at,
            expires_at,
        }),
        Grant::PostPolicy(PostPolicyGrant {
            fields: vec![("a".to_owned(), ODD.to_owned())],
            issued_at,
            expires_at,
        }),
        Grant::SignedUrls(SignedUrlsGrant { issued_at, expires_at }),
    ]
}

fn answers() -> [CloseAnswer; 3] {
    [BatchState::Open, BatchState::Closed, BatchState::Verified].map(|state| CloseAnswer {
        state,
        stored: 5,
        bytes: 6,
        missing: vec![ItemIndex(1), ItemIndex(2)],
        differing: Vec::new(),
        unexpected: vec![ODD.to_owned()],
        replaced: 7,
        unreplaced: 8,
    })
}

#[test]
fn commands_are_read_as_serde_writes_them() {
    let item = ItemIndex(u32::MAX);
    let mut commands = vec![
        Command::Add { files: Vec::new() },
        Command::Add {
            files: vec![FileFacts {
                path: ODD.to_owned(),
                size: u64::MAX,
                modified: UnixMillis(0),
                media_type: "image/jpeg".to_owned(),
            }],
        },
        Command::Recall { person: ODD.to_owned() },
        Command::Adopt,
        Command::Bring { files: Vec::new() },
        Command::Finish,
        Command::Pause,
        Command::Resume,
        Command::Cancel { item },
        Command::CancelAll,
        Command::Retry { item },
        Command::Hold { item },
        Command::Release { item },
        Command::First { folder: "a/b".to_owned() },
        Command::Duplicates { choice: DuplicateChoice::Skip },
        Command::Duplicates { choice: DuplicateChoice::SendAgain },
        Command::Duplicates { choice: DuplicateChoice::Replace },
        Command::RetryFailed,
        Command::CloseAnyway,
        Command::SignedIn,
        Command::Watch { filter: Filter::All, first: 1, count: 2 },
        Command::Watch { filter: Filter::Trouble, first: 0, count: 0 },
        Command::Look { items: vec![item, ItemIndex(0)] },
    ];
    commands.extend(grants().map(|grant| Command::Open {
        batch: Box::new(OpenedBatch {
            batch: "b-1".parse().unwrap(),
            prefix: "p/b-1/".to_owned(),
            grant,
            store: StoreAddress { region: "r".to_owned(), bases: vec!["https://a".to_owned()] },
            rules: Rules::default(),
            server_time: UnixMillis(9),
            thumbnails: true,
            relay: Relay::WhenBlocked,
        }),
    }));
    for expected in commands {
        let text = serde_json::to_string(&expected).unwrap();
        assert_eq!(read(&text, command), Some(expected), "{text}");
    }
}

#[test]
fn answers_are_read_as_serde_writes_them() {
    let announced = AnnounceAnswer {
        accepted: [(None, None), (Some(ODD), None), (None, Some(7)), (Some("crc64nvme:x"), Some(7))]
            .map(|(checksum, modified)| HeldItem {
                checksum: checksum.map(str::to_owned),
                modified: modified.map(UnixMillis),
                replaceable: modified.is_some(),
            })
            .into_iter()
            .map(Some)
            .chain([None])
            .map(|held| AcceptedItem { index: ItemIndex(0), key: ODD.to_owned(), held })
            .collect(),
        refused: refusals().into_iter().map(|reason| RefusedItem { index: ItemIndex(1), reason }).collect(),
    };
    assert_eq!(read(&serde_json::to_string(&announced).unwrap(), announce_answer), Some(announced));
    for grant in grants() {
        let renewed =
            RenewedGrant { grant, server_time: UnixMillis(3), relay: Relay::WhenBlocked, thumbnails: true };
        assert_eq!(read(&serde_json::to_string(&renewed).unwrap(), renewed_grant), Some(renewed));
    }
    for closed in answers() {
        assert_eq!(read(&serde_json::to_string(&closed).unwrap(), close_answer), Some(closed));
    }
    let urls = SignedUrls {
        urls: vec![SignedUrl {
            index: ItemIndex(4),
            url: "https://x/?a=b&c".to_owned(),
            headers: vec![("content-type".to_owned(), "image/png".to_owned())],
        }],
        expires_at: UnixMillis(1),
        server_time: UnixMillis(2),
    };
    assert_eq!(read(&serde_json::to_string(&urls).unwrap(), signed_urls), Some(urls));
    let text = || Some("https://x/?a=b&c".to_owned());
    for begun in [false, true] {
        let upload = SignedUpload {
            part_size: 16 << 20,
            create: text().filter(|_| !begun),
            headers: urls_headers(!begun),
            list: text().filter(|_| begun),
            complete: text().filter(|_| begun),
            abort: text().filter(|_| begun),
            parts: (1..=u32::from(begun)).map(|number| SignedPart { number, url: ODD.to_owned() }).collect(),
            expires_at: UnixMillis(1),
            server_time: UnixMillis(2),
        };
        assert_eq!(read(&serde_json::to_string(&upload).unwrap(), signed_upload), Some(upload));
    }
    assert_eq!(read("{\"stored\":12}", report_answer), Some(ReportAnswer { stored: 12 }));
    let told = Problem::new(ProblemCode::SignedOut, ODD);
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(read(&text, problem), Some((Some(ProblemCode::SignedOut), ODD.to_owned())));
}

fn urls_headers(some: bool) -> Vec<(String, String)> {
    some.then(|| ("content-type".to_owned(), "image/png".to_owned())).into_iter().collect()
}

#[test]
fn requests_are_written_as_serde_would() {
    let batch: BatchId = "b".parse().unwrap();
    let items = [Some(UnixMillis(5)), None].map(|modified| NewItem {
        index: ItemIndex(1),
        path: ODD.to_owned(),
        size: 2,
        modified,
        media_type: "image/jpeg".to_owned(),
    });
    let announce = AnnounceRequest { batch: batch.clone(), items: items.to_vec() };
    check(&Call::Announce(announce.clone()), &announce);
    let outcomes = [
        ItemOutcome::Stored {
            etag: Some("e".to_owned()),
            checksum: Some("sha256:x".to_owned()),
            replace: true,
        },
        ItemOutcome::Stored { etag: None, checksum: None, replace: false },
        ItemOutcome::Failed { class: "network".to_owned() },
        ItemOutcome::Cancelled,
        ItemOutcome::Skipped,
    ];
    let items = outcomes.map(|outcome| ItemReport { index: ItemIndex(3), outcome }).to_vec();
    let report = ReportRequest { batch: batch.clone(), items };
    check(&Call::Report(report.clone()), &report);
    let kinds = [GrantKind::Credentials, GrantKind::PostPolicy, GrantKind::SignedUrls].map(Some);
    for kind in kinds.into_iter().chain([None]) {
        let renew = RenewGrantRequest { batch: batch.clone(), kind };
        check(&Call::RenewGrant(renew.clone()), &renew);
    }
    for bases in [Vec::new(), vec![0, 3]] {
        let items = vec![ItemIndex(1), ItemIndex(2)];
        let sign = SignUrlsRequest { batch: batch.clone(), items, bases: bases.clone() };
        check(&Call::SignUrls(sign.clone()), &sign);
        let upload = (!bases.is_empty()).then(|| "u/1=\"".to_owned());
        let (after, parts) = (bases.len() as u32, bases.clone());
        let sign =
            SignUploadRequest { batch: batch.clone(), index: ItemIndex(4), upload, after, parts, bases };
        check(&Call::SignUpload(sign.clone()), &sign);
    }
    let close = CloseRequest { batch };
    check(&Call::Close(close.clone()), &close);
}

#[test]
fn thumbnails_are_asked_for_as_serde_would() {
    let batch = BatchId::try_from("b".to_owned()).unwrap();
    let small = |(index, format)| NewThumbnail { index: ItemIndex(index), size: 9, format };
    let thumbnails: Vec<_> = [(0, Format::Webp), (7, Format::Jpeg)].map(small).to_vec();
    let wire = SignThumbnailsRequest { batch, thumbnails };
    let written: serde_json::Value = serde_json::from_str(&sign_thumbnails(&wire)).unwrap();
    assert_eq!(written, json!({ "request": wire }));
}

fn check(call: &Call, wire: &impl serde::Serialize) {
    let written: serde_json::Value = serde_json::from_str(&request(call)).unwrap();
    assert_eq!(written, json!({ "request": wire }));
}

#[test]
fn snapshots_are_written_as_serde_would() {
    let class = FailureClass::FileGone;
    let mut states = vec![
        RowState::Waiting,
        RowState::Held,
        RowState::Absent,
        RowState::Sending { sent: 9 },
        RowState::Retrying { class },
        RowState::Stored,
        RowState::Comparing,
        RowState::Same,
        RowState::Skipped,
        RowState::Failed { class },
        RowState::Cancelled,
    ];
    states.extend(refusals().into_iter().map(|reason| RowState::Refused { reason }));
    let mut phases = vec![
        Phase::Idle,
        Phase::Sending,
        Phase::Paused,
        Phase::SignedOut,
        Phase::Waiting,
        Phase::NeedsFiles,
        Phase::Asking,
        Phase::Verifying,
        Phase::Done { answer: None },
        Phase::Broken { message: ODD.to_owned() },
    ];
    phases.extend(answers().map(|answer| Phase::Done { answer: Some(answer) }));
    for (at, phase) in phases.into_iter().enumerate() {
        let expected = Snapshot {
            phase,
            totals: Totals {
                files: 1,
                bytes: u64::MAX,
                retries: 3,
                comparing: 4,
                same: 5,
                replaceable: 9,
                skipped: 6,
                ..Totals::default()
            },
            bytes_per_second: 4,
            seconds_left: (at > 2).then_some(5),
            list_len: 6,
            first: 7,
            rows: states.iter().map(|state| Row { item: ItemIndex(8), state: state.clone() }).collect(),
            relaying: at > 3,
        };
        assert_eq!(serde_json::from_str::<Snapshot>(&snapshot(&expected)).unwrap(), expected);
    }
}

#[test]
fn what_is_recalled_is_written_as_serde_would() {
    for last in [false, true] {
        let facts = FileFacts {
            path: ODD.to_owned(),
            size: 7,
            modified: UnixMillis(8),
            media_type: "image/png".to_owned(),
        };
        let expected = Recalled {
            batch: "b".parse().unwrap(),
            project: "main".parse().unwrap(),
            files: vec![facts.clone(), facts],
            last,
        };
        assert_eq!(serde_json::from_str::<Recalled>(&recalled(&expected)).unwrap(), expected);
    }
}

#[test]
fn every_class_has_the_name_that_serde_gives_it() {
    use FailureClass::*;
    for class in [
        Network,
        Throttled,
        Store,
        Expired,
        Skewed,
        Denied,
        Conflict,
        Corrupted,
        TooLarge,
        FileChanged,
        FileGone,
        Stalled,
        Rejected,
    ] {
        assert_eq!(json!(class), json!(class.name()));
    }
}

#[test]
fn space_other_fields_and_half_surrogates_do_no_harm() {
    let text = r#" { "x" : [ { "y": -1.5e3 }, null, true, "\"" ] , "item" : 3 , "do" : "retry" } "#;
    assert_eq!(read(text, command), Some(Command::Retry { item: ItemIndex(3) }));
    let escaped = r#""a\ud83c\udfd6\ud800b\udc00\u00e9\/""#;
    assert_eq!(read(escaped, |reader| reader.string()), Some("a🏖\u{fffd}b\u{fffd}é/".to_owned()));
}

#[test]
fn what_is_no_json_is_nothing() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "{}",
        "[]",
        "null",
        "\"",
        "\"\\",
        "{\"do\":\"retry\"}",
        "{\"do\":\"retry\",\"item\":-1}",
        "{\"do\":\"retry\",\"item\":1.5}",
        "{\"do\":\"retry\",\"item\":4294967296}",
        "{\"do\":\"dance\"}",
        "{\"do\":\"finish\"} x",
        "{\"do\":\"finish\",}",
        "{\"do\" \"finish\"}",
        "{\"é\\",
        &deep,
    ] {
        assert_eq!(read(text, command), None, "{text:.40}");
    }
}

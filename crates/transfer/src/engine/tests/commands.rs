//! What the person wants of single files and folders.

use crate::crc64::Crc64;

use super::desk::Desk;
use super::*;

fn hold(desk: &mut Desk, item: u32) {
    desk.event(Event::Command(Command::Hold { item: ItemIndex(item) }));
}

#[test]
fn a_file_that_is_held_back_is_cut_and_goes_on_when_released() {
    let mut desk = Desk::open(GrantKind::Credentials, 30);
    hold(&mut desk, 29);
    desk.accept_page();
    assert_eq!(desk.sending().len(), 12);
    hold(&mut desk, 0);
    assert_eq!(desk.sending().len(), 12, "another takes its place");
    while let Some(attempt) = desk.sending().first().copied() {
        desk.store(attempt);
    }
    assert_eq!((desk.engine.totals().stored, desk.engine.totals().waiting), (28, 2));
    assert!(!desk.sent().contains(&29), "held while it was announced");
    for item in [0, 29] {
        desk.event(Event::Command(Command::Release { item: ItemIndex(item) }));
    }
    assert_eq!(desk.sending().len(), 2);
}

#[test]
fn a_folder_goes_first_whether_announced_or_not() {
    let mut desk = Desk::open(GrantKind::Credentials, 0);
    let paths: Vec<_> =
        (0..2_000).map(|n| format!("{}/{n}", if n % 10 == 9 { "best" } else { "rest" })).collect();
    desk.add_paths(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    desk.accept_page();
    let before = desk.sent().len();
    desk.event(Event::Command(Command::First { folder: "best".to_owned() }));
    for _ in 0..4 {
        desk.accept_page();
    }
    while let Some(attempt) = desk.sending().first().copied().filter(|_| desk.sent().len() < before + 150) {
        desk.store(attempt);
    }
    let sent = desk.sent();
    let best = sent[before..].iter().filter(|item| *item % 10 == 9).count();
    assert!(best >= 140, "{best} of {}", sent.len() - before);
}

#[test]
fn junk_is_left_out_and_said_without_asking_the_server() {
    let mut desk = Desk::open(GrantKind::Credentials, 0);
    desk.add_paths(&["a/.DS_Store", "a/Thumbs.db", "a/b.jpg"]);
    assert_eq!(desk.announced_pages(), [1]);
    assert_eq!(desk.engine.totals().refused, 2);
    assert!(matches!(desk.state(0), RowState::Refused { reason: crate::wire::Refusal::Junk }));
}

#[test]
fn a_checksum_is_carried_to_the_report_and_into_the_log() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.accept_page();
    let attempt = desk.sending()[0];
    desk.event(Event::Hashed { attempt, checksum: Crc64::of(b"123456789") });
    desk.store(attempt);
    assert!(desk.log.contains("S\t0\te1\tcrc64nvme:rosUhgp5mIg=\n"), "{}", desk.log);
    desk.event(Event::Command(Command::Finish));
    let checksum = Some("crc64nvme:rosUhgp5mIg=".to_owned());
    let etag = Some("e1".to_owned());
    assert_eq!(desk.reported()[0].outcome, ItemOutcome::Stored { etag, checksum, replace: false });
}

//! Files that the project holds already.

use crate::crc64::Crc64;
use crate::port::{Command, DuplicateChoice, FailureClass, Phase, RowState};
use crate::wire::{GrantKind, ItemIndex, ItemOutcome};

use super::desk::{Desk, facts};
use super::*;

/// So many files, of which the project holds all up to that one; nothing is compared yet.
fn open(files: u32, held: u32) -> Desk {
    let mut desk = Desk::open(GrantKind::Credentials, files);
    desk.event(Event::Command(Command::Finish));
    desk.held = held;
    desk.accept_page();
    desk
}

/// What the project holds under that item's path.
fn content(item: u32) -> Crc64 {
    Crc64::of(&item.to_be_bytes())
}

/// Reads all that is to be compared; answers how many files were read at once, at most.
fn compare(desk: &mut Desk, read: impl Fn(u32) -> Result<Crc64, FailureClass>) -> usize {
    let mut most = 0;
    while let Some((attempt, item)) = desk.comparing.first().copied() {
        most = most.max(desk.comparing.len());
        desk.event(Event::Compared { attempt, read: read(item) });
    }
    most
}

fn store_all(desk: &mut Desk) {
    while let Some(attempt) = desk.sending().first().copied() {
        desk.store(attempt);
    }
}

fn choose(desk: &mut Desk, choice: DuplicateChoice) {
    desk.event(Event::Command(Command::Duplicates { choice }));
}

#[test]
fn all_others_are_sent_meanwhile_and_only_the_end_waits_for_the_answer() {
    let mut desk = open(40, 10);
    assert_eq!(desk.sending().len(), 12, "sending does not wait for comparing");
    assert_eq!(desk.comparing.len(), 1, "which goes on beside it");
    assert_eq!(desk.snapshot().totals.bytes, 30 * super::desk::SIZE, "what is set aside is not to be sent");
    compare(&mut desk, |item| Ok(content(item)));
    assert_eq!((desk.engine.totals().same, desk.state(3)), (10, RowState::Same));
    assert_eq!(desk.engine.phase(), Phase::Sending);
    store_all(&mut desk);
    desk.answer_report();
    assert_eq!((desk.engine.phase(), desk.closings()), (Phase::Asking, 0));
    choose(&mut desk, DuplicateChoice::Skip);
    assert_eq!(desk.state(3), RowState::Skipped);
    let skipped = desk.reported().iter().filter(|report| report.outcome == ItemOutcome::Skipped).count();
    assert_eq!((skipped, desk.closings()), (10, 1));
    assert!(desk.sent().iter().all(|item| *item >= 10));
}

#[test]
fn another_content_is_sent_and_a_file_that_cannot_be_read_is_said() {
    let mut desk = open(10, 10);
    let most = compare(&mut desk, |item| match item {
        4 => Ok(content(99)),
        5 => Err(FailureClass::FileGone),
        item => Ok(content(item)),
    });
    assert!(most > 1, "with nothing to be sent, several are read at once");
    assert_eq!(desk.sent(), [4]);
    assert_eq!(desk.state(5), RowState::Failed { class: FailureClass::FileGone });
    assert_eq!(desk.engine.totals().same, 8);
}

#[test]
fn sent_again_they_need_no_comparing() {
    let mut desk = open(40, 40);
    let (attempt, item) = desk.comparing[0];
    desk.event(Event::Compared { attempt, read: Ok(content(item)) });
    choose(&mut desk, DuplicateChoice::SendAgain);
    assert!(desk.comparing.is_empty());
    assert_eq!(desk.engine.totals().waiting + desk.engine.totals().sending, 40);
    store_all(&mut desk);
    assert_eq!(desk.engine.totals().stored, 40);
    desk.add_paths(&["40"]);
    desk.held = 41;
    desk.accept_page();
    assert_eq!(desk.sent().last(), Some(&40), "nor do those that come later");
}

#[test]
fn the_first_answer_holds_for_those_that_are_found_later() {
    let mut desk = open(2, 2);
    choose(&mut desk, DuplicateChoice::Skip);
    choose(&mut desk, DuplicateChoice::SendAgain);
    compare(&mut desk, |item| Ok(content(item)));
    assert_eq!((desk.engine.totals().skipped, desk.sent()), (2, Vec::new()));
}

#[test]
fn held_back_cancelled_and_paused_they_are_not_read() {
    let mut desk = open(6, 6);
    assert_eq!(desk.comparing.len(), 4);
    desk.event(Event::Command(Command::Hold { item: ItemIndex(0) }));
    desk.event(Event::Command(Command::Cancel { item: ItemIndex(1) }));
    desk.event(Event::Command(Command::Pause));
    let reads: Vec<u32> = desk.comparing.iter().map(|(_, item)| *item).collect();
    assert_eq!(reads.len(), 4, "others take their places");
    assert!(!reads.contains(&0) && !reads.contains(&1));
    compare(&mut desk, |item| Ok(content(item)));
    assert_eq!((desk.state(0), desk.state(1)), (RowState::Held, RowState::Cancelled));
    desk.event(Event::Command(Command::Resume));
    desk.event(Event::Command(Command::Release { item: ItemIndex(0) }));
    compare(&mut desk, |item| Ok(content(item)));
    assert_eq!(desk.engine.totals().same, 5);
    desk.event(Event::Command(Command::CancelAll));
    assert_eq!((desk.engine.totals().cancelled, desk.engine.totals().bytes), (6, 0));
}

#[test]
fn what_was_found_and_the_answer_live_on() {
    let mut desk = open(8, 8);
    for _ in 0..3 {
        let (attempt, item) = desk.comparing[0];
        desk.event(Event::Compared { attempt, read: Ok(content(item)) });
    }
    for _ in 0..2 {
        // The second time from a log that was written anew.
        desk.restart();
        let totals = desk.engine.totals();
        assert_eq!((totals.same, totals.absent, desk.engine.phase()), (3, 5, Phase::NeedsFiles));
    }
    choose(&mut desk, DuplicateChoice::Skip);
    desk.restart();
    assert_eq!((desk.engine.totals().skipped, desk.engine.totals().absent), (3, 5));
    desk.renew();
    let files = (0..8).map(|n| facts(&n.to_string())).collect();
    desk.event(Event::Command(Command::Bring { files }));
    compare(&mut desk, |item| Ok(content(item)));
    assert_eq!((desk.engine.totals().skipped, desk.sent()), (8, Vec::new()));
    let skipped = desk.reported().iter().filter(|report| report.outcome == ItemOutcome::Skipped).count();
    assert!(skipped >= 8, "the server hears of all");
}

#[test]
fn to_be_sent_again_in_another_life_they_need_their_files() {
    let mut desk = open(4, 4);
    compare(&mut desk, |item| Ok(content(item)));
    desk.restart();
    desk.renew();
    assert_eq!(desk.engine.phase(), Phase::Asking, "the answer may come without the files");
    choose(&mut desk, DuplicateChoice::SendAgain);
    assert_eq!((desk.engine.phase(), desk.engine.totals().absent), (Phase::NeedsFiles, 4));
    desk.restart();
    desk.renew();
    assert_eq!((desk.engine.phase(), desk.engine.totals().absent), (Phase::NeedsFiles, 4));
    let files = (0..4).map(|n| facts(&n.to_string())).collect();
    desk.event(Event::Command(Command::Bring { files }));
    store_all(&mut desk);
    assert_eq!(desk.engine.totals().stored, 4);
}

/// Which items the server was told to replace.
fn replaced(desk: &mut Desk) -> Vec<u32> {
    let replaces = |outcome: &ItemOutcome| matches!(outcome, ItemOutcome::Stored { replace: true, .. });
    let reports = desk.reported().into_iter().filter(|report| replaces(&report.outcome));
    let mut items: Vec<u32> = reports.map(|report| report.index.0).collect();
    items.sort_unstable();
    items
}

#[test]
fn to_be_replaced_they_are_sent_and_reported_so_where_that_may_be() {
    let mut desk = open(12, 10);
    compare(&mut desk, |item| Ok(if item == 4 { content(99) } else { content(item) }));
    assert_eq!((desk.engine.totals().same, desk.engine.totals().replaceable), (9, 4));
    choose(&mut desk, DuplicateChoice::Replace);
    assert_eq!((desk.engine.totals().same, desk.engine.totals().replaceable), (0, 0));
    store_all(&mut desk);
    assert_eq!(desk.engine.totals().stored, 12);
    assert_eq!(replaced(&mut desk), [0, 2, 6, 8], "neither a new version nor what is not ours");
}

#[test]
fn answered_before_they_are_found_only_the_same_are_replaced() {
    let mut desk = open(8, 8);
    choose(&mut desk, DuplicateChoice::Replace);
    assert!(!desk.comparing.is_empty(), "they are compared all the same");
    compare(&mut desk, |item| Ok(if item == 2 { content(99) } else { content(item) }));
    store_all(&mut desk);
    desk.add_paths(&["8", "9"]);
    desk.held = 10;
    desk.event(Event::Command(Command::Finish));
    desk.accept_page();
    assert_eq!(desk.sent().last(), Some(&9), "what may not be replaced need not be compared");
    compare(&mut desk, |item| Ok(content(item)));
    store_all(&mut desk);
    assert_eq!(replaced(&mut desk), [0, 4, 6, 8]);
}

#[test]
fn that_they_replace_lives_on() {
    let mut desk = open(6, 6);
    for _ in 0..3 {
        let (attempt, item) = desk.comparing[0];
        desk.event(Event::Compared { attempt, read: Ok(content(item)) });
    }
    choose(&mut desk, DuplicateChoice::Replace);
    let attempt = desk.sending()[0];
    desk.store(attempt);
    for _ in 0..2 {
        // The second time from a log that was written anew.
        desk.restart();
        desk.renew();
        assert_eq!((desk.engine.totals().stored, desk.engine.totals().absent), (1, 5));
    }
    let files = (0..6).map(|n| facts(&n.to_string())).collect();
    desk.event(Event::Command(Command::Bring { files }));
    compare(&mut desk, |item| Ok(content(item)));
    store_all(&mut desk);
    assert_eq!(desk.engine.totals().stored, 6);
    assert_eq!(replaced(&mut desk), [0, 2, 4]);
}

#[test]
fn found_in_one_life_and_answered_in_another_they_need_their_files() {
    let mut desk = open(4, 4);
    compare(&mut desk, |item| Ok(content(item)));
    desk.restart();
    desk.renew();
    assert_eq!(desk.engine.totals().replaceable, 2);
    choose(&mut desk, DuplicateChoice::Replace);
    assert_eq!((desk.engine.phase(), desk.engine.totals().absent), (Phase::NeedsFiles, 4));
    let files = (0..4).map(|n| facts(&n.to_string())).collect();
    desk.event(Event::Command(Command::Bring { files }));
    store_all(&mut desk);
    assert_eq!(replaced(&mut desk), [0, 2]);
}

#[test]
fn a_checksum_of_another_kind_tells_nothing() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.held = 1;
    desk.held_as = "sha256:";
    desk.accept_page();
    assert_eq!(desk.sent(), [0]);
}

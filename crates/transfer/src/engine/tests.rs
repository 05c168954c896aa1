//! Behaviours of the engine, one at a time, through its public face; whole batches are in the simulator.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod chaos;
mod commands;
mod cost;
mod desk;
mod duplicates;
mod resume;

use desk::Desk;

use super::*;
use crate::port::{Command, FailureClass, Phase, RowState};
use crate::wire::{BatchState, GrantKind, ItemIndex, ItemOutcome};

#[test]
fn sending_starts_with_the_first_short_page() {
    let mut desk = Desk::open(GrantKind::Credentials, 3_000);
    assert_eq!(desk.announced_pages(), [50, 1_000], "a short page first, the next right behind it");
    desk.accept_page();
    assert_eq!(desk.sending().len(), 12, "two hosts take six requests each");
    assert_eq!(desk.engine.phase(), Phase::Sending);
}

#[test]
fn announcing_stays_only_so_far_ahead() {
    let mut desk = Desk::open(GrantKind::Credentials, 100_000);
    for _ in 0..20 {
        desk.accept_page();
    }
    let announced: usize = desk.announced_pages().iter().sum();
    assert!((2_000..=4_100).contains(&announced), "{announced}");
}

#[test]
fn throttling_slows_everybody_and_uses_up_nobodys_tries() {
    let mut desk = Desk::open(GrantKind::Credentials, 40);
    desk.accept_page();
    for _ in 0..100 {
        let Some(attempt) = desk.sending().first().copied() else {
            desk.pass_to_wake();
            continue;
        };
        desk.fail(attempt, FailureClass::Throttled);
    }
    assert_eq!(desk.engine.totals().failed, 0);
    assert!(desk.sending().len() <= 1, "down to one at a time");
}

#[test]
fn a_retry_after_is_waited_for() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.accept_page();
    let attempt = desk.sending()[0];
    let failure = SendFailure { class: FailureClass::Throttled, retry_after: Some(7_000) };
    desk.event(Event::Failed { attempt, failure });
    assert_eq!(desk.engine.phase(), Phase::Waiting);
    desk.pass(6_900);
    assert!(desk.sending().is_empty());
    desk.pass(200);
    assert_eq!(desk.sending().len(), 1);
}

#[test]
fn a_file_is_given_up_after_its_retries_and_tried_again_when_asked() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.accept_page();
    let mut tries = 0;
    while desk.engine.totals().failed == 0 {
        match desk.sending().first().copied() {
            Some(attempt) => {
                tries += 1;
                desk.fail(attempt, FailureClass::Store);
            }
            None => desk.pass_to_wake(),
        }
    }
    assert_eq!(tries, 1 + u32::from(Settings::default().retries));
    assert_eq!(desk.state(0), RowState::Failed { class: FailureClass::Store });
    desk.event(Event::Command(Command::Finish));
    assert_eq!(desk.reported()[0].outcome, ItemOutcome::Failed { class: "store".to_owned() });
    assert_eq!(desk.engine.phase(), Phase::Done { answer: None }, "not closed: it may be tried again");
    desk.event(Event::Command(Command::Retry { item: ItemIndex(0) }));
    assert_eq!(desk.sending().len(), 1);
}

#[test]
fn what_no_retry_can_heal_fails_at_once() {
    use FailureClass::{FileChanged, FileGone, Rejected, TooLarge};
    for class in [FileChanged, FileGone, TooLarge, Rejected] {
        let mut desk = Desk::open(GrantKind::Credentials, 1);
        desk.accept_page();
        desk.fail(desk.sending()[0], class);
        assert_eq!(desk.state(0), RowState::Failed { class });
    }
}

#[test]
fn an_expired_grant_is_renewed_once_and_costs_no_try() {
    let mut desk = Desk::open(GrantKind::Credentials, 30);
    desk.accept_page();
    for attempt in desk.sending() {
        desk.fail(attempt, FailureClass::Expired);
    }
    assert!(desk.sending().is_empty(), "nothing is sent with a grant that the store does not believe");
    assert_eq!(desk.renewals(), 1, "one flight for all of them");
    desk.renew();
    assert_eq!(desk.sending().len(), 12);
    assert_eq!(desk.engine.totals().failed, 0);
}

#[test]
fn the_grant_is_renewed_at_seventy_percent_of_its_life_on_the_servers_clock() {
    let mut desk = Desk::open(GrantKind::Credentials, 5);
    desk.accept_page();
    desk.pass(desk::LIFE / 10 * 7 - 1);
    assert_eq!(desk.renewals(), 0);
    desk.pass(2);
    assert_eq!(desk.renewals(), 1);
}

#[test]
fn a_denial_brings_one_fresh_grant_and_then_it_is_final() {
    let mut desk = Desk::open(GrantKind::Credentials, 3);
    desk.accept_page();
    for attempt in desk.sending() {
        desk.fail(attempt, FailureClass::Denied);
    }
    assert_eq!((desk.renewals(), desk.engine.totals().failed), (1, 0));
    desk.renew();
    desk.pass(30_000);
    for attempt in desk.sending() {
        desk.fail(attempt, FailureClass::Denied);
    }
    assert_eq!((desk.renewals(), desk.engine.totals().failed), (1, 3));
}

#[test]
fn a_second_conflict_counts_as_stored() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.accept_page();
    desk.fail(desk.sending()[0], FailureClass::Conflict);
    desk.pass(30_000);
    desk.fail(desk.sending()[0], FailureClass::Conflict);
    assert_eq!(desk.state(0), RowState::Stored);
}

#[test]
fn an_empty_body_for_a_file_with_bytes_is_found() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.accept_page();
    let etag = Some("\"d41d8cd98f00b204e9800998ecf8427e\"".to_owned());
    desk.event(Event::Sent { attempt: desk.sending()[0], etag });
    assert_eq!(desk.state(0), RowState::Retrying { class: FailureClass::Corrupted });
}

#[test]
fn a_session_that_ended_keeps_the_queue_until_the_person_is_back() {
    let mut desk = Desk::open(GrantKind::Credentials, 60);
    let call = desk.calls()[0];
    desk.event(Event::Answered { id: call, answer: Err(CallFailure::SignedOut) });
    assert_eq!(desk.engine.phase(), Phase::SignedOut);
    desk.pass(100_000);
    assert_eq!(desk.announced_pages(), [50], "asked again only when it makes sense");
    desk.event(Event::Command(Command::SignedIn));
    assert_eq!(desk.announced_pages(), [50, 50]);
    assert_eq!(desk.engine.totals().waiting, 60);
}

#[test]
fn a_server_that_says_no_breaks_the_batch_with_its_sentence() {
    let mut desk = Desk::open(GrantKind::Credentials, 60);
    let message = "The batch is closed.".to_owned();
    let answer = Err(CallFailure::Refused { message: message.clone() });
    desk.event(Event::Answered { id: desk.calls()[0], answer });
    assert_eq!(desk.engine.phase(), Phase::Broken { message });
    assert_eq!(desk.engine.next_wake(), None);
}

#[test]
fn urls_that_have_ended_are_asked_for_again() {
    let mut desk = Desk::open(GrantKind::SignedUrls, 40);
    desk.accept_page();
    assert!(desk.sending().is_empty());
    desk.sign_page(60_000);
    let first = desk.sending();
    assert_eq!(first.len(), 12);
    desk.pass(61_000);
    for attempt in first {
        desk.store(attempt);
    }
    assert!(desk.sending().is_empty(), "their URLs have ended");
    assert_eq!(desk.signing(), [28], "so they are asked for again");
    desk.sign_page(60_000);
    assert_eq!(desk.sending().len(), 12);
    assert_eq!(desk.engine.totals().retries, 0);
}

#[test]
fn outcomes_go_in_pages_and_what_is_tried_again_is_left_out() {
    let mut desk = Desk::open(GrantKind::Credentials, 2);
    desk.accept_page();
    desk.store(desk.sending()[0]);
    desk.fail(desk.sending()[0], FailureClass::FileGone);
    assert!(desk.reported().is_empty(), "they wait for each other");
    desk.event(Event::Command(Command::RetryFailed));
    desk.pass(5_100);
    let reported = desk.reported();
    assert_eq!(reported.len(), 1);
    assert!(matches!(&reported[0].outcome, ItemOutcome::Stored { etag: Some(etag), .. } if etag == "e1"));
}

#[test]
fn bytes_of_a_failed_attempt_are_taken_back() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.accept_page();
    let attempt = desk.sending()[0];
    for sent in [600, 400, 9_999_999] {
        desk.event(Event::Progress { attempt, sent });
    }
    assert_eq!(desk.engine.totals().sent_bytes, desk::SIZE, "never back, never more than there is");
    desk.fail(attempt, FailureClass::Store);
    assert_eq!(desk.engine.totals().sent_bytes, 0);
}

#[test]
fn the_window_shows_what_was_asked_for() {
    let mut desk = Desk::open(GrantKind::Credentials, 50);
    desk.accept_page();
    desk.fail(desk.sending()[3], FailureClass::FileGone);
    desk.fail(desk.sending()[6], FailureClass::TooLarge);
    desk.watch(crate::port::Filter::All, 48, 10);
    let shown = desk.snapshot();
    assert_eq!((shown.list_len, shown.first, shown.rows.len()), (50, 48, 2));
    desk.watch(crate::port::Filter::Trouble, 1, 10);
    let shown = desk.snapshot();
    assert_eq!((shown.list_len, shown.rows.len()), (2, 1));
    assert_eq!(shown.rows[0].item, ItemIndex(7));
}

#[test]
fn a_new_batch_forgets_the_one_before() {
    let mut desk = Desk::open(GrantKind::Credentials, 30);
    desk.accept_page();
    let (old, call) = (desk.sending(), desk.calls());
    assert!(call.is_empty());
    desk.begin(GrantKind::Credentials);
    assert!(desk.sending().is_empty(), "what was in the air is cut");
    desk.store(old[0]);
    assert_eq!(desk.engine.totals().files, 0);
    assert_eq!(desk.engine.phase(), Phase::Sending);
}

#[test]
fn a_batch_that_waited_for_its_failed_files_is_closed_by_the_next_one() {
    let mut desk = Desk::open(GrantKind::Credentials, 2);
    desk.event(Event::Command(Command::Finish));
    desk.accept_page();
    desk.store(desk.sending()[0]);
    desk.fail(desk.sending()[0], FailureClass::FileGone);
    desk.answer_report();
    assert_eq!(desk.engine.phase(), Phase::Done { answer: None });
    assert_eq!(desk.closings(), 0);
    desk.begin(GrantKind::Credentials);
    assert_eq!(desk.closings(), 1);
    desk.close(BatchState::Verified);
    assert_eq!(desk.engine.phase(), Phase::Sending, "its answer is not the new batch's");
}

#[test]
fn a_verified_batch_takes_nothing_more() {
    let mut desk = Desk::open(GrantKind::Credentials, 1);
    desk.event(Event::Command(Command::Finish));
    desk.accept_page();
    desk.store(desk.sending()[0]);
    desk.answer_report();
    assert_eq!(desk.engine.phase(), Phase::Verifying);
    desk.close(BatchState::Verified);
    assert!(matches!(desk.engine.phase(), Phase::Done { answer: Some(_) }));
    desk.add(5);
    desk.event(Event::Command(Command::CancelAll));
    assert_eq!(desk.engine.files(), 1);
    assert_eq!(desk.engine.totals().stored, 1);
}

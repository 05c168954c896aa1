//! Whole batches against a modelled server and store, from a seed that a failing test prints.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that finds nothing to unwrap has failed")]

mod chance;
mod checksums;
mod content;
mod crashes;
mod duplicates;
mod lanes;
mod model;
mod relay;
mod run;
mod seeds;

use transfer::port::{Command, FailureClass, Phase};
use transfer::wire::{BatchState, GrantKind, ItemIndex, ItemOutcome};

use model::{Faults, MINUTE, World};
use run::{Outcome, Run};

const DAY: i64 = 24 * 60 * MINUTE as i64;

/// Runs a batch of that many files to its end, checks what must always hold, and answers what came out.
fn batch(seed: u64, files: u32, world: World) -> Outcome {
    let outcome = Run::new(seed, files, world).finish();
    outcome.check();
    outcome
}

fn all_stored(outcome: &Outcome, files: u32) {
    assert_eq!(outcome.totals.failed, 0, "{outcome:?}");
    assert_eq!(outcome.totals.stored, files, "{outcome:?}");
    assert!(outcome.is_verified(), "{outcome:?}");
}

#[test]
fn ten_thousand_files_cost_the_server_sixty_requests_at_most() {
    for latency in [0, 50, 400] {
        let outcome = batch(1, 10_000, World { latency, ..World::default() });
        all_stored(&outcome, 10_000);
        assert!(outcome.requests <= 60, "{outcome:?}");
        assert_eq!(outcome.puts, 10_000, "each file is sent once: {outcome:?}");
    }
    let slow = batch(1, 10_000, World { bytes_per_second: 100_000, ..World::default() });
    all_stored(&slow, 10_000);
    assert!(slow.requests <= 60, "a slow line does not cost more: {slow:?}");
}

#[test]
fn signed_urls_are_asked_for_in_pages() {
    let outcome = batch(2, 10_000, World { kind: GrantKind::SignedUrls, ..World::default() });
    all_stored(&outcome, 10_000);
    // A page has 250 URLs, so 40 requests more than with credentials.
    assert!(outcome.requests <= 100, "{outcome:?}");
    assert_eq!(outcome.puts, 10_000, "no URL ends before it is used: {outcome:?}");
}

#[test]
fn one_percent_503_an_expiry_and_a_wrong_clock_fail_nothing() {
    for kind in [GrantKind::Credentials, GrantKind::SignedUrls] {
        for skew in [5 * MINUTE as i64, -5 * (MINUTE as i64), DAY, -DAY] {
            let faults = Faults { busy: 10, ..Faults::default() };
            let world = World { kind, skew, faults, revoke_at: Some(20_000), ..World::default() };
            let outcome = batch(skew.unsigned_abs(), 10_000, world);
            all_stored(&outcome, 10_000);
            assert!(outcome.requests <= 110, "{outcome:?}");
        }
    }
}

#[test]
fn grants_that_live_for_seconds_are_renewed_in_time() {
    let world = World { grant_life: 30_000, bytes_per_second: 2_000_000, ..World::default() };
    let outcome = batch(3, 3_000, world);
    all_stored(&outcome, 3_000);
    assert_eq!(outcome.puts, 3_000, "no attempt meets an ended grant: {outcome:?}");
    assert!(outcome.renewals >= 4, "{outcome:?}");
}

#[test]
fn an_expiry_that_the_browser_cannot_read_is_still_an_expiry() {
    // Renewal fails for minutes, so attempts meet the end of the grant; the answers are opaque.
    let faults = Faults { opaque_expiry: true, ..Faults::default() };
    let world = World {
        faults,
        grant_life: 60_000,
        server_down: Some((30_000, 240_000)),
        bytes_per_second: 3_000_000,
        ..World::default()
    };
    let outcome = batch(4, 5_000, world);
    all_stored(&outcome, 5_000);
}

#[test]
fn a_wrong_date_at_the_start_heals_by_itself() {
    // The page took long between the server's answer and opening the batch: the first dates are an hour off.
    let outcome = batch(5, 500, World { stale_open: 60 * MINUTE, ..World::default() });
    all_stored(&outcome, 500);
    assert!(outcome.renewals >= 1);
}

#[test]
fn an_outage_of_an_hour_fails_nothing() {
    let world = World { outage: Some((5_000, 60 * MINUTE)), ..World::default() };
    let outcome = batch(6, 5_000, world);
    all_stored(&outcome, 5_000);
    assert!(outcome.saw(&Phase::Waiting), "the person is told: {outcome:?}");
    assert!(outcome.puts < 6_000, "few looks while nothing answers: {outcome:?}");
}

#[test]
fn a_session_that_ends_keeps_everything() {
    let world = World {
        session_ends: vec![3_000, 20_000, 40_000],
        grant_life: 15_000,
        bytes_per_second: 5_000_000,
        ..World::default()
    };
    let outcome = batch(7, 5_000, world);
    all_stored(&outcome, 5_000);
    assert!(outcome.saw(&Phase::SignedOut), "{outcome:?}");
}

#[test]
fn storms_of_everything_end_with_each_file_stored_or_reported() {
    for seed in 100..140 {
        let kind = if seed % 2 == 0 { GrantKind::Credentials } else { GrantKind::SignedUrls };
        let world = World { kind, grant_life: 40_000, faults: Faults::storm(), ..World::default() };
        let outcome = batch(seed, 1_000, world);
        assert!(matches!(outcome.phase, Phase::Done { .. }), "{outcome:?}");
    }
}

#[test]
fn a_hundred_thousand_files_in_rough_weather() {
    let faults = Faults { busy: 10, cut: 5, lost: 5, server_error: 2, call_error: 50, ..Faults::default() };
    let world = World { faults, grant_life: 10 * MINUTE, size: 20_000, ..World::default() };
    let outcome = batch(8, 100_000, world);
    all_stored(&outcome, 100_000);
}

#[test]
fn what_the_store_lost_is_sent_again_at_the_end() {
    let faults = Faults { lying: 20, short: 20, ..Faults::default() };
    let outcome = batch(9, 2_000, World { faults, ..World::default() });
    all_stored(&outcome, 2_000);
    assert!(outcome.puts > 2_000);
}

#[test]
fn a_store_that_always_loses_comes_to_an_end() {
    let faults = Faults { lying: 1_000, ..Faults::default() };
    let outcome = batch(10, 50, World { faults, ..World::default() });
    assert_eq!(outcome.totals.failed, 50, "{outcome:?}");
    assert_eq!(outcome.phase, Phase::Done { answer: None });
}

#[test]
fn files_that_always_fail_fail_alone_and_wait_for_the_person() {
    let world = World {
        cursed: vec![
            (3, FailureClass::Network),
            (4, FailureClass::Network),
            (50, FailureClass::FileGone),
            (60, FailureClass::Denied),
            (70, FailureClass::Store),
        ],
        ..World::default()
    };
    let mut run = Run::new(11, 300, world);
    let outcome = run.finish();
    outcome.check();
    assert_eq!(outcome.phase, Phase::Done { answer: None });
    assert_eq!((outcome.totals.stored, outcome.totals.failed), (295, 5), "{outcome:?}");
    assert!(
        matches!(run.outcome_of(ItemIndex(50)), Some(ItemOutcome::Failed { class }) if class == "file_gone")
    );

    // Tried again, the same fail; healed, they do not; given up, the batch closes without them.
    run.heal(3);
    run.command(Command::RetryFailed);
    let outcome = run.finish();
    assert_eq!((outcome.totals.stored, outcome.totals.failed), (296, 4), "{outcome:?}");
    run.command(Command::CloseAnyway);
    let outcome = run.finish();
    outcome.check();
    assert!(outcome.is_verified(), "{outcome:?}");
    assert_eq!(outcome.totals.failed, 4);
}

#[test]
fn refused_files_are_not_sent_and_not_waited_for() {
    let outcome = batch(12, 300, World { refused: (0..100).collect(), ..World::default() });
    assert_eq!((outcome.totals.stored, outcome.totals.refused), (200, 100), "{outcome:?}");
    assert!(outcome.is_verified());
    let nothing = batch(13, 60, World { refused: (0..60).collect(), ..World::default() });
    assert_eq!(nothing.phase, Phase::Done { answer: None });
}

#[test]
fn no_files_one_file_and_an_empty_file() {
    let none = batch(14, 0, World::default());
    assert_eq!((none.phase.clone(), none.requests), (Phase::Done { answer: None }, 0));
    all_stored(&batch(15, 1, World::default()), 1);
    all_stored(&batch(16, 3, World { size: 0, ..World::default() }), 3);
}

#[test]
fn cancelled_while_announcing_leaves_nothing_missing() {
    for at in [0, 1, 120, 180, 500, 2_000] {
        let mut run = Run::new(17 + at, 3_000, World { latency: 150, ..World::default() });
        run.until(at);
        run.command(Command::CancelAll);
        let outcome = run.finish();
        outcome.check();
        assert_eq!(outcome.totals.stored + outcome.totals.cancelled, 3_000, "{outcome:?}");
        let verified = matches!(&outcome.phase, Phase::Done { answer: Some(answer) } if answer.state == BatchState::Verified);
        assert!(verified || outcome.announced == 0, "{outcome:?}");
    }
}

#[test]
fn paused_nothing_moves_and_resumed_all_arrives() {
    let mut run = Run::new(30, 2_000, World::default());
    run.until(2_000);
    run.command(Command::Pause);
    let before = run.outcome();
    assert_eq!((before.phase.clone(), before.totals.sending), (Phase::Paused, 0));
    run.until(90 * MINUTE);
    let after = run.outcome();
    assert_eq!(before.puts, after.puts, "nothing is sent while paused");
    run.command(Command::Resume);
    let outcome = run.finish();
    outcome.check();
    all_stored(&outcome, 2_000);
}

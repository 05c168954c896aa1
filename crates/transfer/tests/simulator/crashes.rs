//! The tab is killed and opened again, at any moment.

use transfer::port::Command;
use transfer::wire::GrantKind;

use super::all_stored;
use super::model::World;
use super::run::{Outcome, Run};

const MIB: u64 = 1 << 20;

fn world() -> World {
    World { large_each: 25, large_size: 40 * MIB, bytes_per_second: 50_000_000, ..World::default() }
}

/// All bytes of a batch of so many files in that world.
fn bytes(files: u32) -> u64 {
    let large = u64::from(files.div_ceil(25));
    large * 40 * MIB + (u64::from(files) - large) * 100_000
}

fn check_bytes(outcome: &Outcome, files: u32) {
    let most = bytes(files) + outcome.in_flight;
    assert!(outcome.sent_bytes <= most, "no more twice than was in flight, {most}: {outcome:?}");
}

#[test]
fn killed_at_any_event_it_goes_on_and_sends_no_more_than_was_in_flight_again() {
    let kinds = [GrantKind::Credentials, GrantKind::PostPolicy, GrantKind::SignedUrls];
    for (step, kind) in (0..400).zip(kinds.into_iter().cycle()) {
        let mut run = Run::new(1_000 + step, 60, World { kind, ..world() });
        run.steps(step);
        if run.is_over() {
            continue;
        }
        run.crash(&[]);
        let outcome = run.finish();
        outcome.check();
        all_stored(&outcome, 60);
        check_bytes(&outcome, 60);
    }
}

#[test]
fn killed_again_and_again_it_comes_to_its_end() {
    for kind in [GrantKind::Credentials, GrantKind::SignedUrls] {
        let mut run = Run::new(2_000, 2_000, World { kind, ..world() });
        for _ in 0..40 {
            run.steps(120);
            if !run.is_over() {
                run.crash(&[]);
            }
        }
        let outcome = run.finish();
        outcome.check();
        all_stored(&outcome, 2_000);
        check_bytes(&outcome, 2_000);
    }
}

#[test]
fn a_file_that_changed_in_between_is_said_and_not_sent() {
    let mut run = Run::new(2_100, 3_000, World::default());
    run.until(3_000);
    run.crash(&[2_998, 2_999]);
    let outcome = run.finish();
    assert_eq!((outcome.totals.stored, outcome.totals.failed), (2_998, 2), "{outcome:?}");
    run.command(Command::CloseAnyway);
    let outcome = run.finish();
    outcome.check();
    assert!(outcome.is_verified(), "{outcome:?}");
}

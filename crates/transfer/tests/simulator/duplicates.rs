//! Files that the project holds already, in all weathers.

use transfer::port::{DuplicateChoice, Phase};

use super::batch;
use super::model::{Faults, MINUTE, World};
use super::run::Run;

fn world(choice: DuplicateChoice) -> World {
    World { held_each: 2, choice, large_each: 25, large_size: 40 << 20, ..World::default() }
}

#[test]
fn skipped_they_cost_no_byte() {
    let outcome = batch(200, 2_000, World { large_each: 0, ..world(DuplicateChoice::Skip) });
    assert_eq!((outcome.totals.skipped, outcome.totals.stored), (500, 1_500), "{outcome:?}");
    assert_eq!(outcome.sent_bytes, 1_500 * 100_000, "{outcome:?}");
    assert!(outcome.is_verified() && outcome.saw(&Phase::Asking), "{outcome:?}");
}

#[test]
fn the_others_are_all_there_long_before_the_answer() {
    let mut run = Run::new(201, 2_000, World { large_each: 0, ..world(DuplicateChoice::Skip) });
    run.until(60 * MINUTE);
    let outcome = run.outcome();
    assert_eq!((outcome.phase, outcome.totals.stored), (Phase::Asking, 1_500));
    let outcome = run.finish();
    outcome.check();
    assert!(outcome.is_verified(), "{outcome:?}");
}

#[test]
fn sent_again_all_arrive() {
    let outcome = batch(202, 2_000, world(DuplicateChoice::SendAgain));
    assert_eq!((outcome.totals.skipped, outcome.totals.stored), (0, 2_000), "{outcome:?}");
}

#[test]
fn to_be_replaced_all_arrive_and_the_server_is_told_of_those_that_are_the_same() {
    // Which are reported so is checked at the end of every run.
    let outcome = batch(204, 2_000, world(DuplicateChoice::Replace));
    assert_eq!((outcome.totals.skipped, outcome.totals.stored), (0, 2_000), "{outcome:?}");
    assert!(outcome.is_verified(), "{outcome:?}");
}

#[test]
fn ten_thousand_that_are_there_cost_the_server_sixty_requests_at_most() {
    let world = World { held_each: 1, large_each: 0, ..world(DuplicateChoice::SendAgain) };
    let outcome = batch(203, 10_000, world);
    assert!(outcome.requests <= 60, "{outcome:?}");
}

#[test]
fn killed_at_any_event_and_answered_at_any_other() {
    for seed in 0..400 {
        let choice = DuplicateChoice::ALL[seed as usize % 3];
        let faults = if seed % 5 == 0 { Faults::storm() } else { Faults::default() };
        let mut run = Run::new(3_000 + seed, 60, World { faults, ..world(choice) });
        for turn in 0..3 {
            run.steps(seed / 3);
            if !run.is_over() {
                run.crash(&[]);
            }
            if seed % 4 == turn {
                run.choose();
            }
        }
        let outcome = run.finish();
        outcome.check();
        let stored = if choice == DuplicateChoice::Skip { 45 } else { 60 };
        assert_eq!(outcome.totals.stored + outcome.totals.failed, stored, "{outcome:?}");
    }
}

//! The way through the server.

use transfer::port::{Command, Phase};
use transfer::wire::{GrantKind, Relay};

use super::model::{Faults, Forms, MINUTE, World};
use super::run::{Outcome, Run};
use super::{all_stored, batch};

const FOR_EVER: Option<(u64, u64)> = Some((0, u64::MAX / 2));
const KINDS: [GrantKind; 3] = [GrantKind::Credentials, GrantKind::PostPolicy, GrantKind::SignedUrls];

/// A network from which no request to the store is answered, and a project that allows the detour.
fn blocked(kind: GrantKind) -> World {
    World { kind, relay: Relay::WhenBlocked, blocked: FOR_EVER, ..World::default() }
}

fn relayed(outcome: &Outcome) -> u32 {
    outcome.lanes.get("relay").copied().unwrap_or_default()
}

#[test]
fn what_cannot_reach_the_store_goes_through_the_server() {
    for kind in KINDS {
        for swallowed in [false, true] {
            let outcome = batch(90, 300, World { swallowed, ..blocked(kind) });
            all_stored(&outcome, 300);
            assert!(relayed(&outcome) >= 300, "{outcome:?}");
        }
    }
}

#[test]
fn one_file_gets_through_as_well_and_a_large_one() {
    for kind in KINDS {
        let one = batch(91, 1, blocked(kind));
        all_stored(&one, 1);
        assert_eq!(relayed(&one), 1, "{one:?}");
        let large = batch(92, 8, World { large_each: 2, large_size: 200 << 20, ..blocked(kind) });
        all_stored(&large, 8);
        assert_eq!(relayed(&large), 8, "whole, whatever the size: {large:?}");
    }
}

#[test]
fn nothing_goes_through_a_server_that_does_not_allow_it() {
    let world = World { blocked: Some((0, 10 * MINUTE)), relay: Relay::Never, ..World::default() };
    let outcome = batch(93, 300, world);
    all_stored(&outcome, 300);
    assert_eq!(relayed(&outcome), 0, "{outcome:?}");
    assert!(outcome.saw(&Phase::Waiting));
}

#[test]
fn a_store_that_answers_gets_its_files_itself() {
    let faults = Faults { busy: 30, cut: 20, lost: 20, server_error: 20, ..Faults::default() };
    for kind in KINDS {
        let rough = World { kind, faults, relay: Relay::WhenBlocked, ..World::default() };
        let outcome = batch(94, 1_000, rough.clone());
        all_stored(&outcome, 1_000);
        assert_eq!(relayed(&outcome), 0, "rough weather is no wall: {outcome:?}");
        let outcome = batch(95, 400, World { forms: Forms::Opaque, bad_hosts: vec![0, 2], ..rough });
        all_stored(&outcome, 400);
        assert_eq!(relayed(&outcome), 0, "nor are two hosts of four: {outcome:?}");
    }
}

#[test]
fn it_is_left_when_the_store_answers_again() {
    for kind in KINDS {
        // A laptop on its way from one network into another.
        let world =
            World { blocked: Some((2_000, 3 * MINUTE)), bytes_per_second: 1_000_000, ..blocked(kind) };
        let outcome = batch(96, 5_000, world);
        all_stored(&outcome, 5_000);
        let relayed = relayed(&outcome);
        // Of 500 seconds at ten files each: not the first two, nor the half of a minute before it is taken; nor what
        // comes after three minutes and the look.
        assert!((500..3_000).contains(&relayed), "{relayed}: {outcome:?}");
    }
}

#[test]
fn an_outage_of_everything_is_waited_for() {
    let world = World { relay: Relay::WhenBlocked, outage: Some((5_000, 60 * MINUTE)), ..World::default() };
    let outcome = batch(97, 3_000, world);
    all_stored(&outcome, 3_000);
    assert!(outcome.saw(&Phase::Waiting), "{outcome:?}");
    assert!(outcome.puts < 4_500, "few looks while nothing answers: {outcome:?}");
}

#[test]
fn a_session_that_ends_and_a_busy_server_cost_no_file() {
    for seed in 100..110 {
        let faults = Faults { busy: 60, lost: 20, server_error: 20, ..Faults::default() };
        let session_ends = vec![8_000, 60_000];
        let world = World { faults, session_ends, grant_life: 40_000, ..blocked(KINDS[seed as usize % 3]) };
        let outcome = batch(seed, 500, world);
        all_stored(&outcome, 500);
    }
}

#[test]
fn another_life_takes_it_again() {
    for kind in KINDS {
        let mut run = Run::new(98, 600, World { bytes_per_second: 2_000_000, ..blocked(kind) });
        run.until(20_000);
        let before = relayed(&run.outcome());
        assert!((1..600).contains(&before), "{before}");
        run.crash(&[]);
        let outcome = run.finish();
        outcome.check();
        all_stored(&outcome, 600);
    }
}

#[test]
fn the_page_is_told_while_it_lasts() {
    let mut run = Run::new(99, 600, World { bytes_per_second: 2_000_000, ..blocked(GrantKind::Credentials) });
    assert!(!run.is_relaying());
    run.until(20_000);
    assert!(run.is_relaying());
    run.command(Command::Pause);
    run.until(30_000);
    run.command(Command::Resume);
    run.finish().check();
    assert!(!run.is_relaying(), "over is over");
}

//! The lanes and the host names.

use transfer::wire::GrantKind;

use super::model::{Faults, Forms, World};
use super::run::{Outcome, Run};
use super::{all_stored, batch};

const MIB: u64 = 1 << 20;

/// Small files and large ones.
fn mixed(kind: GrantKind) -> World {
    World {
        kind,
        large_each: 20,
        large_size: 100 * MIB + 1,
        bytes_per_second: 100_000_000,
        ..World::default()
    }
}

fn lanes(outcome: &Outcome) -> (u32, u32, u32) {
    let count = |name| outcome.lanes.get(name).copied().unwrap_or_default();
    (count("form"), count("put"), count("part"))
}

#[test]
fn small_files_go_as_forms_and_large_ones_in_parts() {
    let outcome = batch(50, 200, mixed(GrantKind::Credentials));
    all_stored(&outcome, 200);
    // 100 MiB and a byte are 7 parts of 16 MiB.
    assert_eq!(lanes(&outcome), (190, 0, 10 * 7), "{outcome:?}");
    assert_eq!(outcome.spares, 0);
}

#[test]
fn under_a_policy_small_files_are_forms_and_large_ones_go_in_parts_to_urls() {
    let outcome = batch(51, 200, mixed(GrantKind::PostPolicy));
    all_stored(&outcome, 200);
    assert_eq!(lanes(&outcome), (190, 0, 10 * 7), "{outcome:?}");
    let whole = batch(51, 200, World { multipart: false, ..mixed(GrantKind::PostPolicy) });
    all_stored(&whole, 200);
    assert_eq!(lanes(&whole), (200, 0, 0), "{whole:?}");
}

#[test]
fn by_urls_small_files_are_puts_and_large_ones_go_in_parts() {
    let outcome = batch(55, 200, mixed(GrantKind::SignedUrls));
    all_stored(&outcome, 200);
    assert_eq!(lanes(&outcome), (0, 190, 10 * 7), "{outcome:?}");
    // To begin each of ten files and for its parts, and what 190 small ones cost.
    assert!(outcome.requests <= 10 * 2 + 10, "{outcome:?}");
    let whole = batch(56, 200, World { multipart: false, ..mixed(GrantKind::SignedUrls) });
    all_stored(&whole, 200);
    assert_eq!(lanes(&whole), (0, 200, 0), "{whole:?}");
}

#[test]
fn a_large_file_by_urls_costs_one_request_for_dozens_of_parts() {
    let world = World { large_each: 1, large_size: 2_400 * MIB, ..mixed(GrantKind::SignedUrls) };
    let outcome = batch(57, 1, world);
    all_stored(&outcome, 1);
    assert_eq!(lanes(&outcome), (0, 0, 150), "{outcome:?}");
    assert!(outcome.requests <= 15, "{outcome:?}");
}

#[test]
fn urls_of_parts_that_end_are_asked_for_anew() {
    // It takes seven minutes, and a URL lives for five.
    let world = World {
        large_each: 1,
        large_size: 2_000 * MIB,
        bytes_per_second: 5_000_000,
        ..mixed(GrantKind::SignedUrls)
    };
    let outcome = batch(58, 1, World { strict: false, ..world });
    all_stored(&outcome, 1);
    assert_eq!(lanes(&outcome), (0, 0, 125), "none is sent twice: {outcome:?}");
}

#[test]
fn urls_lead_around_a_host_that_is_down() {
    for bad_hosts in [vec![0], vec![0, 1, 2]] {
        let outcome = batch(59, 200, World { bad_hosts, ..mixed(GrantKind::SignedUrls) });
        all_stored(&outcome, 200);
    }
}

#[test]
fn a_policy_whose_forms_go_nowhere_is_changed_for_urls() {
    let world = World { kind: GrantKind::PostPolicy, forms: Forms::Opaque, ..World::default() };
    let outcome = batch(76, 400, world);
    all_stored(&outcome, 400);
    let (forms, puts, _) = lanes(&outcome);
    assert!(forms <= 48 && puts == 400, "{outcome:?}");
}

#[test]
fn a_store_without_forms_gets_puts_after_the_first_refusal() {
    for forms in [Forms::Refused, Forms::Opaque] {
        let outcome = batch(52, 400, World { forms, ..World::default() });
        all_stored(&outcome, 400);
        let (forms, puts, _) = lanes(&outcome);
        assert!(forms <= 30 && puts == 400, "{outcome:?}");
    }
}

#[test]
fn a_policy_of_no_use_is_changed_for_urls() {
    let world = World { kind: GrantKind::PostPolicy, forms: Forms::Refused, ..World::default() };
    let outcome = batch(53, 400, world);
    all_stored(&outcome, 400);
    let (forms, puts, _) = lanes(&outcome);
    assert!(forms <= 24 && puts == 400, "{outcome:?}");
}

#[test]
fn a_store_without_parts_gets_large_files_whole() {
    let outcome = batch(54, 100, World { multipart: false, ..mixed(GrantKind::Credentials) });
    all_stored(&outcome, 100);
    assert_eq!(lanes(&outcome), (95, 5, 0));
}

#[test]
fn parts_survive_rough_weather() {
    for seed in 60..75 {
        let faults =
            Faults { busy: 40, cut: 20, lost: 20, blind: 200, forgotten: 5, hang: 5, ..Faults::default() };
        for kind in [GrantKind::Credentials, GrantKind::PostPolicy, GrantKind::SignedUrls] {
            let outcome = batch(seed, 60, World { faults, grant_life: 40_000, ..mixed(kind) });
            all_stored(&outcome, 60);
        }
    }
}

#[test]
fn a_host_that_leads_nowhere_costs_little() {
    for bad_hosts in [vec![0], vec![3], vec![0, 1, 2]] {
        let world = World { bad_hosts, ..World::default() };
        let outcome = batch(80, 3_000, world);
        all_stored(&outcome, 3_000);
        assert!(outcome.puts < 3_100, "{outcome:?}");
    }
}

#[test]
fn a_request_that_hangs_is_cut_or_outrun() {
    let faults = Faults { hang: 5, ..Faults::default() };
    let outcome = batch(81, 3_000, World { faults, ..World::default() });
    all_stored(&outcome, 3_000);
    assert!(outcome.puts > 3_000, "{outcome:?}");
}

#[test]
fn large_files_leave_room_for_small_ones() {
    let world = World { large_each: 100, large_size: 2_000 * MIB, ..mixed(GrantKind::Credentials) };
    let mut run = Run::new(82, 1_000, world);
    run.until(60_000);
    let stored = run.outcome().totals.stored;
    // One for each part of a line that serves one after the other; ten files of 2,000 MiB take minutes.
    assert!(stored > 300, "{stored}");
    all_stored(&run.finish(), 1_000);
}

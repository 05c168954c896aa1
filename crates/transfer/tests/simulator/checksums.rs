//! Checksums: of every file, whatever the store does with them.

use transfer::engine::Support;
use transfer::wire::GrantKind;

use super::model::{Checksums, Faults, World};
use super::run::Run;
use super::{all_stored, batch};

/// Small files and some in parts.
fn mixed(checksums: Checksums) -> World {
    World {
        checksums,
        large_each: 50,
        large_size: 100 * (1 << 20) + 1,
        bytes_per_second: 100_000_000,
        ..World::default()
    }
}

#[test]
fn what_was_changed_on_its_way_is_sent_again() {
    let faults = Faults { turned: 50, ..Faults::default() };
    let outcome = batch(90, 1_000, World { faults, ..mixed(Checksums::Checked) });
    all_stored(&outcome, 1_000);
    // 20 of them are 7 parts of 16 MiB.
    assert!(outcome.puts > 1_120 + 20, "{outcome:?}");
}

#[test]
fn a_store_that_refuses_checksums_gets_none_after_the_first() {
    for (checksums, takes) in [(Checksums::Refused, Support::No), (Checksums::Unheard, Support::Yes)] {
        for large_each in [0, 50, 1] {
            let mut run = Run::new(91, 400, World { large_each, ..mixed(checksums) });
            let outcome = run.finish();
            outcome.check();
            all_stored(&outcome, 400);
            assert_eq!(run.traits().checksums, takes);
            assert_ne!(run.traits().multipart, Support::No, "which says nothing of parts");
            assert_ne!(run.traits().forms, Support::No, "nor of forms");
            let wasted = outcome.puts - if large_each == 1 { 400 * 7 } else { 400 };
            let wasted = if large_each == 50 { wasted - 8 * 6 } else { wasted };
            assert!(wasted <= 30, "{outcome:?}");
        }
    }
}

#[test]
fn what_the_server_signs_carries_none_but_the_report_does() {
    for kind in [GrantKind::SignedUrls, GrantKind::PostPolicy] {
        let outcome = batch(92, 400, World { kind, ..mixed(Checksums::Refused) });
        all_stored(&outcome, 400);
        // Eight of them in seven parts.
        assert_eq!(outcome.puts, 400 + 8 * 6, "{outcome:?}");
    }
}

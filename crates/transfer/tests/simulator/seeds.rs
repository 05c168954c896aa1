//! Thousands of small worlds with everything that can go wrong, and some large ones.

use transfer::port::{Command, DuplicateChoice, Phase};
use transfer::wire::GrantKind;

use super::chance::Chance;
use super::model::{Checksums, Faults, Forms, MINUTE, World};
use super::run::Run;

/// Small batches; each of them is another world.
const SMALL: u64 = 3_000;

fn world(chance: &mut Chance) -> World {
    let kinds =
        [GrantKind::Credentials, GrantKind::Credentials, GrantKind::PostPolicy, GrantKind::SignedUrls];
    let forms = [Forms::Taken, Forms::Taken, Forms::Refused, Forms::Opaque];
    let kind = kinds[chance.below(4) as usize];
    let forms = forms[chance.below(4) as usize];
    let mut some = |most: u64| if chance.hits(500) { chance.below(most) } else { 0 };
    let faults = Faults {
        busy: some(80),
        server_error: some(40),
        cut: some(60),
        lost: some(40),
        lying: some(10),
        short: some(10),
        call_error: some(150),
        call_lost: some(100),
        opaque_expiry: some(2) > 0,
        hang: some(10),
        blind: some(300),
        forgotten: some(10),
        turned: some(50),
    };
    let checksums = [Checksums::Checked, Checksums::Unheard, Checksums::Refused][some(3) as usize];
    let large_each = some(20) as u32;
    let skew = some(48 * 60 * MINUTE) as i64 - some(48 * 60 * MINUTE) as i64;
    let outage = Some((some(20_000), some(10 * MINUTE)));
    let bad_hosts = (0..some(4) as usize).collect();
    let session_ends = if some(2) > 0 { vec![some(30_000)] } else { Vec::new() };
    let revoke_at = (some(2) > 0).then(|| some(20_000));
    World {
        kind,
        forms,
        checksums,
        faults,
        large_each,
        large_size: (33 << 20) + some(200 << 20),
        multipart: some(5) != 1,
        strict: false,
        skew,
        outage,
        bad_hosts,
        session_ends,
        revoke_at,
        latency: some(400),
        bytes_per_second: 1_000_000 + some(100_000_000),
        grant_life: 30_000 + some(10 * MINUTE),
        ..World::default()
    }
}

#[expect(clippy::print_stdout, reason = "the last seed is the one that failed")]
fn live(seed: u64, files: u32) {
    // Printed only if it fails.
    println!("seed {seed}");
    let mut chance = Chance::new(seed ^ 0x5eed);
    let mut duplicates = Chance::new(seed ^ 0xd0b1e);
    let held_each = duplicates.below(4) as u32;
    let choice = DuplicateChoice::ALL[duplicates.below(3) as usize];
    let world = World { held_each, choice, ..world(&mut chance) };
    let mut run = Run::new(seed, files, world);
    for _ in 0..chance.below(4) {
        run.steps(chance.below(u64::from(files) * 4));
        if !run.is_over() {
            run.crash(&[]);
        }
        if duplicates.hits(300) {
            run.choose();
        }
    }
    // The person tries what failed again, and gives up what fails for ever.
    let mut outcome = run.finish();
    for _ in 0..3 {
        if outcome.phase == (Phase::Done { answer: None }) && outcome.totals.failed > 0 {
            run.command(Command::RetryFailed);
            outcome = run.finish();
        }
    }
    if outcome.totals.failed > 0 {
        run.command(Command::CloseAnyway);
        outcome = run.finish();
    }
    outcome.check_honest();
}

#[test]
fn small_worlds() {
    for seed in 0..SMALL {
        live(seed, 1 + (seed % 60) as u32);
    }
}

#[test]
fn large_worlds() {
    for seed in [7, 11] {
        live(1_000_000 + seed, 100_000);
    }
}

//! What a batch costs, in looks at items: a straight line.

use super::desk::Desk;
use super::*;

/// Looks at items for each file of a batch of that many, with a snapshot after each event.
fn looks(files: u32) -> f64 {
    let mut desk = Desk::open(GrantKind::Credentials, files);
    desk.watch(crate::port::Filter::Trouble, 0, 20);
    desk.event(Event::Command(Command::Finish));
    let mut steps = 0;
    while desk.engine.totals().stored < files {
        desk.accept_page();
        desk.answer_report();
        for attempt in desk.sending() {
            steps += 1;
            if steps % 50 == 0 {
                desk.fail(attempt, FailureClass::Store);
            } else {
                desk.store(attempt);
            }
            desk.snapshot();
        }
        if desk.sending().is_empty() {
            desk.accept_page();
            desk.renew();
        }
        if desk.sending().is_empty() && desk.engine.totals().stored < files {
            desk.pass_to_wake();
        }
    }
    desk.engine.items.touches.get() as f64 / f64::from(files)
}

#[test]
fn a_hundred_thousand_files_cost_a_hundred_times_a_thousand() {
    let each = [1_000, 10_000, 100_000].map(looks);
    let least = each.iter().copied().fold(f64::MAX, f64::min);
    let most = each.iter().copied().fold(0.0, f64::max);
    assert!(most < least * 1.2, "looks for each file: {each:?}");
}

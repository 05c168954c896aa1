//! Anything in any order: the engine never panics, and its counts always add up.

use proptest::prelude::*;

use super::super::*;
use super::desk::Desk;
use crate::crc64::Crc64;
use crate::port::{Command, DuplicateChoice, FailureClass, Filter, RowState};
use crate::wire::*;

/// One thing that happens; numbers are reduced to what there is.
#[derive(Debug, Clone)]
enum Step {
    Command(Command),
    Begin(GrantKind),
    Add(u32),
    Pass(u64),
    Accept,
    Sign(u64),
    Renew,
    Report,
    Close(BatchState, Vec<u32>),
    Refuse(usize, u8),
    Store(usize),
    Progress(usize, u64),
    Fail(usize, FailureClass, Option<u64>),
    Stray(u32, FailureClass),
    Nonsense(usize),
    Online,
    Restart,
    Unsupported(usize),
    /// The project holds all up to this item.
    Hold(u32),
    /// A file was read: it is the same, another, or cannot be read.
    Compare(usize, u8),
}

fn class() -> impl Strategy<Value = FailureClass> {
    use FailureClass::*;
    prop::sample::select(vec![
        Network,
        Throttled,
        Store,
        Expired,
        Skewed,
        Denied,
        Conflict,
        Corrupted,
        TooLarge,
        FileChanged,
        FileGone,
        Stalled,
        Rejected,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    let item = (0u32..40).prop_map(ItemIndex);
    let kind = prop::sample::select(vec![GrantKind::Credentials, GrantKind::SignedUrls]);
    let state = prop::sample::select(vec![BatchState::Open, BatchState::Verified, BatchState::Closed]);
    prop_oneof![
        1 => kind.prop_map(Step::Begin),
        4 => (0u32..90).prop_map(Step::Add),
        3 => prop::sample::select(vec![
            Command::Finish, Command::Pause, Command::Resume, Command::CancelAll, Command::RetryFailed,
            Command::CloseAnyway, Command::SignedIn, Command::First { folder: "1".to_owned() },
        ]).prop_map(Step::Command),
        2 => item.clone().prop_map(|item| Step::Command(Command::Hold { item })),
        2 => item.clone().prop_map(|item| Step::Command(Command::Release { item })),
        1 => Just(Step::Restart),
        1 => Just(Step::Command(Command::Bring {
            files: (0..90).map(|n| super::desk::facts(&n.to_string())).collect(),
        })),
        1 => any::<usize>().prop_map(Step::Unsupported),
        2 => (0u32..60).prop_map(Step::Hold),
        10 => (any::<usize>(), 0u8..4).prop_map(|(at, how)| Step::Compare(at, how)),
        1 => prop::sample::select(DuplicateChoice::ALL.to_vec())
            .prop_map(|choice| Step::Command(Command::Duplicates { choice })),
        3 => item.clone().prop_map(|item| Step::Command(Command::Cancel { item })),
        3 => item.prop_map(|item| Step::Command(Command::Retry { item })),
        6 => (0u64..100_000).prop_map(Step::Pass),
        10 => Just(Step::Accept),
        6 => (0u64..90_000).prop_map(Step::Sign),
        4 => Just(Step::Renew),
        6 => Just(Step::Report),
        3 => (state, prop::collection::vec(0u32..60, 0..5)).prop_map(|(state, lost)| Step::Close(state, lost)),
        2 => (any::<usize>(), 0u8..3).prop_map(|(at, how)| Step::Refuse(at, how)),
        20 => any::<usize>().prop_map(Step::Store),
        5 => (any::<usize>(), 0u64..3_000).prop_map(|(at, sent)| Step::Progress(at, sent)),
        15 => (any::<usize>(), class(), prop::option::of(0u64..60_000))
            .prop_map(|(at, class, after)| Step::Fail(at, class, after)),
        1 => (any::<u32>(), class()).prop_map(|(id, class)| Step::Stray(id, class)),
        1 => any::<usize>().prop_map(Step::Nonsense),
        1 => Just(Step::Online),
    ]
}

fn pick<T: Copy>(from: &[T], at: usize) -> Option<T> {
    from.get(at % from.len().max(1)).copied()
}

fn apply(desk: &mut Desk, step: Step) {
    match step {
        Step::Command(command) => desk.event(Event::Command(command)),
        Step::Begin(kind) => desk.begin(kind),
        Step::Add(files) => desk.add(files),
        Step::Pass(millis) => desk.pass(millis),
        Step::Accept => desk.accept_page(),
        Step::Sign(life) => desk.sign_page(life),
        Step::Renew => desk.renew(),
        Step::Report => desk.answer_report(),
        Step::Close(state, lost) => desk.close_with(state, &lost),
        Step::Refuse(at, how) => {
            let Some(id) = pick(&desk.calls(), at) else { return };
            let failure = match how {
                0 => CallFailure::SignedOut,
                1 => CallFailure::Unavailable { retry_after: Some(100) },
                _ => CallFailure::Unavailable { retry_after: None },
            };
            desk.event(Event::Answered { id, answer: Err(failure) });
        }
        Step::Store(at) => {
            if let Some(attempt) = pick(&desk.sending(), at) {
                desk.store(attempt);
            }
        }
        Step::Progress(at, sent) => {
            if let Some(attempt) = pick(&desk.sending(), at) {
                desk.event(Event::Progress { attempt, sent });
            }
        }
        Step::Fail(at, class, retry_after) => {
            if let Some(attempt) = pick(&desk.sending(), at) {
                desk.event(Event::Failed { attempt, failure: SendFailure { class, retry_after } });
            }
        }
        Step::Stray(id, class) => {
            let attempt = AttemptId(id.saturating_add(1_000_000));
            desk.event(Event::Failed { attempt, failure: SendFailure { class, retry_after: None } });
            desk.event(Event::Sent { attempt, etag: None });
        }
        Step::Nonsense(at) => {
            if let Some(id) = pick(&desk.calls(), at) {
                let answer = AnnounceAnswer {
                    accepted: vec![AcceptedItem {
                        index: ItemIndex(u32::MAX),
                        key: String::new(),
                        held: None,
                    }],
                    refused: vec![RefusedItem { index: ItemIndex(7), reason: Refusal::Junk }],
                };
                desk.event(Event::Answered { id, answer: Ok(Answer::Announce(answer)) });
            }
        }
        Step::Online => desk.event(Event::Online),
        Step::Restart => {
            if !desk.log.is_empty() {
                desk.restart();
            }
        }
        Step::Hold(held) => desk.held = held,
        Step::Compare(at, how) => {
            if let Some((attempt, item)) = pick(&desk.comparing, at) {
                let read = match how {
                    0 => Err(FailureClass::FileGone),
                    1 => Ok(Crc64::EMPTY),
                    _ => Ok(Crc64::of(&item.to_be_bytes())),
                };
                desk.event(Event::Compared { attempt, read });
            }
        }
        Step::Unsupported(at) => {
            if let Some(attempt) = pick(&desk.sending(), at) {
                desk.event(Event::Unsupported { attempt });
            }
        }
    }
}

fn check(desk: &mut Desk) {
    let files = desk.engine.files();
    desk.watch(Filter::All, 0, files);
    let all = desk.snapshot();
    let count = |is: fn(&RowState) -> bool| all.rows.iter().filter(|row| is(&row.state)).count() as u32;
    let totals = all.totals;
    if files <= 500 {
        assert_eq!(totals.sending, count(|state| matches!(state, RowState::Sending { .. })));
        assert_eq!(totals.stored, count(|state| matches!(state, RowState::Stored)));
        assert_eq!(totals.failed, count(|state| matches!(state, RowState::Failed { .. })));
        assert_eq!(totals.refused, count(|state| matches!(state, RowState::Refused { .. })));
        assert_eq!(totals.comparing, count(|state| matches!(state, RowState::Comparing)));
        assert_eq!(totals.same, count(|state| matches!(state, RowState::Same)));
        assert_eq!(totals.skipped, count(|state| matches!(state, RowState::Skipped)));
        assert_eq!(totals.cancelled, count(|state| matches!(state, RowState::Cancelled)));
    }
    let settled = totals.stored + totals.failed + totals.refused + totals.cancelled;
    let there = totals.comparing + totals.same + totals.skipped;
    assert_eq!(totals.files, totals.waiting + totals.sending + there + settled);
    assert!(desk.comparing.len() <= 4, "a handful is read at once");
    let flying = desk.sending().len();
    assert!((totals.sending as usize..=totals.sending as usize + 4).contains(&flying), "and a few spares");
    assert!(totals.sending <= 12, "two hosts take six each");
    assert_eq!(
        totals.bytes,
        u64::from(files - totals.refused - totals.cancelled - there) * super::desk::SIZE
    );
    assert!(totals.sent_bytes <= totals.bytes);

    let bad: Vec<_> = all
        .rows
        .iter()
        .filter(|row| matches!(row.state, RowState::Failed { .. } | RowState::Refused { .. }))
        .cloned()
        .collect();
    desk.watch(Filter::Trouble, 0, files);
    let trouble = desk.snapshot();
    assert_eq!(trouble.list_len, totals.failed + totals.refused);
    if files <= 500 {
        assert_eq!(trouble.rows, bad);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn anything_in_any_order(steps in prop::collection::vec(step(), 1..150)) {
        let mut desk = Desk::open(GrantKind::Credentials, 70);
        for step in steps {
            apply(&mut desk, step);
            check(&mut desk);
        }
    }
}

//! Another life from the log.

use super::desk::{Desk, facts};
use super::*;

fn bring(desk: &mut Desk, files: impl Iterator<Item = u32>) {
    let files = files.map(|n| facts(&n.to_string())).collect();
    desk.event(Event::Command(Command::Bring { files }));
}

#[test]
fn goes_on_where_it_was_once_the_files_are_there_again() {
    let mut desk = Desk::open(GrantKind::Credentials, 30);
    desk.event(Event::Command(Command::Finish));
    desk.accept_page();
    for attempt in desk.sending() {
        desk.store(attempt);
    }
    desk.event(Event::Command(Command::Cancel { item: ItemIndex(29) }));
    desk.restart();
    let totals = desk.engine.totals();
    assert_eq!((totals.files, totals.stored, totals.cancelled, totals.absent), (30, 12, 1, 17));
    assert_eq!(desk.renewals(), 1, "a fresh grant is asked for");
    desk.renew();
    assert!(desk.sending().is_empty(), "without files nothing is sent");
    bring(&mut desk, (0..30).rev());
    assert_eq!(desk.attached.len(), 18, "all that are not stored");
    assert!(desk.attached.iter().all(|(at, item)| at + item == 29));
    assert_eq!(desk.sending().len(), 12);
    assert!(desk.sent().iter().all(|item| (12..29).contains(item)));
    assert_eq!(desk.announced_pages(), [30], "nothing is announced twice");
}

#[test]
fn what_was_not_announced_yet_is_announced() {
    let mut desk = Desk::open(GrantKind::Credentials, 30);
    desk.restart();
    assert_eq!(desk.announced_pages(), [30, 30]);
    desk.accept_page();
    desk.renew();
    assert!(desk.sending().is_empty());
    bring(&mut desk, 0..30);
    assert_eq!(desk.sending().len(), 12);
}

#[test]
fn a_file_that_changed_is_said() {
    let mut desk = Desk::open(GrantKind::Credentials, 2);
    desk.accept_page();
    desk.restart();
    desk.renew();
    let mut files = vec![facts("0"), facts("1"), facts("another")];
    files[1].size += 1;
    desk.event(Event::Command(Command::Bring { files }));
    assert_eq!(desk.attached, [(0, 0)]);
    assert_eq!(desk.state(1), RowState::Failed { class: FailureClass::FileChanged });
}

#[test]
fn a_log_of_nothing_is_no_batch_and_odd_names_come_back() {
    let read = |log: &str| Engine::restore(1, Settings::default(), log, Moment(0));
    assert!(read("").is_none());
    assert!(read("nonsense\nA\t1\nS\t9\n\t\t\n").is_none());
    let odd = "a\tb\\n\nc/\u{e9}.jpg";
    let mut desk = Desk::open(GrantKind::Credentials, 0);
    desk.add_paths(&[odd]);
    desk.restart();
    assert_eq!(desk.engine.items.path(0), odd);
}

#[test]
fn a_log_written_anew_leads_to_the_same() {
    let mut desk = Desk::open(GrantKind::Credentials, 40);
    desk.accept_page();
    for (turn, attempt) in desk.sending().into_iter().enumerate() {
        if turn % 3 == 0 {
            desk.fail(attempt, FailureClass::FileGone);
        } else {
            desk.store(attempt);
        }
    }
    desk.pass(6_000);
    desk.answer_report();
    desk.restart();
    let (totals, log) = (desk.engine.totals(), desk.log.clone());
    desk.restart();
    assert_eq!((desk.engine.totals(), desk.log.clone()), (totals, log));
    assert!(desk.engine.outbox.is_empty(), "what the server knows is not reported again");
}

#[test]
fn goes_on_with_what_was_begun_elsewhere() {
    let batch = AdoptedBatch {
        batch: "b".parse().unwrap(),
        prefix: "p/b/".to_owned(),
        grant: GrantKind::Credentials,
        store: StoreAddress { region: "r".to_owned(), bases: vec!["https://s.test/b".to_owned()] },
    };
    let item = |index, fate| AdoptedItem {
        index: ItemIndex(index),
        facts: facts(&index.to_string()),
        key: format!("p/b/{index}"),
        fate,
    };
    let items = [item(0, Fate::Stored), item(3, Fate::Waiting), item(4, Fate::Cancelled)];
    let mut engine = Engine::adopt(1, Settings::default(), &batch, items, Moment(0)).unwrap();
    let totals = engine.totals();
    assert_eq!((totals.files, totals.stored, totals.cancelled, totals.absent), (5, 1, 3, 1));
    let files = ["0", "3", "4"].map(facts).to_vec();
    engine.handle(Event::Command(Command::Bring { files }), Moment(1));
    let (mut attached, mut calls) = (Vec::new(), Vec::new());
    while let Some(action) = engine.next_action() {
        match action {
            Action::Attach { pairs } => attached.extend(pairs),
            Action::Call { call, .. } => calls.push(call),
            _ => {}
        }
    }
    assert!(attached.contains(&(1, ItemIndex(3))), "{attached:?}");
    assert!(matches!(calls[..], [Call::RenewGrant(_)]), "nothing is announced or reported again: {calls:?}");
}

#[test]
fn where_no_time_is_known_path_and_size_decide_and_the_time_is_kept() {
    let batch = AdoptedBatch {
        batch: "b".parse().unwrap(),
        prefix: "p/b/".to_owned(),
        grant: GrantKind::Credentials,
        store: StoreAddress { region: "r".to_owned(), bases: vec!["https://s.test/b".to_owned()] },
    };
    let at = |path: &str, modified| FileFacts { modified: UnixMillis(modified), ..facts(path) };
    let items = ["0", "1"].map(|path| AdoptedItem {
        index: ItemIndex(path.parse().unwrap()),
        facts: at(path, 0),
        key: format!("p/b/{path}"),
        fate: Fate::Waiting,
    });
    let mut engine = Engine::restore(1, Settings::default(), &batch.log(items), Moment(0)).unwrap();
    let other_size = FileFacts { size: facts("1").size + 1, ..at("1", 77) };
    let (mut log, mut attached) = (String::new(), Vec::new());
    let bring = Event::Command(Command::Bring { files: vec![at("0", 77), other_size] });
    for event in [Event::Tick, bring] {
        engine.handle(event, Moment(1));
        while let Some(action) = engine.next_action() {
            match action {
                Action::Attach { pairs } => attached.extend(pairs),
                Action::Persist(Persist::Replace(text)) => log = text,
                Action::Persist(Persist::Append(text)) => log.push_str(&text),
                _ => {}
            }
        }
    }
    assert_eq!(attached, [(0, ItemIndex(0))], "not the one of another size");
    assert_eq!(engine.totals().failed, 1);
    assert_eq!(engine.facts(0, 1)[0].modified, UnixMillis(77));

    let mut again = Engine::restore(1, Settings::default(), &log, Moment(2)).unwrap();
    assert_eq!(again.facts(0, 1)[0].modified, UnixMillis(77), "from one visit to the next");
    again.handle(Event::Command(Command::Bring { files: vec![at("0", 78)] }), Moment(3));
    assert_eq!(again.totals().failed, 2, "now it has changed");
}

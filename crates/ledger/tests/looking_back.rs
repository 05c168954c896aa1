//! Looking for batches, together and one by one; and taking them back.

use ledger::{
    Action, Announced, AnnouncedItem, Asks, AuditFilter, BatchFilter, BatchSum, Cause, DaySum, Guest,
    ItemFilter, ItemState, LedgerError, NewLink, Quota, Seen, Sha256Hash, Undo, Usage, WhoseBatches,
};
use transfer::wire::{BatchId, BatchState, ItemIndex, ItemOutcome, UnixMillis};

use crate::scene::{NOW, Scene, deed, item, later, named, report, stored};

const ALL: WhoseBatches = WhoseBatches::All;

fn about(text: &str) -> BatchFilter {
    BatchFilter { about: Some(text.to_owned()), ..BatchFilter::default() }
}

impl Scene {
    /// What is found, by id.
    async fn found(&self, filter: &BatchFilter) -> Vec<String> {
        let found = self.ledger.batches().find(filter, None, 99).await.unwrap();
        let sum = self.ledger.batches().sum(filter).await.unwrap();
        assert_eq!(sum.batches, found.len() as u64, "{filter:?}");
        found.into_iter().map(|batch| batch.id.to_string()).collect()
    }
}

#[tokio::test]
async fn batches_are_found_by_all_that_is_known_of_them() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada_Lovelace").await, scene.person("Bob").await);
    let link = NewLink {
        token: Sha256Hash::of("link"),
        project: "default".parse().unwrap(),
        title: "Party".to_owned(),
        welcome: String::new(),
        asks: Asks::default(),
        password_hash: None,
        quota: Quota::default(),
        expires_at: later(100),
    };
    let link = scene.ledger.links().create(deed(NOW), link).await.unwrap();
    let guest =
        Guest { name: "Kai (Party)".to_owned(), unique: "1".to_owned(), email: None, note: None, at: NOW };
    let kai = scene.ledger.links().admit(link, guest).await.unwrap();
    let first = scene.batch(&ada, "aaaa-1", later(1)).await;
    let second = scene.batch(&bob, "bbbb-2", later(2)).await;
    scene.batch(&kai, "cccc-3", later(3)).await;
    let items = scene.ledger.items();
    items.announce(&first, &[named(0, "Hall/IMG_1.JPG"), named(1, "50%.jpg")], 9, NOW).await.unwrap();
    let elsewhere = AnnouncedItem { key: "photos/bbbb-2/x".to_owned(), ..named(0, "IMG_1/x.jpg") };
    items.announce(&second, &[elsewhere], 9, NOW).await.unwrap();
    scene.ledger.batches().close(&second, later(9)).await.unwrap();

    assert_eq!(scene.found(&BatchFilter::default()).await, ["cccc-3", "bbbb-2", "aaaa-1"]);
    assert_eq!(scene.found(&about("img_1")).await, ["aaaa-1"], "the name, not the folder; _ is itself");
    assert_eq!(scene.found(&about("IMGX1")).await, Vec::<String>::new());
    assert_eq!(scene.found(&about("50%")).await, ["aaaa-1"]);
    assert_eq!(scene.found(&about("%")).await, Vec::<String>::new(), "nothing begins so");
    assert_eq!(scene.found(&about(" BBBB ")).await, ["bbbb-2"], "by id");
    assert_eq!(scene.found(&about("a_love")).await, ["aaaa-1"], "by name");
    assert_eq!(scene.found(&about("party")).await, ["cccc-3"]);
    let by = |person| BatchFilter { person: Some(person), ..BatchFilter::default() };
    assert_eq!(scene.found(&by(bob.id)).await, ["bbbb-2"]);
    assert_eq!(scene.found(&BatchFilter { link: Some(link), ..BatchFilter::default() }).await, ["cccc-3"]);
    let open = BatchFilter { state: Some(BatchState::Open), ..BatchFilter::default() };
    assert_eq!(scene.found(&open).await, ["cccc-3", "aaaa-1"]);
    let when = BatchFilter { since: Some(later(1)), until: Some(later(3)), ..BatchFilter::default() };
    assert_eq!(scene.found(&when).await, ["bbbb-2", "aaaa-1"]);
    assert_eq!(
        scene.found(&BatchFilter { about: Some("img_1".to_owned()), ..by(bob.id) }).await,
        Vec::<String>::new()
    );
    let nowhere = BatchFilter { project: Some("nowhere".parse().unwrap()), ..BatchFilter::default() };
    assert_eq!(scene.ledger.batches().sum(&nowhere).await.unwrap(), BatchSum::default());
    let sum = scene.ledger.batches().sum(&BatchFilter::default()).await.unwrap();
    assert_eq!(sum, BatchSum { batches: 3, items: 3, stored: 0, bytes: 0 });
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    for number in 0..7 {
        // Some were opened at the same moment.
        scene.batch(&ada, &format!("b{number}"), later(number / 3)).await;
    }
    let mut walked: Vec<BatchId> = Vec::new();
    loop {
        let page = scene.ledger.batches().find(&BatchFilter::default(), walked.last(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        walked.extend(page.into_iter().map(|batch| batch.id));
    }
    let walked: Vec<&str> = walked.iter().map(BatchId::as_str).collect();
    assert_eq!(walked, ["b6", "b5", "b4", "b3", "b2", "b1", "b0"]);
    let nobodys = "nobodys".parse().unwrap();
    let lost = scene.ledger.batches().find(&BatchFilter::default(), Some(&nobodys), 2).await;
    assert!(matches!(lost, Err(LedgerError::NoSuchBatch(_))));
}

#[tokio::test]
async fn items_are_counted_by_state_and_cause() {
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    items.announce(&batch, &(0..6).map(item).collect::<Vec<_>>(), 9, NOW).await.unwrap();
    let failed = |index, class: &str| report(index, ItemOutcome::Failed { class: class.to_owned() });
    let reports =
        [failed(0, "network"), failed(1, "denied"), failed(2, "network"), stored(3, None), stored(4, None)];
    items.report(&batch, ALL, &reports).await.unwrap();
    let seen = Seen { index: ItemIndex(3), size: 100, etag: None, time: NOW };
    items.mark_seen(&batch, &[seen]).await.unwrap();
    items.mark_missing(&batch, NOW).await.unwrap();

    let mut states = items.by_state(&batch).await.unwrap();
    states.sort_by_key(|(_, items)| *items);
    assert_eq!(states, [(ItemState::Stored, 1), (ItemState::Missing, 2), (ItemState::Failed, 3)]);
    let mut causes = items.causes_in(&batch).await.unwrap();
    causes.sort_by_key(|cause| (cause.items, cause.failure.clone()));
    let cause =
        |state, failure: Option<&str>, items| Cause { state, failure: failure.map(str::to_owned), items };
    let expected = [
        cause(ItemState::Failed, Some("denied"), 1),
        cause(ItemState::Missing, None, 2),
        cause(ItemState::Failed, Some("network"), 2),
    ];
    assert_eq!(causes, expected);
    assert_eq!(items.causes_since(NOW).await.unwrap().len(), 3);
    assert_eq!(items.causes_since(later(1)).await.unwrap(), [], "of batches since then");

    let in_state = |state| ItemFilter { state: Some(state), about: None };
    let page = items.find(&batch, &in_state(ItemState::Failed), Some(ItemIndex(0)), 1).await.unwrap();
    assert_eq!((page[0].index, page[0].failure.as_deref()), (ItemIndex(1), Some("denied")));
    let page = items.find(&batch, &in_state(ItemState::Missing), None, 9).await.unwrap();
    assert_eq!(page.into_iter().map(|item| item.index).collect::<Vec<_>>(), [ItemIndex(4), ItemIndex(5)]);
}

#[tokio::test]
async fn items_are_found_by_any_part_of_their_path() {
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    let paths = ["Hall/IMG_1.JPG", "hall/img-1.jpg", "50%.jpg", "a\\b.jpg", "500.jpg", "Ünder/白鳥.jpg"];
    let announced: Vec<_> = (0..).zip(paths).map(|(index, path)| named(index, path)).collect();
    items.announce(&batch, &announced, 9, NOW).await.unwrap();
    let other = scene.batch(&scene.person("Bob").await, "b2", NOW).await;
    let elsewhere = AnnouncedItem { key: "photos/b2/x".to_owned(), ..named(0, "Hall/x.jpg") };
    items.announce(&other, &[elsewhere], 9, NOW).await.unwrap();
    items.report(&batch, ALL, &[stored(1, None)]).await.unwrap();

    let found = async |about: &str, state, after: Option<u32>, limit| {
        let filter = ItemFilter { state, about: Some(about.to_owned()) };
        let page = items.find(&batch, &filter, after.map(ItemIndex), limit).await.unwrap();
        page.into_iter().map(|item| item.index.0).collect::<Vec<_>>()
    };
    assert_eq!(found("HALL/", None, None, 9).await, [0, 1], "of this batch, whatever the case");
    assert_eq!(found("all/im", None, None, 9).await, [0, 1], "in the middle, across a slash");
    assert_eq!(found(" 1.jpg ", None, None, 9).await, [0, 1], "the end");
    assert_eq!(found("g_1", None, None, 9).await, [0], "_ is itself");
    assert_eq!(found("0%", None, None, 9).await, [2], "% is itself");
    assert_eq!(found("\\", None, None, 9).await, [3], "so is the escape");
    assert_eq!(found("\\%", None, None, 9).await, Vec::<u32>::new());
    assert_eq!(found("'; --", None, None, 9).await, Vec::<u32>::new());
    assert_eq!(found("Ünder/白", None, None, 9).await, [5]);
    assert_eq!(found(" \0 ", None, None, 9).await, [0, 1, 2, 3, 4, 5], "nothing to look for");
    assert_eq!(found("hall", Some(ItemState::Stored), None, 9).await, [1]);
    assert_eq!(found("hall", Some(ItemState::Failed), None, 9).await, Vec::<u32>::new());
    assert_eq!(found("jpg", None, None, 2).await, [0, 1]);
    assert_eq!(found("jpg", None, Some(1), 2).await, [2, 3]);
    assert_eq!(found("jpg", None, Some(3), 9).await, [4, 5]);
}

#[tokio::test]
async fn what_came_in_is_summed_by_project_and_by_day() {
    const DAY: u64 = 86_400_000;
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    let midnight = UnixMillis(NOW.0 / DAY * DAY);
    let (today, hour) = (i64::try_from(midnight.0 / DAY).unwrap(), 3_600_000);
    for (id, at) in [("b1", midnight.0), ("b2", midnight.0 + hour), ("b3", midnight.0 - hour)] {
        let batch = scene.batch(&ada, id, UnixMillis(at)).await;
        let items = scene.ledger.items();
        let one = AnnouncedItem { key: format!("photos/{id}/0"), ..item(0) };
        items.announce(&batch, &[one], 9, NOW).await.unwrap();
        items.report(&batch, ALL, &[stored(0, None)]).await.unwrap();
    }
    let batches = scene.ledger.batches();
    let (open, all) = batches.going_on(2).await.unwrap();
    let ids: Vec<&str> = open.iter().map(|batch| batch.id.as_str()).collect();
    assert_eq!((ids, all), (vec!["b2", "b1"], 3));
    assert_eq!(open[0].announced_bytes, 100);
    let sums = batches.by_project(midnight).await.unwrap();
    assert_eq!((sums.len(), sums[0].batches, sums[0].stored, sums[0].bytes), (1, 2, 2, 200));
    let days = |ahead: i64| async move { scene_days(&batches.by_day(UnixMillis(0), ahead).await.unwrap()) };
    assert_eq!(days(0).await, [(today - 1, 1, 100), (today, 2, 200)]);
    assert_eq!(days(2 * 3_600_000).await, [(today, 3, 300)], "on a clock that is ahead");
    assert_eq!(days(-1).await, [(today - 1, 2, 200), (today, 1, 100)]);
}

fn scene_days(days: &[DaySum]) -> Vec<(i64, u64, u64)> {
    days.iter().map(|day| (day.day, day.stored, day.bytes)).collect()
}

#[tokio::test]
async fn a_revoked_batch_can_still_be_compared_and_closed() {
    let (scene, batch) = Scene::with_batch().await;
    let batches = scene.ledger.batches();
    assert!(batches.revoke(deed(later(1)), &batch).await.unwrap());
    assert!(!batches.revoke(deed(later(2)), &batch).await.unwrap(), "once");
    let known = batches.get(&batch).await.unwrap().unwrap();
    assert_eq!((known.state, known.revoked_at), (BatchState::Open, Some(later(1))));
    scene.ledger.items().mark_missing(&batch, NOW).await.unwrap();
    batches.close(&batch, later(3)).await.unwrap();
    assert!(matches!(batches.revoke(deed(later(4)), &batch).await, Err(LedgerError::BatchNotOpen(_))));
    let log = scene.ledger.audit().list(&AuditFilter::default(), 9).await.unwrap();
    assert_eq!(log.into_iter().map(|line| line.action).collect::<Vec<_>>(), [Action::BatchRevoked]);
}

#[tokio::test]
async fn an_undone_batch_holds_nothing_and_leaves_room() {
    let (scene, batch) = Scene::with_batch().await;
    let (items, batches) = (scene.ledger.items(), scene.ledger.batches());
    items.announce(&batch, &[item(0)], 9, NOW).await.unwrap();
    items.mark_seen(&batch, &[Seen { index: ItemIndex(0), size: 100, etag: None, time: NOW }]).await.unwrap();
    assert!(matches!(batches.begin_undo(deed(NOW), &batch).await, Err(LedgerError::BatchOpen(_))));
    batches.verify(&batch, Usage::NONE, later(1)).await.unwrap();
    let ada = scene.ledger.people().list().await.unwrap().remove(0);
    let other = scene.batch(&ada, "b2", NOW).await;
    let files = [("0.jpg".to_owned(), 100)];
    let default = "default".parse().unwrap();
    assert_eq!(items.held(&default, ALL, &other, &files).await.unwrap().len(), 1);

    batches.begin_undo(deed(later(2)), &batch).await.unwrap();
    let undo = |known: Option<ledger::Batch>| known.unwrap().undo.unwrap();
    assert_eq!(undo(batches.get(&batch).await.unwrap()), Undo { begun_at: later(2), done_at: None });
    assert!(items.held(&default, ALL, &other, &files).await.unwrap().is_empty(), "it may be gone already");
    assert_eq!(scene.ledger.projects().used().await.unwrap()["default"], Usage { files: 1, bytes: 100 });
    batches.begin_undo(deed(later(3)), &batch).await.unwrap();
    batches.end_undo(deed(later(4)), &batch, 1).await.unwrap();
    let done = undo(batches.get(&batch).await.unwrap());
    assert_eq!(done, Undo { begun_at: later(2), done_at: Some(later(4)) });
    assert_eq!(scene.ledger.projects().used().await.unwrap()["default"], Usage::NONE);
    assert_eq!(batches.by_project(UnixMillis(0)).await.unwrap()[0].bytes, 0);
    let kept = items.page(&batch, None, 9).await.unwrap().remove(0);
    assert_eq!(kept.state, ItemState::Stored, "the receipt stays");
    assert_eq!(items.announce(&other, &[item(0)], 9, NOW).await.unwrap(), [Announced::Accepted]);
    let log = scene.ledger.audit().list(&AuditFilter::default(), 9).await.unwrap();
    let told: Vec<(Action, &str)> = log.iter().map(|line| (line.action, line.detail.as_str())).collect();
    let begun = (Action::BatchUndoBegun, "");
    assert_eq!(told, [(Action::BatchUndone, "1 objects"), begun, begun]);
}

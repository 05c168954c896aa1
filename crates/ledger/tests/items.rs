//! Items.

use ledger::{Announced, AnnouncedItem, ItemState, PersonRecord, Seen, WhoseBatches};
use transfer::wire::{BatchId, EarlierFate, ItemIndex, ItemOutcome};

use crate::scene::{NOW, Scene, deed, item, later, named, report, stored};

const ALL: WhoseBatches = WhoseBatches::All;

#[tokio::test]
async fn announcing_the_same_again_changes_nothing() {
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    let page = [item(0), item(1)];
    for _ in 0..2 {
        assert_eq!(items.announce(&batch, &page, 2, NOW).await.unwrap(), [Announced::Accepted; 2]);
    }
    assert_eq!(scene.ledger.batches().get(&batch).await.unwrap().unwrap().items, 2);
    assert_eq!(items.page(&batch, None, 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn one_key_and_one_index_belong_to_one_item() {
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    items.announce(&batch, &[item(0)], 10, NOW).await.unwrap();
    let larger = AnnouncedItem { size: 101, ..item(0) };
    let page = [named(1, "0.jpg"), named(0, "other.jpg"), larger, named(2, "x.jpg"), named(3, "x.jpg")];
    let answers = items.announce(&batch, &page, 10, NOW).await.unwrap();
    assert_eq!(
        answers,
        [
            Announced::Duplicate,
            Announced::IndexTaken,
            Announced::IndexTaken,
            Announced::Accepted,
            Announced::Duplicate
        ]
    );
    let kept: Vec<String> =
        items.page(&batch, None, 9).await.unwrap().into_iter().map(|item| item.path).collect();
    assert_eq!(kept, ["0.jpg", "x.jpg"]);
}

#[tokio::test]
async fn two_pages_at_a_time_do_not_overfill_a_batch() {
    let (scene, batch) = Scene::with_batch().await;
    let tasks: Vec<_> = (0..8_u32)
        .map(|page| {
            let (ledger, batch) = (scene.ledger.clone(), batch.clone());
            tokio::spawn(async move {
                let page: Vec<AnnouncedItem> = (page * 50..page * 50 + 50).map(item).collect();
                ledger.items().announce(&batch, &page, 120, NOW).await.unwrap()
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.extend(task.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| **answer == Announced::Accepted).count(), 120);
    assert_eq!(answers.iter().filter(|answer| **answer == Announced::Full).count(), 280);
    assert_eq!(scene.ledger.batches().get(&batch).await.unwrap().unwrap().items, 120);
}

#[tokio::test]
async fn many_items_go_through_every_method() {
    const MANY: u32 = 2_500;
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    let page: Vec<AnnouncedItem> = (0..MANY).map(item).collect();
    let answers = items.announce(&batch, &page, MANY, NOW).await.unwrap();
    assert!(answers.iter().all(|answer| *answer == Announced::Accepted));
    let reports: Vec<_> = (0..MANY).map(|index| stored(index, Some("e"))).collect();
    assert_eq!(items.report(&batch, ALL, &reports).await.unwrap(), u64::from(MANY));
    let keys: Vec<String> = page.iter().map(|item| item.key.clone()).collect();
    assert_eq!(items.by_key(&batch, &keys).await.unwrap().len(), keys.len());
    let indexes: Vec<ItemIndex> = (0..MANY).map(ItemIndex).collect();
    assert_eq!(items.by_index(&batch, &indexes).await.unwrap().len(), keys.len());

    // Page by page is the same as all at once, in order.
    let mut walked = Vec::new();
    while let Some(next) = Some(items.page(&batch, walked.last().copied(), 999).await.unwrap())
        && !next.is_empty()
    {
        walked.extend(next.into_iter().map(|item| item.index));
    }
    assert_eq!(walked, indexes);
}

#[tokio::test]
async fn the_last_report_of_an_item_counts() {
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    items.announce(&batch, &[item(0), item(1)], 10, NOW).await.unwrap();
    let failed = ItemOutcome::Failed { class: "network".to_owned() };
    assert_eq!(items.report(&batch, ALL, &[report(0, failed), stored(7, None)]).await.unwrap(), 0);
    assert_eq!(items.page(&batch, None, 1).await.unwrap()[0].failure.as_deref(), Some("network"));
    assert_eq!(items.report(&batch, ALL, &[stored(0, Some("\"e\"")), stored(1, None)]).await.unwrap(), 2);
    assert_eq!(
        items.report(&batch, ALL, &[stored(0, Some("e"))]).await.unwrap(),
        2,
        "told twice, counted once"
    );
    let summed =
        |sum: &str| ItemOutcome::Stored { etag: None, checksum: Some(sum.to_owned()), replace: false };
    items
        .report(&batch, ALL, &[report(1, summed("crc64nvme:a")), report(1, summed("crc64nvme:b"))])
        .await
        .unwrap();
    assert_eq!(items.page(&batch, None, 9).await.unwrap()[1].checksum.as_deref(), Some("crc64nvme:b"));
    let first = items.page(&batch, None, 1).await.unwrap().remove(0);
    assert_eq!(
        (first.state, first.failure, first.reported_etag.as_deref()),
        (ItemState::Stored, None, Some("e"))
    );
    assert_eq!(items.report(&batch, ALL, &[report(1, ItemOutcome::Cancelled)]).await.unwrap(), 1);
    assert_eq!(items.page(&batch, None, 9).await.unwrap()[1].checksum, None, "of what is not there");
    let known = scene.ledger.batches().get(&batch).await.unwrap().unwrap();
    assert_eq!((known.stored, known.bytes), (1, 100));
}

#[tokio::test]
async fn an_object_with_another_etag_than_reported_differs() {
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    items.announce(&batch, &[item(0), item(1), item(2)], 10, NOW).await.unwrap();
    items.report(&batch, ALL, &[stored(0, Some("mine")), stored(1, Some("mine"))]).await.unwrap();
    let seen = |index, etag: &str| Seen {
        index: ItemIndex(index),
        size: 100,
        etag: Some(etag.to_owned()),
        time: NOW,
    };
    items.mark_seen(&batch, &[seen(0, "mine"), seen(1, "other's"), seen(2, "unread")]).await.unwrap();
    let states: Vec<ItemState> =
        items.page(&batch, None, 9).await.unwrap().into_iter().map(|item| item.state).collect();
    assert_eq!(states, [ItemState::Stored, ItemState::Differs, ItemState::Stored]);
    assert_eq!(items.mark_missing(&batch, NOW).await.unwrap(), [], "all were seen since");
}

#[tokio::test]
async fn what_a_project_holds_is_found_and_may_be_skipped() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    let (first, second) = (scene.batch(&ada, "b1", NOW).await, scene.batch(&ada, "b2", NOW).await);
    let items = scene.ledger.items();
    let project = "default".parse().unwrap();
    items.announce(&first, &[item(0), item(1), item(2)], 10, NOW).await.unwrap();
    let checksum = Some("crc64nvme:a".to_owned());
    let sum = ItemOutcome::Stored { etag: None, checksum, replace: false };
    items.report(&first, ALL, &[report(0, sum), stored(1, None), stored(2, None)]).await.unwrap();
    let files: Vec<_> = (0..4).map(|index| (format!("{index}.jpg"), 100)).collect();
    let of = |person: &PersonRecord| WhoseBatches::Of(person.id);
    let held = items.held(&project, ALL, &second, &files).await.unwrap();
    assert!(held.is_empty(), "a browser's word is not enough");

    let seen = |index, size| Seen { index: ItemIndex(index), size, etag: None, time: NOW };
    items.mark_seen(&first, &[seen(0, 100), seen(1, 100), seen(2, 99)]).await.unwrap();
    let held = items.held(&project, of(&ada), &second, &files).await.unwrap();
    let mut found: Vec<_> = held.keys().map(|(path, _)| path.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["0.jpg", "1.jpg"], "what differs is not held");
    let one = &held[&files[0]];
    assert_eq!(
        (one.batch.as_str(), one.checksum.as_deref(), one.modified),
        ("b1", Some("crc64nvme:a"), Some(NOW))
    );
    let other_size = [("0.jpg".to_owned(), 101)];
    assert!(items.held(&project, ALL, &second, &other_size).await.unwrap().is_empty());
    assert!(
        items.held(&project, of(&bob), &second, &files).await.unwrap().is_empty(),
        "nobody hears of others'"
    );
    assert!(
        items.held(&project, ALL, &first, &files).await.unwrap().is_empty(),
        "a batch is not its own duplicate"
    );

    items.announce(&second, &[item(0), item(3)], 10, NOW).await.unwrap();
    let skips = [report(0, ItemOutcome::Skipped), report(3, ItemOutcome::Skipped)];
    items.report(&second, of(&ada), &skips).await.unwrap();
    let told = items.page(&second, None, 9).await.unwrap();
    assert_eq!((told[0].state, told[0].same_as.as_ref()), (ItemState::Skipped, Some(&first)));
    assert_eq!((told[1].state, &told[1].same_as), (ItemState::Cancelled, &None), "which nobody holds");
    assert!(items.mark_missing(&second, NOW).await.unwrap().is_empty(), "it is not expected");
}

/// What is known of the copies that the items of a batch replace.
async fn earlier(scene: &Scene, batch: &BatchId) -> Vec<Option<(String, EarlierFate)>> {
    let items = scene.ledger.items().page(batch, None, 99).await.unwrap();
    items.into_iter().map(|item| Some((item.same_as?.into(), item.earlier?))).collect()
}

#[tokio::test]
async fn only_a_copy_of_an_earlier_batch_that_is_over_is_replaced() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    let items = scene.ledger.items();
    let store = async |person: &PersonRecord, id: &str, at: u64, sums: &[&str], replace: bool| {
        let batch = scene.batch(person, id, NOW).await;
        let all: Vec<_> = (0..sums.len() as u32).map(item).collect();
        items.announce(&batch, &all, 10, NOW).await.unwrap();
        let reports: Vec<_> = (0..)
            .zip(sums)
            .map(|(index, sum)| {
                let checksum = Some((*sum).to_owned()).filter(|sum| !sum.is_empty());
                report(index, ItemOutcome::Stored { etag: None, checksum, replace })
            })
            .collect();
        items.report(&batch, WhoseBatches::Of(person.id), &reports).await.unwrap();
        let seen = |index| Seen { index: ItemIndex(index), size: 100, etag: None, time: later(at) };
        let seen: Vec<_> = (0..sums.len() as u32).map(seen).collect();
        items.mark_seen(&batch, &seen).await.unwrap();
        batch
    };
    let old = store(&ada, "b3", 1, &["a", "b", ""], false).await;
    let early = store(&ada, "b5", 2, &["a"], true).await;
    assert_eq!(earlier(&scene, &early).await, [None], "it is open");
    scene.ledger.batches().close(&early, NOW).await.unwrap();
    scene.ledger.batches().close(&old, NOW).await.unwrap();
    let before = store(&ada, "b1", 3, &["a", "b"], true).await;
    assert_eq!(earlier(&scene, &before).await, [None, None], "what came later is not replaced");
    items
        .report(&before, ALL, &[report(0, ItemOutcome::Cancelled), report(1, ItemOutcome::Cancelled)])
        .await
        .unwrap();
    let of_bob = store(&bob, "b7", 4, &["a", "b"], true).await;
    assert_eq!(earlier(&scene, &of_bob).await, [None, None], "somebody else's");
    let new = store(&ada, "b9", 5, &["a", "c", "", "d"], true).await;
    let due = |batch: &str| Some((batch.to_owned(), EarlierFate::Due));
    assert_eq!(
        earlier(&scene, &new).await,
        [due("b5"), None, None, None],
        "the same checksum, if there is one"
    );

    assert_eq!(items.due_batches(9).await.unwrap(), [], "it is open");
    scene.ledger.batches().close(&new, NOW).await.unwrap();
    assert_eq!(items.due_batches(9).await.unwrap(), std::slice::from_ref(&new));
    assert_eq!(items.due(&new, 9).await.unwrap().len(), 1);
    let pairs = [(ItemIndex(0), ItemIndex(0))];
    for _ in 0..2 {
        scene.ledger.images().replace(deed(NOW), &early, &new, &pairs).await.unwrap();
        assert_eq!(items.replaced(&new).await.unwrap(), (1, 0));
    }
    assert_eq!(items.page(&early, None, 9).await.unwrap()[0].replaced_by.as_ref(), Some(&new));
    assert!(scene.ledger.images().of_items(&early, &[ItemIndex(0)]).await.unwrap().is_empty());
    assert_eq!(items.due_batches(9).await.unwrap(), []);
    let log = scene.ledger.audit().list(&ledger::AuditFilter::default(), 9).await.unwrap();
    let line = (log[0].action.word(), log[0].subject.as_str(), log[0].detail.as_str());
    assert_eq!((log.len(), line), (1, ("images_replaced", "b5", "1 files, by b9")), "told once");
}

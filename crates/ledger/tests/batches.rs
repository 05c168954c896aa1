//! Batches and projects.

use ledger::{ItemState, LedgerError, NewBatch, Seen, Usage, WhoseBatches};
use transfer::wire::{BatchState, GrantKind, ItemIndex, ItemOutcome, KeyTemplate, Rules, UnixMillis};

use crate::scene::{NOW, Scene, item, later, report, stored};

#[tokio::test]
async fn there_is_a_project_to_begin_with() {
    let scene = Scene::new().await;
    let project = scene.ledger.projects().get(&"default".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((project.prefix.as_str(), project.grant), ("photos", GrantKind::Credentials));
    assert_eq!(project.rules, Rules::default());
}

#[tokio::test]
async fn a_prefix_is_never_used_again() {
    let (scene, batch) = Scene::with_batch().await;
    let ada = scene.ledger.batches().get(&batch).await.unwrap().unwrap().person;
    let again = |id: &str, prefix: &str| NewBatch {
        id: id.parse().unwrap(),
        project: "default".parse().unwrap(),
        person: ada,
        token: None,
        prefix: prefix.to_owned(),
        key_template: KeyTemplate::default(),
        grant: GrantKind::SignedUrls,
        opened_at: NOW,
    };
    let batches = scene.ledger.batches();
    assert!(batches.open(again("b2", "photos/b1/")).await.is_err());
    assert!(batches.open(again("b1", "photos/b2/")).await.is_err());
}

#[tokio::test]
async fn a_person_sees_own_batches_newest_first() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    scene.batch(&ada, "a1", later(1)).await;
    scene.batch(&bob, "b1", later(2)).await;
    scene.batch(&ada, "a2", later(3)).await;
    let batches = scene.ledger.batches();
    let ids = |found: Vec<ledger::Batch>| -> Vec<String> {
        found.into_iter().map(|batch| format!("{} {}", batch.id, batch.person_name)).collect()
    };
    assert_eq!(ids(batches.recent(WhoseBatches::Of(ada.id), 9).await.unwrap()), ["a2 Ada", "a1 Ada"]);
    assert_eq!(ids(batches.recent(WhoseBatches::All, 2).await.unwrap()), ["a2 Ada", "b1 Bob"]);
}

#[tokio::test]
async fn a_batch_is_verified_only_when_nothing_is_expected_any_more() {
    let (scene, batch) = Scene::with_batch().await;
    let (items, batches) = (scene.ledger.items(), scene.ledger.batches());
    items.announce(&batch, &[item(0), item(1), item(2), item(3)], 10, NOW).await.unwrap();
    let cancelled = report(3, ItemOutcome::Cancelled);
    items
        .report(&batch, WhoseBatches::All, &[stored(0, None), stored(1, None), stored(2, None), cancelled])
        .await
        .unwrap();

    // The store holds 0, and 1 with another size; 2 is not there, whatever the browser said.
    let seen = |index, size| Seen { index: ItemIndex(index), size, etag: None, time: later(5) };
    items.mark_seen(&batch, &[seen(0, 100), seen(1, 99)]).await.unwrap();
    assert_eq!(items.mark_missing(&batch, later(5)).await.unwrap(), [ItemIndex(2)]);
    let found = batches.verify(&batch, Usage::NONE, later(6)).await.unwrap();
    assert_eq!((found.state, found.stored, found.bytes), (BatchState::Open, 1, 100));
    assert_eq!(items.in_state(&batch, ItemState::Differs, 9).await.unwrap(), [ItemIndex(1)]);

    let again = Seen { time: later(8), ..seen(2, 100) };
    items.mark_seen(&batch, &[seen(0, 100), Seen { time: later(8), ..seen(1, 100) }, again]).await.unwrap();
    let found = batches.verify(&batch, Usage::NONE, later(9)).await.unwrap();
    assert_eq!((found.state, found.stored, found.bytes), (BatchState::Verified, 3, 300));
    assert_eq!(batches.verify(&batch, Usage::NONE, later(10)).await.unwrap(), found, "asked again, the same");
    let over = batches.get(&batch).await.unwrap().unwrap();
    assert_eq!((over.state, over.verified_at, over.stored), (BatchState::Verified, Some(later(9)), 3));
}

#[tokio::test]
async fn what_is_over_takes_nothing_more() {
    let (scene, batch) = Scene::with_batch().await;
    let (items, batches) = (scene.ledger.items(), scene.ledger.batches());
    items.announce(&batch, &[item(0)], 10, NOW).await.unwrap();
    batches.close(&batch, later(1)).await.unwrap();
    let refused = |result: Result<(), LedgerError>| matches!(result, Err(LedgerError::BatchNotOpen(_)));
    assert!(refused(items.announce(&batch, &[item(1)], 10, NOW).await.map(drop)));
    assert!(refused(items.report(&batch, WhoseBatches::All, &[stored(0, None)]).await.map(drop)));
    assert!(refused(items.mark_missing(&batch, NOW).await.map(drop)));
    assert!(refused(batches.set_grant(&batch, GrantKind::SignedUrls).await));
    assert!(refused(batches.verify(&batch, Usage::NONE, later(2)).await.map(drop)));
    assert!(refused(batches.close(&batch, later(2)).await));
    let nobodys = "nobodys".parse().unwrap();
    assert!(matches!(items.announce(&nobodys, &[item(0)], 1, NOW).await, Err(LedgerError::NoSuchBatch(_))));
}

#[tokio::test]
async fn an_abandoned_batch_is_closed_by_one_server() {
    let (scene, batch) = Scene::with_batch().await;
    let batches = scene.ledger.batches();
    let ids = |found: Vec<ledger::Batch>| found.into_iter().map(|batch| batch.id).collect::<Vec<_>>();
    assert_eq!(ids(batches.abandoned(UnixMillis(NOW.0 - 1), later(10), 9).await.unwrap()), []);
    assert_eq!(ids(batches.abandoned(NOW, later(10), 9).await.unwrap()), std::slice::from_ref(&batch));

    assert!(batches.claim(&batch, NOW, later(10), later(20)).await.unwrap());
    assert!(!batches.claim(&batch, NOW, later(11), later(20)).await.unwrap(), "another server has it");
    assert_eq!(ids(batches.abandoned(NOW, later(11), 9).await.unwrap()), []);
    assert!(batches.claim(&batch, NOW, later(20), later(30)).await.unwrap(), "that one died");

    batches.touch(&batch, later(21)).await.unwrap();
    assert!(!batches.give_up(&batch, NOW, later(22)).await.unwrap(), "somebody came back");
    assert!(batches.give_up(&batch, later(21), later(22)).await.unwrap());
    let over = batches.get(&batch).await.unwrap().unwrap();
    assert_eq!((over.state, over.closed_at), (BatchState::Closed, Some(later(22))));
    assert!(!batches.claim(&batch, later(21), later(40), later(50)).await.unwrap(), "it is over");
}

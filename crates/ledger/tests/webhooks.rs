//! Webhooks, and what is delivered to them.

use ledger::{
    Attempt, Deliveries, Delivery, DeliveryState, Event, Ledger, LedgerError, Outcome, Usage, WebhookDraft,
    WebhookId, WhoseDeliveries,
};

use crate::scene::{NOW, Scene, deed, item, later};

/// How long a delivery is in hand.
const LEASE: u64 = 60_000;

fn draft(project: Option<&str>, events: &[Event]) -> WebhookDraft {
    WebhookDraft {
        url: "https://example.org/hook?key=hush".to_owned(),
        project: project.map(|project| project.parse().unwrap()),
        events: events.to_vec(),
        enabled: true,
    }
}

async fn webhook(ledger: &Ledger, draft: WebhookDraft) -> WebhookId {
    ledger.webhooks().create(deed(NOW), draft, "whsec_a".to_owned()).await.unwrap()
}

async fn take(deliveries: Deliveries<'_>, at: u64, except: &[WebhookId]) -> Option<Delivery> {
    deliveries.take(later(at), later(at + LEASE), except).await.unwrap()
}

fn attempt(status: u16) -> Attempt {
    Attempt { at: NOW, took: 7, status: Some(status), detail: "no".to_owned() }
}

#[tokio::test]
async fn the_end_of_a_batch_is_told_to_those_who_want_to_know() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    let ledger = &scene.ledger;
    let of_all = webhook(ledger, draft(None, &[Event::BatchVerified, Event::BatchClosed])).await;
    let of_one = webhook(ledger, draft(Some("default"), &[Event::BatchVerified])).await;
    let off = webhook(ledger, WebhookDraft { enabled: false, ..draft(None, &[Event::BatchVerified]) }).await;
    let nowhere = ledger.webhooks().create(deed(NOW), draft(Some("nowhere"), &[]), String::new()).await;
    assert!(matches!(nowhere, Err(LedgerError::NoSuchProject(_))));

    let [whole, left, idle] = ["b1", "b2", "b3"];
    let whole = scene.batch(&ada, whole, NOW).await;
    let left = scene.batch(&ada, left, NOW).await;
    let idle = scene.batch(&ada, idle, NOW).await;
    ledger.items().announce(&left, &[item(0)], 10, NOW).await.unwrap();
    ledger.batches().verify(&left, Usage::NONE, later(1)).await.unwrap();
    ledger.batches().verify(&whole, Usage::NONE, later(2)).await.unwrap();
    ledger.batches().verify(&whole, Usage::NONE, later(3)).await.unwrap();
    ledger.batches().close(&left, later(4)).await.unwrap();
    assert!(ledger.batches().close(&left, later(5)).await.is_err());
    assert!(ledger.batches().give_up(&idle, later(6), later(6)).await.unwrap());
    assert!(!ledger.batches().give_up(&idle, later(7), later(7)).await.unwrap());

    let told = ledger.deliveries().list(WhoseDeliveries::All, None, 9).await.unwrap();
    let mut told: Vec<_> =
        told.into_iter().map(|it| (it.message, it.webhook, it.happened_at, it.batch.unwrap())).collect();
    told.sort();
    let message = |text: &str| text.to_owned();
    assert_eq!(
        told,
        [
            (message("batch-closed-b2"), of_all, later(4), left),
            (message("batch-closed-b3"), of_all, later(6), idle),
            (message("batch-verified-b1"), of_all, later(2), whole.clone()),
            (message("batch-verified-b1"), of_one, later(2), whole),
        ]
    );
    let first = ledger.deliveries().list(WhoseDeliveries::Of(of_all), None, 1).await.unwrap();
    let rest = ledger.deliveries().list(WhoseDeliveries::Of(of_all), Some(first[0].id), 9).await.unwrap();
    assert_eq!((first.len(), rest.len()), (1, 2));
    ledger.webhooks().delete(deed(NOW), of_all).await.unwrap();
    assert!(matches!(ledger.webhooks().delete(deed(NOW), of_all).await, Err(LedgerError::NoSuchWebhook)));
    let mut left: Vec<_> = ledger.webhooks().list().await.unwrap().into_iter().map(|it| it.id).collect();
    left.sort();
    assert_eq!(left, [of_one, off]);
    assert_eq!(ledger.deliveries().list(WhoseDeliveries::All, None, 9).await.unwrap().len(), 1);
    assert_eq!(ledger.deliveries().sweep(later(2)).await.unwrap(), 0);
    assert_eq!(ledger.deliveries().sweep(later(3)).await.unwrap(), 1);

    let log = ledger.audit().list(&ledger::AuditFilter::default(), 99).await.unwrap();
    assert!(log.iter().any(|line| line.subject == "example.org"));
    assert!(log.iter().all(|line| !format!("{line:?}").contains("hush")), "URLs hold secrets");
}

#[tokio::test]
async fn a_delivery_is_in_one_hand_at_a_time() {
    let (scene, batch) = Scene::with_batch().await;
    let ledger = &scene.ledger;
    let hook = webhook(ledger, draft(None, &[Event::BatchVerified])).await;
    ledger.batches().verify(&batch, Usage::NONE, NOW).await.unwrap();
    let deliveries = ledger.deliveries();

    assert!(take(deliveries, 0, &[hook]).await.is_none());
    let (one, other) = tokio::join!(take(deliveries, 0, &[]), take(deliveries, 0, &[]));
    let first = match (one, other) {
        (Some(taken), None) | (None, Some(taken)) => taken,
        both => panic!("{both:?}"),
    };
    assert!(take(deliveries, LEASE - 1, &[]).await.is_none());
    let again = deliveries.redeliver(deed(later(1)), first.id, later(LEASE)).await;
    assert!(matches!(again, Err(LedgerError::DeliveryUnderWay)));

    // Whoever had it is gone, or so it seems: its word does not count any more.
    let second = take(deliveries, LEASE, &[]).await.unwrap();
    assert_eq!((first.attempts, second.attempts), (1, 2));
    assert!(!deliveries.note(&first, attempt(200), Outcome::Delivered).await.unwrap());
    assert!(deliveries.note(&second, attempt(500), Outcome::Again(later(LEASE + 10))).await.unwrap());
    assert!(take(deliveries, LEASE + 9, &[]).await.is_none(), "not before it is due");
    let third = take(deliveries, LEASE + 10, &[]).await.unwrap();
    assert_eq!(third.last, Some(attempt(500)));
    assert!(deliveries.note(&third, attempt(410), Outcome::Failed).await.unwrap());
    let failed = deliveries.get(third.id).await.unwrap().unwrap();
    assert_eq!((failed.state, failed.due_at, failed.attempts), (DeliveryState::Failed, None, 3));
    assert!(take(deliveries, 10 * LEASE, &[]).await.is_none());

    let fourth = deliveries.redeliver(deed(later(1)), third.id, later(LEASE)).await.unwrap();
    assert_eq!((fourth.attempts, fourth.earlier_attempts, fourth.message), (4, 3, first.message));
    let gone = deliveries.redeliver(deed(NOW), ledger::DeliveryId(99), NOW).await;
    assert!(matches!(gone, Err(LedgerError::NoSuchDelivery)));
}

#[tokio::test]
async fn what_is_off_is_left_until_it_is_on() {
    let (scene, batch) = Scene::with_batch().await;
    let ledger = &scene.ledger;
    let on = draft(None, &[Event::BatchVerified]);
    let hook = webhook(ledger, on.clone()).await;
    ledger.batches().verify(&batch, Usage::NONE, NOW).await.unwrap();
    let off = WebhookDraft { enabled: false, ..on.clone() };
    ledger.webhooks().change(deed(NOW), hook, off).await.unwrap();
    assert!(take(ledger.deliveries(), 0, &[]).await.is_none());
    let test = ledger.deliveries().test(deed(NOW), hook, "t".to_owned(), later(LEASE)).await.unwrap();
    assert_eq!((test.event, test.attempts, test.batch), (Event::Test, 1, None));
    ledger.webhooks().change(deed(NOW), hook, on).await.unwrap();
    assert_eq!(take(ledger.deliveries(), 0, &[]).await.unwrap().event, Event::BatchVerified);
    assert!(take(ledger.deliveries(), 0, &[]).await.is_none(), "the test is in hand");

    ledger.webhooks().set_secret(deed(NOW), hook, "whsec_b".to_owned(), later(5)).await.unwrap();
    let changed = ledger.webhooks().get(hook).await.unwrap().unwrap();
    assert_eq!(
        (changed.secret.as_str(), changed.earlier.clone()),
        ("whsec_b", Some(("whsec_a".to_owned(), later(5))))
    );
    assert!(!format!("{changed:?}").contains("whsec"));
}

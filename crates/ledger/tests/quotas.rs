//! Quotas: of projects and people, at all and a day, when items are announced and when a batch is verified.

use ledger::{Announced, AnnouncedItem, LedgerError, PersonRecord, ProjectDraft, Quota, Seen, Usage};
use transfer::wire::{BatchId, BatchState, ItemIndex, ProjectId, UnixMillis};

use crate::desk::draft;
use crate::scene::{NOW, Scene, deed, item, later, named};

const ACCEPTED: Announced = Announced::Accepted;
const OVER: Announced = Announced::OverQuota;
const TOMORROW: UnixMillis = UnixMillis(NOW.0 + 86_400_000);

fn files(files: u64) -> Quota {
    Quota { files: Some(files), bytes: None }
}

fn bytes(bytes: u64) -> Quota {
    Quota { files: None, bytes: Some(bytes) }
}

fn used(files: u64, bytes: u64) -> Usage {
    Usage { files, bytes }
}

fn sized(index: u32, size: u64) -> AnnouncedItem {
    AnnouncedItem { size, ..item(index) }
}

impl Scene {
    fn default() -> ProjectId {
        "default".parse().unwrap()
    }

    async fn limit_project(&self, quota: Quota, daily_quota: Quota) {
        let draft = ProjectDraft { quota, daily_quota, ..draft("photos") };
        self.ledger.projects().change(deed(NOW), &Self::default(), draft).await.unwrap();
    }

    async fn limit_person(&self, person: &PersonRecord, quota: Quota, daily: Quota) {
        self.ledger.people().set_quota(deed(NOW), person.id, quota, daily).await.unwrap();
    }

    async fn announce(&self, batch: &BatchId, items: &[AnnouncedItem], at: UnixMillis) -> Vec<Announced> {
        self.ledger.items().announce(batch, items, 1_000, at).await.unwrap()
    }

    /// Has the store hold items as announced.
    async fn see(&self, batch: &BatchId, indexes: &[u32]) {
        let seen: Vec<Seen> = indexes
            .iter()
            .map(|index| Seen { index: ItemIndex(*index), size: 100, etag: None, time: NOW })
            .collect();
        self.ledger.items().mark_seen(batch, &seen).await.unwrap();
    }
}

#[tokio::test]
async fn a_quota_holds_over_all_batches() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    scene.limit_project(Quota { files: Some(3), bytes: Some(250) }, Quota::default()).await;
    let (one, two) = (scene.batch(&ada, "b1", NOW).await, scene.batch(&ada, "b2", NOW).await);
    assert_eq!(scene.announce(&one, &[item(0)], NOW).await, [ACCEPTED]);
    let elsewhere = |index| AnnouncedItem { key: format!("photos/b2/{index}"), ..item(index) };
    let small = AnnouncedItem { size: 10, ..elsewhere(2) };
    let answers = scene.announce(&two, &[elsewhere(0), elsewhere(1), small, elsewhere(3)], NOW).await;
    // 100 and 100 bytes are in; another 100 are too many, 10 are not; then the files are up.
    assert_eq!(answers, [ACCEPTED, OVER, ACCEPTED, OVER]);
    assert_eq!(scene.announce(&one, &[item(0)], NOW).await, [ACCEPTED], "known already");
    assert_eq!(scene.announce(&one, &[named(9, "x.jpg")], NOW).await, [OVER]);
    assert_eq!(scene.ledger.projects().used().await.unwrap()["default"], used(3, 210));
}

#[tokio::test]
async fn a_file_that_no_wait_makes_room_for_is_too_large() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    scene.limit_project(bytes(900), bytes(500)).await;
    scene.limit_person(&ada, Quota::default(), bytes(400)).await;
    let batch = scene.batch(&ada, "b1", NOW).await;
    let answers = scene.announce(&batch, &[sized(0, 401), sized(1, 400)], NOW).await;
    assert_eq!(answers, [Announced::TooLarge { max: 400 }, ACCEPTED]);
}

#[tokio::test]
async fn a_days_quota_begins_anew_at_midnight_and_an_undone_batch_does_not_give_it_back() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    scene.limit_project(files(3), files(2)).await;
    let (one, two) = (scene.batch(&ada, "b1", NOW).await, scene.batch(&ada, "b2", NOW).await);
    let answers = scene.announce(&one, &[item(0), item(1), item(2)], NOW).await;
    assert_eq!(answers, [ACCEPTED, ACCEPTED, Announced::OverDailyQuota]);
    assert_eq!(scene.ledger.projects().used_today(NOW).await.unwrap()["default"], used(2, 200));
    assert_eq!(scene.ledger.projects().used_today(TOMORROW).await.unwrap().get("default"), None);

    let batches = scene.ledger.batches();
    batches.close(&one, later(1)).await.unwrap();
    batches.begin_undo(deed(later(2)), &one).await.unwrap();
    batches.end_undo(deed(later(3)), &one, 2).await.unwrap();
    assert_eq!(scene.announce(&two, &[item(0)], later(4)).await, [Announced::OverDailyQuota]);
    // All three in all are free again, but a day takes two.
    let answers = scene.announce(&two, &[item(0), item(1), item(2)], TOMORROW).await;
    assert_eq!(answers, [ACCEPTED, ACCEPTED, Announced::OverDailyQuota]);
}

#[tokio::test]
async fn a_persons_quota_holds_over_all_projects_and_for_that_person_only() {
    let scene = Scene::new().await;
    let (ada, ben) = (scene.person("Ada").await, scene.person("Ben").await);
    scene.limit_person(&ada, files(3), files(2)).await;
    let (hers, his) = (scene.batch(&ada, "b1", NOW).await, scene.batch(&ben, "b2", NOW).await);
    let three = [item(0), item(1), item(2)];
    assert_eq!(scene.announce(&hers, &three, NOW).await, [ACCEPTED, ACCEPTED, Announced::OverDailyQuota]);
    assert_eq!(scene.announce(&his, &three, NOW).await, [ACCEPTED; 3]);
    let more = [item(2), item(3)];
    assert_eq!(scene.announce(&hers, &more, TOMORROW).await, [ACCEPTED, OVER]);

    let people = scene.ledger.people();
    assert_eq!(people.used().await.unwrap()[&ada.id], used(3, 300));
    assert_eq!(people.used_today(NOW).await.unwrap()[&ada.id], used(2, 200));
    assert_eq!(people.used_today(NOW).await.unwrap()[&ben.id], used(3, 300));
    let nobody = people.set_quota(deed(NOW), ledger::PersonId(999), files(1), files(1)).await;
    assert!(matches!(nobody, Err(LedgerError::NoSuchPerson)), "{nobody:?}");
    scene.limit_person(&ada, Quota::default(), Quota::default()).await;
    assert_eq!(scene.announce(&hers, &[item(3)], TOMORROW).await, [ACCEPTED]);
}

#[tokio::test]
async fn batches_at_a_time_do_not_overfill_a_project_nor_a_person() {
    let scene = Scene::new().await;
    let (ada, ben) = (scene.person("Ada").await, scene.person("Ben").await);
    scene.limit_project(files(100), files(90)).await;
    scene.limit_person(&ada, Quota::default(), files(30)).await;
    let mut tasks = Vec::new();
    for (number, who) in [&ada, &ben, &ada, &ben, &ada, &ben].into_iter().enumerate() {
        let batch = scene.batch(who, &format!("c{number}"), NOW).await;
        let (ledger, hers) = (scene.ledger.clone(), who.id == ada.id);
        tasks.push(tokio::spawn(async move {
            let page: Vec<AnnouncedItem> = (0..40).map(item).collect();
            let answers = ledger.items().announce(&batch, &page, 1_000, NOW).await.unwrap();
            (hers, answers.iter().filter(|answer| **answer == ACCEPTED).count())
        }));
    }
    let (mut of_ada, mut all) = (0, 0);
    for task in tasks {
        let (hers, taken) = task.await.unwrap();
        all += taken;
        of_ada += if hers { taken } else { 0 };
    }
    assert_eq!(all, 90);
    assert!(of_ada <= 30, "{of_ada}");
    assert_eq!(scene.ledger.projects().used_today(NOW).await.unwrap()["default"], used(90, 9_000));
}

#[tokio::test]
async fn what_nobody_announced_counts_and_keeps_a_batch_from_being_verified() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    scene.limit_project(bytes(1_000), Quota::default()).await;
    let [one, two, three] = ["b1", "b2", "b3"];
    let (one, two) = (scene.batch(&ada, one, NOW).await, scene.batch(&ada, two, NOW).await);
    let three = scene.batch(&ada, three, NOW).await;
    let batches = scene.ledger.batches();
    for batch in [&one, &two] {
        assert_eq!(scene.announce(batch, &[item(0)], NOW).await, [ACCEPTED]);
        scene.see(batch, &[0]).await;
    }
    // Within the quota it is only counted.
    let found = batches.verify(&one, used(2, 700), later(1)).await.unwrap();
    assert_eq!((found.state, found.stored, found.bytes), (BatchState::Verified, 1, 100));
    assert_eq!(scene.ledger.projects().used().await.unwrap()["default"], used(4, 900));
    assert_eq!(scene.announce(&three, &[item(0), item(1)], NOW).await, [ACCEPTED, OVER]);
    // The excess of several batches adds up.
    let found = batches.verify(&two, used(1, 50), later(2)).await.unwrap();
    assert_eq!((found.state, found.stored), (BatchState::Closed, 1));
    let two = batches.get(&two).await.unwrap().unwrap();
    assert_eq!((two.beyond, two.verified_at, two.closed_at), (used(1, 50), None, Some(later(2))));
    // Who has nothing beyond is not to blame.
    scene.see(&three, &[0]).await;
    let found = batches.verify(&three, Usage::NONE, later(3)).await.unwrap();
    assert_eq!(found.state, BatchState::Verified);
}

#[tokio::test]
async fn what_is_beyond_counts_once_however_often_it_is_seen() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    scene.limit_person(&ada, Quota::default(), bytes(1_000)).await;
    let batch = scene.batch(&ada, "b1", NOW).await;
    assert_eq!(scene.announce(&batch, &[item(0)], NOW).await, [ACCEPTED]);
    let batches = scene.ledger.batches();
    for _ in 0..3 {
        let found = batches.verify(&batch, used(1, 300), NOW).await.unwrap();
        assert_eq!(found.state, BatchState::Open, "item 0 is not there");
    }
    assert_eq!(scene.ledger.people().used_today(NOW).await.unwrap()[&ada.id], used(2, 400));
    scene.see(&batch, &[0]).await;
    let found = batches.verify(&batch, used(2, 950), NOW).await.unwrap();
    assert_eq!(found.state, BatchState::Closed, "1,050 bytes on a day of 1,000");
}

#[tokio::test]
async fn announcing_and_verifying_at_a_time_do_not_wait_for_each_other() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    scene.limit_project(files(100_000), Quota::default()).await;
    scene.limit_person(&ada, files(100_000), Quota::default()).await;
    let mut tasks = Vec::new();
    for number in 0..8 {
        let (ledger, batch) = (scene.ledger.clone(), scene.batch(&ada, &format!("d{number}"), NOW).await);
        tasks.push(tokio::spawn(async move {
            for turn in 0..6_u32 {
                if number % 2 == 0 {
                    ledger.items().announce(&batch, &[item(turn)], 1_000, NOW).await.map(drop)?;
                } else {
                    ledger.items().announce(&batch, &[item(0)], 1_000, NOW).await?;
                    ledger.batches().verify(&batch, used(u64::from(turn) + 1, 10), NOW).await.map(drop)?;
                }
            }
            Ok::<(), LedgerError>(())
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    // 4 batches of 6 files, and 4 of one file with 6 beyond.
    assert_eq!(scene.ledger.projects().used_today(NOW).await.unwrap()["default"].files, 4 * 6 + 4 * 7);
}

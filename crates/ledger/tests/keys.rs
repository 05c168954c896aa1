//! Keys of items under a template that is not the path.

use ledger::{Announced, AnnouncedItem};
use transfer::wire::{BatchId, ItemIndex};

use crate::scene::{NOW, Scene, item, named};

const ACCEPTED: Announced = Announced::Accepted;

/// A batch whose files are called by their names alone.
async fn scene() -> (Scene, BatchId) {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    let batch = scene.batch_under("{name}", &ada, "b1", NOW).await;
    (scene, batch)
}

/// An item with the key that the template `{name}` makes.
fn by_name(index: u32, path: &str) -> AnnouncedItem {
    let name = path.rsplit('/').next().unwrap();
    AnnouncedItem { key: format!("photos/b1/{name}"), ..named(index, path) }
}

async fn keys(scene: &Scene, batch: &BatchId) -> Vec<String> {
    let items = scene.ledger.items().page(batch, None, 9_999).await.unwrap();
    items.into_iter().map(|item| item.key.strip_prefix("photos/b1/").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn files_of_one_name_get_their_numbers() {
    let (scene, batch) = scene().await;
    let items = scene.ledger.items();
    let page = [by_name(0, "a/x.jpg"), by_name(1, "b/x.jpg"), by_name(2, "x-4.jpg")];
    assert_eq!(items.announce(&batch, &page, 99, NOW).await.unwrap(), [ACCEPTED; 3]);
    // On a page of its own; and what its mark would make is another file's name.
    let page = [by_name(3, "c/x.jpg"), by_name(4, "d/x"), by_name(5, "e/x")];
    assert_eq!(items.announce(&batch, &page, 99, NOW).await.unwrap(), [ACCEPTED; 3]);
    let wanted = ["x.jpg", "x-2.jpg", "x-4.jpg", "x-4-2.jpg", "x", "x-6"];
    assert_eq!(keys(&scene, &batch).await, wanted);
}

#[tokio::test]
async fn announcing_again_keeps_the_key_of_the_first_time() {
    let (scene, batch) = scene().await;
    let items = scene.ledger.items();
    let page = [by_name(0, "a/x.jpg"), by_name(1, "b/x.jpg")];
    items.announce(&batch, &page, 2, NOW).await.unwrap();
    // As `{uuid}` makes another one each time.
    let again = page.clone().map(|item| AnnouncedItem { key: format!("{}-other", item.key), ..item });
    assert_eq!(items.announce(&batch, &again, 2, NOW).await.unwrap(), [ACCEPTED; 2]);
    assert_eq!(keys(&scene, &batch).await, ["x.jpg", "x-2.jpg"]);
    assert_eq!(scene.ledger.batches().get(&batch).await.unwrap().unwrap().items, 2);

    let larger = AnnouncedItem { size: 101, ..by_name(0, "a/x.jpg") };
    let page =
        [larger, by_name(1, "other.jpg"), by_name(7, "a/x.jpg"), by_name(8, "n.jpg"), by_name(9, "n.jpg")];
    let answers = items.announce(&batch, &page, 99, NOW).await.unwrap();
    let taken = Announced::IndexTaken;
    let twice = Announced::Duplicate;
    assert_eq!(answers, [taken, taken, twice, ACCEPTED, twice], "a path is one file");
}

#[tokio::test]
async fn many_files_of_one_name_are_told_apart() {
    const MANY: u32 = 1_500;
    let (scene, batch) = scene().await;
    let items = scene.ledger.items();
    let all: Vec<_> = (0..MANY).map(|index| by_name(index, &format!("{index}/cover.jpg"))).collect();
    for page in all.chunks(1_000) {
        assert!(
            items.announce(&batch, page, MANY, NOW).await.unwrap().iter().all(|answer| *answer == ACCEPTED)
        );
    }
    let keys = keys(&scene, &batch).await;
    let wanted = (0..MANY).map(|index| match index {
        0 => "cover.jpg".to_owned(),
        _ => format!("cover-{}.jpg", index + 1),
    });
    assert!(keys.into_iter().eq(wanted), "by their numbers alone");
    let found = items.by_path(&batch, &["7/cover.jpg".to_owned(), "none".to_owned()]).await.unwrap();
    assert_eq!(found.iter().map(|item| item.index).collect::<Vec<_>>(), [ItemIndex(7)]);
}

#[tokio::test]
async fn two_pages_at_a_time_get_no_key_twice() {
    let (scene, batch) = scene().await;
    let tasks: Vec<_> = (0..6_u32)
        .map(|page| {
            let (ledger, batch) = (scene.ledger.clone(), batch.clone());
            tokio::spawn(async move {
                let page: Vec<_> = (page * 20..page * 20 + 20)
                    .map(|index| by_name(index, &format!("{index}/x.jpg")))
                    .collect();
                ledger.items().announce(&batch, &page, 999, NOW).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), vec![ACCEPTED; 20]);
    }
    let mut keys = keys(&scene, &batch).await;
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 120);
}

#[tokio::test]
async fn where_keys_are_paths_a_second_one_is_refused() {
    let (scene, batch) = Scene::with_batch().await;
    let items = scene.ledger.items();
    let same_key = AnnouncedItem { path: "0\u{301}.jpg".to_owned(), ..named(1, "0.jpg") };
    let answers = items.announce(&batch, &[item(0), same_key], 9, NOW).await.unwrap();
    assert_eq!(answers, [ACCEPTED, Announced::Duplicate]);
}

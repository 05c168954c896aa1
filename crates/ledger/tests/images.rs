//! Images: what a gallery shows, in which order, and what was deleted.

use ledger::{Gallery, WhoseBatches};
use transfer::wire::{BatchId, ItemIndex, ItemOutcome, ProjectId};

use crate::scene::{NOW, Scene, deed, item, later, named, report, stored};

async fn shown(scene: &Scene, of: &Gallery, first: u64, most: u64) -> (u64, Vec<String>) {
    let part = scene.ledger.images().part(of, first, most).await.unwrap();
    (part.total, part.images.into_iter().map(|image| format!("{}/{}", image.batch, image.path)).collect())
}

/// A batch in which some of these paths are stored, and one more is not.
async fn filled(scene: &Scene, person: &ledger::PersonRecord, id: &str, at: u64, paths: &[&str]) -> BatchId {
    let batch = scene.batch(person, id, later(at)).await;
    let items = scene.ledger.items();
    let mut page: Vec<_> = (0..).zip(paths).map(|(index, path)| named(index, path)).collect();
    page.push(item(99));
    items.announce(&batch, &page, 1_000, NOW).await.unwrap();
    let reports: Vec<_> = (0..paths.len()).map(|index| stored(index as u32, None)).collect();
    items.report(&batch, WhoseBatches::All, &reports).await.unwrap();
    items
        .report(&batch, WhoseBatches::All, &[report(99, ItemOutcome::Failed { class: "denied".to_owned() })])
        .await
        .unwrap();
    batch
}

#[tokio::test]
async fn a_project_is_shown_batch_by_batch_and_each_by_path() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    let old = filled(&scene, &ada, "b1", 0, &["c.jpg", "a.jpg", "b.jpg"]).await;
    filled(&scene, &bob, "b2", 1, &["z.jpg", "y.jpg"]).await;
    let project: ProjectId = "default".parse().unwrap();
    let all = Gallery::Project(project.clone(), WhoseBatches::All);
    let whole = ["b2/y.jpg", "b2/z.jpg", "b1/a.jpg", "b1/b.jpg", "b1/c.jpg"];
    assert_eq!(shown(&scene, &all, 0, 9).await, (5, whole.map(str::to_owned).to_vec()));
    for first in 0..=5_usize {
        let (_, part) = shown(&scene, &all, first as u64, 2).await;
        assert_eq!(part, whole[first..(first + 2).min(5)], "from {first}");
    }
    let (total, part) = shown(&scene, &Gallery::Batch(old), 1, 9).await;
    assert_eq!((total, part), (3, ["b1/b.jpg", "b1/c.jpg"].map(str::to_owned).to_vec()));
    let (total, part) = shown(&scene, &Gallery::Project(project, WhoseBatches::Of(bob.id)), 0, 9).await;
    assert_eq!((total, part), (2, whole[..2].iter().map(|path| (*path).to_owned()).collect()));
    let other = Gallery::Project("other".parse().unwrap(), WhoseBatches::All);
    assert_eq!(shown(&scene, &other, 0, 9).await, (0, Vec::new()));
}

#[tokio::test]
async fn what_was_deleted_is_shown_and_held_no_more_and_stays_in_the_receipt() {
    let scene = Scene::new().await;
    let ada = scene.person("Ada").await;
    let batch = filled(&scene, &ada, "b1", 0, &["a.jpg", "b.jpg", "c.jpg"]).await;
    let images = scene.ledger.images();
    let some = [ItemIndex(1), ItemIndex(99), ItemIndex(7)];
    assert_eq!(images.of_items(&batch, &some).await.unwrap().len(), 1, "what failed is not there");
    assert_eq!(images.delete(deed(NOW), &batch, &some).await.unwrap(), 1);
    assert_eq!(images.delete(deed(NOW), &batch, &some).await.unwrap(), 0, "once");
    let gallery = Gallery::Batch(batch.clone());
    assert_eq!(
        shown(&scene, &gallery, 0, 9).await,
        (2, ["b1/a.jpg", "b1/c.jpg"].map(str::to_owned).to_vec())
    );
    assert_eq!(scene.ledger.batches().get(&batch).await.unwrap().unwrap().stored, 3);
    assert!(images.of_items(&batch, &some).await.unwrap().is_empty());
    let log = scene.ledger.audit().list(&ledger::AuditFilter::default(), 9).await.unwrap();
    assert_eq!((log.len(), log[0].action.word(), log[0].subject.as_str()), (1, "images_deleted", "b1"));
}

#[tokio::test]
async fn images_are_found_by_any_part_of_their_path() {
    let scene = Scene::new().await;
    let (ada, bob) = (scene.person("Ada").await, scene.person("Bob").await);
    let old = filled(&scene, &ada, "b1", 0, &["hall/c_1.jpg", "a/HALL/a.jpg", "roof/b.jpg"]).await;
    filled(&scene, &bob, "b2", 1, &["z.jpg", "HALL/y.jpg"]).await;
    let all = Gallery::Project("default".parse().unwrap(), WhoseBatches::All);
    let found = async |of: &Gallery, about: &str, older_than: Option<&BatchId>, first, most| {
        let part = scene.ledger.images().find(of, Some(about), older_than, first, most).await.unwrap();
        assert_eq!(part.beyond, None);
        let paths: Vec<String> = part.images.into_iter().map(|image| image.path).collect();
        (part.total, paths.join(" "))
    };
    let said = |total: u64, paths: &str| (total, paths.to_owned());
    let in_hall = found(&all, "hall/", None, 0, 9).await;
    assert_eq!(
        in_hall,
        said(3, "HALL/y.jpg a/HALL/a.jpg hall/c_1.jpg"),
        "the newest batch first, each by path"
    );
    assert_eq!(
        found(&all, "hall/", None, 1, 1).await,
        said(3, "a/HALL/a.jpg"),
        "a part, and all are counted"
    );
    assert_eq!(found(&all, "hall/", None, 3, 9).await, said(3, ""));
    assert_eq!(found(&all, "c_1", None, 0, 9).await, said(1, "hall/c_1.jpg"));
    assert_eq!(found(&all, "c%1", None, 0, 9).await, said(0, ""), "% is itself");
    assert_eq!(found(&all, "99", None, 0, 9).await, said(0, ""), "what failed is not there");
    assert_eq!(found(&all, "  ", None, 1, 1).await, said(5, "z.jpg"), "nothing to look for");
    let of_old = Gallery::Batch(old.clone());
    assert_eq!(found(&of_old, "B.J", None, 0, 9).await, said(1, "roof/b.jpg"));
    let of_bob = Gallery::Project("default".parse().unwrap(), WhoseBatches::Of(bob.id));
    assert_eq!(found(&of_bob, "hall", None, 0, 9).await, said(1, "HALL/y.jpg"));
    let newer: BatchId = "b2".parse().unwrap();
    assert_eq!(found(&all, "hall", Some(&newer), 0, 9).await, said(2, "a/HALL/a.jpg hall/c_1.jpg"));
    assert_eq!(found(&all, "hall", Some(&old), 0, 9).await, said(0, ""));
    let nowhere: BatchId = "b9".parse().unwrap();
    let error = scene.ledger.images().find(&all, Some("x"), Some(&nowhere), 0, 9).await.unwrap_err();
    assert!(matches!(error, ledger::LedgerError::NoSuchBatch(_)), "{error:?}");

    scene.ledger.images().delete(deed(NOW), &old, &[ItemIndex(1)]).await.unwrap();
    assert_eq!(found(&of_old, "hall", None, 0, 9).await, said(1, "hall/c_1.jpg"), "what was deleted is not");
}

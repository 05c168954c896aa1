//! What copies cost.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

use crate::harness::{BUCKET, TestStore};

/// The files behind the store's blobs, however many names each has.
fn files(store: &TestStore) -> BTreeSet<u64> {
    let shards = std::fs::read_dir(store.dir.path().join("store/blobs")).unwrap();
    let blobs = shards.flat_map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap());
    blobs.map(|blob| blob.unwrap().metadata().unwrap().ino()).collect()
}

async fn copy(store: &TestStore, from: &str, to: &str) {
    let copy = store.admin().copy_object().bucket(BUCKET).key(to);
    copy.copy_source(format!("{BUCKET}/{from}")).send().await.unwrap();
}

#[tokio::test]
async fn a_copy_is_a_second_name_for_the_same_bytes() {
    let store = TestStore::start().await;
    store.put("a", &[7; 300_000]).await;
    copy(&store, "a", "b").await;
    copy(&store, "b", "c").await;
    assert_eq!((store.blob_files(), files(&store).len()), (3, 1));

    let admin = store.admin();
    admin.delete_object().bucket(BUCKET).key("a").send().await.unwrap();
    store.put("b", b"other").await;
    assert_eq!(store.read("c").await.unwrap(), [7; 300_000]);
    let store = TestStore::start_in(store.stop().await).await;
    assert_eq!(store.read("c").await.unwrap(), [7; 300_000], "the sweep at the start leaves it");
    store.admin().delete_object().bucket(BUCKET).key("c").send().await.unwrap();
    assert_eq!((store.blob_files(), files(&store).len()), (1, 1), "the last name frees the bytes");
}

#[tokio::test]
async fn a_copy_of_what_changes_is_one_of_the_versions() {
    let store = TestStore::start().await;
    store.put("a", &[0; 10_000]).await;
    for round in 1..20_u8 {
        let (body, to) = ([round; 10_000], format!("copy-{round}"));
        tokio::join!(store.put("a", &body), copy(&store, "a", &to));
        let copied = store.read(&to).await.unwrap();
        assert!(copied.len() == 10_000 && copied.iter().all(|byte| *byte == copied[0]));
        assert!(copied[0] == round || copied[0] == round - 1);
    }
}

//! ListObjectsV2.

use std::collections::BTreeSet;

use crate::harness::{BUCKET, TestStore, code, status};

async fn filled(keys: &[&str]) -> TestStore {
    let store = TestStore::start().await;
    for key in keys {
        store.put(key, key.as_bytes()).await;
    }
    store
}

/// Keys and common prefixes of every page.
async fn pages(
    store: &TestStore,
    prefix: &str,
    delimiter: Option<&str>,
    size: i32,
) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut common, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let page = store
            .admin()
            .list_objects_v2()
            .bucket(BUCKET)
            .prefix(prefix)
            .set_delimiter(delimiter.map(str::to_owned))
            .max_keys(size)
            .set_continuation_token(token)
            .send()
            .await
            .unwrap();
        assert_eq!(page.key_count().unwrap() as usize, page.contents().len() + page.common_prefixes().len());
        assert!(page.key_count().unwrap() <= size);
        keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        common.extend(page.common_prefixes().iter().map(|prefix| prefix.prefix().unwrap().to_owned()));
        token = page.next_continuation_token().map(str::to_owned);
        assert_eq!(page.is_truncated().unwrap(), token.is_some());
        if token.is_none() {
            return (keys, common);
        }
    }
}

/// The listing as its definition reads.
fn by_definition(all: &[&str], prefix: &str, delimiter: Option<&str>) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut common) = (BTreeSet::new(), BTreeSet::new());
    for key in all.iter().filter_map(|key| key.strip_prefix(prefix)) {
        match delimiter.and_then(|delimiter| key.find(delimiter).map(|at| at + delimiter.len())) {
            Some(end) => common.insert(format!("{prefix}{}", &key[..end])),
            None => keys.insert(format!("{prefix}{key}")),
        };
    }
    (keys.into_iter().collect(), common.into_iter().collect())
}

#[tokio::test]
async fn pages_of_any_size_make_the_same_listing() {
    let all = [
        "a",
        "a/",
        "a/1",
        "a/2",
        "a/b/1",
        "a/b/2",
        "a0",
        "b/1",
        "b/2",
        "b/3",
        "c",
        "d/",
        "é/1",
        "é/2",
        "\u{1f30a}",
    ];
    let store = filled(&all).await;
    for prefix in ["", "a", "a/", "b/", "none", "é"] {
        for delimiter in [None, Some("/"), Some("b"), Some("1")] {
            let expected = by_definition(&all, prefix, delimiter);
            for size in [1, 2, 3, 1_000] {
                assert_eq!(
                    pages(&store, prefix, delimiter, size).await,
                    expected,
                    "{prefix} {delimiter:?} {size}"
                );
            }
        }
    }
}

#[tokio::test]
async fn start_after_begins_behind_a_key() {
    let store = filled(&["a", "b", "b/1", "c"]).await;
    let list = |after: &str| store.admin().list_objects_v2().bucket(BUCKET).start_after(after).send();
    for (after, expected) in [("", 4), ("a", 3), ("b", 2), ("b/0", 2), ("c", 0), ("zz", 0)] {
        assert_eq!(list(after).await.unwrap().contents().len(), expected, "{after}");
    }
}

#[tokio::test]
async fn a_listing_says_what_it_lists() {
    let store = filled(&["a/x"]).await;
    let page = store.admin().list_objects_v2().bucket(BUCKET).prefix("a/").send().await.unwrap();
    let object = &page.contents()[0];
    assert_eq!(
        (object.size(), page.name(), page.prefix(), page.max_keys()),
        (Some(3), Some(BUCKET), Some("a/"), Some(1_000))
    );
    assert_eq!(object.e_tag().unwrap().len(), 34);
    assert!(object.last_modified().is_some());
    let empty = store.admin().list_objects_v2().bucket(BUCKET).max_keys(0).send().await.unwrap();
    assert_eq!((empty.key_count(), empty.is_truncated()), (Some(0), Some(false)));
}

#[tokio::test]
async fn nonsense_is_refused() {
    let store = TestStore::start().await;
    let list = || store.admin().list_objects_v2().bucket(BUCKET);
    assert_eq!(code(&list().max_keys(-1).send().await.unwrap_err()), "InvalidArgument");
    assert_eq!(code(&list().continuation_token("nonsense!").send().await.unwrap_err()), "InvalidArgument");
    let missing = store.admin().list_objects_v2().bucket("missing").send().await.unwrap_err();
    assert_eq!((status(&missing), code(&missing).as_str()), (404, "NoSuchBucket"));
}

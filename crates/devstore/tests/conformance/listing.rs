//! ListObjectsV2.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;

use crate::target::{Target, code, status};

cases! {
    keys_come_in_the_order_of_their_bytes,
    folders_are_rolled_up,
    pages_follow_each_other,
    after_a_key,
    names_in_xml,
    names_that_xml_cannot_carry,
    a_page_of_nothing,
    a_page_has_no_negative_length,
    a_token_is_the_stores_own,
}

/// Without the case's prefix: keys, then common prefixes.
fn names(on: &Target, page: &ListObjectsV2Output) -> (Vec<String>, Vec<String>) {
    let bare = |key: &str| key.strip_prefix(&on.prefix).unwrap().to_owned();
    (
        page.contents().iter().map(|object| bare(object.key().unwrap())).collect(),
        page.common_prefixes().iter().map(|common| bare(common.prefix().unwrap())).collect(),
    )
}

async fn fill(on: &Target, names: &[&str]) {
    for name in names {
        on.put(&on.key(name), name.as_bytes()).await;
    }
}

fn list(on: &Target) -> aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder {
    on.owner().list_objects_v2().bucket(&on.bucket).prefix(&on.prefix)
}

async fn keys_come_in_the_order_of_their_bytes(on: Target) {
    fill(&on, &["b", "B", "a/b", "a", "a-b", "é", "z", "\u{1f30a}", "\u{ff5e}"]).await;
    let page = list(&on).send().await.unwrap();
    let expected = ["B", "a", "a-b", "a/b", "b", "z", "é", "\u{ff5e}", "\u{1f30a}"];
    assert_eq!(names(&on, &page).0, expected);
    assert_eq!((page.key_count(), page.is_truncated()), (Some(9), Some(false)));
    let first = &page.contents()[0];
    assert_eq!((first.size(), first.e_tag()), (Some(1), Some("\"9d5ed678fe57bcca610140957afab571\"")));
    assert!(first.last_modified().is_some());
}

async fn folders_are_rolled_up(on: Target) {
    fill(&on, &["a", "b/1", "b/2", "b/c/3", "d/", "e"]).await;
    let page = list(&on).delimiter("/").send().await.unwrap();
    let (keys, folders) = names(&on, &page);
    assert_eq!(
        (keys, folders),
        (vec!["a".to_owned(), "e".to_owned()], vec!["b/".to_owned(), "d/".to_owned()])
    );
    assert_eq!(page.key_count(), Some(4));
    let inside = list(&on).prefix(on.key("b/")).delimiter("/").send().await.unwrap();
    let (keys, folders) = names(&on, &inside);
    assert_eq!((keys, folders), (vec!["b/1".to_owned(), "b/2".to_owned()], vec!["b/c/".to_owned()]));
}

async fn pages_follow_each_other(on: Target) {
    fill(&on, &["a", "b/1", "b/2", "c", "d/1", "e", "f"]).await;
    let (mut keys, mut folders, mut token) = (Vec::new(), Vec::new(), None);
    for _ in 0..10 {
        let page = list(&on).delimiter("/").max_keys(2).set_continuation_token(token).send().await.unwrap();
        let (more, common) = names(&on, &page);
        assert!(more.len() + common.len() <= 2);
        keys.extend(more);
        folders.extend(common);
        token = page.next_continuation_token().map(str::to_owned);
        assert_eq!(page.is_truncated(), Some(token.is_some()));
        if token.is_none() {
            break;
        }
    }
    assert_eq!(keys, ["a", "c", "e", "f"]);
    assert_eq!(folders, ["b/", "d/"]);
}

async fn after_a_key(on: Target) {
    fill(&on, &["a", "b", "c"]).await;
    let page = list(&on).start_after(on.key("a")).send().await.unwrap();
    assert_eq!(names(&on, &page).0, ["b", "c"]);
    let page = list(&on).start_after(on.key("bb")).send().await.unwrap();
    assert_eq!(names(&on, &page).0, ["c"]);
}

async fn names_in_xml(on: Target) {
    fill(&on, &["a b+c%&=?#<", "ä/ö"]).await;
    let page = list(&on).send().await.unwrap();
    assert_eq!(names(&on, &page).0, ["a b+c%&=?#<", "ä/ö"]);
}

async fn names_that_xml_cannot_carry(on: Target) {
    fill(&on, &["a b+c%&=?#", "line\nbreak", "ä/ö"]).await;
    let page = list(&on).encoding_type(EncodingType::Url).send().await.unwrap();
    let keys: Vec<&str> = page.contents().iter().filter_map(|object| object.key()).collect();
    let expected = ["a%20b%2Bc%25%26%3D%3F%23", "line%0Abreak", "%C3%A4/%C3%B6"];
    assert_eq!(keys, expected.map(|name| on.key(name)), "slashes stay");
}

async fn a_page_of_nothing(on: Target) {
    fill(&on, &["a"]).await;
    let page = list(&on).max_keys(0).send().await.unwrap();
    assert_eq!((page.contents().len(), page.is_truncated()), (0, Some(false)));
}

async fn a_page_has_no_negative_length(on: Target) {
    let refusal = list(&on).max_keys(-1).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (400, "InvalidArgument"));
}

async fn a_token_is_the_stores_own(on: Target) {
    let refusal = list(&on).continuation_token("%%%").send().await;
    assert!(refusal.is_err(), "a token that the store never gave");
    assert_eq!(code(&refusal.unwrap_err()), "InvalidArgument");
}

//! Tags of objects.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Tag, Tagging};

use crate::target::{Target, code, status};

cases! {
    tags_are_set_replaced_and_deleted,
    tags_come_with_an_object,
    tags_come_with_an_upload,
    writing_again_drops_them,
    limits,
    ten_tags_at_most,
    letters_of_tags,
    no_tag_twice,
    what_is_not_there,
}

fn tagging(tags: &[(&str, &str)]) -> Tagging {
    let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build().unwrap();
    Tagging::builder().set_tag_set(Some(tags.iter().map(tag).collect())).build().unwrap()
}

async fn set(on: &Target, key: &str, tags: &[(&str, &str)]) -> Result<(), (u16, String)> {
    let put = on.owner().put_object_tagging().bucket(&on.bucket).key(key).tagging(tagging(tags));
    put.send().await.map(drop).map_err(|refusal| (status(&refusal), code(&refusal)))
}

async fn tags(on: &Target, key: &str) -> Vec<(String, String)> {
    let answer = on.owner().get_object_tagging().bucket(&on.bucket).key(key).send().await.unwrap();
    let mut tags: Vec<_> =
        answer.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    tags.sort();
    tags
}

fn owned(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn tags_are_set_replaced_and_deleted(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    assert!(tags(&on, &key).await.is_empty());
    set(&on, &key, &[("state", "new"), ("who", "ä b+c")]).await.unwrap();
    assert_eq!(tags(&on, &key).await, owned(&[("state", "new"), ("who", "ä b+c")]));
    let got = on.owner().get_object().bucket(&on.bucket).key(&key).send().await.unwrap();
    assert_eq!(got.tag_count(), Some(2));
    set(&on, &key, &[("state", "")]).await.unwrap();
    assert_eq!(tags(&on, &key).await, owned(&[("state", "")]));
    on.owner().delete_object_tagging().bucket(&on.bucket).key(&key).send().await.unwrap();
    assert!(tags(&on, &key).await.is_empty());
    assert_eq!(on.read(&key).await.unwrap(), b"x");
}

async fn tags_come_with_an_object(on: Target) {
    let key = on.key("a");
    let put = on.owner().put_object().bucket(&on.bucket).key(&key).tagging("state=new&who=a%20b");
    put.send().await.unwrap();
    assert_eq!(tags(&on, &key).await, owned(&[("state", "new"), ("who", "a b")]));
}

async fn tags_come_with_an_upload(on: Target) {
    let (key, client) = (on.key("a"), on.owner());
    let begun = client.create_multipart_upload().bucket(&on.bucket).key(&key).tagging("state=new");
    let begun = begun.send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let part = client.upload_part().bucket(&on.bucket).key(&key).upload_id(id).part_number(1);
    let part = part.body(ByteStream::from_static(b"x")).send().await.unwrap();
    let part = aws_sdk_s3::types::CompletedPart::builder().part_number(1).e_tag(part.e_tag().unwrap());
    let parts = aws_sdk_s3::types::CompletedMultipartUpload::builder().parts(part.build()).build();
    let complete = client.complete_multipart_upload().bucket(&on.bucket).key(&key).upload_id(id);
    complete.multipart_upload(parts).send().await.unwrap();
    assert_eq!(tags(&on, &key).await, owned(&[("state", "new")]));
}

async fn writing_again_drops_them(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    set(&on, &key, &[("state", "new")]).await.unwrap();
    on.put(&key, b"y").await;
    assert!(tags(&on, &key).await.is_empty());
}

async fn limits(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    let (longest_key, longest_value) = ("k".repeat(128), "v".repeat(256));
    set(&on, &key, &[(&longest_key, &longest_value)]).await.unwrap();
    let kept = tags(&on, &key).await;
    for (refused, expected) in [
        (&[("", "1")][..], "InvalidTag"),
        (&[(&"k".repeat(129), "1")], "InvalidTag"),
        (&[("a", &"v".repeat(257))], "InvalidTag"),
    ] {
        assert_eq!(set(&on, &key, refused).await, Err((400, expected.to_owned())), "{refused:?}");
        assert_eq!(tags(&on, &key).await, kept);
    }
}

async fn ten_tags_at_most(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    let names: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let eleven: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    set(&on, &key, &eleven[..10]).await.unwrap();
    assert_eq!(set(&on, &key, &eleven).await, Err((400, "BadRequest".to_owned())));
    assert_eq!(tags(&on, &key).await.len(), 10);
}

async fn letters_of_tags(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    set(&on, &key, &[("aZ09 +-=._:/@", "ä\u{6f22}")]).await.unwrap();
    for refused in [("a{", "1"), ("a", "1\u{1f30a}"), ("aws:a", "1")] {
        assert_eq!(set(&on, &key, &[refused]).await, Err((400, "InvalidTag".to_owned())), "{refused:?}");
    }
}

async fn no_tag_twice(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    let twice = set(&on, &key, &[("a", "1"), ("a", "2")]).await;
    assert_eq!(twice, Err((400, "InvalidTag".to_owned())));
    let put = on.owner().put_object().bucket(&on.bucket).key(on.key("b")).tagging("a=1&a=2");
    assert_eq!(put.send().await.map_err(|refusal| status(&refusal)).err(), Some(400), "twice in a header");
    assert_eq!(on.read(&on.key("b")).await, None);
}

async fn what_is_not_there(on: Target) {
    let key = on.key("none");
    assert_eq!(set(&on, &key, &[("a", "b")]).await, Err((404, "NoSuchKey".to_owned())));
    let refusal = on.owner().get_object_tagging().bucket(&on.bucket).key(&key).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (404, "NoSuchKey"));
}

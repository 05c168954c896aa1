//! Objects: what goes in comes out.

use std::time::SystemTime;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use sigv4::{Method, Payload};

use crate::target::{Target, bytes, code, status};

cases! {
    headers_come_back,
    an_etag_is_the_md5,
    writing_again_replaces,
    what_is_not_there,
    ranges,
    ranges_of_nothing,
    a_suffix_of_nothing,
    deleting_many,
    keys_are_literal,
    a_key_has_1024_bytes,
    metadata_has_a_limit,
    a_body_needs_a_length,
}

async fn headers_come_back(on: Target) {
    let key = on.key("photo");
    let put = on.owner().put_object().bucket(&on.bucket).key(&key);
    put.content_type("image/jpeg")
        .cache_control("max-age=60")
        .content_disposition("attachment; filename=\"a.jpg\"")
        .content_language("de")
        .metadata("camera", "X100")
        .body(ByteStream::from_static(b"photo"))
        .send()
        .await
        .unwrap();
    let before = SystemTime::now();
    let head = on.owner().head_object().bucket(&on.bucket).key(&key).send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/jpeg"));
    assert_eq!(head.cache_control(), Some("max-age=60"));
    assert_eq!(head.content_disposition(), Some("attachment; filename=\"a.jpg\""));
    assert_eq!(head.content_language(), Some("de"));
    assert_eq!(head.metadata().unwrap()["camera"], "X100");
    assert_eq!(head.content_length(), Some(5));
    assert_eq!(head.accept_ranges(), Some("bytes"));
    assert!(SystemTime::try_from(*head.last_modified().unwrap()).unwrap() <= before);
    on.put(&on.key("bare"), b"x").await;
    let bare = on.raw(Method::Put, &on.key("bare"), &[], &[], b"x").await;
    assert_eq!(bare.status, 200);
    let head = on.owner().head_object().bucket(&on.bucket).key(on.key("bare")).send().await.unwrap();
    assert_eq!(
        head.content_type(),
        Some("binary/octet-stream"),
        "of bytes of which nobody said what they are"
    );
}

async fn an_etag_is_the_md5(on: Target) {
    let put = on.owner().put_object().bucket(&on.bucket).key(on.key("a"));
    let answer = put.body(ByteStream::from_static(b"hello world")).send().await.unwrap();
    assert_eq!(answer.e_tag(), Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""));
    let answer = on.owner().put_object().bucket(&on.bucket).key(on.key("b")).send().await.unwrap();
    assert_eq!(answer.e_tag(), Some("\"d41d8cd98f00b204e9800998ecf8427e\""));
    assert_eq!(on.read(&on.key("b")).await.unwrap(), b"");
}

async fn writing_again_replaces(on: Target) {
    let key = on.key("a");
    on.put(&key, b"one").await;
    on.put(&key, b"three").await;
    assert_eq!(on.read(&key).await.unwrap(), b"three");
    on.owner().delete_object().bucket(&on.bucket).key(&key).send().await.unwrap();
    assert_eq!(on.read(&key).await, None);
    on.owner().delete_object().bucket(&on.bucket).key(&key).send().await.unwrap();
}

async fn what_is_not_there(on: Target) {
    let missing = on.owner().get_object().bucket(&on.bucket).key(on.key("none")).send().await.unwrap_err();
    assert_eq!((status(&missing), code(&missing).as_str()), (404, "NoSuchKey"));
    let missing = on.owner().head_object().bucket(&on.bucket).key(on.key("none")).send().await.unwrap_err();
    assert_eq!(status(&missing), 404);
    let nowhere = on.owner().get_object().bucket("no-such-bucket-0").key("a").send().await.unwrap_err();
    assert_eq!((status(&nowhere), code(&nowhere).as_str()), (404, "NoSuchBucket"));
    let nowhere = on.owner().put_object().bucket("no-such-bucket-0").key("a").send().await.unwrap_err();
    assert_eq!((status(&nowhere), code(&nowhere).as_str()), (404, "NoSuchBucket"));
}

async fn ranges(on: Target) {
    let (key, body) = (on.key("a"), bytes(700_000));
    on.put(&key, &body).await;
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=300000-300009", 300_000..300_010),
        ("bytes=699990-", 699_990..700_000),
        ("bytes=-5", 699_995..700_000),
        ("bytes=-9999999", 0..700_000),
        ("bytes=0-9999999", 0..700_000),
    ] {
        let got = on.owner().get_object().bucket(&on.bucket).key(&key).range(range).send().await.unwrap();
        let told = format!("bytes {}-{}/700000", expected.start, expected.end - 1);
        assert_eq!(got.content_range(), Some(told.as_str()), "{range}");
        assert!(got.body.collect().await.unwrap().to_vec() == body[expected], "{range}");
    }
    for range in ["bytes=700000-", "bytes=700000-700001"] {
        let got = on.owner().get_object().bucket(&on.bucket).key(&key).range(range).send().await;
        let refusal = got.unwrap_err();
        assert_eq!((status(&refusal), code(&refusal).as_str()), (416, "InvalidRange"), "{range}");
    }
}

async fn ranges_of_nothing(on: Target) {
    let key = on.key("empty");
    on.put(&key, b"").await;
    let got = on.owner().get_object().bucket(&on.bucket).key(&key).range("bytes=0-").send().await;
    assert_eq!(status(&got.unwrap_err()), 416);
}

async fn a_suffix_of_nothing(on: Target) {
    let key = on.key("a");
    on.put(&key, b"hello").await;
    let got = on.owner().get_object().bucket(&on.bucket).key(&key).range("bytes=-0").send().await;
    assert_eq!(got.map_err(|refusal| status(&refusal)).err(), Some(416), "the last 0 bytes");
}

async fn deleting_many(on: Target) {
    for name in ["a", "b", "c & <d>"] {
        on.put(&on.key(name), b"x").await;
    }
    let named = |name: &str| ObjectIdentifier::builder().key(on.key(name)).build().unwrap();
    let all = Delete::builder().objects(named("a")).objects(named("c & <d>")).objects(named("none"));
    let delete = on.owner().delete_objects().bucket(&on.bucket).delete(all.build().unwrap());
    let answer = delete.send().await.unwrap();
    assert_eq!((answer.deleted().len(), answer.errors().len()), (3, 0));
    assert_eq!(on.read(&on.key("a")).await, None);
    assert_eq!(on.read(&on.key("c & <d>")).await, None);
    assert!(on.read(&on.key("b")).await.is_some());
    let quiet = Delete::builder().objects(named("b")).quiet(true).build().unwrap();
    let answer = on.owner().delete_objects().bucket(&on.bucket).delete(quiet).send().await.unwrap();
    assert_eq!(answer.deleted().len(), 0);
    assert_eq!(on.read(&on.key("b")).await, None);
}

async fn keys_are_literal(on: Target) {
    let names =
        ["a", "a/b", "a/", "a//b", "..", "a/../b", "./a", "\u{1f30a}/é", "a b+c%20&=?#", "line\nbreak"];
    for name in names {
        let answer = on.raw(Method::Put, &on.key(name), &[], &[], name.as_bytes()).await;
        assert_eq!(answer.status, 200, "{name:?}: {answer:?}");
    }
    for name in names {
        assert_eq!(on.read(&on.key(name)).await.unwrap(), name.as_bytes(), "{name:?}");
    }
    on.owner().delete_object().bucket(&on.bucket).key(on.key("a/../b")).send().await.unwrap();
    assert_eq!(on.read(&on.key("a/../b")).await, None);
    for name in names.into_iter().filter(|name| *name != "a/../b") {
        assert!(on.read(&on.key(name)).await.is_some(), "{name:?} stays");
    }
}

async fn a_key_has_1024_bytes(on: Target) {
    let longest = on.key(&"k".repeat(1_024 - on.prefix.len()));
    on.put(&longest, b"x").await;
    assert!(on.read(&longest).await.is_some());
    let answer = on.raw(Method::Put, &format!("{longest}k"), &[], &[], b"x").await;
    assert_eq!((answer.status, answer.code()), (400, "KeyTooLongError"));
}

async fn metadata_has_a_limit(on: Target) {
    let put = |length: usize| {
        let put = on.owner().put_object().bucket(&on.bucket).key(on.key("a"));
        put.metadata("a", "x".repeat(length)).send()
    };
    put(2_047).await.unwrap();
    let refusal = put(2_048).await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (400, "MetadataTooLarge"));
}

async fn a_body_needs_a_length(on: Target) {
    let answer = on
        .raw_as(
            Payload::Unsigned,
            Method::Put,
            &on.key("a"),
            &[],
            &[("transfer-encoding", "chunked")],
            b"1\r\nx\r\n0\r\n\r\n",
        )
        .await;
    assert_eq!((answer.status, answer.code()), (411, "MissingContentLength"));
}

//! URLs that carry a permission.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::presigning::PresigningConfig;
use sigv4::{Expires, Method, Presign};

use crate::harness::{BUCKET, TestStore};
use crate::raw;

fn presign(
    store: &TestStore,
    credentials: &Credentials,
    method: Method,
    key: &str,
    headers: &[(&str, &str)],
) -> String {
    let wanted = Presign {
        method,
        base: &store.base(),
        key,
        query: &[],
        headers,
        expires: Expires::from_seconds(300).unwrap(),
    };
    let url = raw::signer(credentials).presign(&wanted, raw::now());
    url.strip_prefix(&store.endpoint()).unwrap().to_owned()
}

#[tokio::test]
async fn a_url_is_good_for_its_method_and_key() {
    let store = TestStore::start().await;
    let session = store.batch_session("batch-1/").await;
    for credentials in [store.root(), session] {
        let target = presign(&store, &credentials, Method::Put, "batch-1/a", &[]);
        assert_eq!(raw::send(store.addr, "PUT", &target, &[], b"bytes").await.status, 200);
        for method in ["GET", "DELETE", "HEAD", "POST"] {
            assert_eq!(raw::send(store.addr, method, &target, &[], b"").await.status, 403, "{method}");
        }
        let elsewhere = target.replacen("batch-1/a", "batch-1/b", 1);
        let answer = raw::send(store.addr, "PUT", &elsewhere, &[], b"bytes").await;
        assert_eq!((answer.status, answer.code()), (403, "SignatureDoesNotMatch"));
    }
    assert_eq!(store.keys().await, ["batch-1/a"]);
}

#[tokio::test]
async fn the_sdk_presigns_too() {
    let store = TestStore::start().await;
    let config = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let request = store
        .admin()
        .put_object()
        .bucket(BUCKET)
        .key("ä b/+.jpg")
        .content_type("image/jpeg")
        .presigned(config)
        .await
        .unwrap();
    let target = request.uri().strip_prefix(&store.endpoint()).unwrap();
    let headers: Vec<(&str, &str)> = request.headers().filter(|(name, _)| *name != "host").collect();
    assert_eq!(raw::send(store.addr, "PUT", target, &headers, b"bytes").await.status, 200);
    assert_eq!(store.read("ä b/+.jpg").await.unwrap(), b"bytes");
}

#[tokio::test]
async fn a_session_cannot_presign_more_than_it_may() {
    let store = TestStore::start().await;
    store.put("batch-1/a", b"bytes").await;
    let session = store.batch_session("batch-1/").await;
    for (method, name, key) in [
        (Method::Put, "PUT", "batch-2/a"),
        (Method::Get, "GET", "batch-1/a"),
        (Method::Delete, "DELETE", "batch-1/a"),
    ] {
        let target = presign(&store, &session, method, key, &[]);
        let answer = raw::send(store.addr, name, &target, &[], b"").await;
        assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "{name} {key}");
    }
}

#[tokio::test]
async fn an_expired_url_and_one_of_an_expired_session_are_refused() {
    let store = TestStore::start().await;
    let config = PresigningConfig::builder()
        .start_time(std::time::SystemTime::now() - Duration::from_secs(120))
        .expires_in(Duration::from_secs(60))
        .build()
        .unwrap();
    let request = store.admin().put_object().bucket(BUCKET).key("a").presigned(config).await.unwrap();
    let target = request.uri().strip_prefix(&store.endpoint()).unwrap();
    let answer = raw::send(store.addr, "PUT", target, &[], b"bytes").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));

    let target = presign(&store, &store.session_for(None, 1).await, Method::Put, "a", &[]);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let answer = raw::send(store.addr, "PUT", &target, &[], b"bytes").await;
    assert_eq!((answer.status, answer.code()), (400, "ExpiredToken"));
    assert!(store.keys().await.is_empty());
}

#[tokio::test]
async fn what_was_signed_cannot_be_left_out_or_added_to() {
    let store = TestStore::start().await;
    store.put("secret", b"bytes").await;
    let root = store.root();
    let typed =
        presign(&store, &root, Method::Put, "a", &[("content-type", "image/jpeg"), ("content-length", "5")]);
    let right = [("content-type", "image/jpeg"), ("content-length", "5")];
    for wrong in [
        [("content-type", "text/html"), ("content-length", "5")],
        [("content-type", "image/jpeg"), ("content-length", "6")],
    ] {
        let answer = raw::send(store.addr, "PUT", &typed, &wrong, b"bytes!").await;
        assert_eq!((answer.status, answer.code()), (403, "SignatureDoesNotMatch"), "{wrong:?}");
    }
    assert_eq!(raw::send(store.addr, "PUT", &typed, &right, b"bytes").await.status, 200);

    let plain = presign(&store, &root, Method::Put, "b", &[]);
    for header in
        [("x-amz-copy-source", "photos/secret"), ("x-amz-acl", "public-read"), ("x-amz-meta-a", "b")]
    {
        let answer = raw::send(store.addr, "PUT", &plain, &[header], b"").await;
        assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "{header:?}");
    }
    for (more, expected) in
        [("&x-id=PutObject", "SignatureDoesNotMatch"), ("&uploadId=1&partNumber=1", "SignatureDoesNotMatch")]
    {
        let answer = raw::send(store.addr, "PUT", &format!("{plain}{more}"), &[], b"").await;
        assert_eq!(answer.code(), expected);
    }
    let both = raw::send(store.addr, "PUT", &plain, &[("authorization", "AWS4-HMAC-SHA256 x")], b"").await;
    assert_eq!((both.status, both.code()), (400, "InvalidArgument"));
    assert_eq!(store.keys().await, ["a", "secret"]);
}

#[tokio::test]
async fn signature_version_2_is_not_spoken() {
    let store = TestStore::start().await;
    let key = store.root().access_key_id().to_owned();
    let target = format!("/photos/a?AWSAccessKeyId={key}&Expires=4102444800&Signature=AAAA");
    let answer = raw::send(store.addr, "PUT", &target, &[], b"x").await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidRequest"));
    let header = format!("AWS {key}:AAAA");
    let answer = raw::send(store.addr, "PUT", "/photos/a", &[("authorization", &header)], b"x").await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidRequest"));
}

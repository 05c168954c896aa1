//! What the credentials in a browser must not do.

use crate::harness::{BUCKET, TestStore, code, put, status};
use crate::raw;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use sigv4::{Method, Payload};

#[tokio::test]
async fn a_session_writes_its_prefix_and_nothing_else() {
    let store = TestStore::start().await;
    store.admin().create_bucket().bucket("other").send().await.unwrap();
    let session = store.batch_session("batch-1/").await;
    let client = store.s3(session.clone());

    put(&client, BUCKET, "batch-1/a.jpg", b"mine").await.unwrap();
    assert_eq!(store.read("batch-1/a.jpg").await.unwrap(), b"mine");

    for key in [
        "batch-2/a.jpg",
        "batch-11/a.jpg",
        "batch-1",
        "Batch-1/a.jpg",
        "a.jpg",
        "batch-1%2Fa.jpg",
        "x/batch-1/a.jpg",
    ] {
        let error = put(&client, BUCKET, key, b"theirs").await.unwrap_err();
        assert_eq!((status(&error), code(&error).as_str()), (403, "AccessDenied"), "{key}");
    }
    let error = put(&client, "other", "batch-1/a.jpg", b"theirs").await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    assert_eq!(store.keys().await, ["batch-1/a.jpg"]);
}

#[tokio::test]
async fn dots_in_a_key_are_letters_and_lead_nowhere() {
    let store = TestStore::start().await;
    let session = store.batch_session("batch-1/").await;
    for key in ["batch-1/../batch-2/a.jpg", "batch-1/../../other/a.jpg", "batch-1//a", "batch-1/./a"] {
        assert_eq!(store.raw_put(&session, key, &[], b"x").await.status, 200, "{key}");
        assert_eq!(store.read(key).await.unwrap(), b"x", "{key}");
    }
    for key in ["../photos/batch-1/a.jpg", "batch-2/../batch-1/a.jpg", "/batch-1/a.jpg", "./batch-1/a.jpg"] {
        assert_eq!(store.raw_put(&session, key, &[], b"x").await.code(), "AccessDenied", "{key}");
    }
    assert!(!store.keys().await.iter().any(|key| key.starts_with("batch-2") || key.starts_with("other")));
}

#[tokio::test]
async fn a_session_cannot_read_list_delete_or_copy() {
    let store = TestStore::start().await;
    store.put("batch-1/a.jpg", b"bytes").await;
    let client = store.s3(store.batch_session("batch-1/").await);
    let (bucket, key) = (BUCKET, "batch-1/a.jpg");

    let error = client.get_object().bucket(bucket).key(key).send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let error = client.head_object().bucket(bucket).key(key).send().await.unwrap_err();
    assert_eq!(status(&error), 403);
    let error = client.head_object().bucket(bucket).key("batch-1/none").send().await.unwrap_err();
    assert_eq!(status(&error), 403, "what does not exist looks the same");
    let error = client.list_objects_v2().bucket(bucket).prefix("batch-1/").send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let error = client.head_bucket().bucket(bucket).send().await.unwrap_err();
    assert_eq!(status(&error), 403);
    let error = client.list_buckets().send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let error = client.delete_object().bucket(bucket).key(key).send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let named = ObjectIdentifier::builder().key(key).build().unwrap();
    let delete = Delete::builder().objects(named).build().unwrap();
    let error = client.delete_objects().bucket(bucket).delete(delete).send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let copy =
        client.copy_object().bucket(bucket).key("batch-1/b.jpg").copy_source(format!("{bucket}/{key}"));
    assert_eq!(code(&copy.send().await.unwrap_err()), "AccessDenied");
    let error = client.create_bucket().bucket("mine").send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let error = client.delete_bucket().bucket(bucket).send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let error = client.get_object_acl().bucket(bucket).key(key).send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let tagged = client.put_object().bucket(bucket).key("batch-1/t").tagging("a=b");
    assert_eq!(code(&tagged.send().await.unwrap_err()), "AccessDenied");

    assert_eq!(store.keys().await, [key]);
    assert_eq!(store.read(key).await.unwrap(), b"bytes");
}

#[tokio::test]
async fn a_session_without_a_policy_has_the_narrow_role() {
    let store = TestStore::start().await;
    let client = store.s3(store.session_for(None, 900).await);
    put(&client, BUCKET, "anywhere/a.jpg", b"x").await.unwrap();
    let error = client.get_object().bucket(BUCKET).key("anywhere/a.jpg").send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
}

#[tokio::test]
async fn a_policy_adds_nothing_to_the_role() {
    let store = TestStore::start().await;
    store.put("a.jpg", b"x").await;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let client = store.s3(store.session_for(Some(all.to_owned()), 900).await);
    put(&client, BUCKET, "b.jpg", b"x").await.unwrap();
    let error = client.get_object().bucket(BUCKET).key("a.jpg").send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let error = client.delete_object().bucket(BUCKET).key("a.jpg").send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
}

#[tokio::test]
async fn deny_wins_over_allow() {
    let store = TestStore::start().await;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"s3:Put*","Resource":"arn:aws:s3:::{BUCKET}/batch-1/*"}},
            {{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::{BUCKET}/*/secret-?.jpg"}}]}}"#
    );
    let client = store.s3(store.session_for(Some(policy), 900).await);
    put(&client, BUCKET, "batch-1/secret-10.jpg", b"x").await.unwrap();
    let error = put(&client, BUCKET, "batch-1/secret-1.jpg", b"x").await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
}

#[tokio::test]
async fn anonymous_and_foreign_requests_are_refused() {
    let store = TestStore::start().await;
    store.put("a.jpg", b"x").await;
    for (method, target) in [
        ("GET", "/photos/a.jpg"),
        ("PUT", "/photos/b.jpg"),
        ("GET", "/photos?list-type=2"),
        ("GET", "/"),
        ("DELETE", "/photos/a.jpg"),
        ("POST", "/photos?delete"),
    ] {
        let answer = raw::send(store.addr, method, target, &[], b"").await;
        assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "{method} {target}");
    }
    let stranger =
        aws_credential_types::Credentials::new("AKIAAAAAAAAAAAAAAAAA", "secret", None, None, "test");
    let error = put(&store.s3(stranger), BUCKET, "b.jpg", b"x").await.unwrap_err();
    assert_eq!(code(&error), "InvalidAccessKeyId");
    let root = store.root();
    let liar = aws_credential_types::Credentials::new(root.access_key_id(), "secret", None, None, "test");
    let error = put(&store.s3(liar), BUCKET, "b.jpg", b"x").await.unwrap_err();
    assert_eq!(code(&error), "SignatureDoesNotMatch");
    assert_eq!(store.keys().await, ["a.jpg"]);
}

#[tokio::test]
async fn headers_that_change_a_request_must_be_signed() {
    let store = TestStore::start().await;
    store.put("secret.jpg", b"bytes").await;
    let mut signed = store.sign(&store.root(), Method::Put, "copy.jpg", &[], &[], Payload::Unsigned);
    signed.headers.push(("x-amz-copy-source".to_owned(), "photos/secret.jpg".to_owned()));
    let answer = store.send("PUT", &signed, b"").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
    assert_eq!(store.keys().await, ["secret.jpg"]);
}

#[tokio::test]
async fn a_signature_for_another_region_or_service_is_refused() {
    let store = TestStore::start().await;
    let root = store.root();
    for (region, service) in [("eu-west-1", "s3"), ("us-east-1", "sts")] {
        let signer = sigv4::Signer::new(
            sigv4::Credentials {
                access_key_id: root.access_key_id().to_owned(),
                secret_access_key: root.secret_access_key().to_owned(),
                session_token: None,
            },
            region,
            service,
        );
        let base = store.base();
        let request = sigv4::Request {
            method: Method::Get,
            base: &base,
            key: "",
            query: &[("list-type", "2")],
            headers: &[],
            payload: Payload::Unsigned,
        };
        let signed = signer.sign_request(&request, raw::now());
        let headers: Vec<(&str, &str)> =
            signed.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let target = signed.url.strip_prefix(&store.endpoint()).unwrap();
        let answer = raw::send(store.addr, "GET", target, &headers, b"").await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "AuthorizationHeaderMalformed"),
            "{region} {service}"
        );
    }
}

#[tokio::test]
async fn a_multipart_upload_stays_in_its_prefix_too() {
    let store = TestStore::start().await;
    let upload =
        store.admin().create_multipart_upload().bucket(BUCKET).key("batch-2/a").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let client = store.s3(store.batch_session("batch-1/").await);

    let error = client.create_multipart_upload().bucket(BUCKET).key("batch-2/b").send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
    let part = client.upload_part().bucket(BUCKET).key("batch-2/a").upload_id(id).part_number(1);
    assert_eq!(code(&part.body(ByteStream::from_static(b"x")).send().await.unwrap_err()), "AccessDenied");
    // A key of its own does not open an upload of another.
    let part = client.upload_part().bucket(BUCKET).key("batch-1/a").upload_id(id).part_number(1);
    assert_eq!(code(&part.body(ByteStream::from_static(b"x")).send().await.unwrap_err()), "NoSuchUpload");
    let abort = client.abort_multipart_upload().bucket(BUCKET).key("batch-1/a").upload_id(id);
    assert_eq!(code(&abort.send().await.unwrap_err()), "NoSuchUpload");
    let abort = client.abort_multipart_upload().bucket(BUCKET).key("batch-2/a").upload_id(id);
    assert_eq!(code(&abort.send().await.unwrap_err()), "AccessDenied");
    let error = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(code(&error), "AccessDenied");
}

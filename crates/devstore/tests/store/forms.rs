//! Forms under a signed policy.

use aws_credential_types::Credentials;
use sigv4::{PostPolicy, Timestamp};

use crate::harness::{BUCKET, ORIGIN, TestStore};
use crate::raw::{self, Answer};

pub(crate) const BOUNDARY: &str = "----sluice-test";

/// A policy for a batch: its prefix, JPEGs, 1 to 1,000 bytes.
pub(crate) fn policy(credentials: &Credentials) -> Vec<(String, String)> {
    let until = Timestamp::from_unix_millis((raw::now().unix_seconds() + 600) * 1_000);
    let policy = PostPolicy::until(until)
        .equals("bucket", BUCKET)
        .starts_with("key", "batch-1/")
        .starts_with("Content-Type", "image/")
        .content_length(1, 1_000);
    raw::signer(credentials).sign_policy(&policy, raw::now())
}

pub(crate) fn body(fields: &[(String, String)], file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub(crate) async fn post(store: &TestStore, fields: &[(String, String)], file: &[u8]) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", kind.as_str()), ("origin", ORIGIN)];
    raw::send(store.addr, "POST", &format!("/{BUCKET}"), &headers, &body(fields, file)).await
}

/// The fields with `more` behind them.
pub(crate) fn with(fields: &[(String, String)], more: &[(&str, &str)]) -> Vec<(String, String)> {
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    fields.iter().cloned().chain(more).collect()
}

pub(crate) const JPEG: (&str, &str) = ("Content-Type", "image/jpeg");

#[tokio::test]
async fn one_policy_serves_every_file_of_a_batch() {
    let store = TestStore::start().await;
    for credentials in [store.root(), store.batch_session("batch-1/").await] {
        let fields = policy(&credentials);
        for (key, file) in
            [("batch-1/a.jpg", &b"one"[..]), ("batch-1/\u{e4} b/+.jpg", b"two\r\n--not the end\r\n")]
        {
            let answer = post(&store, &with(&fields, &[("key", key), JPEG]), file).await;
            assert_eq!(answer.status, 204, "{answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
            assert_eq!(answer.header("etag").unwrap().len(), 34);
            assert_eq!(store.read(key).await.unwrap(), file);
        }
    }
    let got = store.admin().head_object().bucket(BUCKET).key("batch-1/a.jpg").send().await.unwrap();
    assert_eq!(got.content_type(), Some("image/jpeg"));
}

#[tokio::test]
async fn a_policy_holds_key_type_and_size() {
    let store = TestStore::start().await;
    for credentials in [store.root(), store.session_for(None, 900).await] {
        let fields = policy(&credentials);
        let good = with(&fields, &[("key", "batch-1/a.jpg"), JPEG]);
        let cases = [
            (with(&fields, &[("key", "batch-2/a.jpg"), JPEG]), 10, "AccessDenied"),
            (with(&fields, &[("key", "batch-1"), JPEG]), 10, "AccessDenied"),
            (with(&fields, &[("key", "batch-1/a.jpg"), ("Content-Type", "text/html")]), 10, "AccessDenied"),
            (with(&fields, &[("key", "batch-1/a.jpg")]), 10, "AccessDenied"),
            (with(&good, &[("x-amz-meta-more", "x")]), 10, "AccessDenied"),
            (with(&good, &[("key", "batch-1/b.jpg")]), 10, "InvalidArgument"),
            (good.clone(), 1_001, "EntityTooLarge"),
            (good.clone(), 0, "EntityTooSmall"),
        ];
        for (fields, size, expected) in cases {
            let answer = post(&store, &fields, &vec![7; size]).await;
            assert_eq!(answer.code(), expected, "{size} {:?}", fields.last());
            assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        }
        assert_eq!(post(&store, &good, &[7; 1_000]).await.status, 204);
        assert_eq!(post(&store, &good, &[7; 1]).await.status, 204);
    }
    assert_eq!((store.keys().await, store.blob_files()), (vec!["batch-1/a.jpg".to_owned()], 1));
}

#[tokio::test]
async fn a_policy_cannot_give_more_than_its_signer_has() {
    let store = TestStore::start().await;
    let session = store.batch_session("batch-2/").await;
    let fields = with(&policy(&session), &[("key", "batch-1/a.jpg"), JPEG]);
    let answer = post(&store, &fields, b"x").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
    assert!(store.keys().await.is_empty());
}

#[tokio::test]
async fn a_form_needs_its_whole_signature() {
    let store = TestStore::start().await;
    let session = store.batch_session("batch-1/").await;
    let good = with(&policy(&session), &[("key", "batch-1/a.jpg"), JPEG]);
    let without = |name: &str| good.iter().filter(|(known, _)| known != name).cloned().collect::<Vec<_>>();
    let bent = |name: &str, value: &str| {
        let bend = |(known, old): &(String, String)| {
            (known.clone(), if known == name { value.to_owned() } else { old.clone() })
        };
        good.iter().map(bend).collect::<Vec<_>>()
    };
    let other = store.batch_session("batch-1/").await;
    let (zeros, empty) = ("0".repeat(64), String::new());
    let cases = [
        (vec![("key".to_owned(), "batch-1/a.jpg".to_owned())], "AccessDenied"),
        (without("policy"), "AccessDenied"),
        (without("x-amz-signature"), "AccessDenied"),
        (without("x-amz-security-token"), "InvalidAccessKeyId"),
        (without("x-amz-date"), "AccessDenied"),
        (bent("x-amz-signature", &zeros), "SignatureDoesNotMatch"),
        (bent("x-amz-signature", &empty), "SignatureDoesNotMatch"),
        (bent("x-amz-security-token", other.session_token().unwrap()), "InvalidToken"),
        (
            bent("policy", "eyJleHBpcmF0aW9uIjoiMjEwMC0wMS0wMVQwMDowMDowMFoiLCJjb25kaXRpb25zIjpbXX0="),
            "SignatureDoesNotMatch",
        ),
        (bent("x-amz-date", "20200101T000000Z"), "RequestTimeTooSkewed"),
        (bent("x-amz-algorithm", "AWS4-HMAC-SHA1"), "InvalidArgument"),
    ];
    for (fields, expected) in cases {
        assert_eq!(post(&store, &fields, b"x").await.code(), expected, "{fields:?}");
    }
    assert!(store.keys().await.is_empty());
    assert_eq!(post(&store, &good, b"x").await.status, 204);
}

#[tokio::test]
async fn an_expired_policy_is_refused() {
    let store = TestStore::start().await;
    let until = Timestamp::from_unix_millis((raw::now().unix_seconds() - 1) * 1_000);
    let policy = PostPolicy::until(until).starts_with("key", "");
    let fields = raw::signer(&store.root()).sign_policy(&policy, raw::now());
    let answer = post(&store, &with(&fields, &[("key", "a")]), b"x").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
}

#[tokio::test]
async fn the_sender_chooses_the_answer() {
    let store = TestStore::start().await;
    let until = Timestamp::from_unix_millis((raw::now().unix_seconds() + 600) * 1_000);
    for (asked, status) in [("200", 200), ("201", 201), ("204", 204), ("999", 204)] {
        let policy = PostPolicy::until(until).starts_with("key", "").equals("success_action_status", asked);
        let fields = raw::signer(&store.root()).sign_policy(&policy, raw::now());
        let answer = post(&store, &with(&fields, &[("key", "a&b")]), b"x").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.body.contains("<Key>a&amp;b</Key>"), status == 201);
        assert_eq!(answer.header("location"), Some("/photos/a%26b"));
    }
}

#[tokio::test]
async fn a_checksum_in_a_form_is_verified() {
    let store = TestStore::start().await;
    let until = Timestamp::from_unix_millis((raw::now().unix_seconds() + 600) * 1_000);
    let policy = PostPolicy::until(until).starts_with("key", "").starts_with("x-amz-checksum-crc32", "");
    let fields = with(&raw::signer(&store.root()).sign_policy(&policy, raw::now()), &[("key", "a")]);
    let right = with(&fields, &[("x-amz-checksum-crc32", "DUoRhQ==")]);
    let answer = post(&store, &right, b"hello w0rld").await;
    assert_eq!((answer.status, answer.code()), (400, "BadDigest"));
    let answer = post(&store, &right, b"hello world").await;
    assert_eq!((answer.status, answer.header("x-amz-checksum-crc32")), (204, Some("DUoRhQ==")));
}

#[tokio::test]
async fn nonsense_is_refused_and_leaves_nothing() {
    let store = TestStore::start().await;
    let fields = with(&policy(&store.root()), &[("key", "batch-1/a.jpg"), JPEG]);
    let whole = body(&fields, &[7; 900]);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    for (target, kind, body, expected) in [
        ("/photos", kind.as_str(), &whole[..whole.len() - 500], "IncompleteBody"),
        ("/photos", kind.as_str(), &whole[..100], "IncompleteBody"),
        ("/photos", "multipart/form-data", &whole[..], "MalformedPOSTRequest"),
        ("/photos", "multipart/mixed; boundary=x", &whole[..], "MalformedPOSTRequest"),
        ("/photos", "multipart/form-data; boundary=other", &whole[..], "MalformedPOSTRequest"),
        ("/photos/batch-1/a.jpg", kind.as_str(), &whole[..], "MethodNotAllowed"),
        ("/", kind.as_str(), &whole[..], "MethodNotAllowed"),
        ("/other-bucket", kind.as_str(), &whole[..], "AccessDenied"),
    ] {
        let answer = raw::send(store.addr, "POST", target, &[("content-type", kind)], body).await;
        assert_eq!(answer.code(), expected, "{target} {kind}");
    }
    let long = with(&fields, &[("x-ignore-me", &"x".repeat(30_000))]);
    assert_eq!(post(&store, &long, b"x").await.code(), "MaxPostPreDataLengthExceededError");
    assert_eq!((store.keys().await.len(), store.blob_files()), (0, 0));
}

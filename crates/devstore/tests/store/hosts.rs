//! One store under several names.

use aws_credential_types::Credentials;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sigv4::{BaseUrl, Expires, Method, Payload, PostPolicy, Presign, Request, Timestamp};
use tokio::net::TcpListener;

use crate::forms;
use crate::harness::{BUCKET, ORIGIN, TestStore, put};
use crate::raw::{self, Answer};

/// The bucket's URL under each name of a store.
fn bases(store: &TestStore) -> Vec<BaseUrl> {
    let port = store.addr.port();
    [
        format!("http://127.0.0.1:{port}/{BUCKET}"),
        format!("http://127.0.0.2:{port}/{BUCKET}"),
        format!("http://localhost:{port}/{BUCKET}"),
        format!("http://{BUCKET}.localhost:{port}"),
        // Somebody's proxy or hosts file.
        format!("http://store.test/{BUCKET}"),
    ]
    .iter()
    .map(|url| BaseUrl::parse(url).unwrap())
    .collect()
}

async fn send(
    store: &TestStore,
    base: &BaseUrl,
    credentials: &Credentials,
    method: Method,
    key: &str,
    more: (&[(&str, &str)], &[u8]),
) -> Answer {
    let (query, body) = more;
    // Without it S3 takes no list of what to delete.
    let md5 = STANDARD.encode(Md5::digest(body));
    let own = [("content-md5", md5.as_str())];
    let request = Request { method, base, key, query, headers: &own, payload: Payload::of(body) };
    let signed = raw::signer(credentials).sign_request(&request, raw::now());
    let added = signed.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let headers: Vec<(&str, &str)> = own.into_iter().chain(added).collect();
    raw::send_to(store.addr, base.host(), method.as_str(), path(&signed.url), &headers, body).await
}

/// The path and query of a URL.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").unwrap().1;
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

#[tokio::test]
async fn every_name_leads_to_the_same_objects() {
    let store = TestStore::start().await;
    let session = store.batch_session("b/").await;
    for (number, base) in bases(&store).iter().enumerate() {
        let bytes = number.to_string().into_bytes();
        for key in ["b/plain", "b/../up", "b//twice", "b/ä +%2F?", "b/\u{1f3d6}", "b/photos"] {
            let answer = send(&store, base, &session, Method::Put, key, (&[], &bytes)).await;
            assert_eq!(answer.status, 200, "{base} {key}: {answer:?}");
            assert_eq!(store.read(key).await.unwrap(), bytes, "{base} {key}");
        }
        for key in ["c/plain", "../b/plain", "/b/plain", "photos/b/plain"] {
            let answer = send(&store, base, &session, Method::Put, key, (&[], b"x")).await;
            assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "{base} {key}");
        }
        let listed = send(&store, base, &store.root(), Method::Get, "", (&[("list-type", "2")], b"")).await;
        assert_eq!((listed.status, listed.body.matches("<Key>").count()), (200, 6), "{base} {listed:?}");
    }
    assert_eq!(store.keys().await.len(), 6);
}

#[tokio::test]
async fn a_signature_is_for_the_name_that_it_was_made_for() {
    let store = TestStore::start().await;
    let root = store.root();
    for base in &bases(&store) {
        let wanted = Presign {
            method: Method::Put,
            base,
            key: "a",
            query: &[],
            headers: &[],
            expires: Expires::from_seconds(60).unwrap(),
        };
        let url = raw::signer(&root).presign(&wanted, raw::now());
        for other in &bases(&store) {
            let answer = raw::send_to(store.addr, other.host(), "PUT", path(&url), &[], b"x").await;
            assert_eq!(answer.status == 200, base == other, "{base} {other} {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_bucket_with_a_name_of_its_own_is_not_sts() {
    let store = TestStore::start().await;
    for key in ["a", "b"] {
        store.put(key, b"x").await;
    }
    let base = &bases(&store)[3];
    assert_eq!(base.host(), format!("photos.localhost:{}", store.addr.port()));
    let delete = br#"<Delete><Object><Key>a</Key></Object></Delete>"#;
    let answer = send(&store, base, &store.root(), Method::Post, "", (&[("delete", "")], delete)).await;
    assert_eq!((answer.status, answer.body.contains("<Key>a</Key>")), (200, true), "{answer:?}");
    assert_eq!(store.keys().await, ["b"]);
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let ask = b"Action=GetCallerIdentity&Version=2011-06-15";
    let answer = raw::send_to(store.addr, base.host(), "POST", "/", &kind, ask).await;
    assert!(!answer.body.contains("ErrorResponse"), "an S3 refusal: {}", answer.body);
    let nobodys = BaseUrl::parse(&format!("http://x.localhost:{}", store.addr.port())).unwrap();
    let answer = send(&store, &nobodys, &store.root(), Method::Get, "a", (&[], b"")).await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidBucketName"));
}

#[tokio::test]
async fn forms_and_pages_find_the_bucket_by_its_name() {
    let store = TestStore::start().await;
    let until = Timestamp::from_unix_millis((raw::now().unix_seconds() + 600) * 1_000);
    let policy = PostPolicy::until(until).equals("bucket", BUCKET).equals("key", "b/form");
    let session = store.batch_session("b/").await;
    let fields = raw::signer(&session).sign_policy(&policy, raw::now());
    let fields: Vec<_> = fields
        .into_iter()
        .filter(|(name, _)| name != "key" && name != "bucket")
        .chain([key("b/form")])
        .collect();
    let kind = format!("multipart/form-data; boundary={}", forms::BOUNDARY);
    for base in &bases(&store) {
        let target = path(base.as_str());
        let headers = [("content-type", kind.as_str()), ("origin", ORIGIN)];
        let body = forms::body(&fields, base.as_str().as_bytes());
        let answer = raw::send_to(store.addr, base.host(), "POST", target, &headers, &body).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some(ORIGIN)));
        assert_eq!(store.read("b/form").await.unwrap(), base.as_str().as_bytes());
        let ask = [("origin", ORIGIN), ("access-control-request-method", "PUT")];
        let answer = raw::send_to(store.addr, base.host(), "OPTIONS", target, &ask, b"").await;
        assert_eq!(answer.status, 200, "{base}");
    }
}

fn key(key: &str) -> (String, String) {
    ("key".to_owned(), key.to_owned())
}

/// The whole of 127.0.0.0/8 is loopback on Linux, so a store can have as many addresses as it likes.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_store_listens_at_several_addresses() {
    let store = TestStore::start().await;
    let port = store.addr.port();
    for host in ["127.0.0.2", "127.0.0.3"] {
        let listener = TcpListener::bind((host, port)).await.unwrap();
        tokio::spawn(store.store.clone().serve(listener, std::future::pending()));
    }
    let session = store.batch_session("b/").await;
    for host in ["127.0.0.1", "127.0.0.2", "127.0.0.3", "localhost"] {
        let client = store.s3_at(&format!("http://{host}:{port}"), session.clone());
        put(&client, BUCKET, "b/a", host.as_bytes()).await.unwrap();
        assert_eq!(store.read("b/a").await.unwrap(), host.as_bytes());
    }
}

//! What a browser asks and reads.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use sigv4::{Method, Payload};

use crate::harness::{BUCKET, ORIGIN, TestStore};
use crate::raw::{self, Answer};

async fn preflight(store: &TestStore, origin: &str, method: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,x-amz-date,x-amz-security-token"),
    ];
    raw::send(store.addr, "OPTIONS", "/photos/batch-1/a.jpg", &headers, b"").await
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_ask() {
    let store = TestStore::start().await;
    for method in ["PUT", "POST", "GET", "HEAD", "DELETE"] {
        let answer = preflight(&store, ORIGIN, method).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert!(answer.header("access-control-allow-methods").unwrap().contains(method));
        assert_eq!(
            answer.header("access-control-allow-headers"),
            Some("authorization, x-amz-date, x-amz-security-token")
        );
        assert_eq!(answer.header("access-control-max-age"), Some("7200"));
        assert!(answer.header("vary").unwrap().contains("Origin"));
    }
}

#[tokio::test]
async fn foreign_origins_and_methods_are_refused() {
    let store = TestStore::start().await;
    for (origin, method) in [
        ("http://evil.example", "PUT"),
        ("http://127.0.0.1:30000", "PUT"),
        ("https://127.0.0.1:3000", "PUT"),
        ("null", "PUT"),
        (ORIGIN, "PATCH"),
        (ORIGIN, "TRACE"),
    ] {
        let answer = preflight(&store, origin, method).await;
        assert_eq!((answer.status, answer.code()), (403, "AccessForbidden"), "{origin} {method}");
        let said = format!("<Method>{method}</Method><ResourceType>OBJECT</ResourceType>");
        assert!(answer.body.contains(&said), "{}", answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    for headers in [&[][..], &[("origin", ORIGIN)], &[("access-control-request-method", "PUT")]] {
        let answer = raw::send(store.addr, "OPTIONS", "/photos/a", headers, b"").await;
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{headers:?}");
    }
}

#[tokio::test]
async fn a_store_without_origins_lets_no_page_in() {
    let dir = tempfile::TempDir::new().unwrap();
    let bucket = devstore::BucketName::new("photos").unwrap();
    let config = devstore::StoreConfig::new(dir.path().join("store"), bucket);
    let store = TestStore::start_with(dir, config).await;
    let answer = preflight(&store, ORIGIN, "PUT").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessForbidden"));
    assert!(answer.body.contains("CORS is not enabled for this bucket"), "{}", answer.body);
    let answer = raw::send(store.addr, "GET", "/photos/a", &[("origin", ORIGIN)], b"").await;
    assert_eq!(answer.status, 403);
    assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control")), "{answer:?}");
}

/// Whatever is wrong with a request, its page learns what it was.
#[tokio::test]
async fn a_page_can_read_refusals_of_every_kind() {
    let store = TestStore::start().await;
    let from_page = [("origin", ORIGIN)];
    let good = store.sign(&store.root(), Method::Put, "a", &[], &from_page, Payload::of(b"x"));
    let mut nonsense = store.sign(&store.root(), Method::Put, "a", &[], &from_page, Payload::Unsigned);
    nonsense.headers.iter_mut().filter(|(name, _)| name == "authorization").for_each(|(_, value)| {
        *value = "AWS4-HMAC-SHA256 nonsense".to_owned();
    });
    let nowhere = store.sign(&store.root(), Method::Get, "none", &[], &from_page, Payload::Unsigned);
    for (method, request, body, status) in
        [("PUT", &good, &b"y"[..], 400), ("PUT", &nonsense, b"x", 400), ("GET", &nowhere, b"", 404)]
    {
        let answer = store.send(method, request, body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN), "{answer:?}");
        assert!(answer.header("access-control-expose-headers").unwrap().contains("Retry-After"));
        assert!(answer.header("vary").unwrap().contains("Origin"));
    }
    let form = [("origin", ORIGIN), ("content-type", "application/x-www-form-urlencoded")];
    let sts = raw::send(store.addr, "POST", "/", &form, b"Action=AssumeRole").await;
    assert_eq!((sts.status, sts.header("access-control-allow-origin")), (403, Some(ORIGIN)));
}

/// A cache that keeps it must not give it to a page, which could not read it.
#[tokio::test]
async fn an_answer_to_nobodys_page_varies_too() {
    let store = TestStore::start().await;
    store.put("a", b"x").await;
    let read = store.sign(&store.root(), Method::Get, "a", &[], &[], Payload::Unsigned);
    let answer = store.send("GET", &read, b"").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
    assert!(answer.header("vary").unwrap().contains("Origin"));
}

#[tokio::test]
async fn a_page_can_read_answers_and_refusals() {
    let store = TestStore::start().await;
    let answer = store.raw_put(&store.root(), "a", &[("origin", ORIGIN)], b"x").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(ORIGIN)));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("ETag"));
    let refused = raw::send(store.addr, "PUT", "/photos/a", &[("origin", ORIGIN)], b"x").await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, Some(ORIGIN)));
    let expired = store.session_for(None, 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let refused = store.raw_put(&expired, "a", &[("origin", ORIGIN)], b"x").await;
    assert_eq!(
        (refused.code(), refused.header("access-control-allow-origin")),
        ("ExpiredToken", Some(ORIGIN))
    );
    let foreign = store.raw_put(&store.root(), "a", &[("origin", "http://evil.example")], b"x").await;
    assert_eq!(foreign.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_star_lets_every_page_in() {
    let dir = tempfile::TempDir::new().unwrap();
    let bucket = devstore::BucketName::new("photos").unwrap();
    let mut config = devstore::StoreConfig::new(dir.path().join("store"), bucket);
    config.allowed_origins = vec!["*".to_owned()];
    let store = TestStore::start_with(dir, config).await;
    let answer = preflight(&store, "http://anywhere.example", "PUT").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")));
}

/// A large refused body must not turn the answer into a reset connection.
#[tokio::test]
async fn a_refusal_can_be_read_by_who_is_still_sending() {
    let store = TestStore::start().await;
    let session = store.batch_session("batch-1/").await;
    let answer = store.raw_put(&session, "batch-2/a", &[("origin", ORIGIN)], &vec![7; 20_000_000]).await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
}

#[tokio::test]
async fn a_bucket_with_rules_of_its_own_has_only_those() {
    let store = TestStore::start().await;
    let client = store.admin();
    let rule = CorsRule::builder()
        .allowed_origins("https://*.photos.example")
        .allowed_methods("GET")
        .allowed_methods("PUT")
        .allowed_headers("x-amz-*")
        .expose_headers("ETag")
        .max_age_seconds(60)
        .build()
        .unwrap();
    let rules = CorsConfiguration::builder().cors_rules(rule).build().unwrap();
    client.put_bucket_cors().bucket(BUCKET).cors_configuration(rules).send().await.unwrap();

    let ask = async |origin: &str, method: &str, headers: &str| {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
        ];
        raw::send(store.addr, "OPTIONS", "/photos/a", &asked, b"").await
    };
    let page = "https://www.photos.example";
    let answer = ask(page, "PUT", "X-Amz-Date,x-amz-content-sha256").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(page)));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, PUT"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("x-amz-date, x-amz-content-sha256"));
    assert_eq!(answer.header("access-control-expose-headers"), Some("ETag"));
    assert_eq!(answer.header("access-control-max-age"), Some("60"));
    for (origin, method, headers) in [
        (ORIGIN, "PUT", "x-amz-date"),
        (page, "DELETE", "x-amz-date"),
        (page, "PUT", "x-amz-date,content-type"),
        ("https://photos.example", "PUT", "x-amz-date"),
    ] {
        let answer = ask(origin, method, headers).await;
        assert_eq!((answer.status, answer.code()), (403, "AccessForbidden"), "{origin} {method} {headers}");
    }
    let refused = raw::send(store.addr, "GET", "/photos/a", &[("origin", page)], b"").await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, Some(page)));
    let refused = raw::send(store.addr, "GET", "/photos/a", &[("origin", ORIGIN)], b"").await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, None));
    // The name written in another way leads past the rules of nobody.
    let other = raw::send(store.addr, "GET", "/ph%6Ftos/a", &[("origin", ORIGIN)], b"").await;
    assert_eq!(other.header("access-control-allow-origin"), None);

    client.delete_bucket_cors().bucket(BUCKET).send().await.unwrap();
    assert_eq!(ask(ORIGIN, "PUT", "x-amz-date").await.status, 200, "without rules, those of the store");
}

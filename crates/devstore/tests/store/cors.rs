//! What a browser asks and reads.

use crate::harness::{ORIGIN, TestStore};
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
            Some("authorization,x-amz-date,x-amz-security-token")
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
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let answer = raw::send(store.addr, "OPTIONS", "/photos/a", &[], b"").await;
    assert_eq!(answer.status, 400);
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

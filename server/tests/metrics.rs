//! `/metrics`: what is counted, what is named in dashboard and alerts, and who learns of it.

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use http::{Request, StatusCode};
use ledger::Role;
use serde_json::{Value, json};
use server::batch::close_abandoned;
use server::metrics::endpoint;
use server::round::Deadline;
use tower::ServiceExt;

use crate::program::{ApiServer, Program};
use crate::store;
use crate::test_app::TestApp;

/// What Prometheus is answered.
struct Scrape(String);

impl Scrape {
    async fn of(server: &server::server::Server) -> Self {
        let request = Request::builder().uri("/metrics").body(Body::empty()).unwrap();
        let response = endpoint::router(&server.state).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let kind = response.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Self(String::from_utf8(body.to_vec()).unwrap())
    }

    /// The value of a series, as it is written.
    #[track_caller]
    fn value(&self, series: &str) -> &str {
        let line = self.0.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in\n{}", self.0))
    }

    /// The names of all series.
    fn names(&self) -> BTreeSet<&str> {
        let lines = self.0.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split(['{', ' ']).next()).collect()
    }
}

/// A batch of two files, one of them in the store, beside one that is refused.
async fn batch(server: &ApiServer, program: &Program, grant: &str) -> String {
    let opened = program.post("/batches", json!({ "project": "default", "grant": grant })).await.good();
    let id = opened["batch"].as_str().unwrap().to_owned();
    let photo = |index: u32, path: &str, kind: &str| json!({ "index": index, "path": path, "size": 5, "media_type": kind });
    let items = [
        photo(0, "secret-a.jpg", "image/jpeg"),
        photo(1, "secret-b.jpg", "image/jpeg"),
        photo(2, "secret-c.exe", "application/x-msdownload"),
    ];
    program.post(&format!("/batches/{id}/items"), json!({ "items": items })).await.good();
    let bucket = server.server.state.grants.bucket();
    let put = bucket.s3().put_object().bucket(bucket.name().as_str());
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"12345");
    put.key(format!("photos/{id}/secret-a.jpg")).body(body).send().await.unwrap();
    id
}

#[tokio::test]
async fn what_happens_is_counted_and_nobody_is_named() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let before = Scrape::of(&server.server).await;
    assert_eq!(before.value("sluice_batches_opened_total"), "0", "there from the start");
    let (ann, ada) =
        (server.program("annabella", Role::Uploader).await, server.program("adalbert", Role::Admin).await);

    let first = batch(&server, &ann, "credentials").await;
    let second = batch(&server, &ann, "signed_urls").await;
    let third = batch(&server, &ann, "signed_urls").await;
    let incomplete = ann.post_nothing(&format!("/batches/{first}/close")).await.good();
    assert_eq!(incomplete["state"], "open");
    let given_up = ann.post(&format!("/batches/{first}/close"), json!({ "rest": "give_up" })).await;
    assert!(given_up.status.is_success(), "{given_up:?}");
    ada.post_nothing(&format!("/batches/{second}/revoke")).await.good();
    assert_eq!(ann.get("/batches/nothing").await.status, StatusCode::NOT_FOUND);

    let after = Scrape::of(&server.server).await;
    for (series, value) in [
        ("sluice_batches_opened_total", "3"),
        ("sluice_batches_open", "1"),
        ("sluice_ledger_up", "1"),
        ("sluice_grants_issued_total{kind=\"credentials\"}", "1"),
        ("sluice_grants_issued_total{kind=\"signed_urls\"}", "2"),
        ("sluice_grants_issued_total{kind=\"post_policy\"}", "0"),
        ("sluice_files_announced_total", "6"),
        ("sluice_announced_bytes_total", "30"),
        ("sluice_files_refused_total", "3"),
        ("sluice_batch_closings_total{by=\"owner\",outcome=\"incomplete\"}", "1"),
        ("sluice_batch_closings_total{by=\"owner\",outcome=\"closed\"}", "1"),
        ("sluice_batch_closings_total{by=\"admin\",outcome=\"closed\"}", "1"),
        ("sluice_files_stored_total", "2"),
        ("sluice_stored_bytes_total", "10"),
        ("sluice_http_requests_total{route=\"api\",status=\"404\"}", "1"),
        ("sluice_http_request_duration_seconds_count{route=\"health\"}", "0"),
    ] {
        assert_eq!(after.value(series), value, "{series}");
    }
    let version = format!("sluice_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(after.value(&version), "1");
    assert!(after.0.ends_with("# EOF\n"));
    for named in ["annabella", "adalbert", "secret", "default", &first, &second, &third] {
        assert!(!after.0.contains(named), "{named} in\n{}", after.0);
    }
}

#[tokio::test]
async fn what_sts_refuses_is_counted_by_its_cause() {
    let mut store = store::embedded().await;
    store.config.role_arn = Some("arn:aws:iam::000000000000:role/somebody-elses".to_owned());
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let opened = ann.post("/batches", json!({ "project": "default", "grant": "credentials" })).await;
    assert!(!opened.status.is_success(), "{opened:?}");
    let scrape = Scrape::of(&server.server).await;
    assert_eq!(scrape.value("sluice_grant_failures_total{cause=\"denied\"}"), "1");
    assert_eq!(scrape.value("sluice_grants_issued_total{kind=\"credentials\"}"), "0");
    assert_eq!(scrape.value("sluice_batches_opened_total"), "0");
}

#[tokio::test]
async fn sign_ins_and_routes_are_told_apart() {
    let app = TestApp::start().await;
    app.person("ann").await;
    let mut browser = app.browser();
    assert_eq!(browser.sign_in("ann", "not her password").await.status, StatusCode::UNAUTHORIZED);
    drop(app.signed_in("ann").await);
    for path in ["/", "/somewhere", "/anywhere/else"] {
        browser.get(path).await;
    }
    browser.get("/healthz").await;
    close_abandoned(&app.server.state, Deadline::NONE).await.unwrap();

    let scrape = Scrape::of(&app.server).await;
    assert_eq!(scrape.value("sluice_sign_in_failures_total{cause=\"wrong\"}"), "1");
    assert_eq!(scrape.value("sluice_http_requests_total{route=\"rpc\",status=\"200\"}"), "1");
    assert_eq!(scrape.value("sluice_http_requests_total{route=\"rpc\",status=\"401\"}"), "1");
    assert_eq!(scrape.value("sluice_http_requests_total{route=\"health\",status=\"200\"}"), "1");
    assert_eq!(scrape.value("sluice_http_request_duration_seconds_count{route=\"page\"}"), "3");
    assert!(!scrape.0.contains("somewhere"), "{}", scrape.0);
}

#[tokio::test]
async fn people_never_reach_it_and_it_is_off_unless_it_is_asked_for() {
    let app = TestApp::start().await;
    assert_eq!(app.server.metrics_address, None);
    let answer = app.browser().get("/metrics").await;
    assert!(!answer.text.contains("sluice_build_info"), "{answer:?}");

    let app = TestApp::with(|config| config.listen.metrics = Some(([127, 0, 0, 1], 0).into())).await;
    let answer = app.browser().get("/metrics").await;
    assert!(!answer.text.contains("sluice_build_info"), "{answer:?}");
    let url = format!("http://{}", app.server.metrics_address.unwrap());
    tokio::spawn(app.server.run(std::future::pending()));
    let text = reqwest::get(format!("{url}/metrics")).await.unwrap().text().await.unwrap();
    assert!(text.contains("sluice_build_info"), "{text}");
    for path in ["/", "/healthz", "/api/v1/projects"] {
        let status = reqwest::get(format!("{url}{path}")).await.unwrap().status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// Everything in a text that is the name of one of our series.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("sluice_") || word.starts_with("process_")).collect()
}

#[tokio::test]
async fn dashboard_and_alerts_name_only_what_there_is() {
    let app = TestApp::start().await;
    let scrape = Scrape::of(&app.server).await;
    let there = scrape.names();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/monitoring");
    let dashboard = std::fs::read_to_string(folder.join("dashboard.json")).unwrap();
    let alerts = std::fs::read_to_string(folder.join("alerts.yaml")).unwrap();
    serde_json::from_str::<Value>(&dashboard).unwrap();
    for (file, text) in [("dashboard.json", &dashboard), ("alerts.yaml", &alerts)] {
        let named = named(text);
        assert!(named.len() >= 5, "{file} names {named:?}");
        let missing: Vec<_> = named.difference(&there).collect();
        assert!(missing.is_empty(), "{file} names what there is not: {missing:?} in\n{}", scrape.0);
    }
    // And the words of labels, which a query would silently find nothing for.
    for text in [&dashboard, &alerts] {
        let text = text.replace("\\\"", "\"");
        for label in ["cause", "outcome"] {
            for matched in text.split(&format!("{label}=")).skip(1) {
                let words =
                    matched.trim_start_matches('~').trim_start_matches('"').split('"').next().unwrap();
                for word in words.split('|') {
                    assert!(scrape.0.contains(&format!("{label}=\"{word}\"")), "no {label} {word}");
                }
            }
        }
    }
}

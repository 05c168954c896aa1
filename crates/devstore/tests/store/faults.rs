//! What goes wrong on purpose, and the log of what was asked.

use aws_sdk_s3::primitives::ByteStream;
use devstore::{Corruption, Fault, FaultPlan, FaultRule, LogEntry, LogPage, Moment, Operation, Side};
use serde_json::{Value, json};
use sigv4::{Method, Payload};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::harness::{BUCKET, ORIGIN, TestStore, code, put, status};
use crate::{forms, raw};

/// A plan, as a test outside of this process writes it.
fn plan(rules: &Value) -> FaultPlan {
    serde_json::from_value(json!({ "seed": 7, "rules": rules })).unwrap()
}

/// A store with one rule for every PUT of an object.
async fn with(fault: Fault) -> TestStore {
    let rule = FaultRule { operations: vec![Operation::PutObject], ..FaultRule::always(fault) };
    TestStore::start_faulty(FaultPlan { seed: 1, rules: vec![rule] }).await
}

/// The log once everything that began has ended.
async fn log(store: &TestStore) -> Vec<LogEntry> {
    loop {
        let LogPage { entries, open, .. } = store.store.faults().unwrap().log(0);
        if open == 0 {
            return entries;
        }
        tokio::task::yield_now().await;
    }
}

/// A PUT that may get no answer at all; then its status is 0.
async fn puts(store: &TestStore, key: &str) -> u16 {
    match put(&store.admin(), BUCKET, key, b"four").await {
        Ok(_) => 200,
        Err(error) => status(&error),
    }
}

#[tokio::test]
async fn a_store_without_the_option_has_no_faults_and_no_log() {
    let store = TestStore::start().await;
    assert!(store.store.faults().is_none());
}

#[tokio::test]
async fn rules_hit_by_operation_key_skip_and_count() {
    let store = TestStore::start_faulty(plan(&json!([
        {"operations": ["PutObject"], "key": "a/*.jpg", "skip": 1, "count": 2, "fault": {"slow_down": {"retry_after": 3}}},
    ])))
    .await;
    let mut answers = Vec::new();
    for key in ["a/1.jpg", "a/2.jpg", "b/1.jpg", "a/2.png", "a/3.jpg", "a/4.jpg"] {
        answers.push(puts(&store, key).await);
    }
    assert_eq!(answers, [200, 503, 200, 200, 503, 200]);
    assert_eq!(
        store.keys().await,
        ["a/1.jpg", "a/2.png", "a/4.jpg", "b/1.jpg"],
        "what is refused is not written"
    );
}

#[tokio::test]
async fn a_share_is_the_same_requests_for_the_same_seed() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let mut plan =
            plan(&json!([{"share": 0.5, "fault": {"refusal": {"status": 500, "code": "InternalError"}}}]));
        plan.seed = seed;
        let store = TestStore::start_faulty(plan).await;
        let mut run = Vec::new();
        for number in 0..40 {
            run.push(puts(&store, &number.to_string()).await);
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    let hit = runs[0].iter().filter(|status| **status == 500).count();
    assert!((8..=32).contains(&hit), "about a half of 40: {hit}");
}

#[tokio::test]
async fn a_refusal_can_be_read_by_a_page_unless_it_is_opaque() {
    let store = with(Fault::SlowDown { retry_after: Some(2) }).await;
    let origin = [("origin", ORIGIN)];
    let answer = store.raw_put(&store.root(), "a", &origin, b"four").await;
    assert_eq!((answer.status, answer.code()), (503, "SlowDown"));
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));

    store.store.faults().unwrap().set(plan(&json!([{"fault": {"opaque": {"status": 403}}}])));
    let answer = store.raw_put(&store.root(), "a", &origin, b"four").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn preflights_are_left_alone_unless_they_are_named() {
    let refused = json!({"opaque": {"status": 500}});
    let store = TestStore::start_faulty(plan(&json!([{"fault": refused}]))).await;
    let asked = [("origin", ORIGIN), ("access-control-request-method", "PUT")];
    let target = format!("/{BUCKET}/a");
    let ask = || raw::send(store.addr, "OPTIONS", &target, &asked, b"");
    assert_eq!(ask().await.status, 200);
    store.store.faults().unwrap().set(plan(&json!([{"operations": ["Preflight"], "fault": refused}])));
    assert_eq!(ask().await.status, 500);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_write() {
    let store = with(Fault::Cut { when: Moment::BeforeWrite, after_bytes: 2 }).await;
    assert_eq!(puts(&store, "before").await, 0);
    store
        .store
        .faults()
        .unwrap()
        .set(plan(&json!([{"count": 1, "fault": {"cut": {"when": "after_write"}}}])));
    assert_eq!(puts(&store, "after").await, 0);
    assert_eq!(store.keys().await, ["after"], "only the answer was missing");
    let statuses: Vec<_> = log(&store).await.iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [None, None, Some(200)]);
}

#[tokio::test]
async fn a_session_that_was_hit_stays_over_and_a_new_one_is_good() {
    let store =
        TestStore::start_faulty(plan(&json!([{"skip": 1, "count": 1, "fault": "expired_token"}]))).await;
    let first = store.s3(store.batch_session("u/").await);
    let second = store.s3(store.batch_session("u/").await);
    put(&first, BUCKET, "u/1", b"1").await.unwrap();
    for _ in 0..3 {
        let refused = put(&first, BUCKET, "u/2", b"2").await.unwrap_err();
        assert_eq!((code(&refused).as_str(), status(&refused)), ("ExpiredToken", 400));
    }
    put(&second, BUCKET, "u/2", b"2").await.unwrap();
    store.put("u/3", b"3").await;
    assert_eq!(store.keys().await, ["u/1", "u/2", "u/3"]);
}

#[tokio::test]
async fn a_skewed_clock_refuses_what_is_signed_by_the_right_one() {
    let ahead = 3_600;
    let store = with(Fault::SkewedClock { seconds: ahead }).await;
    let signed = |key: &str, at: u64| {
        let base = store.base();
        let time = sigv4::Timestamp::from_unix_millis(at * 1_000);
        let request = sigv4::Request {
            method: Method::Put,
            base: &base,
            key,
            query: &[],
            headers: &[],
            payload: Payload::Unsigned,
        };
        let signed = raw::signer(&store.root()).sign_request(&request, time);
        let target = signed.url.strip_prefix(&store.endpoint()).unwrap().to_owned();
        let headers = signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        raw::Signed { target, headers }
    };
    let now = raw::now().unix_seconds();
    let refused = store.send("PUT", &signed("a", now), b"four").await;
    assert_eq!((refused.status, refused.code()), (403, "RequestTimeTooSkewed"));
    let said = refused.header("date").unwrap().to_owned();
    let right = store.send("GET", &signed("none", now), b"").await.header("date").unwrap().to_owned();
    assert_ne!(said[..said.len() - 6], right[..right.len() - 6], "it says its own time: {said}");
    assert_eq!(store.send("PUT", &signed("a", now + ahead.cast_unsigned()), b"four").await.status, 200);
    assert_eq!(store.keys().await, ["a"]);
}

#[tokio::test]
async fn an_answer_is_corrupted_and_the_object_is_whole() {
    let store = with(Fault::Corrupt(Corruption::Etag)).await;
    let told = put(&store.admin(), BUCKET, "a", b"four").await.unwrap();
    let head = store.admin().head_object().bucket(BUCKET).key("a").send().await.unwrap();
    assert_ne!(told.e_tag, head.e_tag);
    assert_eq!(told.e_tag.unwrap().len(), head.e_tag.unwrap().len());

    let faults = store.store.faults().unwrap();
    faults.set(plan(&json!([{"operations": ["GetObject"], "fault": {"corrupt": "body"}}])));
    let body = store.admin().get_object().bucket(BUCKET).key("a").send().await;
    // The SDK knows of the checksum that the object has.
    assert!(body.unwrap().body.collect().await.is_err());
    faults.set(plan(&json!([{"operations": ["GetObject"], "fault": {"corrupt": "short"}}])));
    // The end may be noticed with the head already, or only in the body.
    if let Ok(answer) = store.admin().get_object().bucket(BUCKET).key("a").send().await {
        assert!(answer.body.collect().await.is_err());
    }
    faults.set(FaultPlan::default());
    assert_eq!(store.read("a").await.unwrap(), b"four");
}

#[tokio::test]
async fn bodies_are_as_slow_as_the_rules_say_and_whole() {
    let store = TestStore::start_faulty(plan(&json!([
        {"operations": ["PutObject"], "fault": {"latency": {"milliseconds": 150}}},
        {"operations": ["PutObject"], "fault": {"bandwidth": {"bytes_per_second": 400_000}}},
        {"operations": ["GetObject"], "fault": {"stall": {"body": "answer", "after_bytes": 10, "milliseconds": 200}}},
    ])))
    .await;
    // Lower bounds only: no slow machine breaks them.
    let begun = Instant::now();
    store.put("a", &vec![7; 80_000]).await;
    let (latency, line) = (150, 200);
    assert!(begun.elapsed().as_millis() >= latency + line, "{:?}", begun.elapsed());
    let begun = Instant::now();
    assert_eq!(store.read("a").await.unwrap(), vec![7; 80_000]);
    assert!(begun.elapsed().as_millis() >= 200, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_body_that_stalls_is_not_an_object_yet() {
    let store = with(Fault::Stall { body: Side::Request, after_bytes: 0, milliseconds: 60_000 }).await;
    let client = store.admin();
    let sending = tokio::spawn(async move {
        client.put_object().bucket(BUCKET).key("a").body(ByteStream::from_static(b"four")).send().await
    });
    while store.store.faults().unwrap().log(0).open == 0 {
        tokio::task::yield_now().await;
    }
    assert!(store.read("a").await.is_none());
    sending.abort();
}

#[tokio::test]
async fn the_log_tells_every_request() {
    let store = TestStore::start_faulty(FaultPlan::default()).await;
    store.put("a b/ü+%", b"four").await;
    assert_eq!(store.read("a b/ü+%").await.unwrap(), b"four");
    let asked = [("origin", ORIGIN), ("access-control-request-method", "PUT")];
    raw::send(store.addr, "OPTIONS", &format!("/{BUCKET}/c"), &asked, b"").await;
    let entries = log(&store).await;
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            (entry.method.as_str(), entry.operation, entry.key.as_deref(), entry.status, entry.preflight)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("PUT", Operation::PutObject, Some("a b/ü+%"), Some(200), false),
            ("GET", Operation::GetObject, Some("a b/ü+%"), Some(200), false),
            ("OPTIONS", Operation::Preflight, Some("c"), Some(200), true),
        ]
    );
    assert_eq!((entries[1].bytes_in, entries[1].bytes_out), (0, 4));
    assert!(entries[0].bytes_in >= 4, "with the frame of a chunked body");
    assert_eq!(entries[0].host, store.addr.to_string());
    assert_eq!(entries[0].bucket.as_deref(), Some(BUCKET));
    assert_ne!(entries[1].connection, entries[2].connection);
}

#[tokio::test]
async fn a_form_is_known_by_the_key_in_its_fields() {
    let store = TestStore::start_faulty(plan(&json!([
        {"operations": ["PostObject"], "key": "batch-1/2*", "fault": {"slow_down": {}}},
    ])))
    .await;
    let fields = forms::policy(&store.root());
    let mut answers = Vec::new();
    for key in ["batch-1/1.jpg", "batch-1/2.jpg"] {
        let fields = forms::with(&fields, &[("key", key), forms::JPEG]);
        answers.push(forms::post(&store, &fields, &[7; 900]).await.status);
    }
    assert_eq!(answers, [204, 503]);
    let entries = log(&store).await;
    let keys: Vec<_> = entries.iter().map(|entry| (entry.operation, entry.key.as_deref())).collect();
    let form = Operation::PostObject;
    assert_eq!(keys, [(form, Some("batch-1/1.jpg")), (form, Some("batch-1/2.jpg"))]);
    assert_eq!(store.read("batch-1/1.jpg").await.unwrap(), [7; 900], "what was read ahead came again");
}

#[tokio::test]
async fn rules_and_log_are_reached_from_outside_with_the_token() {
    let store = TestStore::start_faulty(FaultPlan::default()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control = listener.local_addr().unwrap();
    let faults = store.store.faults().unwrap().clone();
    tokio::spawn(async move { faults.serve_control(listener, "s3cret").await });

    assert_eq!(raw::send(control, "GET", "/log", &[], b"").await.status, 404);
    assert_eq!(raw::send(control, "DELETE", "/wrong/rules", &[], b"").await.status, 404);

    let rules = json!({"rules": [{"fault": {"slow_down": {"retry_after": 1}}}]}).to_string();
    assert_eq!(raw::send(control, "PUT", "/s3cret/rules", &[], rules.as_bytes()).await.status, 204);
    assert_eq!(puts(&store, "a").await, 503);
    assert_eq!(raw::send(control, "DELETE", "/s3cret/rules", &[], b"").await.status, 204);
    assert_eq!(puts(&store, "b").await, 200);
    log(&store).await;

    let page = raw::send(control, "GET", "/s3cret/log?after=1", &[], b"").await;
    let page: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!((&page["last"], page["entries"].as_array().unwrap().len()), (&json!(2), 1));
    assert_eq!((&page["entries"][0]["key"], &page["entries"][0]["status"]), (&json!("b"), &json!(200)));

    for wrong in [
        json!({"rules": [{"fault": "explode"}]}),
        json!({"rules": [{"fault": "expired_token", "shares": 0.5}]}),
        json!({"rules": [{"fault": "expired_token", "share": 1.5}]}),
        json!({"rules": [{"fault": {"opaque": {"status": 200}}}]}),
        json!({"rules": [{"fault": "expired_token", "operations": ["PutObjects"]}]}),
    ] {
        let refused = raw::send(control, "PUT", "/s3cret/rules", &[], wrong.to_string().as_bytes()).await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn faults_are_controlled_on_loopback_only() {
    let store = TestStore::start_faulty(FaultPlan::default()).await;
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(store.store.faults().unwrap().serve_control(listener, "s3cret").await.is_err());
}

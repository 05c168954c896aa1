//! Webhooks: that they are told, signed, once, again where that helps; and that they lead nowhere inside.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use ledger::Role;
use serde_json::{Value, json};
use server::config::{Reach, WebhooksConfig};
use server::webhook::deliver_due;

use crate::program::{ApiServer, Program};
use crate::receiver::{Receiver, Reply};
use crate::store::{self, TestStore};

/// A server whose webhooks may lead to this machine, and an admin; with its store, which lives as long.
async fn start(change: impl FnOnce(&mut WebhooksConfig)) -> (ApiServer, Program, TestStore) {
    let store = store::embedded().await;
    let mut server = ApiServer::start(store.config.clone()).await;
    configure(&mut server, |webhooks| {
        webhooks.reach = Reach::Anywhere;
        webhooks.waits.clear();
        change(webhooks);
    });
    let admin = server.program("ada", Role::Admin).await;
    (server, admin, store)
}

fn configure(server: &mut ApiServer, change: impl FnOnce(&mut WebhooksConfig)) {
    let mut config = (*server.server.state.config).clone();
    change(&mut config.webhooks);
    server.server.state.config = Arc::new(config);
}

/// Makes a webhook; answers its path and its secret.
async fn webhook(admin: &Program, settings: Value) -> (String, String) {
    let made = admin.post("/webhooks", settings).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let (id, secret) = (&made.json["webhook"]["id"], made.json["secret"].as_str().unwrap());
    (format!("/webhooks/{id}"), secret.to_owned())
}

/// Opens a batch with nothing in it and closes it, so that it is verified; answers its id.
async fn verified(program: &Program) -> String {
    let opened =
        program.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
    let id = opened["batch"].as_str().unwrap().to_owned();
    let closed = program.post_nothing(&format!("/batches/{id}/close")).await.good();
    assert_eq!(closed["state"], "verified");
    id
}

async fn put(program: &Program, path: &str, body: &Value) -> Value {
    let put = program.request(Method::PUT, path).header("content-type", "application/json");
    program.send(put.body(body.to_string().into()).unwrap()).await.good()
}

/// The newest delivery of a webhook.
async fn newest(admin: &Program, webhook: &str) -> Value {
    admin.get(&format!("{webhook}/deliveries")).await.good()[0].clone()
}

#[tokio::test]
async fn a_batch_that_is_over_is_told_once_and_signed() {
    let (server, admin, _store) = start(|_| {}).await;
    let state = &server.server.state;
    let (receiver, others) = (Receiver::start().await, Receiver::start().await);
    let both = ["batch.verified", "batch.closed"];
    let (hook, secret) =
        webhook(&admin, json!({ "url": receiver.url, "project": "default", "events": both })).await;
    let (off, _) = webhook(&admin, json!({ "url": others.url, "enabled": false })).await;
    let other = json!({ "id": "other", "name": "Other", "prefix": "other", "grant": "signed_urls",
        "rules": { "media_types": [], "min_size": 1, "max_size": 9, "max_items": 9 } });
    admin.post("/projects", other).await.good();
    webhook(&admin, json!({ "url": others.url, "project": "other", "events": both })).await;

    let ann = server.program("ann", Role::Uploader).await;
    let batch = verified(&ann).await;
    assert_eq!(deliver_due(state).await.unwrap(), 1);
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].header("webhook-id"), format!("batch-verified-{batch}"));
    assert_eq!(got[0].header("content-type"), "application/json");
    assert!(got[0].is_signed(&secret));
    assert!(!got[0].is_signed("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    let told = got[0].json();
    assert_eq!(told["type"], "batch.verified");
    let time = told["timestamp"].as_str().unwrap();
    assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
    let data = &told["data"];
    assert_eq!(
        (&data["batch"], &data["project"], &data["person"]),
        (&json!(batch), &json!("default"), &json!("ann"))
    );
    assert_eq!((&data["state"], &data["items"], &data["bytes"]), (&json!("verified"), &json!(0), &json!(0)));
    assert_eq!(data["prefix"], format!("photos/{batch}/"));
    assert!(data["receipt"].as_str().unwrap().ends_with(&format!("/batches/{batch}")));
    let shown = newest(&admin, &hook).await;
    assert_eq!(
        (&shown["state"], &shown["attempts"], &shown["status"]),
        (&json!("delivered"), &json!(1), &json!(200))
    );
    assert!(shown["tried_at"].is_u64() && shown["took"].is_u64() && shown["detail"].is_null());

    // What is not complete is told as such, to those who asked for it.
    let opened = ann.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
    let left = opened["batch"].as_str().unwrap();
    let items = json!({ "items": [{ "index": 0, "path": "a.jpg", "size": 5, "media_type": "image/jpeg" }] });
    ann.post(&format!("/batches/{left}/items"), items).await.good();
    ann.post(&format!("/batches/{left}/close"), json!({ "rest": "give_up" })).await.good();
    ann.post_nothing(&format!("/batches/{batch}/close")).await.good();
    assert_eq!(deliver_due(state).await.unwrap(), 1);
    let got = receiver.got();
    assert_eq!(
        (&got[0].json()["type"], &got[0].json()["data"]["stored"]),
        (&json!("batch.closed"), &json!(0))
    );
    assert_eq!(deliver_due(state).await.unwrap(), 0);
    assert!(others.got().is_empty());

    // One that is off can be tried all the same.
    let tested = admin.post_nothing(&format!("{off}/test")).await.good();
    assert_eq!((&tested["event"], &tested["state"]), (&json!("webhook.test"), &json!("delivered")));
    assert_eq!(others.got()[0].json()["type"], "webhook.test");
    let changed = put(&admin, &off, &json!({ "url": others.url, "events": ["batch.closed"] })).await;
    assert_eq!((&changed["enabled"], &changed["events"]), (&json!(true), &json!(["batch.closed"])));
    verified(&ann).await;
    assert_eq!(deliver_due(state).await.unwrap(), 1, "it is told of batches that are closed");
}

#[tokio::test]
async fn a_changed_secret_overlaps_with_the_one_before() {
    let (server, admin, _store) = start(|_| {}).await;
    let receiver = Receiver::start().await;
    let (hook, first) = webhook(&admin, json!({ "url": receiver.url })).await;
    let changed = admin.post_nothing(&format!("{hook}/secret")).await.good();
    let second = changed["secret"].as_str().unwrap();
    assert_ne!(first, second);
    verified(&admin).await;
    deliver_due(&server.server.state).await.unwrap();
    let got = receiver.got();
    assert!(got[0].is_signed(&first) && got[0].is_signed(second));
    for path in ["/webhooks", &hook, "/audit", &format!("{hook}/deliveries")] {
        let shown = admin.get(path).await.good().to_string();
        assert!(!shown.contains("whsec_") && !shown.contains(&first[6..]), "{path} shows no secret");
    }
    let deleted = admin.request(Method::DELETE, &hook).body(axum::body::Body::empty()).unwrap();
    assert_eq!(admin.send(deleted).await.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get(&hook).await.problem(), "404 not_found: There is no such webhook.");
    let log = admin.get("/audit").await.good();
    let words: Vec<&str> =
        log.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    let ours: Vec<&str> = words.into_iter().filter(|word| word.starts_with("webhook")).collect();
    assert_eq!(ours, ["webhook_deleted", "webhook_secret_changed", "webhook_created"]);
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again() {
    let (server, admin, _store) = start(|webhooks| {
        webhooks.waits = vec![Duration::ZERO; 4];
        webhooks.patience = Duration::from_secs(2);
    })
    .await;
    let receiver = Receiver::start().await;
    receiver.reply(&[Reply::Status(500), Reply::Hang, Reply::Elsewhere]);
    let (hook, secret) = webhook(&admin, json!({ "url": receiver.url })).await;
    verified(&admin).await;
    assert_eq!(deliver_due(&server.server.state).await.unwrap(), 4);
    let got = receiver.got();
    assert_eq!(got.len(), 4);
    for message in &got {
        assert!(message.path == "/hook" && message.is_signed(&secret), "{message:?}");
        assert_eq!(
            (message.header("webhook-id"), &message.body),
            (got[0].header("webhook-id"), &got[0].body)
        );
    }
    let shown = newest(&admin, &hook).await;
    assert_eq!((&shown["state"], &shown["attempts"]), (&json!("delivered"), &json!(4)));
}

#[tokio::test]
async fn what_is_never_taken_is_given_up_and_delivered_by_hand() {
    let (server, admin, _store) = start(|webhooks| webhooks.waits = vec![Duration::ZERO; 2]).await;
    let state = &server.server.state;
    let receiver = Receiver::start().await;
    receiver.reply(&[Reply::Status(500), Reply::Status(404), Reply::Elsewhere]);
    let (hook, _) = webhook(&admin, json!({ "url": receiver.url })).await;
    verified(&admin).await;
    assert_eq!(deliver_due(state).await.unwrap(), 3);
    assert_eq!(deliver_due(state).await.unwrap(), 0);
    let shown = newest(&admin, &hook).await;
    let said = (&shown["state"], &shown["attempts"], &shown["status"], &shown["detail"]);
    let failed = (&json!("failed"), &json!(3), &json!(307), &json!("redirects are not followed"));
    assert_eq!(said, failed);
    assert_eq!(shown["due_at"], Value::Null);

    let again = format!("/deliveries/{}/redeliver", shown["id"]);
    let delivered = admin.post_nothing(&again).await.good();
    assert_eq!((&delivered["state"], &delivered["attempts"]), (&json!("delivered"), &json!(4)));
    let got = receiver.got();
    assert_eq!((got.len(), got[3].header("webhook-id")), (4, got[0].header("webhook-id")));
    let nothing = admin.post_nothing("/deliveries/999/redeliver").await.problem();
    assert_eq!(nothing, "404 not_found: There is no such delivery. They are kept for 30 days.");

    // Whoever says that it is gone is not asked again; nor is one who does not answer to a test.
    receiver.reply(&[Reply::Status(410), Reply::Status(500)]);
    verified(&admin).await;
    assert_eq!(deliver_due(state).await.unwrap(), 1);
    assert_eq!(newest(&admin, &hook).await["state"], "failed");
    let tested = admin.post_nothing(&format!("{hook}/test")).await.good();
    assert_eq!((&tested["state"], &tested["status"]), (&json!("failed"), &json!(500)));
}

#[tokio::test]
async fn two_servers_do_not_deliver_the_same() {
    let (server, admin, _store) = start(|_| {}).await;
    let receiver = Receiver::start().await;
    receiver.reply(&[Reply::Hang]);
    let (hook, _) = webhook(&admin, json!({ "url": receiver.url })).await;
    verified(&admin).await;
    let state = server.server.state.clone();
    let first = tokio::spawn(async move { deliver_due(&state).await });
    receiver.arrived().await;
    assert_eq!(deliver_due(&server.server.state).await.unwrap(), 0, "it is in the first one's hand");
    let shown = newest(&admin, &hook).await;
    let again = admin.post_nothing(&format!("/deliveries/{}/redeliver", shown["id"])).await.problem();
    assert_eq!(again, "409 conflict: It is being delivered just now. Look again in a moment.");
    receiver.let_go();
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn one_that_hangs_holds_no_other_up() {
    let (server, admin, _store) = start(|_| {}).await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.reply(&[Reply::Hang]);
    webhook(&admin, json!({ "url": slow.url })).await;
    webhook(&admin, json!({ "url": quick.url })).await;
    for _ in 0..3 {
        verified(&admin).await;
    }
    let state = server.server.state.clone();
    let round = tokio::spawn(async move { deliver_due(&state).await });
    for _ in 0..3 {
        quick.arrived().await;
    }
    slow.arrived().await;
    assert_eq!(slow.got().len(), 1, "one at a time to each");
    slow.let_go();
    assert_eq!(round.await.unwrap().unwrap(), 6);
}

#[tokio::test]
async fn no_webhook_leads_inside() {
    let (mut server, admin, _store) = start(|_| {}).await;
    let receiver = Receiver::start().await;
    let port = receiver.port;
    // Made when they might be.
    let mut hooks = Vec::new();
    for url in [format!("http://127.0.0.1:{port}/"), format!("https://127.0.0.1:{port}/")] {
        hooks.push(webhook(&admin, json!({ "url": url })).await.0);
    }
    configure(&mut server, |webhooks| webhooks.reach = Reach::Outside);
    let admin = server.program("eva", Role::Admin).await;
    for host in [
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
    ] {
        let refused = admin.post("/webhooks", json!({ "url": format!("https://{host}:{port}/") })).await;
        assert!(refused.problem().starts_with("400 invalid: Not this URL: "), "{host}: {refused:?}");
    }
    for url in
        ["http://example.org/", "ftp://example.org/", "https://a:b@example.org/", "/hook", "https://", ""]
    {
        let refused = admin.post("/webhooks", json!({ "url": url })).await;
        assert!(refused.problem().starts_with("400 invalid: Not this URL: "), "{url}: {refused:?}");
    }
    // A name: where it leads is known only when it is asked for.
    hooks.push(webhook(&admin, json!({ "url": format!("https://localhost:{port}/") })).await.0);
    for hook in &hooks {
        let tested = admin.post_nothing(&format!("{hook}/test")).await.good();
        let detail = tested["detail"].as_str().unwrap();
        assert_eq!((&tested["state"], &tested["status"]), (&json!("failed"), &Value::Null), "{hook}");
        assert!(detail.contains("unless SLUICE_WEBHOOKS_INSIDE is on"), "{hook}: {detail}");
    }
    // What a resolver might take for an address is no name for TLS, and is not even looked up.
    for host in ["127.1", "0x7f000001", "2130706433"] {
        let odd = webhook(&admin, json!({ "url": format!("https://{host}:{port}/") })).await.0;
        let tested = admin.post_nothing(&format!("{odd}/test")).await.good();
        assert_eq!((&tested["state"], &tested["status"]), (&json!("failed"), &Value::Null), "{host}");
        hooks.push(odd);
    }
    verified(&admin).await;
    assert_eq!(deliver_due(&server.server.state).await.unwrap(), hooks.len() as u64, "each tried once");
    assert!(receiver.got().is_empty());

    // Allowed, the same names lead there; this receiver speaks no TLS.
    configure(&mut server, |webhooks| webhooks.reach = Reach::Anywhere);
    let admin = server.program("ina", Role::Admin).await;
    let tested = admin.post_nothing(&format!("{}/test", hooks[0])).await.good();
    assert_eq!(tested["state"], "delivered");
    let tested = admin.post_nothing(&format!("{}/test", hooks[2])).await.good();
    assert!(!tested["detail"].as_str().unwrap().contains("SLUICE_WEBHOOKS_INSIDE"), "{tested}");
}

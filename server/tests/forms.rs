//! What a POST policy lets its bearer send, asked through the API of real stores.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::Role;
use serde_json::{Value, json};
use server::config::{GrantsConfig, StoreConfig};
use server::grant::{Grants, ProjectPrefix};
use transfer::wire::{Grant, GrantKind, Rules};

use crate::program::ApiServer;
use crate::store::{self, TestStore};

const BOUNDARY: &str = "----sluice-test";

/// The fields of a grant, as a program reads them.
fn fields(grant: &Value) -> Vec<(String, String)> {
    serde_json::from_value(grant["fields"].clone()).unwrap()
}

/// The fields with one changed, or added.
fn with(fields: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    let mut fields: Vec<_> = fields.iter().filter(|(known, _)| known != name).cloned().collect();
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

/// Fields for one photograph.
fn photo(fields: &[(String, String)], key: &str) -> Vec<(String, String)> {
    with(&with(fields, "Content-Type", "image/jpeg"), "key", key)
}

/// Sends a form; answers the status.
async fn post(store: &TestStore, fields: &[(String, String)], file: &[u8]) -> u16 {
    let mut body = Vec::new();
    for (name, value) in fields {
        let field =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(field.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\
         Content-Type: image/jpeg\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let url = format!("{}/{}/", store.config.endpoint.as_deref().unwrap(), store.config.bucket);
    let request = reqwest::Client::new()
        .post(url)
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

/// Every store with the role and without, as the server's own identity may sign as well. Not Ceph with the role:
/// version 16 takes no form that a session signed, see below.
async fn signers() -> Vec<TestStore> {
    let mut signers = Vec::new();
    for mut store in store::all().await {
        if store.name != "ceph" {
            signers.push(store::embedded().await);
        }
        store.config.role_arn = None;
        signers.push(store.again().await);
    }
    signers
}

#[tokio::test]
async fn one_policy_takes_every_photograph_of_a_batch() {
    for store in signers().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let request = json!({ "project": "default", "grant": "post_policy" });
        let opened = program.post("/batches", request).await.good();
        assert_eq!(opened["grant"]["kind"], "post_policy");
        let at = format!("/batches/{}", opened["batch"].as_str().unwrap());

        let paths = ["a.jpg", "Sommer 2026/Ü 🏖 #1?+%20&=.jpg"];
        let items: Vec<Value> = (0..)
            .zip(paths)
            .map(|(i, path): (u32, _)| json!({ "index": i, "path": path, "size": 5, "media_type": "image/jpeg" }))
            .collect();
        let answer = program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
        let renewed = program.post_nothing(&format!("{at}/grant")).await.good();
        for (grant, item) in [&opened["grant"], &renewed["grant"]].into_iter().zip(0..) {
            let key = answer["accepted"][item]["key"].as_str().unwrap();
            assert_eq!(post(&store, &photo(&fields(grant), key), b"12345").await, 204, "{}", store.name);
            assert_eq!(store.read(key).await.as_deref(), Some(&b"12345"[..]), "{}", store.name);
        }
        let closed = program.post_nothing(&format!("{at}/close")).await.good();
        assert_eq!((&closed["state"], &closed["stored"]), (&json!("verified"), &json!(2)));
    }
}

#[tokio::test]
async fn a_policy_takes_nothing_but_photographs_of_its_batch() {
    for store in signers().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let request = json!({ "project": "default", "grant": "post_policy" });
        let opened = program.post("/batches", request).await.good();
        let prefix = opened["prefix"].as_str().unwrap();
        let (signed, key) = (fields(&opened["grant"]), format!("{prefix}a.jpg"));
        let good = photo(&signed, &key);
        let bare = prefix.trim_end_matches('/');

        let policy = &good.iter().find(|(name, _)| name == "policy").unwrap().1;
        let json = String::from_utf8(STANDARD.decode(policy).unwrap()).unwrap();
        let wider = STANDARD.encode(json.replace(bare, "photos"));
        assert_ne!(&wider, policy);

        let mut refused: Vec<(&str, Vec<(String, String)>)> = vec![
            ("another type", with(&good, "Content-Type", "text/html")),
            ("no type", good.iter().filter(|(name, _)| name != "Content-Type").cloned().collect()),
            ("another policy", with(&photo(&signed, "photos/a.jpg"), "policy", &wider)),
            ("no signature", good.iter().filter(|(name, _)| name != "x-amz-signature").cloned().collect()),
            ("a field more", with(&good, "acl", "public-read")),
        ];
        let outside = ["a.jpg", "photos/a.jpg", bare, &format!("{bare}x/a.jpg"), &format!("/{prefix}a.jpg")]
            .map(str::to_owned);
        for key in &outside {
            refused.push(("another key", photo(&signed, key)));
        }
        if signed.iter().any(|(name, _)| name == "x-amz-security-token") {
            let token = good.iter().filter(|(name, _)| name != "x-amz-security-token");
            refused.push(("no token", token.cloned().collect()));
        }
        for (what, fields) in refused {
            let status = post(&store, &fields, b"12345").await;
            assert!((400..=403).contains(&status), "{}: {what}: {status}", store.name);
        }
        assert_eq!(post(&store, &good, b"").await, 400, "{}: an empty file", store.name);
        for key in outside.iter().chain([&key]) {
            assert_eq!(store.read(key).await, None, "{}: {key}", store.name);
        }
    }
}

/// A grant of the project's rules, but with these sizes.
async fn sized(
    store: &TestStore,
    sizes: std::ops::RangeInclusive<u64>,
    life: u64,
) -> (String, Vec<(String, String)>) {
    let photos: ProjectPrefix = "photos".parse().unwrap();
    let batch = uuid::Uuid::now_v7().to_string().parse().unwrap();
    let prefix = photos.batch(&batch);
    let rules = Rules { min_size: *sizes.start(), max_size: *sizes.end(), ..Rules::default() };
    let grants = Grants::new(
        store.bucket(),
        GrantsConfig { session: Duration::from_secs(life), url: Duration::from_secs(60) },
    );
    match grants.issue(GrantKind::PostPolicy, &batch, &prefix, &rules).await.unwrap() {
        Grant::PostPolicy(grant) => (format!("{prefix}a.jpg"), grant.fields),
        other => panic!("asked for a policy, got {other:?}"),
    }
}

#[tokio::test]
async fn the_store_holds_forms_to_the_sizes_of_the_rules() {
    for store in signers().await {
        let (key, fields) = sized(&store, 2..=1_000, 3_600).await;
        let form = photo(&fields, &key);
        assert_eq!(post(&store, &form, &[7; 1_001]).await, 400, "{}", store.name);
        assert_eq!(post(&store, &form, &[7; 1]).await, 400, "{}", store.name);
        assert_eq!(store.read(&key).await, None, "{}", store.name);
        assert_eq!(post(&store, &form, &[7; 1_000]).await, 204, "{}", store.name);
    }
}

#[tokio::test]
async fn a_policy_that_has_ended_takes_nothing() {
    for mut store in store::all().await {
        store.config.role_arn = None;
        let store = store.again().await;
        let (key, fields) = sized(&store, 1..=1_000, 1).await;
        // Its end is written in whole seconds.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(post(&store, &photo(&fields, &key), b"12345").await, 403, "{}", store.name);
        assert_eq!(store.read(&key).await, None, "{}", store.name);
    }
}

#[tokio::test]
async fn nothing_secret_is_in_a_policy() {
    for store in store::all().await {
        for role_arn in [store.config.role_arn.clone(), None] {
            let server = ApiServer::start(StoreConfig { role_arn, ..store.config.clone() }).await;
            let program = server.program("ann", Role::Uploader).await;
            let request = json!({ "project": "default", "grant": "post_policy" });
            let opened = program.post("/batches", request).await.good();
            let grant = opened["grant"].as_object().unwrap();
            let names: Vec<&str> = grant.keys().map(String::as_str).collect();
            assert_eq!(names, ["expires_at", "fields", "issued_at", "kind"]);
            assert!(!opened.to_string().contains(&store.secret()), "{}", store.name);
        }
    }
}

/// Ceph 16 says 204 to a form that a session signed, and keeps nothing of it. The engine sees that there is no ETag and
/// asks for URLs. Should a later Ceph keep it, this fails, and the engine's doubt can go.
#[tokio::test]
async fn ceph_keeps_nothing_of_a_sessions_form() {
    for store in store::all().await.into_iter().filter(|store| store.name == "ceph") {
        let (key, fields) = sized(&store, 1..=1_000, 3_600).await;
        assert_eq!(post(&store, &photo(&fields, &key), b"12345").await, 204);
        assert_eq!(store.read(&key).await, None);
    }
}

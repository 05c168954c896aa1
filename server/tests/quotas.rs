//! Quotas, as programs and commands meet them, and what a batch holds that nobody announced.

use aws_sdk_s3::primitives::ByteStream;
use ledger::Role;
use serde_json::{Value, json};

use crate::desk::new_project;
use crate::program::{ApiServer, Program};
use crate::store;

fn photo(index: u32, path: &str, size: u64) -> Value {
    json!({ "index": index, "path": path, "size": size, "media_type": "image/jpeg" })
}

async fn opened(program: &Program, project: &str) -> String {
    let opened = program.post("/batches", json!({ "project": project, "grant": "signed_urls" })).await.good();
    opened["batch"].as_str().unwrap().to_owned()
}

/// Announces items; answers how many are in, and why the others are not.
async fn announce(program: &Program, batch: &str, items: &[Value]) -> (usize, Vec<Value>) {
    let answer = program.post(&format!("/batches/{batch}/items"), json!({ "items": items })).await.good();
    let refused = answer["refused"].as_array().unwrap();
    let why = refused.iter().map(|refused| refused["reason"].clone()).collect();
    (answer["accepted"].as_array().unwrap().len(), why)
}

/// Has the store hold so many bytes.
async fn put(server: &ApiServer, key: &str, bytes: usize) {
    let bucket = server.server.state.grants.bucket();
    let put = bucket.s3().put_object().bucket(bucket.name().as_str()).key(key);
    put.body(ByteStream::from(vec![b'x'; bytes])).send().await.unwrap();
}

fn why(reason: &str) -> Value {
    json!({ "why": reason })
}

#[tokio::test]
async fn a_projects_quota_refuses_what_is_too_much() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let mut body = new_project("weddings", &[]);
    body["quota"] = json!({ "files": 1 });
    admin.post("/projects", body).await.good();
    let batch = opened(&admin, "weddings").await;
    let (taken, refused) =
        announce(&admin, &batch, &[photo(0, "a.jpg", 5), photo(1, "b.jpg", 5), photo(2, "c\0.jpg", 5)]).await;
    assert_eq!((taken, refused), (1, vec![why("path_unsafe"), why("over_quota")]));
    let file = json!({ "project": "weddings", "name": "a.jpg", "size": 5 });
    let said = admin.post("/presign", file).await.problem();
    assert_eq!(said, "400 invalid: No more is taken here: a quota is used up. Ask an admin.");
}

#[tokio::test]
async fn a_days_quota_and_a_persons_are_enforced_and_shown() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let (admin, ann) =
        (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
    let people = admin.get("/people").await.good();
    let id = |name: &str| {
        let found = people.as_array().unwrap().iter().find(|person| person["name"] == name);
        found.unwrap()["id"].as_i64().unwrap()
    };
    let at = format!("/people/{}", id("ann"));

    let changed =
        admin.patch(&at, json!({ "quota": { "files": 3 }, "daily_quota": { "bytes": 100 } })).await.good();
    assert_eq!(changed["quota"], json!({ "files": 3 }));
    assert_eq!(changed["role"], "uploader", "the rest stays");
    let batch = opened(&ann, "default").await;
    let items = [photo(0, "a.jpg", 60), photo(1, "b.jpg", 50), photo(2, "c.jpg", 101), photo(3, "d.jpg", 40)];
    let (taken, refused) = announce(&ann, &batch, &items).await;
    assert_eq!(taken, 2);
    assert_eq!(refused, [why("over_daily_quota"), json!({ "why": "too_large", "max": 100 })]);
    let file = json!({ "project": "default", "name": "e.jpg", "size": 5 });
    let said = ann.post("/presign", file.clone()).await.problem();
    assert_eq!(
        said,
        "400 invalid: No more is taken today: a day's quota is used up. Try again tomorrow (UTC), or ask an admin."
    );
    let shown = admin.get(&at).await.good();
    assert_eq!((&shown["used"], &shown["today"]), (&json!({ "files": 2, "bytes": 100 }), &shown["used"]));

    // Without the day's quota the one in all counts; without both, nothing does.
    admin.patch(&at, json!({ "daily_quota": {} })).await.good();
    ann.post("/presign", file.clone()).await.good();
    let said = ann.post("/presign", file.clone()).await.problem();
    assert_eq!(said, "400 invalid: No more is taken here: a quota is used up. Ask an admin.");
    admin.patch(&at, json!({ "quota": {} })).await.good();
    ann.post("/presign", file).await.good();

    let said = admin.patch(&at, json!({ "quota": { "bytes": 0 } })).await.problem();
    assert_eq!(said, "400 invalid: A quota of 0 would take nothing at all. Disable the person instead.");
    let said = ann.patch(&at, json!({ "quota": {} })).await.problem();
    assert_eq!(said, "403 forbidden: This is for admins only.");
    let log = admin.get("/audit?about=ann").await.good();
    let details: Vec<&Value> = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["action"] == "person_quota_changed")
        .map(|line| &line["detail"])
        .collect();
    assert_eq!(details, ["none", "3 files in all", "3 files in all · 100 bytes a day"]);

    let mut body = new_project("weddings", &[]);
    body["daily_quota"] = json!({ "files": 1 });
    let made = admin.post("/projects", body).await.good();
    assert_eq!(made["settings"]["daily_quota"], json!({ "files": 1 }));
    let batch = opened(&admin, "weddings").await;
    let (taken, refused) = announce(&admin, &batch, &[photo(0, "a.jpg", 5), photo(1, "b.jpg", 5)]).await;
    assert_eq!((taken, refused), (1, vec![why("over_daily_quota")]));
    let shown = admin.get("/projects/weddings").await.good();
    assert_eq!(shown["today"], json!({ "files": 1, "bytes": 5 }));
}

#[tokio::test]
async fn what_nobody_announced_counts_when_a_batch_is_verified() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let mut body = new_project("weddings", &[]);
    body["quota"] = json!({ "bytes": 100 });
    admin.post("/projects", body).await.good();
    let prefix = "weddings";
    let (one, two) = (opened(&admin, "weddings").await, opened(&admin, "weddings").await);
    for batch in [&one, &two] {
        assert_eq!(announce(&admin, batch, &[photo(0, "a.jpg", 10)]).await.0, 1);
        put(&server, &format!("{prefix}/{batch}/a.jpg"), 10).await;
    }
    // As a grant in the wrong hands could.
    put(&server, &format!("{prefix}/{one}/stray.jpg"), 75).await;
    let closed = admin.post_nothing(&format!("/batches/{one}/close")).await.good();
    assert_eq!(closed["state"], "verified", "95 of 100 bytes");
    let found = admin.get(&format!("/batches?about={one}")).await.good();
    assert_eq!(found["batches"][0]["beyond"], json!({ "files": 1, "bytes": 75 }));
    let third = opened(&admin, "weddings").await;
    assert_eq!(announce(&admin, &third, &[photo(0, "a.jpg", 6)]).await, (0, vec![why("over_quota")]));

    // A thumbnail of an item is nobody's file; what only looks like one is.
    put(&server, &format!("{prefix}/{two}/.sluice/thumbnails/0"), 40).await;
    put(&server, &format!("{prefix}/{two}/.sluice/thumbnails/7"), 6).await;
    let closed = admin.post_nothing(&format!("/batches/{two}/close")).await.good();
    assert_eq!((&closed["state"], &closed["stored"]), (&json!("closed"), &json!(1)), "101 of 100 bytes");
    assert_eq!(closed["unexpected"], json!([format!("{prefix}/{two}/.sluice/thumbnails/7")]));
    let again = admin.post_nothing(&format!("/batches/{two}/close")).await.good();
    assert_eq!(again["state"], "closed", "closing again changes nothing");
    let receipt = admin.get(&format!("/batches/{two}/receipt")).await.good();
    assert_eq!(receipt["items"].as_array().unwrap().len(), 1, "what is there as announced is receipted");
}

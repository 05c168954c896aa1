//! Batches as an admin sees them: found, looked into, verified again, revoked, undone.

use aws_sdk_s3::primitives::ByteStream;
use devstore::FaultPlan;
use http::StatusCode;
use ledger::Role;
use serde_json::{Value, json};

use crate::patient::Patient;
use crate::program::{ApiServer, Program};
use crate::store;

fn photo(index: u32, path: &str) -> Value {
    json!({ "index": index, "path": path, "size": 5, "media_type": "image/jpeg" })
}

/// A batch of these files, of which the first two are in the store.
async fn batch(server: &ApiServer, program: &Program, paths: &[&str]) -> String {
    let opened =
        program.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
    let id = opened["batch"].as_str().unwrap().to_owned();
    let items: Vec<Value> = paths.iter().zip(0..).map(|(path, index)| photo(index, path)).collect();
    program.post(&format!("/batches/{id}/items"), json!({ "items": items })).await.good();
    for path in &paths[..2] {
        let bucket = server.server.state.grants.bucket();
        let put = bucket.s3().put_object().bucket(bucket.name().as_str()).key(format!("photos/{id}/{path}"));
        put.body(ByteStream::from_static(b"12345")).send().await.unwrap();
    }
    id
}

fn ids(page: &Value) -> Vec<&str> {
    page["batches"].as_array().unwrap().iter().map(|batch| batch["batch"].as_str().unwrap()).collect()
}

/// What the log says of a batch, latest first.
async fn log(admin: &Program, id: &str) -> Vec<String> {
    let lines = admin.get(&format!("/audit?about={id}")).await.good();
    let line = |line: &Value| {
        let text = |what: &str| line[what].as_str().unwrap().to_owned();
        format!("{} {} {}", text("who"), text("action"), text("detail")).trim_end().to_owned()
    };
    lines.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn an_admin_finds_batches_and_looks_into_them() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let (admin, ann) =
        (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
    let bob = server.program("bob", Role::Uploader).await;
    let first = batch(&server, &ann, &["IMG_1.jpg", "IMG_2.jpg"]).await;
    let second = batch(&server, &bob, &["beach/DSC_7.jpg", "DSC_8.jpg", "DSC_9.jpg"]).await;
    ann.post_nothing(&format!("/batches/{first}/close")).await.good();
    let report = json!({ "items": [{ "i": 2, "o": "failed", "class": "network" }] });
    bob.post(&format!("/batches/{second}/report"), report).await.good();

    let all = admin.get("/batches").await.good();
    assert_eq!(ids(&all), [&second, &first], "newest first");
    assert_eq!(all["totals"], json!({ "batches": 2, "items": 5, "stored": 2, "bytes": 10 }));
    let found = |query: &'static str| {
        let admin = &admin;
        async move { ids(&admin.get(&format!("/batches?{query}")).await.good()).join(" ") }
    };
    assert_eq!(found("about=dsc_7").await, second, "a file, wherever it lies");
    assert_eq!(found("about=BOB").await, second);
    assert_eq!(found("person=Ann&project=default").await, first);
    assert_eq!(found("state=verified").await, first);
    assert_eq!(found("state=open&about=img").await, "");
    assert_eq!(found("until=1").await, "");
    assert_eq!(found("about=%00").await.len(), second.len() + 1 + first.len(), "nothing to look for");
    let older = admin.get(&format!("/batches?older_than={second}")).await.good();
    assert_eq!((ids(&older), &older["totals"]["batches"]), (vec![first.as_str()], &json!(2)));
    assert_eq!(admin.get("/batches?person=nobody").await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/batches?older_than=nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(ann.get("/batches").await.problem(), "403 forbidden: This is for admins only.");

    let failed = admin.get(&format!("/batches/{second}/items?state=failed")).await.good();
    assert_eq!((failed.as_array().unwrap().len(), &failed[0]["failure"]), (1, &json!("network")));
    let none = admin.get(&format!("/batches/{second}/items?state=failed&after=2")).await.good();
    assert_eq!(none, json!([]));

    let named = |query: &'static str| {
        let (admin, second) = (&admin, &second);
        async move {
            let items = admin.get(&format!("/batches/{second}/items?{query}")).await.good();
            let path = |item: &Value| item["path"].as_str().unwrap().to_owned();
            items.as_array().unwrap().iter().map(path).collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(named("about=dsc_").await, "beach/DSC_7.jpg DSC_8.jpg DSC_9.jpg");
    assert_eq!(named("about=ACH%2Fd").await, "beach/DSC_7.jpg", "any part of the path");
    assert_eq!(named("about=%25").await, "", "as it is");
    assert_eq!(named("about=%00").await, "beach/DSC_7.jpg DSC_8.jpg DSC_9.jpg", "nothing to look for");
    assert_eq!(named("about=dsc&state=failed").await, "DSC_9.jpg");
    assert_eq!(named("about=dsc&after=0").await, "DSC_8.jpg DSC_9.jpg");
    assert_eq!(named("about=beach&after=0").await, "");
    let others = ann.get(&format!("/batches/{second}/items?about=dsc")).await;
    assert_eq!(others.status, StatusCode::NOT_FOUND, "nobody else looks into it");

    let shown = admin.get("/dashboard?utc_offset=540").await.good();
    assert_eq!((&shown["open"][0]["batch"], &shown["open_count"]), (&json!(second), &json!(1)));
    let today = json!({ "files": 2, "bytes": 10 });
    assert_eq!((&shown["projects"][0]["today"], &shown["projects"][0]["month"]), (&today, &today));
    assert_eq!((shown["days"].as_array().unwrap().len(), &shown["days"][29]), (30, &today));
    assert_eq!(shown["causes"], json!([{ "state": "failed", "failure": "network", "items": 1 }]));
}

#[tokio::test]
async fn verifying_again_tells_what_changed_and_changes_nothing() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let (admin, ann) =
            (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
        let id = batch(&server, &ann, &["a.jpg", "b.jpg"]).await;
        let again = format!("/batches/{id}/verify-again");
        let early = admin.post_nothing(&again).await;
        assert_eq!(early.status, StatusCode::CONFLICT, "open still: {early:?}");
        assert_eq!(ann.post_nothing(&format!("/batches/{id}/close")).await.good()["state"], "verified");
        let receipt = ann.get(&format!("/batches/{id}/receipt")).await.good();
        let same = admin.post_nothing(&again).await.good();
        assert_eq!((&same["same"], &same["changes"]), (&json!(2), &json!([])));

        let key = |name: &str| format!("photos/{id}/{name}");
        store.put(&key("a.jpg"), b"another").await;
        store.owner().delete_object().bucket(&store.config.bucket).key(key("b.jpg")).send().await.unwrap();
        store.put(&key("c.jpg"), b"1").await;
        let found = admin.post_nothing(&again).await.good();
        let expected = json!([
            { "what": "differs", "key": key("a.jpg"), "size_then": 5, "size_now": 7 },
            { "what": "added", "key": key("c.jpg"), "size_now": 1 },
            { "what": "missing", "key": key("b.jpg"), "size_then": 5 },
        ]);
        assert_eq!(found["changes"], expected, "{}", store.name);
        assert_eq!(ann.get(&format!("/batches/{id}/receipt")).await.good(), receipt, "the receipt stays");
        assert_eq!(ann.post_nothing(&again).await.status, StatusCode::FORBIDDEN, "for admins");
        let told = [
            "ada batch_verified_again 1 missing, 1 differ, 1 added, 0 replaced",
            "ada batch_verified_again 0 missing, 0 differ, 0 added, 0 replaced",
        ];
        assert_eq!(log(&admin, &id).await, told);
    }
}

#[tokio::test]
async fn a_revoked_batch_gets_nothing_more_and_is_closed_as_it_is() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let (admin, ann) =
            (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
        let id = batch(&server, &ann, &["a.jpg", "b.jpg", "c.jpg"]).await;
        let key = format!("photos/{id}/c.jpg");
        store.owner().create_multipart_upload().bucket(&store.config.bucket).key(&key).send().await.unwrap();
        assert_eq!(ann.post_nothing(&format!("/batches/{id}/revoke")).await.status, StatusCode::FORBIDDEN);

        let card = admin.post_nothing(&format!("/batches/{id}/revoke")).await.good();
        assert_eq!((&card["state"], &card["stored"]), (&json!("closed"), &json!(2)), "{}", store.name);
        let (revoked, end) = (card["revoked_at"].as_u64().unwrap(), card["grants_end_at"].as_u64().unwrap());
        assert!((revoked..=revoked + 3_600_000).contains(&end), "within the hour: {card}");
        for refused in [
            ann.post_nothing(&format!("/batches/{id}/grant")).await,
            ann.post(&format!("/batches/{id}/urls"), json!({ "items": [2] })).await,
            ann.post(&format!("/batches/{id}/upload"), json!({ "item": 2 })).await,
            ann.post(&format!("/batches/{id}/items"), json!({ "items": [photo(3, "d.jpg")] })).await,
            ann.post(&format!("/batches/{id}/report"), json!({ "items": [] })).await,
            admin.post_nothing(&format!("/batches/{id}/grant")).await,
            admin.post_nothing(&format!("/batches/{id}/revoke")).await,
        ] {
            assert_eq!(refused.status, StatusCode::CONFLICT, "{refused:?}");
        }
        let uploads = store.owner().list_multipart_uploads().bucket(&store.config.bucket).prefix(&key);
        assert_eq!(uploads.send().await.unwrap().uploads().len(), 0, "what was begun is aborted");
        let receipt = ann.get(&format!("/batches/{id}/receipt")).await.good();
        assert_eq!(receipt["items"].as_array().unwrap().len(), 2, "what was there is told");
        assert_eq!(log(&admin, &id).await, ["ada batch_revoked"]);
    }
}

#[tokio::test]
async fn an_undone_batch_leaves_its_receipt_and_nothing_else() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let (admin, ann) =
            (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
        let id = batch(&server, &ann, &["a.jpg", "sub/b.jpg"]).await;
        let other = batch(&server, &ann, &["a.jpg", "b.jpg"]).await;
        let undo = format!("/batches/{id}/undo");
        assert_eq!(admin.post_nothing(&undo).await.status, StatusCode::CONFLICT, "open still");
        ann.post_nothing(&format!("/batches/{id}/close")).await.good();
        store.put(&format!("photos/{id}/nobody announced it.jpg"), b"1").await;
        assert_eq!(ann.post_nothing(&undo).await.status, StatusCode::FORBIDDEN, "not even its owner");

        let card = admin.post_nothing(&undo).await.good();
        assert!(card["undone_at"].as_u64() >= card["undo_begun_at"].as_u64(), "{card}");
        for gone in ["a.jpg", "sub/b.jpg", "nobody announced it.jpg"] {
            assert_eq!(store.read(&format!("photos/{id}/{gone}")).await, None, "{}: {gone}", store.name);
        }
        let kept = store.read(&format!("photos/{other}/a.jpg")).await;
        assert_eq!(kept.as_deref(), Some(b"12345".as_slice()), "of another batch");
        let receipt = ann.get(&format!("/batches/{id}/receipt")).await.good();
        assert_eq!(receipt["items"].as_array().unwrap().len(), 2);
        assert_eq!((&receipt["state"], &receipt["undone_at"]), (&json!("verified"), &card["undo_begun_at"]));
        admin.post_nothing(&undo).await.good();
        let told = [
            "ada batch_undone 0 objects",
            "ada batch_undo_begun",
            "ada batch_undone 3 objects",
            "ada batch_undo_begun",
        ];
        assert_eq!(log(&admin, &id).await, told);
    }
}

#[tokio::test]
async fn what_the_store_refuses_to_delete_is_said_and_can_be_asked_again() {
    let patient = Patient::healthy().await;
    let server = ApiServer::start(patient.config.clone()).await;
    let (admin, ann) =
        (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
    let id = batch(&server, &ann, &["a.jpg", "b.jpg"]).await;
    ann.post_nothing(&format!("/batches/{id}/close")).await.good();
    let faults = patient.store.faults().unwrap();
    let refusal = json!({ "refusal": { "status": 403, "code": "AccessDenied" } });
    let plan = json!({ "rules": [{ "operations": ["DeleteObject", "DeleteObjects"], "fault": refusal }] });
    faults.set(serde_json::from_value(plan).unwrap());
    let said = admin.post_nothing(&format!("/batches/{id}/undo")).await.problem();
    assert!(
        said.starts_with("503 store: The store refuses to delete.") && said.contains("s3:DeleteObject"),
        "{said}"
    );
    let half = admin.get(&format!("/batches?about={id}")).await.good()["batches"][0].clone();
    assert!(half["undo_begun_at"].is_u64() && half["undone_at"].is_null(), "{half}");

    faults.set(FaultPlan::default());
    assert!(admin.post_nothing(&format!("/batches/{id}/undo")).await.good()["undone_at"].is_u64());
    assert_eq!(admin.post_nothing(&format!("/batches/{id}/verify-again")).await.good()["missing"], 2);
}

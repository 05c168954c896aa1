//! Replacing the copies of earlier batches: never before the new ones are verified, and only one's own.

use aws_sdk_s3::primitives::ByteStream;
use devstore::{DevStore, FaultPlan};
use http::StatusCode;
use ledger::Role;
use serde_json::{Value, json};
use server::batch::{close_abandoned, replace_due};
use server::round::Deadline;
use transfer::crc64::Crc64;

use crate::api::guests;
use crate::program::{ApiServer, Program, deed};
use crate::store::{self, TestStore};

/// What these files hold, each.
const BYTES: &[u8] = b"12345";

/// A batch of files: where it is at the API, its id, and the keys.
struct Sent {
    at: String,
    id: String,
    keys: Vec<String>,
    /// What was told of each file when it was announced.
    held: Vec<Value>,
}

/// What one file of a batch is.
struct File<'a> {
    path: &'a str,
    /// What the store gets; nothing if it gets nothing.
    bytes: Option<&'a [u8]>,
    /// What its sender says that it holds.
    claimed: &'a [u8],
}

fn file(path: &str) -> File<'_> {
    File { path, bytes: Some(BYTES), claimed: BYTES }
}

/// Announces, stores and reports files.
async fn send(server: &ApiServer, program: &Program, files: &[File<'_>], replace: bool) -> Sent {
    send_into(server, program, "default", files, replace).await
}

async fn send_into(
    server: &ApiServer,
    program: &Program,
    project: &str,
    files: &[File<'_>],
    replace: bool,
) -> Sent {
    let opened = program.post("/batches", json!({ "project": project, "grant": "signed_urls" })).await.good();
    let id = opened["batch"].as_str().unwrap().to_owned();
    let at = format!("/batches/{id}");
    let items: Vec<Value> = (0..)
        .zip(files)
        .map(|(index, file): (u32, _)| json!({ "index": index, "path": file.path, "size": 5, "media_type": "image/jpeg" }))
        .collect();
    let answer = program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
    let accepted = answer["accepted"].as_array().unwrap();
    assert_eq!(accepted.len(), files.len(), "{answer}");
    let keys: Vec<String> = accepted.iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect();
    let bucket = server.server.state.grants.bucket();
    let mut reports = Vec::new();
    for ((index, key), file) in (0..).zip(&keys).zip(files) {
        if let Some(bytes) = file.bytes {
            let put = bucket.s3().put_object().bucket(bucket.name().as_str()).key(key);
            put.body(ByteStream::from(bytes.to_vec())).send().await.unwrap();
        }
        let checksum = Crc64::of(file.claimed).to_string();
        let index: u32 = index;
        reports.push(json!({ "i": index, "o": "stored", "checksum": checksum, "replace": replace }));
    }
    program.post(&format!("{at}/report"), json!({ "items": reports })).await.good();
    let held = accepted.iter().map(|item| item["held"].clone()).collect();
    Sent { at, id, keys, held }
}

async fn close(program: &Program, batch: &Sent) -> Value {
    program.post(&format!("{}/close", batch.at), json!({ "rest": "give_up" })).await.good()
}

/// Which of the objects are there.
async fn there(store: &TestStore, batch: &Sent) -> Vec<bool> {
    let mut there = Vec::new();
    for key in &batch.keys {
        there.push(store.read(key).await.is_some());
    }
    there
}

/// What the receipt says of the copies that were to be replaced.
async fn fates(program: &Program, batch: &Sent) -> Vec<String> {
    let receipt = program.get(&format!("{}/receipt", batch.at)).await.good();
    let fate = |line: &Value| line["replaces"]["fate"].as_str().unwrap_or("none").to_owned();
    receipt["items"].as_array().unwrap().iter().map(fate).collect()
}

fn counts(closed: &Value) -> (&str, u64, u64) {
    let count = |what: &str| closed[what].as_u64().unwrap();
    (closed["state"].as_str().unwrap(), count("replaced"), count("unreplaced"))
}

#[tokio::test]
async fn an_earlier_copy_goes_only_when_the_new_one_is_verified() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let (admin, ann) =
            (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
        let names = ["a/Café 🏖.jpg", "b.jpg", "c.jpg"];
        let old = send(&server, &ann, &names.map(file), false).await;
        assert_eq!(close(&ann, &old).await["state"], "verified");
        let receipt = ann.get(&format!("{}/receipt", old.at)).await.good();
        let lost = File { bytes: None, ..file("c.jpg") };
        let new = send(&server, &ann, &[file(names[0]), file("b.jpg"), lost], true).await;
        assert!(new.held.iter().all(|held| held["replaceable"] == true), "{:?}", new.held);

        let open = ann.post_nothing(&format!("{}/close", new.at)).await.good();
        assert_eq!(counts(&open), ("open", 0, 3), "{}", store.name);
        replace_due(&server.server.state).await.unwrap();
        assert_eq!(there(&store, &old).await, [true; 3], "{}: nothing before it is over", store.name);
        assert_eq!(fates(&ann, &new).await, ["due", "due"]);

        for _ in 0..2 {
            let closed = close(&ann, &new).await;
            assert_eq!(counts(&closed), ("closed", 2, 1), "{}: however often", store.name);
        }
        assert_eq!(there(&store, &old).await, [false, false, true], "{}: what is lost stays", store.name);
        assert_eq!(there(&store, &new).await, [true, true, false], "{}", store.name);

        let told = ann.get(&format!("{}/receipt", new.at)).await.good();
        let earlier = json!({ "batch": old.id, "key": old.keys[0], "fate": "deleted" });
        assert_eq!((told["items"].as_array().unwrap().len(), &told["items"][0]["replaces"]), (2, &earlier));
        assert_eq!(ann.get(&format!("{}/receipt", old.at)).await.good(), receipt, "it never changes");
        let shown = ann.get(&format!("{}/images", old.at)).await.good();
        assert_eq!((&shown["total"], &shown["images"][0]["path"]), (&json!(1), &json!("c.jpg")));
        let items = ann.get(&format!("{}/items", old.at)).await.good();
        assert_eq!((&items[0]["replaced_by"], &items[2]["replaced_by"]), (&json!(new.id), &Value::Null));
        let again = admin.post_nothing(&format!("{}/verify-again", old.at)).await.good();
        assert_eq!(
            (&again["same"], &again["missing"], &again["replaced"]),
            (&json!(1), &json!(0), &json!(2))
        );
        assert_eq!(
            (&again["changes"][0]["what"], &again["changes"][0]["by"]),
            (&json!("replaced"), &json!(new.id))
        );
        let log = admin.get(&format!("/audit?about={}", old.id)).await.good();
        let line = &log[1];
        assert_eq!(
            (&line["action"], &line["who"], &line["detail"]),
            (&json!("images_replaced"), &json!("ann"), &json!(format!("2 files, by {}", new.id)))
        );
    }
}

#[tokio::test]
async fn nobody_replaces_what_is_not_theirs() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let (admin, ann) =
        (server.program("ada", Role::Admin).await, server.program("ann", Role::Uploader).await);
    let bob = server.program("bob", Role::Uploader).await;
    let [kai, mia] = guests(&server).await;
    let rules = json!({ "media_types": ["image/*"], "min_size": 1, "max_size": 9, "max_items": 9 });
    let project = json!({ "id": "other", "name": "Other", "prefix": "other", "grant": "signed_urls", "access": "everyone", "rules": rules });
    admin.post("/projects", project).await.good();
    let elsewhere = send_into(&server, &ann, "other", &[file("a.jpg")], false).await;
    close(&ann, &elsewhere).await;
    let of_kai = send(&server, &kai, &[file("a.jpg")], false).await;
    close(&kai, &of_kai).await;
    let of_ann = send(&server, &ann, &[file("a.jpg")], false).await;
    assert!(of_ann.held[0].is_null(), "neither of others, nor of another project: {:?}", of_ann.held);

    let of_open = send(&server, &ann, &[file("a.jpg")], true).await;
    assert_eq!(counts(&close(&ann, &of_open).await), ("verified", 0, 0), "what is being sent still");
    close(&ann, &of_ann).await;
    for (who, program) in [("somebody else", &bob), ("a guest of the link", &mia), ("that very guest", &kai)]
    {
        let new = send(&server, program, &[file("a.jpg")], true).await;
        assert!(new.held[0].get("replaceable").is_none(), "{who}: {:?}", new.held);
        assert_eq!(counts(&close(program, &new).await), ("verified", 0, 0), "{who}");
        assert_eq!(fates(program, &new).await, ["none"], "{who}: kept both");
        // Nor by closing again what somebody else has.
        let close = bob.post_nothing(&format!("{}/close", of_ann.at)).await;
        assert_eq!(close.status, StatusCode::NOT_FOUND, "{who}");
    }
    for batch in [&elsewhere, &of_kai, &of_ann, &of_open] {
        assert_eq!(there(&store, batch).await, [true]);
    }
    let by_admin = send(&server, &admin, &[file("a.jpg")], true).await;
    assert_eq!(counts(&close(&admin, &by_admin).await), ("verified", 1, 0), "an admin anybody's");
    assert_eq!(there(&store, &elsewhere).await, [true], "of that project");
}

#[tokio::test]
async fn what_is_not_the_same_is_kept() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let old = send(&server, &ann, &["a.jpg", "b.jpg", "c.jpg", "d.jpg"].map(file), false).await;
    close(&ann, &old).await;
    let files = [
        File { bytes: Some(b"other"), claimed: b"other", path: "a.jpg" },
        // A sender who says that it is the same. The store says that it is not.
        File { bytes: Some(b"other"), ..file("b.jpg") },
        file("e.jpg"),
        file("d.jpg"),
    ];
    let new = send(&server, &ann, &files, true).await;
    assert_eq!(counts(&close(&ann, &new).await), ("verified", 1, 1));
    assert_eq!(fates(&ann, &new).await, ["none", "left", "none", "deleted"]);
    assert_eq!(there(&store, &old).await, [true, true, true, false]);

    // It holds for what was once reported only while that is the last word.
    let third = send(&server, &ann, &[file("c.jpg")], true).await;
    let word = json!({ "items": [{ "i": 0, "o": "stored", "checksum": Crc64::of(BYTES).to_string() }] });
    ann.post(&format!("{}/report", third.at), word).await.good();
    assert_eq!(counts(&close(&ann, &third).await), ("verified", 0, 0));
    assert_eq!(there(&store, &old).await, [true, true, true, false]);
}

#[tokio::test]
async fn who_may_is_asked_again_when_it_is_deleted() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let (ann, eve) = (server.program("ann", Role::Uploader).await, server.program("eve", Role::Admin).await);
    let ledger = &server.server.state.ledger;
    let old = send(&server, &ann, &["a.jpg", "b.jpg"].map(file), false).await;
    close(&ann, &old).await;

    let by_eve = send(&server, &eve, &[file("a.jpg")], true).await;
    let person = ledger.people().by_name("eve").await.unwrap().unwrap().id;
    ledger.people().set_role(deed(), person, Role::Uploader).await.unwrap();
    assert_eq!(counts(&close(&eve, &by_eve).await), ("verified", 0, 1), "an admin no more");

    let revoked = send(&server, &ann, &[file("a.jpg")], true).await;
    admin.post_nothing(&format!("{}/revoke", revoked.at)).await.good();
    replace_due(&server.server.state).await.unwrap();
    assert_eq!(counts(&close(&ann, &revoked).await), ("verified", 0, 1), "revoked");

    let disabled = send(&server, &ann, &[file("b.jpg")], true).await;
    let person = ledger.people().by_name("ann").await.unwrap().unwrap().id;
    ledger.people().set_disabled(deed(), person, true).await.unwrap();
    assert_eq!(counts(&close(&admin, &disabled).await), ("verified", 0, 1), "disabled");
    assert_eq!(there(&store, &old).await, [true; 2]);
}

#[tokio::test]
async fn of_copies_that_replace_one_another_the_newest_stays() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let first = send(&server, &ann, &[file("a.jpg")], false).await;
    close(&ann, &first).await;
    let second = send(&server, &ann, &[file("a.jpg")], true).await;
    let third = send(&server, &ann, &[file("a.jpg")], true).await;
    tokio::join!(close(&ann, &third), close(&ann, &second));
    let left = [there(&store, &first).await, there(&store, &second).await, there(&store, &third).await];
    assert_eq!(left.concat(), [false, true, true]);
    let fourth = send(&server, &ann, &[file("a.jpg")], true).await;
    close(&ann, &fourth).await;
    assert_eq!(there(&store, &fourth).await, [true]);
}

/// A store whose deletions fail like that.
fn refuse_deleting(store: &DevStore, status: u16, code: &str) {
    let fault = json!({ "refusal": { "status": status, "code": code } });
    let plan = json!({ "rules": [{ "operations": ["DeleteObject", "DeleteObjects"], "fault": fault }] });
    store.faults().unwrap().set(serde_json::from_value(plan).unwrap());
}

#[tokio::test]
async fn what_the_store_refuses_to_delete_is_said_and_the_batch_is_verified() {
    let (store, devstore) = store::faulty().await;
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let old = send(&server, &ann, &["a.jpg", "b.jpg"].map(file), false).await;
    close(&ann, &old).await;
    let new = send(&server, &ann, &["a.jpg", "b.jpg"].map(file), true).await;
    refuse_deleting(&devstore, 403, "AccessDenied");
    assert_eq!(counts(&close(&ann, &new).await), ("verified", 0, 2));
    assert_eq!(fates(&ann, &new).await, ["refused", "refused"]);
    devstore.faults().unwrap().set(FaultPlan::default());
    replace_due(&server.server.state).await.unwrap();
    assert_eq!(there(&store, &old).await, [true; 2], "it was said that they stay");
    let shown = ann.get(&format!("{}/images", old.at)).await.good();
    assert_eq!(shown["total"], 2);
}

#[tokio::test]
async fn what_was_cut_short_is_done_later() {
    let (store, devstore) = store::faulty().await;
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let old = send(&server, &ann, &["a.jpg", "b.jpg"].map(file), false).await;
    close(&ann, &old).await;
    let new = send(&server, &ann, &["a.jpg", "b.jpg"].map(file), true).await;
    refuse_deleting(&devstore, 503, "SlowDown");
    assert_eq!(counts(&close(&ann, &new).await), ("verified", 0, 2));
    assert_eq!(fates(&ann, &new).await, ["due", "due"]);
    devstore.faults().unwrap().set(FaultPlan::default());
    // As if the server had been killed after a deletion, before it wrote that down.
    server.server.state.grants.bucket().delete(&old.keys[..1]).await.unwrap();
    replace_due(&server.server.state).await.unwrap();
    assert_eq!(counts(&close(&ann, &new).await), ("verified", 2, 0));
    assert_eq!((there(&store, &old).await, there(&store, &new).await), (vec![false; 2], vec![true; 2]));
}

#[tokio::test]
async fn a_vanished_browsers_wish_is_done_too() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let old = send(&server, &ann, &[file("a.jpg")], false).await;
    close(&ann, &old).await;
    let new = send(&server, &ann, &[file("a.jpg")], true).await;
    let state = &server.server.state;
    let long_ago = transfer::wire::UnixMillis(1);
    state.ledger.batches().touch(&new.id.parse().unwrap(), long_ago).await.unwrap();
    assert_eq!(close_abandoned(state, Deadline::NONE).await.unwrap().closed, 1);
    assert_eq!(there(&store, &old).await, [true]);
    replace_due(state).await.unwrap();
    assert_eq!((there(&store, &old).await, there(&store, &new).await), (vec![false], vec![true]));
}

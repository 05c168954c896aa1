//! Galleries, as programs and pages ask for them: what is shown, to whom, and what is deleted.

use http::{Method, StatusCode};
use ledger::{Role, Scope};
use serde_json::{Value, json};

use crate::program::{ApiServer, Program, deed};
use crate::store::{self, TestStore};
use crate::test_app::{Browser, TestApp};

/// A batch with these files of five bytes, sent and closed; answers where it is, and their keys.
async fn sent(program: &Program, files: &[(&str, &str)]) -> (String, Vec<String>) {
    let opened =
        program.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
    let at = format!("/batches/{}", opened["batch"].as_str().unwrap());
    let items: Vec<Value> = (0..)
        .zip(files)
        .map(|(index, (path, kind)): (u32, _)| json!({ "index": index, "path": path, "size": 5, "media_type": kind }))
        .collect();
    let answer = program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
    let keys =
        answer["accepted"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap().to_owned());
    let all: Vec<usize> = (0..files.len()).collect();
    let signed = program.post(&format!("{at}/urls"), json!({ "items": all })).await.good();
    for url in signed["urls"].as_array().unwrap() {
        let mut put = reqwest::Client::new().put(url["url"].as_str().unwrap()).body("12345");
        for header in url["headers"].as_array().unwrap() {
            put = put.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
        }
        assert!(put.send().await.unwrap().status().is_success());
    }
    program.post_nothing(&format!("{at}/close")).await.good();
    (at, keys.collect())
}

fn paths(part: &Value) -> Vec<&str> {
    part["images"].as_array().unwrap().iter().map(|image| image["path"].as_str().unwrap()).collect()
}

const FILES: [(&str, &str); 3] =
    [("b/Ü 🏖 #1?.jpg", "image/jpeg"), ("a.heic", "image/heic"), ("c.svg", "image/svg+xml")];

async fn scene(store: &TestStore) -> (ApiServer, Program, String, Vec<String>) {
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let (at, keys) = sent(&ann, &FILES).await;
    (server, ann, at, keys)
}

#[tokio::test]
async fn images_are_drawn_and_downloaded_straight_from_the_store() {
    for store in store::all().await {
        let (_server, ann, at, _) = scene(&store).await;
        let part = ann.get(&format!("{at}/images")).await.good();
        assert_eq!((&part["total"], &part["may_delete"]), (&json!(3), &json!(false)));
        assert_eq!(paths(&part), ["a.heic", "b/Ü 🏖 #1?.jpg", "c.svg"]);
        let originals: Vec<bool> = (0..3).map(|at| part["images"][at].get("original").is_some()).collect();
        assert_eq!(originals, [false, true, false], "only what browsers draw, and no document");
        let look = reqwest::get(part["images"][1]["original"].as_str().unwrap()).await.unwrap();
        assert_eq!(look.status(), StatusCode::OK, "{}", store.name);
        assert_eq!(look.headers()["content-type"], "image/jpeg");
        assert_eq!(look.headers()["cache-control"], "private, max-age=900");
        assert_eq!(look.text().await.unwrap(), "12345");

        let keep = ann.get(&format!("{at}/images/0")).await.good();
        let keep = reqwest::get(keep["url"].as_str().unwrap()).await.unwrap();
        let name = "attachment; filename*=UTF-8''%C3%9C%20%F0%9F%8F%96%20%231%3F.jpg";
        assert_eq!(keep.headers()["content-disposition"], name, "{}", store.name);
        assert_eq!(keep.text().await.unwrap(), "12345");
        let behind = ann.get(&format!("{at}/images?first=2")).await.good();
        assert_eq!((paths(&behind), &behind["total"]), (vec!["c.svg"], &json!(3)));
        let project = ann.get("/projects/default/images").await.good();
        assert_eq!(paths(&project), paths(&part));
    }
}

#[tokio::test]
async fn everybody_sees_their_own_and_admins_all() {
    let store = store::embedded().await;
    let (server, _, at, _) = scene(&store).await;
    let bob = server.program("bob", Role::Uploader).await;
    let guest = server.program("guest", Role::Guest).await;
    let admin = server.program("ada", Role::Admin).await;
    sent(&bob, &[("bob.jpg", "image/jpeg")]).await;
    assert_eq!(paths(&bob.get("/projects/default/images").await.good()), ["bob.jpg"]);
    let all = admin.get("/projects/default/images").await.good();
    assert_eq!((all["total"].as_u64(), &all["may_delete"]), (Some(4), &json!(true)));
    for outsider in [&bob, &guest] {
        for path in [format!("{at}/images"), format!("{at}/images/0")] {
            assert_eq!(outsider.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(guest.get("/projects/default/images").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn images_are_found_by_their_path_by_those_who_may_see_them() {
    let store = store::embedded().await;
    let (server, ann, at, _) = scene(&store).await;
    let bob = server.program("bob", Role::Uploader).await;
    let admin = server.program("ada", Role::Admin).await;
    let (newer, _) = sent(&bob, &[("x/B/bob.jpg", "image/jpeg")]).await;
    let newer = newer.trim_start_matches("/batches/");
    let found = async |who: &Program, path: String| {
        let part = who.get(&path).await.good();
        assert!(part.get("beyond").is_none(), "all of it was looked at");
        assert_eq!(part["total"], paths(&part).len());
        paths(&part).join(" ")
    };
    assert_eq!(found(&ann, format!("{at}/images?about=B%2F")).await, "b/Ü 🏖 #1?.jpg");
    assert_eq!(found(&ann, format!("{at}/images?about=%F0%9F%8F%96")).await, "b/Ü 🏖 #1?.jpg");
    assert_eq!(found(&ann, format!("{at}/images?about=_")).await, "", "as it is");
    assert_eq!(found(&ann, "/projects/default/images?about=b/".to_owned()).await, "b/Ü 🏖 #1?.jpg");
    let both = found(&admin, "/projects/default/images?about=b/".to_owned()).await;
    assert_eq!(both, "x/B/bob.jpg b/Ü 🏖 #1?.jpg");
    let older = found(&admin, format!("/projects/default/images?about=b/&older_than={newer}")).await;
    assert_eq!(older, "b/Ü 🏖 #1?.jpg");
    assert_eq!(bob.get(&format!("{at}/images?about=b")).await.status, StatusCode::NOT_FOUND);
    let nowhere = admin.get("/projects/default/images?about=b&older_than=nothing").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_admin_deletes_and_nobody_else() {
    for store in store::all().await {
        let (server, ann, at, keys) = scene(&store).await;
        let admin = server.program("ada", Role::Admin).await;
        let delete = format!("{at}/images/delete");
        let some = json!({ "items": [0, 2, 7] });
        assert_eq!(ann.post(&delete, some.clone()).await.status, StatusCode::FORBIDDEN);
        assert!(store.read(&keys[0]).await.is_some());
        let open = ann.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
        let open = format!("/batches/{}/images/delete", open["batch"].as_str().unwrap());
        let said = admin.post(&open, some.clone()).await.problem();
        assert_eq!(said, "409 conflict: This batch is still being uploaded. Delete from it when it is over.");
        let many: Vec<u32> = (0..1_001).collect();
        assert_eq!(admin.post(&delete, json!({ "items": many })).await.status, StatusCode::PAYLOAD_TOO_LARGE);

        assert_eq!(admin.post(&delete, some.clone()).await.good(), json!({ "deleted": 2 }));
        assert_eq!(admin.post(&delete, some).await.good(), json!({ "deleted": 0 }));
        let there: Vec<bool> = [
            store.read(&keys[0]).await.is_some(),
            store.read(&keys[1]).await.is_some(),
            store.read(&keys[2]).await.is_some(),
        ]
        .into();
        assert_eq!(there, [false, true, false], "{}", store.name);
        assert_eq!(paths(&ann.get(&format!("{at}/images")).await.good()), ["a.heic"]);
        assert_eq!(ann.get(&format!("{at}/images/0")).await.status, StatusCode::NOT_FOUND);
        let receipt = ann.get(&format!("{at}/receipt")).await.good();
        assert_eq!(receipt["items"].as_array().unwrap().len(), 3, "what was verified stays verified");
        let log = admin.get("/audit").await.good();
        let line = &log[0];
        assert_eq!(
            (&line["action"], &line["who"], &line["detail"]),
            (&json!("images_deleted"), &json!("ada"), &json!("2 files"))
        );
    }
}

#[tokio::test]
async fn thumbnails_lie_beside_the_files_and_are_none() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let ann = server.program("ann", Role::Uploader).await;
        let admin = server.program("ada", Role::Admin).await;
        let open = |grant: &str| json!({ "project": "default", "grant": grant });
        let opened = ann.post("/batches", open("post_policy")).await.good();
        assert_eq!(opened["thumbnails"], true);
        let (at, prefix) =
            (format!("/batches/{}", opened["batch"].as_str().unwrap()), opened["prefix"].as_str().unwrap());
        let item = |index: u32, path: &str, size: u64| json!({ "index": index, "path": path, "size": size, "media_type": "image/jpeg" });
        let items = [item(0, "a.jpg", 150_000), item(1, "b.jpg", 5), item(2, ".sluice/thumbnails/0", 5)];
        let answer = ann.post(&format!("{at}/items"), json!({ "items": items })).await.good();
        assert_eq!(answer["refused"], json!([{ "index": 2, "reason": { "why": "junk" } }]));

        let key = |name: &str| format!("{prefix}{name}");
        let owner = store.owner();
        let large = vec![7; 150_000];
        for (name, body) in [
            ("a.jpg", large.as_slice()),
            ("b.jpg", b"12345"),
            (".sluice/thumbnails/0", b"small"),
            (".sluice/other", b"12345"),
        ] {
            let put = owner.put_object().bucket(&store.config.bucket).key(key(name));
            put.body(body.to_vec().into()).send().await.unwrap();
        }
        let closed = ann.post_nothing(&format!("{at}/close")).await.good();
        assert_eq!((&closed["state"], &closed["stored"]), (&json!("verified"), &json!(2)));
        assert_eq!(closed["unexpected"], json!([key(".sluice/other")]), "{}", store.name);
        let receipt = ann.get(&format!("{at}/receipt")).await.good();
        assert_eq!(receipt["items"].as_array().unwrap().len(), 2);

        let images = ann.get(&format!("{at}/images")).await.good();
        assert!(images["images"][0].get("thumbnail").is_none(), "nobody said that there are any");
        let batch = opened["batch"].as_str().unwrap().parse().unwrap();
        server.server.state.ledger.images().note_thumbnails(&batch).await.unwrap();
        let images = ann.get(&format!("{at}/images")).await.good();
        let thumbnail = reqwest::get(images["images"][0]["thumbnail"].as_str().unwrap()).await.unwrap();
        assert_eq!(thumbnail.text().await.unwrap(), "small", "{}", store.name);
        assert!(images["images"][1].get("thumbnail").is_none(), "a small file is its own");

        let deleted = admin.post(&format!("{at}/images/delete"), json!({ "items": [0] })).await.good();
        assert_eq!(deleted["deleted"], 1);
        assert_eq!(store.read(&key(".sluice/thumbnails/0")).await, None, "{}", store.name);
        assert!(store.read(&key("b.jpg")).await.is_some());
    }
}

/// Puts that much to a URL that the server signed; answers the status.
async fn put(url: &Value, size: usize, media_type: &str) -> StatusCode {
    let put = reqwest::Client::new().put(url["url"].as_str().unwrap()).header("content-type", media_type);
    put.body(vec![7; size]).send().await.unwrap().status()
}

async fn signed_thumbnails(browser: &mut Browser, batch: &Value, thumbnails: Value) -> (StatusCode, Value) {
    let request = json!({ "request": { "batch": batch, "thumbnails": thumbnails } });
    let answer = browser.call("sign_thumbnails", request).await;
    let urls = answer.json()["urls"].clone();
    (answer.status, urls)
}

/// That person as an admin, by a program.
async fn admin(app: &TestApp, name: &str) -> Program {
    let people = app.server.state.ledger.people();
    let person = people.by_name(name).await.unwrap().unwrap().id;
    people.set_role(deed(), person, Role::Admin).await.unwrap();
    Program::scoped(&app.server, person, Scope::Full).await
}

#[tokio::test]
async fn thumbnails_are_presigned_each_for_its_own_bytes() {
    let app = TestApp::start().await;
    app.person("ann").await;
    app.person("bob").await;
    let (mut ann, mut bob) = (app.signed_in("ann").await, app.signed_in("bob").await);
    let opening = json!({ "request": { "project": "default", "grant": "signed_urls" } });
    let opened = ann.call("open_batch", opening).await.json();
    assert_eq!(opened["thumbnails"], true);
    let batch = &opened["batch"];
    let item = |index: u32, path: &str, size: u64| json!({ "index": index, "path": path, "size": size, "media_type": "image/jpeg" });
    let items = [item(0, "a.jpg", 150_000), item(1, "small.jpg", 5), item(2, "c.jpg", 150_000)];
    ann.call("announce", json!({ "request": { "batch": batch, "items": items } })).await;
    let small = |index: u32, size: usize| json!({ "index": index, "size": size, "format": "webp" });

    let wanted = [small(0, 9), small(1, 9), small(7, 9), small(2, 0), small(2, (512 << 10) + 1)];
    let (_, urls) = signed_thumbnails(&mut ann, batch, json!(wanted)).await;
    assert_eq!(urls.as_array().unwrap().len(), 1, "of an item that should have one, and as small: {urls}");
    assert_eq!(urls[0]["headers"], json!([["content-type", "image/webp"]]));
    assert!(put(&urls[0], 10, "image/webp").await.is_client_error(), "not a byte more");
    assert!(put(&urls[0], 9, "text/html").await.is_client_error(), "nothing else");
    assert_eq!(put(&urls[0], 9, "image/webp").await, StatusCode::OK);
    let (status, _) = signed_thumbnails(&mut bob, batch, json!([small(0, 9)])).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "somebody else's");
    let many: Vec<Value> = (0..251).map(|index| small(index, 9)).collect();
    assert_eq!(signed_thumbnails(&mut ann, batch, json!(many)).await.0, StatusCode::PAYLOAD_TOO_LARGE);

    let renewed = ann.call("renew_grant", json!({ "request": { "batch": batch } })).await.json();
    assert_eq!(renewed["thumbnails"], true, "for who goes on with it after a reload");
    let urls = json!({ "request": { "batch": batch, "items": [0, 1, 2] } });
    for (url, size) in
        ann.call("sign_urls", urls).await.json()["urls"].as_array().unwrap().iter().zip([150_000, 5, 150_000])
    {
        assert_eq!(put(url, size, "image/jpeg").await, StatusCode::OK);
    }
    let closed = ann.call("close_batch", json!({ "request": { "batch": batch } })).await.json();
    assert_eq!((&closed["state"], &closed["unexpected"]), (&json!("verified"), &json!([])));
    // Browsers make the last ones when all is sent.
    let (_, urls) = signed_thumbnails(&mut ann, batch, json!([small(2, 9)])).await;
    assert_eq!(put(&urls[0], 9, "image/webp").await, StatusCode::OK);

    let admin = admin(&app, "bob").await;
    let mut settings = admin.get("/projects/default").await.good()["settings"].clone();
    settings["thumbnails"] = json!(false);
    let change = admin.request(Method::PUT, "/projects/default").header("content-type", "application/json");
    admin.send(change.body(settings.to_string().into()).unwrap()).await.good();
    assert_eq!(signed_thumbnails(&mut ann, batch, json!([small(2, 9)])).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_revoked_or_undone_batch_gets_no_thumbnails() {
    let app = TestApp::start().await;
    app.person("ann").await;
    app.person("bob").await;
    let mut ann = app.signed_in("ann").await;
    let admin = admin(&app, "bob").await;
    for what in ["revoke", "undo"] {
        let opening = json!({ "request": { "project": "default", "grant": "signed_urls" } });
        let opened = ann.call("open_batch", opening).await.json();
        let batch = &opened["batch"];
        assert_eq!(signed_thumbnails(&mut ann, batch, json!([])).await.0, StatusCode::OK);
        let at = format!("/batches/{}", batch.as_str().unwrap());
        if what == "undo" {
            admin.post_nothing(&format!("{at}/close")).await.good();
        }
        admin.post_nothing(&format!("{at}/{what}")).await.good();
        assert_eq!(signed_thumbnails(&mut ann, batch, json!([])).await.0, StatusCode::CONFLICT, "{what}");
    }
}

//! Key templates: a project says how its files are called in the bucket, and everything else finds them there.

use http::{Method, StatusCode};
use ledger::Role;
use serde_json::{Value, json};
use server::batch::replace_due;
use transfer::crc64::Crc64;

use crate::program::{ApiServer, Program};
use crate::store::{self, TestStore};

/// What a project takes, with that key template.
fn settings(template: &str) -> Value {
    json!({ "name": "Styled", "prefix": "styled", "grant": "signed_urls", "access": "everyone", "key_template": template,
        "rules": { "media_types": ["image/*"], "min_size": 1, "max_size": 1_000_000, "max_items": 100 } })
}

/// A server with a project `styled` of that template, an admin, and Ann.
async fn scene(store: &TestStore, template: &str) -> (ApiServer, Program, Program) {
    let server = ApiServer::start(store.config.clone()).await;
    let (admin, ann) =
        (server.program("Ada", Role::Admin).await, server.program("Ann Ö.", Role::Uploader).await);
    let mut body = settings(template);
    body["id"] = json!("styled");
    assert_eq!(admin.post("/projects", body).await.status, StatusCode::CREATED);
    (server, admin, ann)
}

async fn change(admin: &Program, template: &str) -> Value {
    let put = admin.request(Method::PUT, "/projects/styled").header("content-type", "application/json");
    admin.send(put.body(settings(template).to_string().into()).unwrap()).await.good()
}

async fn open(program: &Program) -> String {
    let opened = program.post("/batches", json!({ "project": "styled" })).await.good();
    opened["batch"].as_str().unwrap().to_owned()
}

fn photos(paths: &[&str]) -> Value {
    let items = (0..).zip(paths).map(|(index, path): (u32, _)| {
        json!({ "index": index, "path": path, "size": 5, "media_type": "image/jpeg" })
    });
    json!({ "items": items.collect::<Vec<_>>() })
}

/// Announces files; answers what of their keys follows the batch's prefix.
async fn announce(program: &Program, id: &str, paths: &[&str]) -> Vec<String> {
    let answer = program.post(&format!("/batches/{id}/items"), photos(paths)).await.good();
    assert_eq!(answer["refused"], json!([]));
    let own = format!("styled/{id}/");
    let accepted = answer["accepted"].as_array().unwrap();
    accepted.iter().map(|item| item["key"].as_str().unwrap().strip_prefix(&own).unwrap().to_owned()).collect()
}

/// Sends so many files by their URLs, and reports them.
async fn send(program: &Program, id: &str, count: usize, replace: bool) {
    let all: Vec<usize> = (0..count).collect();
    let signed = program.post(&format!("/batches/{id}/urls"), json!({ "items": all })).await.good();
    let urls = signed["urls"].as_array().unwrap();
    assert_eq!(urls.len(), count);
    for url in urls {
        let mut put = reqwest::Client::new().put(url["url"].as_str().unwrap()).body("12345");
        for header in url["headers"].as_array().unwrap() {
            put = put.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
        }
        assert!(put.send().await.unwrap().status().is_success());
    }
    let checksum = Crc64::of(b"12345").to_string();
    let reports: Vec<Value> = all
        .iter()
        .map(|index| json!({ "i": index, "o": "stored", "checksum": checksum, "replace": replace }))
        .collect();
    program.post(&format!("/batches/{id}/report"), json!({ "items": reports })).await.good();
}

const PATHS: [&str; 3] = ["Sommer/IMG 1.jpg", "Winter/IMG 1.jpg", "Cafe\u{301}.jpg"];

#[tokio::test]
async fn files_are_called_as_the_project_says_from_end_to_end() {
    for store in store::all().await {
        let (_server, admin, ann) = scene(&store, "{year}/{person}/{name}").await;
        let id = open(&ann).await;
        let at = format!("/batches/{id}");
        let keys = announce(&ann, &id, &PATHS).await;
        let year = keys[0].split('/').next().unwrap().to_owned();
        assert!(year.len() == 4 && year.parse::<u16>().is_ok(), "{year}");
        let wanted = ["IMG 1.jpg", "IMG 1-2.jpg", "Café.jpg"].map(|name| format!("{year}/ann-ö/{name}"));
        assert_eq!(keys, wanted);

        // A change of the project moves nothing of a batch that is open.
        assert_eq!(change(&admin, "{uuid}.{ext}").await["settings"]["key_template"], "{uuid}.{ext}");
        assert_eq!(announce(&ann, &id, &PATHS).await, wanted, "as after a reload");
        send(&ann, &id, 3, false).await;
        let closed = ann.post_nothing(&format!("{at}/close")).await.good();
        assert_eq!(
            (&closed["state"], &closed["unexpected"]),
            (&json!("verified"), &json!([])),
            "{}",
            store.name
        );

        let receipt = ann.get(&format!("{at}/receipt")).await.good();
        for ((line, path), key) in receipt["items"].as_array().unwrap().iter().zip(PATHS).zip(&wanted) {
            assert_eq!((&line["path"], &line["key"]), (&json!(path), &json!(format!("styled/{id}/{key}"))));
        }
        let again = admin.post_nothing(&format!("{at}/verify-again")).await.good();
        assert_eq!((&again["same"], &again["missing"], &again["added"]), (&json!(3), &json!(0), &json!(0)));
        let shown = ann.get(&format!("{at}/images")).await.good();
        assert_eq!(shown["total"], 3);
        let winter =
            shown["images"].as_array().unwrap().iter().find(|image| image["path"] == PATHS[1]).unwrap();
        let look = reqwest::get(winter["original"].as_str().unwrap()).await.unwrap();
        assert_eq!(look.text().await.unwrap(), "12345", "{}", store.name);

        admin.post_nothing(&format!("{at}/undo")).await.good();
        for key in &wanted {
            assert_eq!(store.read(&format!("styled/{id}/{key}")).await, None, "{}: {key}", store.name);
        }
    }
}

#[tokio::test]
async fn a_name_that_nobody_can_guess_is_made_once() {
    let store = store::embedded().await;
    let (_server, _, ann) = scene(&store, "{uuid}.{ext}").await;
    let id = open(&ann).await;
    let first = announce(&ann, &id, &PATHS).await;
    for key in &first {
        let uuid: uuid::Uuid = key.strip_suffix(".jpg").unwrap().parse().unwrap();
        assert_eq!(uuid.get_version_num(), 4);
    }
    assert_eq!(announce(&ann, &id, &PATHS).await, first);
    let at = format!("/batches/{id}/items");
    let again = json!({ "index": 7, "path": PATHS[0], "size": 5, "media_type": "image/jpeg" });
    let twice = ann.post(&at, json!({ "items": [again] })).await;
    assert_eq!(twice.good()["refused"], json!([{ "index": 7, "reason": { "why": "duplicate" } }]));

    let file = json!({ "project": "styled", "name": "a/b.jpg", "size": 5 });
    let presigned = ann.post("/presign", file).await.good();
    let (key, id) = (presigned["key"].as_str().unwrap(), presigned["uuid"].as_str().unwrap());
    let put = reqwest::Client::new().put(presigned["put_url"].as_str().unwrap()).body("12345");
    assert!(put.send().await.unwrap().status().is_success());
    assert!(key.starts_with(&format!("styled/{id}/")) && !key.contains("a/b"), "{key}");
    assert_eq!(ann.post_nothing(&format!("/batches/{id}/close")).await.good()["state"], "verified");
}

#[tokio::test]
async fn copies_of_earlier_batches_are_found_by_path() {
    let store = store::embedded().await;
    let (server, _, ann) = scene(&store, "{number}.{ext}").await;
    let old = open(&ann).await;
    let keys = announce(&ann, &old, &PATHS).await;
    assert_eq!(keys, ["000001.jpg", "000002.jpg", "000003.jpg"]);
    send(&ann, &old, 3, false).await;
    ann.post_nothing(&format!("/batches/{old}/close")).await.good();

    // In another order, so that no key is that of the same file.
    let new = open(&ann).await;
    announce(&ann, &new, &[PATHS[1], PATHS[0], PATHS[2]]).await;
    send(&ann, &new, 2, true).await;
    let skipped = json!({ "items": [{ "i": 2, "o": "skipped" }] });
    ann.post(&format!("/batches/{new}/report"), skipped).await.good();
    let closed = ann.post_nothing(&format!("/batches/{new}/close")).await.good();
    assert_eq!((&closed["state"], &closed["replaced"]), (&json!("verified"), &json!(2)));
    replace_due(&server.server.state).await.unwrap();
    let mut there = Vec::new();
    for key in &keys {
        there.push(store.read(&format!("styled/{old}/{key}")).await.is_some());
    }
    assert_eq!(there, [false, false, true]);
    let receipt = ann.get(&format!("/batches/{new}/receipt")).await.good();
    assert_eq!(receipt["items"][0]["replaces"]["key"], format!("styled/{old}/000002.jpg"));
    assert_eq!(receipt["skipped"][0]["key"], format!("styled/{old}/000003.jpg"));
}

#[tokio::test]
async fn what_is_no_template_is_refused_and_so_is_what_makes_no_key() {
    let store = store::embedded().await;
    let (_server, admin, ann) = scene(&store, ".{ext}/{name}").await;
    let mut said = Vec::new();
    for template in ["../{path}", "{date}/{stem}", "{nmae}", ".sluice/{path}", "{path}?"] {
        let put = admin.request(Method::PUT, "/projects/styled").header("content-type", "application/json");
        let put = put.body(settings(template).to_string().into()).unwrap();
        said.push(admin.send(put).await.problem());
    }
    insta::assert_snapshot!(said.join("\n"), @"
    400 invalid: The dots at character 1 would name another folder; take them away.
    400 invalid: Files would all get the same key; add one of {path}, {name}, {number} and {uuid}.
    400 invalid: `{nmae}` (character 1) is no placeholder; there are {path} {folder} {name} {stem} {ext} {date} {year} {month} {day} {person} {number} {uuid}.
    400 invalid: `.sluice` is kept for thumbnails; begin with another folder.
    400 invalid: `?` (character 7) cannot be in a key template; use A-Z a-z 0-9 _ . - / and placeholders.
    ");
    assert_eq!(admin.get("/projects/styled").await.good()["settings"]["key_template"], ".{ext}/{name}");

    let id = open(&ann).await;
    let long = format!("{}.jpg", "x".repeat(970));
    let answer =
        ann.post(&format!("/batches/{id}/items"), photos(&["a.sluice", &long, "a.jpg"])).await.good();
    let refused = json!([{ "index": 0, "reason": { "why": "path_unsafe" } },
        { "index": 1, "reason": { "why": "path_too_long", "max_bytes": 1_024 } }]);
    assert_eq!(answer["refused"], refused);
    assert_eq!(answer["accepted"][0]["key"], format!("styled/{id}/.jpg/a.jpg"));

    assert_eq!(change(&admin, " ").await["settings"]["key_template"], "{path}", "nothing said is the path");
}

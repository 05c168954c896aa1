//! The JSON API, as programs use it, against real stores.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::primitives::ByteStream;
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use ledger::{Asks, Guest, NewLink, Quota, Role, Sha256Hash};
use serde_json::{Value, json};
use server::config::StoreConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{ApiServer, Program, deed};
use crate::store::{self, TestStore};

/// A photograph of that many bytes, to be announced.
fn photo(index: u32, path: &str, size: usize) -> Value {
    json!({ "index": index, "path": path, "size": size, "media_type": "image/jpeg" })
}

async fn open(program: &Program, grant: &str) -> Value {
    program.post("/batches", json!({ "project": "default", "grant": grant })).await.good()
}

/// Opens a batch for signed URLs and announces these; answers where the batch is.
async fn announced(program: &Program, items: &[Value]) -> String {
    let opened = open(program, "signed_urls").await;
    let at = format!("/batches/{}", opened["batch"].as_str().unwrap());
    let answer = program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
    assert_eq!(answer["refused"], json!([]));
    at
}

/// A client with the credentials of an opened batch, and nothing else.
fn bearer(store: &TestStore, opened: &Value) -> Client {
    let said = |what: &str| opened["grant"][what].as_str().unwrap().to_owned();
    let token = Some(said("session_token"));
    let pair = Credentials::new(said("access_key_id"), said("secret_access_key"), token, None, "grant");
    Client::from_conf(store.owner().config().to_builder().credentials_provider(pair).build())
}

#[tokio::test]
async fn a_batch_goes_from_opened_to_verified_with_credentials() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;

        let projects = program.get("/projects").await.good();
        assert_eq!(projects[0]["id"], "default");
        let opened = open(&program, "credentials").await;
        assert_eq!(opened["grant"]["kind"], "credentials");
        let id = opened["batch"].as_str().unwrap();
        assert_eq!(opened["prefix"], format!("photos/{id}/"));
        let at = format!("/batches/{id}");

        let paths = ["a.jpg", "Sommer 2026/Ü 🏖 #1?+%20&=.jpg", "Cafe\u{301}/b.jpg"];
        let items: Vec<Value> = (0..).zip(paths).map(|(i, path)| photo(i, path, 5)).collect();
        let answer = program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
        let accepted = answer["accepted"].as_array().unwrap();
        assert_eq!(accepted[2]["key"], format!("photos/{id}/Café/b.jpg"));

        let client = bearer(&store, &opened);
        let mut reports = Vec::new();
        for item in accepted {
            let put = client.put_object().bucket(&store.config.bucket).key(item["key"].as_str().unwrap());
            let put = put.body(ByteStream::from_static(b"12345")).send().await.unwrap();
            reports.push(json!({ "i": item["index"], "o": "stored", "etag": put.e_tag() }));
        }
        // One of the right length, and one that is none.
        reports[0]["checksum"] = json!("crc64nvme:rosUhgp5mIg=");
        reports[1]["checksum"] = json!("sha256:rosUhgp5mIg=");
        let noted = program.post(&format!("{at}/report"), json!({ "items": reports })).await.good();
        assert_eq!(noted, json!({ "stored": 3 }));

        let closed = program.post_nothing(&format!("{at}/close")).await.good();
        let all_there = json!({ "state": "verified", "stored": 3, "bytes": 15,
            "missing": [], "differing": [], "unexpected": [], "replaced": 0, "unreplaced": 0 });
        assert_eq!(closed, all_there, "{}", store.name);
        assert_eq!(program.post_nothing(&format!("{at}/close")).await.good(), all_there, "once more");

        let receipt = program.get(&format!("{at}/receipt")).await.good();
        let shown: Vec<&str> =
            receipt["items"].as_array().unwrap().iter().map(|line| line["path"].as_str().unwrap()).collect();
        assert_eq!(shown, paths);
        assert_eq!(receipt["items"][0]["size"], 5);
        assert_eq!(receipt["items"][0]["etag"], "827ccb0eea8a706c4c34a16891f84e7b");
        assert_eq!(receipt["items"][0]["checksum"], "crc64nvme:rosUhgp5mIg=");
        assert_eq!(receipt["items"][1].get("checksum"), None, "what is no checksum is not kept");
        let summary = program.get(&at).await.good();
        assert_eq!(summary["state"], "verified");
        let rest = program.get(&format!("{at}/items?after=1")).await.good();
        assert_eq!(rest.as_array().unwrap().len(), 1);
        assert_eq!(rest[0]["state"], "stored");
        let first = program.get(&format!("{at}/items")).await.good();
        assert_eq!(first[0]["checksum"], "crc64nvme:rosUhgp5mIg=");
    }
}

#[tokio::test]
async fn a_verified_batch_takes_nothing_more() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let at = announced(&program, &[]).await;
    assert_eq!(program.post_nothing(&format!("{at}/close")).await.good()["state"], "verified");

    for (path, body) in [
        ("items", json!({ "items": [photo(0, "a.jpg", 5)] })),
        ("grant", json!({})),
        ("urls", json!({ "items": [0] })),
        ("report", json!({ "items": [] })),
    ] {
        let refused = program.post(&format!("{at}/{path}"), body).await;
        assert_eq!(
            refused.problem(),
            "409 conflict: This batch is over and takes nothing more. Open a new one for more files.",
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_missing_differs_or_was_never_announced_is_found_at_the_end() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let names = ["there.jpg", "missing.jpg", "short.jpg", "changed.jpg", "given up.jpg"];
        let items: Vec<Value> = (0..).zip(names).map(|(i, name)| photo(i, name, 5)).collect();
        let at = announced(&program, &items).await;
        let prefix = format!("photos/{}/", at.trim_start_matches("/batches/"));

        store.put(&format!("{prefix}there.jpg"), b"12345").await;
        store.put(&format!("{prefix}short.jpg"), b"1234").await;
        store.put(&format!("{prefix}changed.jpg"), b"54321").await;
        store.put(&format!("{prefix}un announced+.jpg"), b"?").await;
        let reports = json!({ "items": [
            { "i": 3, "o": "stored", "etag": "\"827ccb0eea8a706c4c34a16891f84e7b\"" },
            { "i": 4, "o": "failed", "class": "network" },
        ] });
        program.post(&format!("{at}/report"), reports).await.good();

        let closed = program.post_nothing(&format!("{at}/close")).await.good();
        assert_eq!(
            closed,
            json!({ "state": "open", "stored": 1, "bytes": 5, "missing": [1], "differing": [2, 3],
                "unexpected": [format!("{prefix}un announced+.jpg")], "replaced": 0, "unreplaced": 0 }),
            "{}",
            store.name
        );

        for name in ["missing.jpg", "short.jpg", "changed.jpg"] {
            store.put(&format!("{prefix}{name}"), b"12345").await;
        }
        let closed = program.post_nothing(&format!("{at}/close")).await.good();
        assert_eq!((&closed["state"], &closed["stored"]), (&json!("verified"), &json!(4)), "{closed}");
    }
}

#[tokio::test]
async fn an_owner_may_give_up_what_is_missing() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let at = announced(&program, &[photo(0, "a.jpg", 5)]).await;
    let closed = program.post(&format!("{at}/close"), json!({ "rest": "give_up" })).await.good();
    assert_eq!((&closed["state"], &closed["missing"]), (&json!("closed"), &json!([0])));
    assert_eq!(program.post_nothing(&format!("{at}/grant")).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn signed_urls_carry_a_batch_too() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let at = announced(&program, &[photo(0, "ä b.jpg", 5), photo(1, "c.jpg", 5)]).await;
        // An index that was never announced gets no URL.
        let page = program.post(&format!("{at}/urls"), json!({ "items": [0, 1, 7] })).await.good();
        let urls = page["urls"].as_array().unwrap();
        assert_eq!(urls.len(), 2);
        for url in urls {
            assert_eq!(url["headers"], json!([["content-type", "image/jpeg"]]));
            let put = reqwest::Client::new().put(url["url"].as_str().unwrap());
            let put = put.header("content-type", "image/jpeg").body("12345").send().await.unwrap();
            assert_eq!(put.status(), 200, "{}", store.name);
        }
        assert_eq!(program.post_nothing(&format!("{at}/close")).await.good()["state"], "verified");
    }
}

/// What `curl -X PUT --upload-file` sends for a file of more than a megabyte, byte for byte.
async fn put_like_curl(url: &str, body: &[u8]) -> String {
    let (host, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "PUT /{target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 4096];
    let read = stream.read(&mut buffer).await.unwrap();
    let interim = String::from_utf8_lossy(&buffer[..read]).into_owned();
    assert!(interim.starts_with("HTTP/1.1 100 "), "{interim}");
    stream.write_all(body).await.unwrap();
    let read = stream.read(&mut buffer).await.unwrap();
    let answer = String::from_utf8_lossy(&buffer[..read]).into_owned();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn curl_puts_a_presigned_file_without_any_header_of_its_own() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let body = vec![7; 2_000_000];
        let wanted =
            json!({ "project": "default", "name": "photo 1.jpg", "size": body.len(), "type": "image/jpeg" });
        let given = program.post("/presign", wanted.clone()).await.good();
        let (uuid, key) = (given["uuid"].as_str().unwrap(), given["key"].as_str().unwrap());
        assert_eq!(key, format!("photos/{uuid}/photo 1.jpg"));
        assert_eq!(given["headers"], json!({ "Content-Type": "image/jpeg" }));
        let lives = given["expires_in"].as_u64().unwrap();
        assert!((290..=300).contains(&lives), "{lives}");

        let url = given["put_url"].as_str().unwrap();
        assert!(put_like_curl(url, &body).await.starts_with("HTTP/1.1 200"), "{}", store.name);
        assert_eq!(store.read(key).await.unwrap(), body, "{}", store.name);
        let closed = program.post_nothing(&format!("/batches/{uuid}/close")).await.good();
        assert_eq!((&closed["state"], &closed["bytes"]), (&json!("verified"), &json!(2_000_000)));

        let again = program.post("/presign", wanted).await.good();
        assert_ne!(again["key"], given["key"]);
    }
}

#[tokio::test]
async fn two_peoples_batches_are_invisible_to_each_other() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let bob = server.program("bob", Role::Uploader).await;
    let root = server.program("root", Role::Admin).await;
    let at = announced(&ann, &[photo(0, "a.jpg", 5)]).await;

    let nowhere = "404 not_found: There is no such batch, or it belongs to somebody else.";
    for path in ["", "/items", "/receipt"] {
        assert_eq!(bob.get(&format!("{at}{path}")).await.problem(), nowhere, "GET {path}");
        root.get(&format!("{at}{path}")).await.good();
    }
    for (path, body) in [
        ("items", json!({ "items": [photo(1, "b.jpg", 5)] })),
        ("grant", json!({ "kind": "credentials" })),
        ("urls", json!({ "items": [0] })),
        ("report", json!({ "items": [{ "i": 0, "o": "cancelled" }] })),
        ("close", json!({ "rest": "give_up" })),
    ] {
        assert_eq!(bob.post(&format!("{at}/{path}"), body).await.problem(), nowhere, "POST {path}");
    }
    let untouched = ann.get(&format!("{at}/items")).await.good();
    assert_eq!(untouched[0]["state"], "announced");
    assert_eq!(ann.get(&at).await.good()["state"], "open");
    assert_eq!(bob.get("/batches/no-such-batch").await.problem(), nowhere);
}

#[tokio::test]
async fn items_are_checked_again_and_never_share_a_key() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let at = announced(&program, &[]).await;
    let mut items = vec![
        photo(0, "Caf\u{e9}.jpg", 5),
        photo(1, "Cafe\u{301}.jpg", 5),
        photo(2, "a\\b\n.jpg", 5),
        photo(3, "../b.jpg", 5),
        photo(4, "empty.jpg", 0),
        photo(5, ".DS_Store", 5),
        photo(0, "Caf\u{e9}.jpg", 5),
    ];
    items.push(json!({ "index": 6, "path": "a.pdf", "size": 5, "media_type": "application/pdf" }));
    items.push(json!({ "index": 7, "path": "raw.CR3", "size": 5, "media_type": "" }));
    let body = json!({ "items": items });
    let answer = program.post(&format!("{at}/items"), body.clone()).await.good();
    let name = |key: &Value| key.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let keys: Vec<(u64, String)> = answer["accepted"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["index"].as_u64().unwrap(), name(&item["key"])))
        .collect();
    let expected = [(0, "Café.jpg"), (2, "a_b_.jpg"), (0, "Café.jpg"), (7, "raw.CR3")];
    assert_eq!(keys, expected.map(|(i, key)| (i, key.to_owned())));
    let mut refused: Vec<(u64, &str)> = answer["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["index"].as_u64().unwrap(), item["reason"]["why"].as_str().unwrap()))
        .collect();
    refused.sort_unstable();
    assert_eq!(refused, [(1, "duplicate"), (3, "path_unsafe"), (4, "empty"), (5, "junk"), (6, "type")]);

    assert_eq!(program.post(&format!("{at}/items"), body).await.good(), answer, "announced again");
    assert_eq!(program.get(&at).await.good()["items"], 3);
}

#[tokio::test]
async fn a_page_has_its_limits() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let at = announced(&program, &[]).await;
    let items: Vec<Value> = (0..1_001).map(|i| photo(i, &format!("{i}.jpg"), 5)).collect();
    let refused = program.post(&format!("{at}/items"), json!({ "items": items })).await;
    let most =
        |n: u32| format!("413 too_large: One request carries at most {n} of them. Send the rest in another.");
    assert_eq!(refused.problem(), most(1_000));
    assert_eq!(program.get(&at).await.good()["items"], 0);
    let indexes: Vec<u32> = (0..251).collect();
    assert_eq!(program.post(&format!("{at}/urls"), json!({ "items": indexes })).await.problem(), most(250));
    let reports: Vec<Value> = (0..1_001).map(|i| json!({ "i": i, "o": "cancelled" })).collect();
    let refused = program.post(&format!("{at}/report"), json!({ "items": reports })).await;
    assert_eq!(refused.problem(), most(1_000));
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let mut said = Vec::new();
    let mut note =
        |what: &str, answer: crate::program::Answer| said.push(format!("{what} -> {}", answer.problem()));

    note("no token", server.stranger().get("/projects").await);
    let cookie = server.stranger().request(Method::GET, "/projects").header("cookie", "sluice=abc");
    note("a cookie", server.stranger().send(cookie.body(Body::empty()).unwrap()).await);
    note("no such path", program.get("/nothing").await);
    note("another method", program.post_nothing("/audit").await);
    note("an impossible id", program.get("/batches/a%20b").await);
    note("a wrong number", program.get("/batches/b/items?after=x").await);
    let json = || program.request(Method::POST, "/batches").header(CONTENT_TYPE, "application/json");
    note("no JSON", program.send(json().body(Body::from("{")).unwrap()).await);
    note("no project", program.post("/batches", json!({})).await);
    let form = program.request(Method::POST, "/batches").header(CONTENT_TYPE, "text/plain");
    note("another type", program.send(form.body(Body::from("{}")).unwrap()).await);
    note("too many bytes", program.send(json().body(Body::from(vec![b' '; 5_000_000])).unwrap()).await);
    note("no such project", program.post("/batches", json!({ "project": "p" })).await);
    let without_role = ApiServer::start(StoreConfig { role_arn: None, ..store.config.clone() }).await;
    let credentials = json!({ "project": "default", "grant": "credentials" });
    let bob = without_role.program("bob", Role::Uploader).await;
    note("a kind that is not there", bob.post("/batches", credentials).await);
    let pdf = json!({ "project": "default", "name": "a.pdf", "size": 5, "type": "application/pdf" });
    note("presign a document", program.post("/presign", pdf).await);
    let week = json!({ "project": "default", "name": "a.jpg", "size": 5, "expires_in": 604_800 });
    note("presign for a week", program.post("/presign", week).await);

    insta::assert_snapshot!(said.join("\n"), @r"
    no token -> 401 signed_out: Send an API token: `Authorization: Bearer <token>`. `sluice token create` makes one.
    a cookie -> 401 signed_out: Send an API token: `Authorization: Bearer <token>`. `sluice token create` makes one.
    no such path -> 404 not_found: There is nothing at this address. `GET /api/v1/openapi.json` describes what there is.
    another method -> 405 invalid: This address does not take that method.
    an impossible id -> 404 not_found: There is no such batch, or it belongs to somebody else.
    a wrong number -> 400 invalid: Failed to deserialize query string: after: invalid digit found in string
    no JSON -> 400 invalid: Failed to parse the request body as JSON: EOF while parsing an object at line 1 column 1
    no project -> 400 invalid: Failed to deserialize the JSON body into the target type: missing field `project` at line 1 column 2
    another type -> 415 invalid: Send JSON, with `Content-Type: application/json`.
    too many bytes -> 413 too_large: The request has more bytes than one may have. Send fewer things at a time.
    no such project -> 404 not_found: There is no such project. `GET /api/v1/projects` lists those you may upload into.
    a kind that is not there -> 501 unsupported: This server's store gives no temporary credentials. Ask for `post_policy` or `signed_urls`.
    presign a document -> 400 invalid: This project does not take files of type `application/pdf`. Give the right `type`, or choose another project.
    presign for a week -> 400 invalid: `expires_in` is a number of seconds from 1 to 3600.
    ");
}

#[tokio::test]
async fn a_store_that_is_down_is_said_kindly() {
    let store = store::embedded().await;
    let mut config = store.config.clone();
    // Nobody listens on a port that was free a moment ago.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    config.endpoint = Some(format!("http://{free}"));
    let server = ApiServer::start(config).await;
    let program = server.program("ann", Role::Uploader).await;
    let refused = program.post("/batches", json!({ "project": "default" })).await;
    let kind = "503 store: The store did not answer as it should. Nothing is lost; try again in a minute.";
    assert_eq!(refused.problem(), kind);
    let at = format!("/batches/{}", "none");
    assert_eq!(program.get(&at).await.status, StatusCode::NOT_FOUND, "nothing was recorded");
}

#[tokio::test]
async fn the_document_that_is_served_is_the_one_that_is_checked_in() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let served = server.stranger().get("/openapi.json").await;
    assert_eq!(served.content_type, "application/json");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let text = server::api::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "docs/openapi.json is not current: run this test once with UPDATE=1");
    assert_eq!(served.json, serde_json::from_str::<Value>(&text).unwrap());
    for path in served.json["paths"].as_object().unwrap().keys() {
        assert!(path.starts_with(server::api::ROOT), "{path}");
    }
}

/// Announces three items in a batch of its own; answers where that is, and what is held of each.
async fn held(program: &Program, page: &Value) -> (String, [Option<Value>; 3]) {
    let at = announced(program, &[]).await;
    let answer = program.post(&format!("{at}/items"), page.clone()).await.good();
    (at, [0, 1, 2].map(|item| answer["accepted"][item].get("held").cloned()))
}

#[tokio::test]
async fn what_the_project_holds_is_told_and_may_be_skipped() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let first = announced(&ann, &[photo(0, "a.jpg", 5), photo(1, "b.jpg", 5)]).await;
    let first_id = first.trim_start_matches("/batches/");
    for name in ["a.jpg", "b.jpg"] {
        store.put(&format!("photos/{first_id}/{name}"), b"12345").await;
    }
    let checksum = "crc64nvme:rosUhgp5mIg=";
    let reports = json!({ "items": [{ "i": 0, "o": "stored", "checksum": checksum }] });
    ann.post(&format!("{first}/report"), reports).await.good();
    assert_eq!(ann.post_nothing(&format!("{first}/close")).await.good()["state"], "verified");

    let page = json!({ "items": [photo(0, "a.jpg", 5), photo(1, "b.jpg", 6), photo(2, "c.jpg", 5)] });
    let (second, told) = held(&ann, &page).await;
    assert_eq!(told, [Some(json!({ "checksum": checksum, "replaceable": true })), None, None]);
    let bob = server.program("bob", Role::Uploader).await;
    assert_eq!(held(&bob, &page).await.1, [None, None, None], "nobody hears of what others have");
    let carol = server.program("carol", Role::Admin).await;
    assert_eq!(held(&carol, &page).await.1[1..], [None, None]);

    let skips: Vec<Value> = (0..3).map(|item| json!({ "i": item, "o": "skipped" })).collect();
    ann.post(&format!("{second}/report"), json!({ "items": skips })).await.good();
    let closed = ann.post_nothing(&format!("{second}/close")).await.good();
    assert_eq!((&closed["state"], &closed["stored"]), (&json!("verified"), &json!(0)));
    let receipt = ann.get(&format!("{second}/receipt")).await.good();
    assert_eq!(receipt["items"], json!([]));
    let key = format!("photos/{first_id}/a.jpg");
    assert_eq!(receipt["skipped"], json!([{ "path": "a.jpg", "size": 5, "batch": first_id, "key": key }]));
    let items = ann.get(&format!("{second}/items")).await.good();
    assert_eq!(items[0]["state"], "skipped");
    assert_eq!(items[2]["state"], "cancelled", "what nobody holds was taken out");
}

/// Two guests of one link.
pub(crate) async fn guests(server: &ApiServer) -> [Program; 2] {
    let links = server.server.state.ledger.links();
    let link = NewLink {
        token: Sha256Hash::of("token"),
        project: "default".parse().unwrap(),
        title: "Party".to_owned(),
        welcome: String::new(),
        asks: Asks::default(),
        password_hash: None,
        quota: Quota::default(),
        expires_at: transfer::wire::UnixMillis(u64::MAX >> 1),
    };
    let link = links.create(deed(), link).await.unwrap();
    let mut guests = Vec::new();
    for name in ["Kai", "Mia"] {
        let (name, unique) = (name.to_owned(), name.to_owned());
        let guest = Guest { name, unique, email: None, note: None, at: deed().at };
        let guest = links.admit(link, guest).await.unwrap();
        guests.push(Program::of(&server.server, guest.id).await);
    }
    guests.try_into().ok().unwrap()
}

#[tokio::test]
async fn a_guest_learns_of_own_files_only_and_not_by_skipping_either() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let [kai, mia] = guests(&server).await;
    let ann = server.program("ann", Role::Uploader).await;
    for (program, name) in [(&ann, "a.jpg"), (&kai, "b.jpg")] {
        let at = announced(program, &[photo(0, name, 5)]).await;
        store.put(&format!("photos/{}/{name}", at.trim_start_matches("/batches/")), b"12345").await;
        let reports = json!({ "items": [{ "i": 0, "o": "stored", "checksum": "crc64nvme:rosUhgp5mIg=" }] });
        program.post(&format!("{at}/report"), reports).await.good();
        assert_eq!(program.post_nothing(&format!("{at}/close")).await.good()["state"], "verified");
    }
    let page = json!({ "items": [photo(0, "a.jpg", 5), photo(1, "b.jpg", 5), photo(2, "c.jpg", 5)] });
    let (_, told) = held(&kai, &page).await;
    assert_eq!(told.map(|held| held.is_some()), [false, true, false]);
    let (at, told) = held(&mia, &page).await;
    assert_eq!(told, [None, None, None], "not even of guests of the same link");
    // Claiming that a file is there tells nothing of whether it is.
    let skips: Vec<Value> = (0..3).map(|item| json!({ "i": item, "o": "skipped" })).collect();
    mia.post(&format!("{at}/report"), json!({ "items": skips })).await.good();
    mia.post_nothing(&format!("{at}/close")).await.good();
    let receipt = mia.get(&format!("{at}/receipt")).await.good();
    assert_eq!((&receipt["items"], &receipt["skipped"]), (&json!([]), &Value::Null));
}

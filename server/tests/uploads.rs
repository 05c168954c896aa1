//! Uploads in parts by presigned URLs, as programs make them, against real stores.

use http::StatusCode;
use ledger::Role;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use transfer::wire::PART_SIZE;

use crate::program::{ApiServer, Program};
use crate::store;

/// A photograph of two parts.
const SIZE: usize = PART_SIZE as usize + 5;

/// Opens a batch and announces files of [`SIZE`] bytes; answers where the batch is, and their keys.
async fn announced(program: &Program, grant: &str, paths: &[&str]) -> (String, Vec<String>) {
    let opened = program.post("/batches", json!({ "project": "default", "grant": grant })).await.good();
    let at = format!("/batches/{}", opened["batch"].as_str().unwrap());
    let items: Vec<Value> = (0..)
        .zip(paths)
        .map(|(i, path): (u32, _)| json!({ "index": i, "path": path, "size": SIZE, "media_type": "image/jpeg" }))
        .collect();
    let answer = program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
    let accepted = answer["accepted"].as_array().unwrap();
    (at, accepted.iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect())
}

async fn send(method: Method, url: &Value, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
    let mut request = Client::new().request(method, url.as_str().unwrap()).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// Begins the upload of an item; answers what the store calls it.
async fn begin(program: &Program, at: &str, item: u32) -> String {
    let signed = program.post(&format!("{at}/upload"), json!({ "item": item })).await.good();
    assert_eq!(signed["headers"], json!([["content-type", "image/jpeg"]]));
    assert!(signed.get("parts").is_none() && signed.get("complete").is_none(), "{signed}");
    let begun = send(Method::POST, &signed["create"], &[("content-type", "image/jpeg")], Vec::new()).await;
    assert_eq!(begun.status(), StatusCode::OK);
    let xml = begun.text().await.unwrap();
    xml.split_once("<UploadId>").unwrap().1.split_once("</UploadId>").unwrap().0.to_owned()
}

fn bytes() -> Vec<u8> {
    (0..SIZE).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn a_large_file_arrives_in_parts_whatever_the_grant() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        for grant in ["signed_urls", "post_policy"] {
            let (at, keys) = announced(&program, grant, &["Ü 🏖 #1?+%20&=.jpg"]).await;
            let upload = begin(&program, &at, 0).await;
            let asked = json!({ "item": 0, "upload": upload, "parts": [1, 2, 3, 0] });
            let signed = program.post(&format!("{at}/upload"), asked).await.good();
            assert_eq!(signed["part_size"], PART_SIZE);
            let parts = signed["parts"].as_array().unwrap();
            assert_eq!(parts.iter().map(|part| part["number"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);

            let mut document = "<CompleteMultipartUpload>".to_owned();
            for (part, body) in parts.iter().zip(bytes().chunks(PART_SIZE as usize)) {
                let put = send(Method::PUT, &part["url"], &[], body.to_vec()).await;
                assert_eq!(put.status(), StatusCode::OK, "{}", store.name);
                let etag = put.headers()["etag"].to_str().unwrap();
                let number = &part["number"];
                document += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
            }
            document += "</CompleteMultipartUpload>";
            let listed = send(Method::GET, &signed["list"], &[], Vec::new()).await.text().await.unwrap();
            assert_eq!(listed.matches("<PartNumber>").count(), 2, "{}: {listed}", store.name);
            let asked = json!({ "item": 0, "upload": upload, "after": 1 });
            let behind = program.post(&format!("{at}/upload"), asked).await.good();
            let listed = send(Method::GET, &behind["list"], &[], Vec::new()).await.text().await.unwrap();
            assert_eq!(listed.matches("<PartNumber>").count(), 1, "{}: {listed}", store.name);
            let complete = send(Method::POST, &signed["complete"], &[], document.into_bytes()).await;
            assert_eq!(complete.status(), StatusCode::OK, "{}", store.name);
            assert!(store.read(&keys[0]).await == Some(bytes()), "{}: other bytes", store.name);
            let closed = program.post_nothing(&format!("{at}/close")).await.good();
            assert_eq!(closed["state"], "verified", "{}: {closed}", store.name);
        }
    }
}

#[tokio::test]
async fn each_part_is_held_to_its_length_and_its_place() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let (at, keys) = announced(&program, "signed_urls", &["a.jpg", "b.jpg"]).await;
        let (other_at, other_keys) = announced(&program, "signed_urls", &["a.jpg"]).await;
        let upload = begin(&program, &at, 0).await;
        let asked = json!({ "item": 0, "upload": upload, "parts": [2] });
        let signed = program.post(&format!("{at}/upload"), asked).await.good();
        let last = &signed["parts"][0]["url"];
        let changed = |from: &str, to: &str| {
            let url = last.as_str().unwrap().replace(from, to);
            assert_ne!(last, &url);
            Value::from(url)
        };
        let (batch, other) = (at.trim_start_matches("/batches/"), other_at.trim_start_matches("/batches/"));

        for (what, method, url, body) in [
            ("longer", Method::PUT, last.clone(), b"123456".to_vec()),
            ("shorter", Method::PUT, last.clone(), b"1234".to_vec()),
            ("another part", Method::PUT, changed("partNumber=2", "partNumber=1"), b"12345".to_vec()),
            ("another key", Method::PUT, changed("a.jpg", "c.jpg"), b"12345".to_vec()),
            ("another batch", Method::PUT, changed(batch, other), b"12345".to_vec()),
            ("reading", Method::GET, last.clone(), Vec::new()),
            ("deleting", Method::DELETE, last.clone(), Vec::new()),
            ("completing", Method::POST, last.clone(), b"<CompleteMultipartUpload/>".to_vec()),
        ] {
            let status = send(method, &url, &[], body).await.status();
            assert_eq!(status, StatusCode::FORBIDDEN, "{}: {what}", store.name);
        }
        assert_eq!(send(Method::PUT, last, &[], b"12345".to_vec()).await.status(), StatusCode::OK);

        // Another item's upload, signed for this one's key: the store knows better.
        let elsewhere = begin(&program, &at, 1).await;
        let asked = json!({ "item": 0, "upload": elsewhere, "parts": [2] });
        let crossed = program.post(&format!("{at}/upload"), asked).await.good();
        let put = send(Method::PUT, &crossed["parts"][0]["url"], &[], b"12345".to_vec()).await;
        assert_eq!(put.status(), StatusCode::NOT_FOUND, "{}", store.name);

        let thrown = send(Method::DELETE, &signed["abort"], &[], Vec::new()).await;
        assert_eq!(thrown.status(), StatusCode::NO_CONTENT, "{}", store.name);
        let listed = send(Method::GET, &signed["list"], &[], Vec::new()).await;
        assert_eq!(listed.status(), StatusCode::NOT_FOUND, "{}: nothing is left", store.name);
        for key in keys.iter().chain(&other_keys) {
            assert_eq!(store.read(key).await, None, "{}", store.name);
        }
    }
}

#[tokio::test]
async fn only_the_owners_items_are_signed() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let stranger = server.program("bob", Role::Uploader).await;
    let (at, _) = announced(&program, "signed_urls", &["a.jpg"]).await;
    let path = format!("{at}/upload");

    let mut said = Vec::new();
    let mut note =
        |what: &str, answer: crate::program::Answer| said.push(format!("{what} -> {}", answer.problem()));
    note("somebody else's", stranger.post(&path, json!({ "item": 0 })).await);
    note("not announced", program.post(&path, json!({ "item": 1 })).await);
    note("no name", program.post(&path, json!({ "item": 0, "upload": "" })).await);
    note("a long name", program.post(&path, json!({ "item": 0, "upload": "u".repeat(1_025) })).await);
    let parts: Vec<u32> = (1..=251).collect();
    note("a long page", program.post(&path, json!({ "item": 0, "upload": "u", "parts": parts })).await);
    program.post(&format!("{at}/close"), json!({ "rest": "give_up" })).await.good();
    note("over", program.post(&path, json!({ "item": 0 })).await);
    insta::assert_snapshot!(said.join("\n"), @r"
    somebody else's -> 404 not_found: There is no such batch, or it belongs to somebody else.
    not announced -> 404 not_found: This batch has no such item. Announce it first.
    no name -> 400 invalid: `upload` is what the store answered when the upload was begun: 1 to 1,024 bytes.
    a long name -> 400 invalid: `upload` is what the store answered when the upload was begun: 1 to 1,024 bytes.
    a long page -> 413 too_large: One request carries at most 250 of them. Send the rest in another.
    over -> 409 conflict: This batch is over and takes nothing more. Open a new one for more files.
    ");
}

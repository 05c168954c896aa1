//! Files that go through the server, because a browser cannot reach the store.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use devstore::{Fault, FaultPlan, FaultRule, Operation};
use http::{Method, StatusCode};
use http_body::Frame;
use ledger::{ProjectDraft, Role};
use serde_json::{Value, json};
use server::server::Server;
use tokio::sync::mpsc;
use transfer::crc64::Crc64;
use transfer::wire::Relay;

use crate::program::{Answer, ApiServer, Program, deed};
use crate::store;
use crate::test_app::TestApp;

const CHECKSUM: &str = "x-amz-checksum-crc64nvme";

/// Lets the project to begin with relay, or not.
pub(crate) async fn allow(server: &Server, relay: Relay) {
    let projects = server.state.ledger.projects();
    let id = "default".parse().unwrap();
    let record = projects.get(&id).await.unwrap().unwrap();
    let draft = ProjectDraft {
        name: record.name,
        prefix: record.prefix,
        key_template: record.key_template,
        rules: record.rules,
        grant: record.grant,
        access: record.access,
        quota: record.quota,
        daily_quota: record.daily_quota,
        thumbnails: record.thumbnails,
        relay,
        retention: record.retention,
        members: Vec::new(),
    };
    projects.change(deed(), &id, draft).await.unwrap();
}

/// Opens a batch and announces files of that many bytes; answers the batch, and the key of the first.
async fn announced(program: &Program, sizes: &[usize]) -> (Value, String) {
    let opened =
        program.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
    let items: Vec<Value> = (0..)
        .zip(sizes)
        .map(|(index, size): (u32, _)| {
            let path = format!("Ü {index}.jpg");
            json!({ "index": index, "path": path, "size": size, "media_type": "image/jpeg" })
        })
        .collect();
    let at = format!("/batches/{}/items", opened["batch"].as_str().unwrap());
    let answer = program.post(&at, json!({ "items": items })).await.good();
    let key = answer["accepted"][0]["key"].as_str().unwrap().to_owned();
    (opened, key)
}

/// Where an item of a batch goes.
fn body_of(opened: &Value, item: &str) -> String {
    format!("/batches/{}/items/{item}/body", opened["batch"].as_str().unwrap())
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

/// A body that comes piece by piece and does not say how long it is.
struct Pieces(Vec<u8>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let piece = self.0.len().min(64 << 10);
        let piece: Bytes = self.0.drain(..piece).collect();
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }
}

/// Sends a body with these headers.
async fn send(program: &Program, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let mut request = program.request(Method::PUT, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    program.send(request.body(Body::new(Pieces(body))).unwrap()).await
}

#[tokio::test]
async fn a_file_larger_than_any_request_may_be_goes_through() {
    const SIZE: usize = 9 << 20;
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        allow(&server.server, Relay::WhenBlocked).await;
        let program = server.program("ann", Role::Uploader).await;
        let (opened, key) = announced(&program, &[SIZE, 5]).await;
        assert_eq!(opened["relay"], "when_blocked");
        let whole = content(SIZE);
        let checksum = Crc64::of(&whole).to_base64();
        let length = SIZE.to_string();
        let headers = [("content-length", length.as_str()), (CHECKSUM, &checksum)];
        let sent = send(&program, &body_of(&opened, "0"), &headers, whole.clone()).await;
        assert_eq!(sent.status, StatusCode::NO_CONTENT, "{}: {sent:?}", store.name);
        assert!(store.read(&key).await == Some(whole), "{}: other bytes", store.name);
        // Without a checksum, and again: as with any other way to send a file.
        for _ in 0..2 {
            let path = body_of(&opened, "1");
            let sent = send(&program, &path, &[("content-length", "5")], b"12345".to_vec()).await;
            assert_eq!(sent.status, StatusCode::NO_CONTENT, "{}: {sent:?}", store.name);
        }
        let at = format!("/batches/{}", opened["batch"].as_str().unwrap());
        let renewed = program.post_nothing(&format!("{at}/grant")).await.good();
        assert_eq!(renewed["relay"], "when_blocked");
        let closed = program.post_nothing(&format!("{at}/close")).await.good();
        assert_eq!((&closed["state"], &closed["stored"]), (&json!("verified"), &json!(2)), "{}", store.name);
        let admin = server.program("ada", Role::Admin).await;
        let found = admin.get("/batches").await.good();
        assert_eq!(found["batches"][0]["relayed"], 3);
        let state = &server.server.state;
        let text = state.metrics.text(&state.ledger).await;
        for counted in ["sluice_files_relayed_total 3\n", "sluice_relayed_bytes_total 9437194\n"] {
            assert!(text.contains(counted), "{text}");
        }
    }
}

#[tokio::test]
async fn what_is_not_as_announced_or_not_allowed_is_not_stored() {
    for store in store::all().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let stranger = server.program("bob", Role::Uploader).await;
        let (opened, key) = announced(&program, &[5]).await;
        assert_eq!(opened["relay"], "never");
        let path = body_of(&opened, "0");
        let five = ("content-length", "5");
        let mut said = Vec::new();
        let mut note = |what: &str, answer: Answer| said.push(format!("{what} -> {}", answer.problem()));
        let good = || b"12345".to_vec();
        note("not in this project", send(&program, &path, &[five], good()).await);
        allow(&server.server, Relay::WhenBlocked).await;
        note("nobody", send(&server.stranger(), &path, &[five], good()).await);
        note("somebody else's", send(&stranger, &path, &[five], good()).await);
        note("not announced", send(&program, &body_of(&opened, "1"), &[five], good()).await);
        note("no item", send(&program, &body_of(&opened, "first"), &[five], good()).await);
        note("no length", send(&program, &path, &[], good()).await);
        note("another length", send(&program, &path, &[("content-length", "6")], good()).await);
        note("shorter", send(&program, &path, &[five], b"1234".to_vec()).await);
        note("longer", send(&program, &path, &[five], b"123456".to_vec()).await);
        let other = Crc64::of(b"54321").to_base64();
        note("other bytes", send(&program, &path, &[five, (CHECKSUM, &other)], good()).await);
        note("no checksum", send(&program, &path, &[five, (CHECKSUM, "12345")], good()).await);
        let slots: Vec<_> = std::iter::from_fn(|| server.server.state.relays.slot()).collect();
        note("too many", send(&program, &path, &[five], good()).await);
        drop(slots);
        let close = format!("/batches/{}/close", opened["batch"].as_str().unwrap());
        program.post(&close, json!({ "rest": "give_up" })).await.good();
        note("over", send(&program, &path, &[five], good()).await);
        assert_eq!(store.read(&key).await, None, "{}", store.name);
        insta::allow_duplicates! {
            insta::assert_snapshot!(said.join("\n"), @r"
            not in this project -> 403 forbidden: Files of this project go straight to the store. An admin can allow it to relay them.
            nobody -> 401 signed_out: Send an API token: `Authorization: Bearer <token>`. `sluice token create` makes one.
            somebody else's -> 404 not_found: There is no such batch, or it belongs to somebody else.
            not announced -> 404 not_found: This batch has no such item. Announce it first.
            no item -> 404 not_found: This batch has no such item. Announce it first.
            no length -> 400 invalid: The body must have exactly the 5 bytes that were announced, and `Content-Length` must say so. Nothing was stored.
            another length -> 400 invalid: The body must have exactly the 5 bytes that were announced, and `Content-Length` must say so. Nothing was stored.
            shorter -> 400 invalid: The body must have exactly the 5 bytes that were announced, and `Content-Length` must say so. Nothing was stored.
            longer -> 400 invalid: The body must have exactly the 5 bytes that were announced, and `Content-Length` must say so. Nothing was stored.
            other bytes -> 400 invalid: The body does not have the CRC-64/NVME that `x-amz-checksum-crc64nvme` gives in base64. Nothing was stored.
            no checksum -> 400 invalid: The body does not have the CRC-64/NVME that `x-amz-checksum-crc64nvme` gives in base64. Nothing was stored.
            too many -> 503 busy: Many files are on their way through the server. Try again in a moment.
            over -> 409 conflict: This batch is over and takes nothing more. Open a new one for more files.
            ");
        }
    }
}

/// A body whose pieces come from somewhere else.
struct Fed(mpsc::Receiver<Bytes>);

impl HttpBody for Fed {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[tokio::test]
async fn what_is_on_its_way_as_its_batch_ends_is_not_stored() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    allow(&server.server, Relay::WhenBlocked).await;
    let program = server.program("ann", Role::Uploader).await;
    let (opened, key) = announced(&program, &[3]).await;
    let (into, from) = mpsc::channel(1);
    let request = program.request(Method::PUT, &body_of(&opened, "0")).header("content-length", "3");
    let sending = program.send(request.body(Body::new(Fed(from))).unwrap());
    let ending = async {
        for piece in [&b"1"[..], b"2", b"3"] {
            // There is room for one: with the second, the first was taken, by who may send it.
            into.send(Bytes::from_static(piece)).await.unwrap();
        }
        let close = format!("/batches/{}/close", opened["batch"].as_str().unwrap());
        program.post(&close, json!({ "rest": "give_up" })).await.good();
        drop(into);
    };
    let (sent, ()) = tokio::join!(sending, ending);
    assert_eq!(sent.problem().split(':').next(), Some("409 conflict"));
    assert_eq!(store.read(&key).await, None);
}

#[tokio::test]
async fn where_there_is_a_role_the_servers_own_keys_put_nothing() {
    let mut store = store::embedded().await;
    store.config.role_arn = Some("arn:aws:iam::000000000000:role/somebody-elses".to_owned());
    let server = ApiServer::start(store.config.clone()).await;
    allow(&server.server, Relay::WhenBlocked).await;
    let program = server.program("ann", Role::Uploader).await;
    let (opened, key) = announced(&program, &[5]).await;
    let headers = [("content-length", "5")];
    let sent = send(&program, &body_of(&opened, "0"), &headers, b"12345".to_vec()).await;
    assert_eq!(sent.problem().split(':').next(), Some("502 store"));
    assert_eq!(store.read(&key).await, None);
}

#[tokio::test]
async fn what_the_store_says_is_told_apart() {
    let (store, embedded) = store::faulty().await;
    let server = ApiServer::start(store.config.clone()).await;
    allow(&server.server, Relay::WhenBlocked).await;
    let program = server.program("ann", Role::Uploader).await;
    let (opened, key) = announced(&program, &[5]).await;
    let path = body_of(&opened, "0");
    let faults = embedded.faults().unwrap();
    let refuse = |status: u16, code: &str| {
        let fault = json!({ "refusal": { "status": status, "code": code } });
        let fault: Fault = serde_json::from_value(fault).unwrap();
        let rule = FaultRule { operations: vec![Operation::PutObject], ..FaultRule::always(fault) };
        faults.set(FaultPlan { seed: 0, rules: vec![rule] });
    };
    let checksum = Crc64::of(b"12345").to_base64();
    let headers = [("content-length", "5"), (CHECKSUM, checksum.as_str())];
    let sent = async || send(&program, &path, &headers, b"12345".to_vec()).await;

    // Perhaps it is the checksum that the store does not know: the next goes without.
    refuse(501, "NotImplemented");
    let busy = sent().await;
    assert_eq!(busy.problem().split(':').next(), Some("503 busy"));
    assert_eq!(sent().await.problem().split(':').next(), Some("502 store"));
    // Also while most of it is still to come.
    let (other, _) = announced(&program, &[9 << 20]).await;
    let long = [("content-length", "9437184")];
    let refused = send(&program, &body_of(&other, "0"), &long, content(9 << 20)).await;
    assert_eq!(refused.problem().split(':').next(), Some("502 store"));
    refuse(503, "SlowDown");
    assert_eq!(sent().await.problem().split(':').next(), Some("503 store"));
    assert_eq!(store.read(&key).await, None);
    faults.set(FaultPlan::default());
    assert_eq!(sent().await.status, StatusCode::NO_CONTENT);
    assert_eq!(store.read(&key).await.as_deref(), Some(&b"12345"[..]));
}

#[tokio::test]
async fn a_page_sends_by_its_session_and_no_other_site_does() {
    let app = TestApp::start().await;
    allow(&app.server, Relay::WhenBlocked).await;
    app.person("ann").await;
    app.person("bob").await;
    let (mut ann, mut bob) = (app.signed_in("ann").await, app.signed_in("bob").await);
    let state = &app.server.state;
    let open = json!({ "request": { "project": "default", "grant": "signed_urls" } });
    let opened = ann.call("open_batch", open).await.json();
    const SIZE: usize = 3 << 20;
    let photo = json!({ "index": 0, "path": "a.jpg", "size": SIZE, "media_type": "image/jpeg" });
    let announce = json!({ "request": { "batch": opened["batch"], "items": [photo] } });
    let key = ann.call("announce", announce).await.json()["accepted"][0]["key"].clone();

    let batch = opened["batch"].as_str().unwrap().parse().unwrap();
    let path = transfer::wire::relay_path(&batch, transfer::wire::ItemIndex(0));
    let put = |site: &str| {
        let request = http::Request::builder().method(Method::PUT).uri(&path);
        let request = request.header("content-length", SIZE).header("sec-fetch-site", site);
        request.body(Body::new(Pieces(content(SIZE)))).unwrap()
    };
    assert_eq!(app.browser().send(put("same-origin")).await.problem(), "401 signed_out");
    assert_eq!(bob.send(put("same-origin")).await.problem(), "404 not_found");
    assert_eq!(ann.send(put("cross-site")).await.problem(), "403 forbidden");
    let bucket = state.grants.bucket();
    let get = || bucket.s3().get_object().bucket(bucket.name().as_str()).key(key.as_str().unwrap()).send();
    assert!(get().await.is_err(), "nothing was stored");
    let sent = ann.send(put("same-origin")).await;
    assert_eq!(sent.status, StatusCode::NO_CONTENT, "{sent:?}");
    let object = get().await.unwrap();
    assert_eq!(object.content_type(), Some("image/jpeg"));
    assert_eq!(object.e_tag(), Some(sent.header("etag")));
    assert!(object.body.collect().await.unwrap().to_vec() == content(SIZE));
}

//! A batch that was begun elsewhere, asked for by a browser that is to finish it.

use http::StatusCode;
use serde_json::{Value, json};
use transfer::engine::{Engine, Moment, Settings};

use crate::test_app::{Browser, TestApp};

async fn opened(browser: &mut Browser) -> Value {
    let open = json!({ "request": { "project": "default", "grant": "signed_urls" } });
    let batch = browser.call("open_batch", open).await.json()["batch"].clone();
    let photo = |index: u32, path: &str| json!({ "index": index, "path": path, "size": 5, "media_type": "image/jpeg", "modified": 9 });
    let items = [photo(0, "a/0.jpg"), photo(1, "a/1.jpg"), photo(3, "a/3.jpg")];
    let announce = json!({ "request": { "batch": batch, "items": items } });
    assert_eq!(browser.call("announce", announce).await.status, StatusCode::OK);
    let items = json!([{ "i": 0, "o": "stored" }, { "i": 1, "o": "failed", "class": "network" }]);
    let report = json!({ "request": { "batch": batch, "items": items } });
    assert_eq!(browser.call("report", report).await.status, StatusCode::OK);
    batch
}

#[tokio::test]
async fn ones_own_open_batch_comes_with_all_that_an_engine_needs() {
    let app = TestApp::start().await;
    app.person("Ann").await;
    let mut ann = app.signed_in("Ann").await;
    let batch = opened(&mut ann).await;
    let mut elsewhere = app.signed_in("Ann").await;
    let left = elsewhere.call("adopt_batch", json!({ "request": batch })).await.json();
    assert_eq!((&left["batch"], &left["project"]), (&batch, &json!("default")));
    let engine = Engine::restore(1, Settings::default(), left["log"].as_str().unwrap(), Moment(0)).unwrap();
    let totals = engine.totals();
    let counted = (totals.files, totals.stored, totals.absent, totals.cancelled);
    assert_eq!(counted, (4, 1, 2, 1), "what failed is sent again, and the gap is no file");
    let facts = engine.facts(3, 1);
    assert_eq!((facts[0].path.as_str(), facts[0].size, facts[0].modified.0), ("a/3.jpg", 5, 0));
}

#[tokio::test]
async fn nobody_elses_batch_and_none_that_is_over_is_answered() {
    let app = TestApp::start().await;
    app.person("Ann").await;
    app.person("Eve").await;
    let (mut ann, mut eve) = (app.signed_in("Ann").await, app.signed_in("Eve").await);
    let batch = opened(&mut ann).await;
    let ask = json!({ "request": batch });
    assert_eq!(eve.call("adopt_batch", ask.clone()).await.problem(), "404 not_found");
    assert_eq!(app.browser().call("adopt_batch", ask.clone()).await.problem(), "401 signed_out");

    let id = batch.as_str().unwrap().parse().unwrap();
    app.server.state.ledger.batches().revoke(crate::program::deed(), &id).await.unwrap();
    assert_eq!(ann.call("adopt_batch", ask).await.problem(), "409 conflict");
}

//! A round of what is done beside requests, and `sluice sweep`, which runs one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use ledger::{AnnouncedItem, Event, Ledger, NewBatch, NewPerson, Role, WebhookDraft};
use server::bucket::Bucket;
use server::config::{Reach, StoreConfig};
use server::round::{Deadline, Round};
use tempfile::TempDir;
use transfer::wire::{BatchId, BatchState, GrantKind, ItemIndex, KeyTemplate, UnixMillis};

use crate::patient::Patient;
use crate::program::{ApiServer, deed};
use crate::receiver::Receiver;
use crate::store::variables;

/// When everything was left: long ago.
const THEN: UnixMillis = UnixMillis(1_700_000_000_000);

/// A batch of that person with two files of five bytes, `a.jpg` and `b.jpg`, announced long ago.
pub(crate) async fn announced(ledger: &Ledger, person: &str) -> BatchId {
    let new =
        NewPerson { name: person.to_owned(), role: Role::Uploader, password_hash: None, created_at: THEN };
    let person = ledger.people().create(new).await.unwrap().id;
    let id: BatchId = "b1".parse().unwrap();
    let new = NewBatch {
        id: id.clone(),
        project: "default".parse().unwrap(),
        person,
        token: None,
        prefix: "photos/b1/".to_owned(),
        key_template: KeyTemplate::default(),
        grant: GrantKind::SignedUrls,
        opened_at: THEN,
    };
    ledger.batches().open(new).await.unwrap();
    let item = |index, path: &str| AnnouncedItem {
        index: ItemIndex(index),
        path: path.to_owned(),
        key: format!("photos/b1/{path}"),
        size: 5,
        modified: None,
        media_type: "image/jpeg".to_owned(),
    };
    ledger.items().announce(&id, &[item(0, "a.jpg"), item(1, "b.jpg")], 9, THEN).await.unwrap();
    id
}

/// A batch that was left open with one of its two files, and an upload in parts that was never completed; with a
/// webhook that wants to hear of its end.
pub(crate) async fn abandoned(ledger: &Ledger, store: &StoreConfig, url: &str) -> BatchId {
    let id = announced(ledger, "gone").await;
    let hook =
        WebhookDraft { url: url.to_owned(), project: None, events: vec![Event::BatchClosed], enabled: true };
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
    ledger.webhooks().create(deed(), hook, secret).await.unwrap();
    let bucket = Bucket::connect(store).await.unwrap();
    let put = bucket.s3().put_object().bucket(&store.bucket).key("photos/b1/a.jpg");
    put.body(ByteStream::from_static(b"12345")).send().await.unwrap();
    let begun = bucket.s3().create_multipart_upload().bucket(&store.bucket).key("photos/b1/b.jpg");
    begun.send().await.unwrap();
    id
}

/// How a batch stands, with what is stored of it, and uploads in parts that are still open below its prefix.
pub(crate) async fn standing(ledger: &Ledger, store: &StoreConfig, id: &BatchId) -> (BatchState, u64, usize) {
    let batch = ledger.batches().get(id).await.unwrap().unwrap();
    let bucket = Bucket::connect(store).await.unwrap();
    let uploads = bucket.s3().list_multipart_uploads().bucket(&store.bucket).prefix(&batch.prefix);
    let uploads = uploads.send().await.unwrap().uploads().len();
    (batch.state, batch.stored, uploads)
}

/// A server on that store whose webhooks may lead to this machine.
async fn server(patient: &Patient) -> ApiServer {
    let mut server = ApiServer::start(patient.config.clone()).await;
    let mut config = (*server.server.state.config).clone();
    config.webhooks.reach = Reach::Anywhere;
    server.server.state.config = Arc::new(config);
    server
}

#[tokio::test]
async fn a_round_closes_what_was_left_and_tells_of_it() {
    let patient = Patient::healthy().await;
    let server = server(&patient).await;
    let (state, receiver) = (&server.server.state, Receiver::start().await);
    let batch = abandoned(&state.ledger, &patient.config, &receiver.url).await;

    // Without time nothing is begun, and nothing is held back from who has some.
    let cut = Round::run(state, Deadline::after(Duration::ZERO)).await;
    assert_eq!(cut, Round { cut: true, ..Round::default() });
    assert!(cut.is_well(), "there is nothing wrong");
    assert_eq!(standing(&state.ledger, &patient.config, &batch).await, (BatchState::Open, 0, 1));

    let round = Round::run(state, Deadline::after(Duration::from_secs(60))).await;
    assert_eq!(round, Round { batches: 1, deliveries: 1, ..Round::default() });
    assert_eq!(standing(&state.ledger, &patient.config, &batch).await, (BatchState::Closed, 1, 0));
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].json()["type"], "batch.closed");

    assert_eq!(Round::run(state, Deadline::NONE).await, Round::default(), "nothing is left to do");
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn a_round_begins_no_delivery_that_it_may_not_see_the_end_of() {
    let patient = Patient::healthy().await;
    let server = server(&patient).await;
    let (state, receiver) = (&server.server.state, Receiver::start().await);
    abandoned(&state.ledger, &patient.config, &receiver.url).await;
    // A receiver may take 15 seconds.
    let round = Round::run(state, Deadline::after(Duration::from_secs(12))).await;
    assert_eq!(round, Round { batches: 1, cut: true, ..Round::default() });
    assert!(receiver.got().is_empty());
    let round = Round::run(state, Deadline::NONE).await;
    assert_eq!(round, Round { deliveries: 1, ..Round::default() });
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn what_the_store_gives_no_word_about_is_no_success() {
    let patient = Patient::healthy().await;
    let server = server(&patient).await;
    let (state, receiver) = (&server.server.state, Receiver::start().await);
    let batch = abandoned(&state.ledger, &patient.config, &receiver.url).await;
    let mut config = patient.config.clone();
    config.bucket = "elsewhere".to_owned();
    let elsewhere = ApiServer::start(config).await;
    let mut lost = elsewhere.server.state.clone();
    lost.ledger = Arc::clone(&state.ledger);
    let round = Round::run(&lost, Deadline::NONE).await;
    assert_eq!(round, Round { left: 1, ..Round::default() });
    assert!(!round.is_well());
    assert_eq!(state.ledger.batches().get(&batch).await.unwrap().unwrap().state, BatchState::Open);
}

/// `sluice sweep`, with that store or none; whether it went well, and all that it wrote.
fn sweep(data: &Path, store: Option<&StoreConfig>) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command
        .arg("sweep")
        .env("SLUICE_DATA_DIR", data)
        .env("SLUICE_WEBHOOKS_INSIDE", "on")
        .env_remove("SLUICE_CONFIG")
        .stdin(Stdio::null());
    command.envs(store.into_iter().flat_map(variables));
    let output = command.output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), text)
}

/// Store and receiver are served by this process, which must not wait for the command meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_runs_one_round_and_ends() {
    let (patient, receiver) = (Patient::healthy().await, Receiver::start().await);
    let data = TempDir::new().unwrap();
    let data = data.path();
    let (done, text) = sweep(data, None);
    assert!(!done && text.contains("sweeps by itself"), "{text}");

    let ledger = Ledger::open_file(&data.join("sluice.sqlite")).await.unwrap();
    let batch = abandoned(&ledger, &patient.config, &receiver.url).await;
    let (done, text) = sweep(data, Some(&patient.config));
    assert!(done && text.contains("abandoned batches closed\t1\n"), "{text}");
    assert!(text.contains("attempts to deliver a webhook\t1\n"), "{text}");
    assert_eq!(standing(&ledger, &patient.config, &batch).await, (BatchState::Closed, 1, 0));
    assert_eq!(receiver.got().len(), 1);
    let (done, text) = sweep(data, Some(&patient.config));
    assert!(done && text.contains("abandoned batches closed\t0\n"), "{text}");
}

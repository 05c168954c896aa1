//! `sluice import`: the ledger from the bucket, through the command.

use std::path::Path;
use std::process::{Command, Stdio};

use aws_sdk_s3::primitives::ByteStream;
use ledger::{Action, AuditFilter, BatchFilter, ItemState, Ledger, NewPerson, Role};
use tempfile::TempDir;
use transfer::wire::{BatchState, UnixMillis};
use uuid::Uuid;

use crate::program::ApiServer;
use crate::store::{self, TestStore};

/// Runs the command beside that store; answers what it wrote, or complained of.
fn sluice(store: &TestStore, data: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(arguments)
        .env("SLUICE_DATA_DIR", data)
        .envs(store::variables(&store.config))
        .env_remove("SLUICE_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// A ledger that knows nothing but one person.
async fn empty(data: &Path) -> Ledger {
    let ledger = Ledger::open_file(&data.join("sluice.sqlite")).await.unwrap();
    let created_at = UnixMillis(1_700_000_000_000);
    let ada = NewPerson { name: "ada".to_owned(), role: Role::Admin, password_hash: None, created_at };
    ledger.people().create(ada).await.unwrap();
    ledger
}

/// Every key of the bucket with its ETag and time.
async fn objects(store: &TestStore) -> Vec<String> {
    let listed = store.owner().list_objects_v2().bucket(&store.config.bucket).send().await.unwrap();
    let line = |object: &aws_sdk_s3::types::Object| format!("{object:?}");
    listed.contents().iter().map(line).collect()
}

/// A batch's prefix that nobody had before, some milliseconds after the one before.
fn fresh(at: u64) -> (String, String) {
    let time = uuid::Timestamp::from_unix(
        uuid::NoContext,
        at / 1_000,
        u32::try_from(at % 1_000).unwrap() * 1_000_000,
    );
    let id = Uuid::new_v7(time).to_string();
    (format!("photos/{id}/"), id)
}

/// The store is served by this process, which must not wait for the command meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_ledger_is_made_again_from_the_bucket() {
    let store = store::embedded().await;
    let data = TempDir::new().unwrap();
    let data = data.path();
    empty(data).await.close().await.unwrap();
    let (first, first_id) = fresh(1_750_000_000_123);
    let (second, second_id) = fresh(1_750_000_100_000);
    for key in ["Sommer/Café 1.jpg", "Sommer/b.heic", ".sluice/thumbnails/0"] {
        store.put(&format!("{first}{key}"), b"12345").await;
    }
    // More than a page of the listing.
    for number in 0..1_005 {
        let put = store.owner().put_object().bucket(&store.config.bucket);
        put.key(format!("{second}{number:04}.jpg")).body(ByteStream::from_static(b"1")).send().await.unwrap();
    }
    store.put("photos/readme.txt", b"not of a batch").await;
    store.put("elsewhere/x.jpg", b"not of a project").await;
    let before = objects(&store).await;

    let import = |more: &[&str]| sluice(&store, data, &[&["import", "--person", "ada"], more].concat());
    let said = import(&["--dry-run"]).unwrap();
    assert_eq!(
        said,
        format!(
            "{first_id}\tdefault\t2\t10\t2025-06-15T15:06:40Z\twould be imported\n\
             {second_id}\tdefault\t1005\t1005\t2025-06-15T15:08:20Z\twould be imported\n\
             2 batches with 1007 files (1015 bytes) would be imported, 0 known. 1 of the objects belong to no batch.\n"
        )
    );
    let ledger = Ledger::open_file(&data.join("sluice.sqlite")).await.unwrap();
    assert_eq!(ledger.batches().sum(&BatchFilter::default()).await.unwrap().batches, 0, "a dry run");
    ledger.close().await.unwrap();

    let said = import(&[]).unwrap();
    assert!(
        said.ends_with(
            "2 batches with 1007 files (1015 bytes) imported, 0 known. 1 of the objects belong to no batch.\n"
        ),
        "{said}"
    );
    let again = import(&["--project", "default"]).unwrap();
    assert!(again.contains(&format!("{first_id}\tdefault\t2\t10\t2025-06-15T15:06:40Z\tknown\n")), "{again}");
    assert!(again.ends_with(
        "0 batches with 0 files (0 bytes) imported, 2 known. 1 of the objects belong to no batch.\n"
    ));
    assert_eq!(objects(&store).await, before, "nothing in the bucket is touched");

    let ledger = Ledger::open_file(&data.join("sluice.sqlite")).await.unwrap();
    let batch = ledger.batches().get(&first_id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((batch.state, batch.items, batch.stored, batch.bytes), (BatchState::Closed, 2, 2, 10));
    assert_eq!((batch.person_name.as_str(), batch.opened_at), ("ada", UnixMillis(1_750_000_000_123)));
    assert_eq!((batch.prefix, batch.verified_at), (first.clone(), None));
    assert_eq!(ledger.items().by_state(&first_id.parse().unwrap()).await.unwrap(), [(ItemState::Stored, 2)]);
    let log = AuditFilter { action: Some(Action::BatchImported), ..AuditFilter::default() };
    let log = ledger.audit().list(&log, 9).await.unwrap();
    let lines: Vec<_> = log.iter().map(|line| (line.subject.as_str(), line.detail.as_str())).collect();
    assert_eq!(lines, [(second_id.as_str(), "1005 files"), (first_id.as_str(), "2 files")]);
    ledger.close().await.unwrap();

    let receipt = sluice(&store, data, &["batch", "receipt", &first_id]).unwrap();
    assert!(receipt.contains("\"path\": \"Sommer/Café 1.jpg\""), "{receipt}");
    let verified = sluice(&store, data, &["batch", "verify", &first_id]).unwrap();
    assert_eq!(verified, "2 as the receipt says, 0 missing, 0 differ, 0 added, 0 replaced\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_was_set_back_keeps_what_it_knows() {
    let store = store::embedded().await;
    let data = TempDir::new().unwrap();
    let data = data.path();
    // A server that knows one batch, with a file that it was never told of.
    let server = ApiServer::start(store.config.clone()).await;
    let ann = server.program("ann", Role::Uploader).await;
    let url = serde_json::json!({ "project": "default", "name": "known.jpg", "size": 5 });
    let known = ann.post("/presign", url).await.good()["uuid"].as_str().unwrap().to_owned();
    store.put(&format!("photos/{known}/known.jpg"), b"12345").await;
    store.put(&format!("photos/{known}/unknown.jpg"), b"12345").await;
    let (lost, lost_id) = fresh(1_750_000_000_000);
    store.put(&format!("{lost}a.jpg"), b"12345").await;

    let state = &server.server.state;
    let project = state.ledger.projects().get(&"default".parse().unwrap()).await.unwrap().unwrap();
    let person = state.ledger.people().by_name("ann").await.unwrap().unwrap();
    let mut found = Vec::new();
    let summary = server::import::import(
        (state.grants.bucket(), &state.ledger),
        &project,
        person.id,
        server::import::Manner::Record,
        |batch| found.push((batch.id.to_string(), batch.known)),
    );
    let summary = summary.await.unwrap();
    assert_eq!((summary.batches, summary.known, summary.unknown_objects), (1, 1, 1));
    use server::import::Known;
    assert_eq!(found, [(lost_id, Known::Nothing), (known.clone(), Known::AllBut(1))]);
    let batch = state.ledger.batches().get(&known.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((batch.state, batch.items), (BatchState::Open, 1), "left alone: its browser may come back");

    let complaint = sluice(&store, data, &["import", "--person", "nobody"]).unwrap_err();
    assert!(complaint.contains("nobody"), "{complaint}");
    empty(data).await.close().await.unwrap();
    let complaint = sluice(&store, data, &["import", "--person", "ada", "--project", "gone"]).unwrap_err();
    assert!(complaint.contains("sluice project add gone --prefix"), "{complaint}");
}

/// Without a bucket it is the embedded store that is asked, which no server may have open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_store_is_imported_while_no_server_runs() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.args(["import", "--person", "ada"]).env("SLUICE_DATA_DIR", data);
        command.env("SLUICE_STORE_LISTEN", "127.0.0.1:0").env_remove("SLUICE_CONFIG").stdin(Stdio::null());
        command.output().unwrap()
    };
    empty(data).await.close().await.unwrap();
    let name = devstore::BucketName::new("sluice").unwrap();
    let open = devstore::DevStore::open(devstore::StoreConfig::new(data.join("store"), name)).await.unwrap();
    let refused = run();
    assert!(!refused.status.success(), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("stop it first"), "{refused:?}");
    drop(open);
    let output = run();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "0 batches with 0 files (0 bytes) imported, 0 known.\n"
    );
}

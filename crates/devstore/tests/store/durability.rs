//! What is left when something breaks in the middle.

use std::time::Duration;

use devstore::{BucketName, DevStore, OpenError, StoreConfig};
use sigv4::{Method, Payload};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::harness::{BUCKET, TestStore};

/// Sends the head of a PUT and less of its body than it promised; answers the open connection.
async fn half_a_put(store: &TestStore, key: &str, promised: usize, sent: usize) -> TcpStream {
    let length = promised.to_string();
    let signed =
        store.sign(&store.root(), Method::Put, key, &[], &[("content-length", &length)], Payload::Unsigned);
    let mut head = format!("PUT {} HTTP/1.1\r\nhost: {}\r\n", signed.target, store.addr);
    for (name, value) in &signed.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(store.addr).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![7; sent]).await.unwrap();
    stream
}

/// Waits for what happens on its own time, and fails if it never does.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never happened: {what}");
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_leaves_nothing() {
    let store = TestStore::start().await;
    store.put("a", b"before").await;
    let stream = half_a_put(&store, "a", 8_000_000, 3_000_000).await;
    until("the body reaches the disk", || store.blob_files() == 2).await;
    assert_eq!(store.read("a").await.unwrap(), b"before", "half an object is not visible");
    drop(stream);
    until("the half is removed", || store.blob_files() == 1).await;
    assert_eq!(store.read("a").await.unwrap(), b"before");
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_at_the_next_start() {
    let store = TestStore::start().await;
    store.put("kept", b"whole").await;
    let dir = store.stop().await;
    // As if killed while receiving, and again between rename and commit.
    std::fs::write(dir.path().join("store/incoming/00000000000000000000000000000001"), b"half").unwrap();
    std::fs::write(dir.path().join("store/blobs/00/00000000000000000000000000000002"), b"orphan").unwrap();
    let store = TestStore::start_in(dir).await;
    assert_eq!(store.blob_files(), 1);
    assert_eq!(store.read("kept").await.unwrap(), b"whole");
}

#[tokio::test]
async fn what_a_running_store_lost_track_of_is_swept_later() {
    let store = TestStore::start().await;
    store.put("kept", b"whole").await;
    std::fs::write(store.dir.path().join("store/blobs/00/00000000000000000000000000000002"), b"orphan")
        .unwrap();
    let now = std::time::SystemTime::now();
    assert_eq!(store.store.sweep_bodies(now).await.unwrap(), 0, "it may be about to get its row");
    let later = now + Duration::from_secs(2 * 3_600);
    assert_eq!(store.store.sweep_bodies(later).await.unwrap(), 1);
    assert_eq!(store.blob_files(), 1);
    assert_eq!(store.read("kept").await.unwrap(), b"whole");
}

#[tokio::test]
async fn a_shutdown_lets_a_write_finish() {
    let store = TestStore::start().await;
    let mut stream = half_a_put(&store, "late", 1_000_000, 600_000).await;
    until("the body reaches the disk", || store.blob_files() == 1).await;
    let stopping = tokio::spawn(store.stop());
    tokio::time::sleep(Duration::from_millis(50)).await;
    stream.write_all(&vec![7; 400_000]).await.unwrap();
    let answer = crate::raw::read_answer(&mut stream).await;
    assert_eq!(answer.status, 200);
    let store = TestStore::start_in(stopping.await.unwrap()).await;
    assert_eq!(store.read("late").await.unwrap().len(), 1_000_000);
}

#[tokio::test]
async fn objects_outlive_a_restart() {
    let dir = TempDir::new().unwrap();
    // As it is by default, with every sync.
    let config = StoreConfig::new(dir.path().join("store"), BucketName::new(BUCKET).unwrap());
    let store = TestStore::start_with(dir, config.clone()).await;
    store.put("a", &vec![7; 1_000_000]).await;
    store.put("b", b"").await;
    let store = TestStore::start_with(store.stop().await, config).await;
    assert_eq!(store.keys().await, ["a", "b"]);
    assert_eq!(store.read("a").await.unwrap(), vec![7; 1_000_000]);
}

#[tokio::test]
async fn one_directory_has_one_store() {
    let store = TestStore::start().await;
    let config = StoreConfig::new(store.dir.path().join("store"), BucketName::new(BUCKET).unwrap());
    assert!(matches!(DevStore::open(config).await, Err(OpenError::InUse)));
}

#[tokio::test]
async fn a_disk_that_refuses_is_an_error_and_no_object() {
    let store = TestStore::start().await;
    store.put("kept", b"whole").await;
    let incoming = store.dir.path().join("store/incoming");
    std::fs::remove_dir(&incoming).unwrap();
    let answer = store.raw_put(&store.root(), "a", &[], &vec![7; 1_000_000]).await;
    assert_eq!((answer.status, answer.code()), (500, "InternalError"));
    assert!(!answer.body.contains("incoming"), "a path is nobody's business");
    std::fs::create_dir(&incoming).unwrap();
    assert_eq!(store.keys().await, ["kept"]);
    assert_eq!(store.raw_put(&store.root(), "a", &[], &vec![7; 1_000_000]).await.status, 200);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_keys() {
    use std::os::unix::fs::PermissionsExt as _;
    let store = TestStore::start().await;
    let dir: &TempDir = &store.dir;
    let mode = std::fs::metadata(dir.path().join("store/identity.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let shown = format!("{:?}", store.store);
    assert!(!shown.contains(store.root().secret_access_key()), "{shown}");
}

//! A store in a process of its own: killed at any moment, and on a disk that is full.

#![expect(clippy::print_stdout, reason = "seen when a test fails")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use devstore::{BucketName, DevStore, Durability, StoreConfig};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::harness::{BUCKET, client, code, put, status};

/// Kills in a run, unless `SLUICE_TEST_KILLS` says how many.
const KILLS: u32 = 100;
/// Clients that write at once.
const WRITERS: u64 = 4;
/// Keys of each, so that most writes replace or delete something.
const KEYS: u32 = 5;
/// Where the process keeps its data.
const FOLDER: &str = "SLUICE_TEST_STORE_DIR";

/// What this test program does when it is started to be killed.
#[tokio::test]
#[ignore = "the process that the other tests start"]
async fn a_store_of_its_own() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let mut config = StoreConfig::new(folder, BucketName::new(BUCKET).unwrap());
    config.durability = Durability::ProcessKill;
    let store = DevStore::open(config).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let identity = store.identity();
    let secret = identity.secret_access_key.expose();
    let address = listener.local_addr().unwrap();
    let line = format!("\nstore {address} {} {secret}\n", identity.access_key_id);
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
    store.serve(listener, std::future::pending()).await.unwrap();
}

/// That process.
struct Process {
    child: Child,
    client: Client,
}

impl Process {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(FOLDER, folder);
        Self::of(command)
    }

    /// On a file system of that many MiB; none where the system lets nobody make one.
    fn start_on_small_disk(folder: &Path, mebibytes: u32) -> Option<Self> {
        let unshare = ["--user", "--map-root-user", "--mount"];
        let may = Command::new("unshare").args(unshare).arg("true").stderr(Stdio::null()).status();
        if !may.is_ok_and(|status| status.success()) {
            return None;
        }
        let mut command = Command::new("unshare");
        let script = format!("mount -t tmpfs -o size={mebibytes}m tmpfs \"${FOLDER}\" && exec \"$@\"");
        command.args(unshare).args(["sh", "-c", &script, "sh"]).arg(std::env::current_exe().unwrap());
        command.env(FOLDER, folder);
        Some(Self::of(command))
    }

    fn of(mut command: Command) -> Self {
        command.args(["--exact", "crashes::a_store_of_its_own", "--ignored", "--nocapture"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.map_while(Result::ok).find(|line| line.starts_with("store ")).unwrap();
        let [_, address, key, secret] = told.split(' ').collect::<Vec<_>>()[..] else { panic!("{told}") };
        let credentials = Credentials::new(key, secret, None, None, "store");
        Self { child, client: client(&format!("http://{address}"), "us-east-1", credentials) }
    }

    /// As the kernel does it when memory runs out: no warning, no last word.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an object holds: bytes that follow from two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Content {
    seed: u64,
    size: usize,
}

impl Content {
    fn bytes(self) -> Vec<u8> {
        let words = (0..).map(|word: u64| (self.seed ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        words.flat_map(u64::to_le_bytes).take(self.size).collect()
    }
}

/// A client that remembers what was acknowledged.
struct Writer {
    random: StdRng,
    /// By key; nobody else writes these.
    acknowledged: BTreeMap<String, Content>,
    /// What was asked for last, if no answer came: then the key holds the one or the other.
    doubt: Option<(String, Option<Content>)>,
}

impl Writer {
    fn new(number: u64, seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed + number), acknowledged: BTreeMap::new(), doubt: None }
    }

    /// Writes until the store is gone.
    async fn write(mut self, number: u64, client: Client, acknowledged: Arc<AtomicU32>) -> Self {
        loop {
            let key = format!("{number}/{}", self.random.random_range(0..KEYS));
            let size = if self.random.random_bool(0.1) { 0 } else { self.random.random_range(1..150_000) };
            let content = Content { seed: self.random.random(), size };
            let change = self.random.random_range(0..10);
            let wanted = if change < 7 { Some(content) } else { None };
            self.doubt = Some((key.clone(), wanted));
            let done = match change {
                0..5 => answered(put(&client, BUCKET, &key, &content.bytes()).await).map(|_| ()),
                5..7 => in_one_part(&client, &key, content).await,
                _ => answered(client.delete_object().bucket(BUCKET).key(&key).send().await).map(|_| ()),
            };
            if done.is_none() {
                return self;
            }
            self.settle(wanted);
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes the last change for what the store has.
    fn settle(&mut self, content: Option<Content>) {
        let Some((key, _)) = self.doubt.take() else { return };
        match content {
            Some(content) => self.acknowledged.insert(key, content),
            None => self.acknowledged.remove(&key),
        };
    }

    /// Finds out what the change without an answer came to: all of it, or nothing.
    async fn resolve(&mut self, client: &Client) {
        let Some((key, wanted)) = self.doubt.clone() else { return };
        let old = self.acknowledged.get(&key).copied();
        let found = read(client, &key).await;
        let holds = |content: Option<Content>| found == content.map(Content::bytes);
        assert!(holds(old) || holds(wanted), "{key} is neither what it was nor what it should become");
        self.settle(if holds(wanted) { wanted } else { old });
    }
}

/// `None` if the store was killed before it answered. A refusal is a failure of the test.
fn answered<T, E: std::fmt::Debug, R: std::fmt::Debug>(result: Result<T, SdkError<E, R>>) -> Option<T> {
    match result {
        Ok(answer) => Some(answer),
        Err(SdkError::ServiceError(refusal)) => panic!("{refusal:?}"),
        Err(_) => None,
    }
}

async fn in_one_part(client: &Client, key: &str, content: Content) -> Option<()> {
    let made = answered(client.create_multipart_upload().bucket(BUCKET).key(key).send().await)?;
    let id = made.upload_id.unwrap();
    let body = ByteStream::from(content.bytes());
    let part = client.upload_part().bucket(BUCKET).key(key).upload_id(&id).part_number(1).body(body);
    let part = answered(part.send().await)?;
    let parts = CompletedMultipartUpload::builder()
        .parts(CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build())
        .build();
    let complete = client.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(&id);
    answered(complete.multipart_upload(parts).send().await).map(|_| ())
}

async fn read(client: &Client, key: &str) -> Option<Vec<u8>> {
    match client.get_object().bucket(BUCKET).key(key).send().await {
        Ok(answer) => Some(answer.body.collect().await.unwrap().to_vec()),
        Err(error) if code(&error) == "NoSuchKey" => None,
        Err(error) => panic!("{error:?}"),
    }
}

/// Every key with its size, as the store lists them.
async fn listed(client: &Client) -> Vec<(String, usize)> {
    let answer = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let size = |size: Option<i64>| usize::try_from(size.unwrap()).unwrap();
    answer.contents().iter().map(|object| (object.key().unwrap().to_owned(), size(object.size()))).collect()
}

/// Gives up every unfinished upload.
async fn abort_uploads(client: &Client) {
    let uploads = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
    for upload in uploads.uploads() {
        let abort = client.abort_multipart_upload().bucket(BUCKET).key(upload.key().unwrap());
        abort.upload_id(upload.upload_id().unwrap()).send().await.unwrap();
    }
}

fn files_in(folder: &Path) -> usize {
    let shards = std::fs::read_dir(folder.join("blobs")).unwrap().map(|shard| shard.unwrap().path());
    shards.chain([folder.join("incoming")]).map(|folder| std::fs::read_dir(folder).unwrap().count()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_kill_at_any_moment() {
    let kills = std::env::var("SLUICE_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let seed: u64 =
        std::env::var("SLUICE_TEST_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    // Shown when the test fails.
    println!("SLUICE_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = TempDir::new().unwrap();
    let mut writers: Vec<Writer> = (1..=WRITERS).map(|number| Writer::new(number, seed)).collect();
    let mut changes = 0;
    for kill in 0..=kills {
        let store = Process::start(folder.path());
        for writer in &mut writers {
            writer.resolve(&store.client).await;
        }
        let expected: BTreeMap<_, _> =
            writers.iter().flat_map(|writer| writer.acknowledged.clone()).collect();
        let sizes: Vec<_> = expected.iter().map(|(key, content)| (key.clone(), content.size)).collect();
        assert_eq!(listed(&store.client).await, sizes, "after {kill} kills");
        for (key, content) in &expected {
            assert!(read(&store.client, key).await == Some(content.bytes()), "{key} after {kill} kills");
        }
        if kill == kills {
            abort_uploads(&store.client).await;
            let bodies = sizes.iter().filter(|(_, size)| *size > 0).count();
            assert_eq!(files_in(folder.path()), bodies, "nothing is left behind");
            break;
        }
        let acknowledged = Arc::new(AtomicU32::new(0));
        let running: Vec<_> = (1..)
            .zip(writers.drain(..))
            .map(|(number, writer)| {
                tokio::spawn(writer.write(number, store.client.clone(), Arc::clone(&acknowledged)))
            })
            .collect();
        // After some changes, however slow the machine is, and then at any moment of the next ones.
        let enough = random.random_range(1..40);
        while acknowledged.load(Ordering::Relaxed) < enough {
            assert!(!running.iter().any(JoinHandle::is_finished), "a writer lost the store before its end");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        tokio::time::sleep(Duration::from_micros(random.random_range(0..8_000))).await;
        store.kill();
        for writer in running {
            writers.push(writer.await.unwrap());
        }
        changes += writers.iter().filter(|writer| writer.doubt.is_some()).count();
    }
    assert!(changes > 0 || kills == 0, "no kill came in the middle of anything");
}

#[tokio::test]
async fn a_full_disk_refuses_and_harms_nothing() {
    let folder = TempDir::new().unwrap();
    let Some(store) = Process::start_on_small_disk(folder.path(), 24) else {
        println!("not tested: this system lets nobody mount a small disk");
        return;
    };
    let mut kept = BTreeMap::new();
    // Ever smaller bodies, and none at last: rows need room too.
    for size in [1_000_000, 100_000, 10_000, 0] {
        let refusal = loop {
            let (key, content) =
                (format!("{size}/{}", kept.len()), Content { seed: kept.len() as u64, size });
            match put(&store.client, BUCKET, &key, &content.bytes()).await {
                Ok(_) => kept.insert(key, content),
                Err(refusal) => break refusal,
            };
            assert!(kept.len() < 20_000, "the disk has 24 MiB");
        };
        assert_eq!((status(&refusal), code(&refusal).as_str()), (507, "InsufficientStorage"));
    }
    let (first, _) = kept.first_key_value().unwrap();
    let other = Content { seed: 99, size: 1_000_000 };
    let refusal = put(&store.client, BUCKET, first, &other.bytes()).await.unwrap_err();
    assert_eq!(status(&refusal), 507, "nor in the place of another");
    for (key, content) in &kept {
        assert!(read(&store.client, key).await == Some(content.bytes()), "{key}");
    }
    // The way out of it.
    for key in ["1000000/0", "1000000/1"] {
        assert!(kept.contains_key(key));
        store.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
    }
    put(&store.client, BUCKET, "after", &other.bytes()).await.unwrap();
    assert!(read(&store.client, "after").await == Some(other.bytes()));
}

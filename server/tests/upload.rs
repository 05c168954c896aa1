//! `sluice upload`: whole folders, against a server and a store on sockets.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devstore::{DevStore, Fault, FaultPlan, FaultRule, Operation};
use ledger::Role;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;
use transfer::port::{DuplicateChoice, FailureClass};
use transfer::wire::{GrantKind, Refusal, Relay};
use uploader::api::ApiError;
use uploader::run::{Before, Ending, How, News, Order, Rest, Trouble, UploadError, plan, upload};

use crate::program::{ApiServer, Listening, Program};
use crate::relay;
use crate::store::{self, TestStore};

/// A server, a store, a person's program, and a folder that is to be sent.
struct Scene {
    store: TestStore,
    program: Program,
    server: Listening,
    data: TempDir,
}

impl Scene {
    async fn with(store: TestStore) -> Self {
        let server = ApiServer::start(store.config.clone()).await;
        Self::at(store, server).await
    }

    /// With a server that is not on its socket yet.
    async fn at(store: TestStore, server: ApiServer) -> Self {
        let program = server.program("ann", Role::Uploader).await;
        let data = TempDir::new().unwrap();
        fs::create_dir(data.path().join("Sommer")).unwrap();
        Self { store, program, server: server.listen(), data }
    }

    fn folder(&self) -> PathBuf {
        self.data.path().join("Sommer")
    }

    /// Writes a file below the folder.
    fn write(&self, path: &str, size: usize) {
        let place = self.folder().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content(path, size)).unwrap();
    }

    fn order(&self) -> Order {
        Order {
            server: self.server.url.clone(),
            token: SecretString::from(self.program.token().to_owned()),
            folder: self.folder(),
            project: None,
            batch: None,
            before: Before::GoOn,
            grant: None,
            duplicates: DuplicateChoice::SendAgain,
            rest: Rest::Keep,
            parallel: 8,
            limit: None,
            state: self.data.path().join("state"),
        }
    }

    /// What the receipt says, and that the store holds just these bytes; answers the paths.
    async fn check(&self, ending: &Ending) -> Vec<String> {
        let batch = ending.batch.as_ref().unwrap();
        let receipt = self.program.get(&format!("/batches/{batch}/receipt")).await.good();
        let mut paths = Vec::new();
        for line in receipt["items"].as_array().unwrap() {
            let path = line["path"].as_str().unwrap();
            let local = fs::read(self.data.path().join(path)).unwrap();
            let stored = self.store.read(line["key"].as_str().unwrap()).await;
            assert!(stored == Some(local), "{}: {path} has other bytes", self.store.name);
            paths.push(path.to_owned());
        }
        paths
    }

    /// That many files arrived, and each has what the owner wants.
    async fn check_options(&self, ending: &Ending, files: usize) {
        assert_eq!(self.check(ending).await.len(), files, "{ending:?}");
        let receipt = format!("/batches/{}/receipt", ending.batch.as_ref().unwrap());
        let receipt = self.program.get(&receipt).await.good();
        for line in receipt["items"].as_array().unwrap() {
            let given = self.store.options(line["key"].as_str().unwrap()).await;
            assert_eq!(given, self.store.wanted(), "{}: {line}", self.store.name);
        }
    }

    /// The program itself, as a shell runs it.
    fn sluice(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command
            .arg("upload")
            .arg(self.folder())
            .args(arguments)
            .env("SLUICE_URL", &self.server.url)
            .env("SLUICE_TOKEN", self.program.token())
            .env("SLUICE_STATE_DIR", self.data.path().join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// Bytes that no other file has.
fn content(path: &str, size: usize) -> Vec<u8> {
    let seed = path.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    (0..size as u32).map(|at| (at.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 13) as u8).collect()
}

/// Runs an order to its end; answers what was told of troubles, too.
async fn run(order: &Order) -> (Ending, Vec<(String, Trouble)>) {
    let (ending, news) = listened(order, std::future::pending()).await;
    let troubles = news.into_iter().filter_map(|news| match news {
        News::Trouble { path, trouble } => Some((path, trouble)),
        _ => None,
    });
    (ending, troubles.collect())
}

async fn listened(order: &Order, stop: impl Future<Output = ()> + Send) -> (Ending, Vec<News>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let ending = upload(order, Arc::new(move |news| hear.lock().unwrap().push(news)), stop).await.unwrap();
    let news = std::mem::take(&mut *heard.lock().unwrap());
    (ending, news)
}

/// Runs until that many files are stored, and stops then.
async fn stopped_after(order: &Order, files: usize) -> Ending {
    let enough = Arc::new(Notify::new());
    let (stop, stored) = (Arc::clone(&enough), Mutex::new(0));
    let hear = move |news: News| {
        if matches!(news, News::Stored(_)) {
            let mut stored = stored.lock().unwrap();
            *stored += 1;
            if *stored == files {
                stop.notify_one();
            }
        }
    };
    upload(order, Arc::new(hear), async move { enough.notified().await }).await.unwrap()
}

/// Keys that arrived, how often each, and all bytes that were read of what was sent.
fn arrived(store: &DevStore) -> (HashMap<String, u32>, u64) {
    let (mut keys, mut bytes) = (HashMap::new(), 0);
    for entry in store.faults().unwrap().log(0).entries {
        let whole = matches!(entry.operation, Operation::PutObject | Operation::PostObject);
        if let Some(key) = entry.key.filter(|key| key.contains("Sommer")) {
            bytes += entry.bytes_in;
            if whole && entry.status == Some(200) {
                *keys.entry(key).or_default() += 1;
            }
        }
    }
    (keys, bytes)
}

#[tokio::test]
async fn a_folder_arrives_byte_for_byte() {
    for store in store::all().await {
        let scene = Scene::with(store).await;
        let long = format!("{0}/{0}/{0}/{0}/x.jpg", "ü".repeat(100));
        let names =
            ["1.jpg", "🏖 #1?+%20&='\"(2).jpg", "two\nlines.png", "日本/東京.heic", ".hidden/h.jpg", &long];
        for (at, name) in names.iter().enumerate() {
            scene.write(name, 10_000 + at);
        }
        scene.write("held and sent again.dng", 3_000_000);
        scene.write("in parts.tiff", 40_000_001);
        scene.write("empty.jpg", 0);
        scene.write(".DS_Store", 10);
        let (ending, troubles) = run(&scene.order()).await;
        assert_eq!(troubles, [("Sommer/empty.jpg".to_owned(), Trouble::Refused(Refusal::Empty))]);
        assert_eq!((&ending.how, ending.totals.stored, ending.is_good()), (&How::Verified, 8, false));
        assert_eq!(scene.check(&ending).await.len(), 8, "{}", scene.store.name);
        assert_eq!(
            fs::read_dir(scene.data.path().join("state")).unwrap().count(),
            0,
            "nothing is left behind"
        );
    }
}

#[tokio::test]
async fn any_grant_will_do() {
    let scene = Scene::with(store::embedded().await).await;
    scene.write("a.jpg", 100_000);
    scene.write("b/ü.png", 1);
    scene.write("in parts.jpg", 33 << 20);
    for grant in [GrantKind::SignedUrls, GrantKind::PostPolicy] {
        let (ending, troubles) = run(&Order { grant: Some(grant), ..scene.order() }).await;
        assert_eq!((troubles, ending.is_good()), (vec![], true), "{grant:?}: {ending:?}");
        assert_eq!(scene.check(&ending).await.len(), 3);
    }
}

#[tokio::test]
async fn each_file_gets_the_owners_class_and_tags_whatever_the_grant() {
    for store in store::with_options().await {
        let grants = [GrantKind::Credentials, GrantKind::SignedUrls, GrantKind::PostPolicy];
        // Ceph takes no form that a session signed, and keeps no tags of what comes in parts (seen with 16.2).
        let (grants, files) = if store.name == "ceph" { (&grants[..2], 1) } else { (&grants[..], 2) };
        let scene = Scene::with(store).await;
        scene.write("small.jpg", 5);
        if files == 2 {
            scene.write("in parts.jpg", 33 << 20);
        }
        for grant in grants.iter().copied() {
            let (ending, troubles) = run(&Order { grant: Some(grant), ..scene.order() }).await;
            assert_eq!((troubles, ending.is_good()), (vec![], true), "{grant:?}: {ending:?}");
            scene.check_options(&ending, files).await;
        }
    }
}

#[tokio::test]
async fn what_goes_through_the_server_gets_the_owners_class_and_tags() {
    for mut store in store::with_options().await {
        store.config.public_bases = vec!["http://127.0.0.1:9/uploads".to_owned()];
        let server = ApiServer::start(store.config.clone()).await;
        relay::allow(&server.server, Relay::WhenBlocked).await;
        let scene = Scene::at(store, server).await;
        scene.write("a.jpg", 20_000);
        let (ending, _) = run(&scene.order()).await;
        scene.check_options(&ending, 1).await;
    }
}

#[tokio::test]
async fn what_is_there_already_is_skipped_or_replaced_on_the_word() {
    let scene = Scene::with(store::embedded().await).await;
    scene.write("a.jpg", 100_000);
    scene.write("b.jpg", 5_000_000);
    let (first, _) = run(&scene.order()).await;
    let receipt = format!("/batches/{}/receipt", first.batch.as_ref().unwrap());
    let receipt = scene.program.get(&receipt).await.good();
    scene.write("c.jpg", 5);
    let (skipped, _) = run(&Order { duplicates: DuplicateChoice::Skip, ..scene.order() }).await;
    assert_eq!((skipped.totals.skipped, skipped.totals.stored, skipped.is_good()), (2, 1, true));
    let (replaced, _) = run(&Order { duplicates: DuplicateChoice::Replace, ..scene.order() }).await;
    assert_eq!((replaced.totals.stored, replaced.replaced, replaced.unreplaced), (3, 3, 0), "{replaced:?}");
    assert_eq!(scene.check(&replaced).await.len(), 3);
    for line in receipt["items"].as_array().unwrap() {
        assert_eq!(scene.store.read(line["key"].as_str().unwrap()).await, None);
    }
}

#[tokio::test]
async fn an_empty_folder_opens_no_batch() {
    let scene = Scene::with(store::embedded().await).await;
    let (ending, _) = run(&scene.order()).await;
    assert_eq!((&ending.how, &ending.batch, ending.is_good()), (&How::Nothing, &None, true));
}

#[tokio::test]
async fn a_plan_sends_nothing() {
    let scene = Scene::with(store::embedded().await).await;
    scene.write("a.jpg", 5);
    scene.write("a.txt", 5);
    let plan = plan(&scene.order()).await.unwrap();
    let refused: Vec<bool> = plan.files.iter().map(|(_, refusal)| refusal.is_some()).collect();
    assert_eq!((refused, plan.batch), (vec![false, true], None));
    assert!(!scene.data.path().join("state").join("x").exists());
    let listed =
        scene.store.owner().list_objects_v2().bucket(&scene.store.config.bucket).send().await.unwrap();
    assert!(listed.contents().is_empty());
}

#[tokio::test]
async fn what_cannot_begin_is_said() {
    let scene = Scene::with(store::embedded().await).await;
    scene.write("a.jpg", 5);
    let begin = async |order: Order| {
        upload(&order, Arc::new(|_| {}), std::future::pending()).await.map(|ending| ending.how).unwrap_err()
    };
    let bad = SecretString::from("slu_aaaaaaaa_bbbbbbbb");
    let error = begin(Order { token: bad, ..scene.order() }).await;
    assert!(
        matches!(&error, UploadError::Api(ApiError::Problem(problem)) if problem.status == 401),
        "{error}"
    );
    let error = begin(Order { project: Some("nowhere".parse().unwrap()), ..scene.order() }).await;
    assert!(error.to_string().ends_with("There is: default"), "{error}");
    let error = begin(Order { server: "photos".to_owned(), ..scene.order() }).await;
    assert!(matches!(&error, UploadError::Api(ApiError::Address(_))), "{error}");
    let error = begin(Order { server: "http://127.0.0.1:9".to_owned(), ..scene.order() }).await;
    assert!(error.to_string().contains("refused"), "{error}");
    let error = begin(Order { folder: scene.data.path().join("none"), ..scene.order() }).await;
    assert!(matches!(error, UploadError::Folder { .. }), "{error}");
    let error = begin(Order { batch: Some("unknown".parse().unwrap()), ..scene.order() }).await;
    assert!(
        matches!(&error, UploadError::Api(ApiError::Problem(problem)) if problem.status == 404),
        "{error}"
    );
}

#[tokio::test]
async fn a_storm_of_refusals_costs_no_file() {
    let (store, dev) = store::faulty().await;
    let scene = Scene::with(store).await;
    for at in 0..30 {
        scene.write(&format!("{at}.jpg"), 20_000);
    }
    let rule = FaultRule {
        operations: vec![Operation::PutObject],
        share: 0.5.try_into().unwrap(),
        count: Some(20),
        ..FaultRule::always(Fault::SlowDown { retry_after: None })
    };
    let cut = Fault::Cut { when: devstore::Moment::AfterWrite, after_bytes: 0 };
    let cut = FaultRule {
        skip: 10,
        count: Some(2),
        operations: vec![Operation::PutObject],
        ..FaultRule::always(cut)
    };
    dev.faults().unwrap().set(FaultPlan { seed: 1, rules: vec![rule, cut] });
    let (ending, troubles) = run(&scene.order()).await;
    assert_eq!((troubles, ending.is_good()), (vec![], true), "{ending:?}");
    assert!(ending.totals.retries >= 20, "{ending:?}");
    assert_eq!(scene.check(&ending).await.len(), 30);
}

#[tokio::test]
async fn what_cannot_reach_the_store_goes_through_the_server() {
    let mut store = store::embedded().await;
    // Nobody listens at the name that others get; the server has an address of its own.
    store.config.public_bases = vec!["http://127.0.0.1:9/uploads".to_owned()];
    let server = ApiServer::start(store.config.clone()).await;
    relay::allow(&server.server, Relay::WhenBlocked).await;
    let scene = Scene::at(store, server).await;
    for at in 0..9 {
        scene.write(&format!("{at}.jpg"), 20_000);
    }
    scene.write("large.jpg", 9 << 20);
    let (ending, troubles) = run(&scene.order()).await;
    assert_eq!((troubles, ending.is_good()), (vec![], true), "{ending:?}");
    assert_eq!(scene.check(&ending).await.len(), 10);
}

#[tokio::test]
async fn goes_on_where_it_was_stopped() {
    let (store, dev) = store::faulty().await;
    let scene = Scene::with(store).await;
    for at in 0..40 {
        scene.write(&format!("{at:02}.jpg"), 20_000);
    }
    let order = Order { parallel: 2, ..scene.order() };
    let first = stopped_after(&order, 10).await;
    assert_eq!(first.how, How::Stopped);
    assert!((10..40).contains(&first.totals.stored), "{first:?}");
    // One of the first is changed, and one of the last, one is gone, and one is new.
    scene.write("00.jpg", 10_000);
    scene.write("39.jpg", 10_000);
    fs::remove_file(scene.folder().join("38.jpg")).unwrap();
    scene.write("new.jpg", 20_000);

    let (second, mut troubles) = run(&order).await;
    assert_eq!((second.batch.as_ref(), &second.how), (first.batch.as_ref(), &How::Open));
    assert_eq!((second.totals.stored, second.totals.absent, second.changed), (39, 1, 2));
    troubles.sort_by(|one, other| one.0.cmp(&other.0));
    let name = |at: &str| format!("Sommer/{at}.jpg");
    let changed = Trouble::Failed(FailureClass::FileChanged, None);
    let expected = [
        (name("00"), Trouble::Changed),
        (name("38"), Trouble::Gone),
        (name("39"), Trouble::Changed),
        (name("39"), changed),
    ];
    assert_eq!(troubles.len(), 4);
    for one in expected {
        assert!(troubles.contains(&one), "{one:?} in {troubles:?}");
    }
    let (keys, _) = arrived(&dev);
    let twice = keys.values().filter(|times| **times > 1).count();
    assert!(twice <= 2, "no more is sent again than was in flight: {twice}");

    let (third, _) = run(&Order { rest: Rest::GiveUp, ..order.clone() }).await;
    assert_eq!((third.batch.as_ref(), &third.how), (first.batch.as_ref(), &How::Verified));
    // What changed goes with the next, and only that folder's log was thrown away.
    let (fourth, _) = run(&order).await;
    assert!(fourth.is_good() && fourth.batch != first.batch, "{fourth:?}");
    assert_eq!(scene.check(&fourth).await.len(), 40);
}

#[tokio::test]
async fn a_batch_that_was_begun_elsewhere_is_finished() {
    let (store, dev) = store::faulty().await;
    let scene = Scene::with(store).await;
    for name in ["a.jpg", "b/cafe\u{301}.jpg", "new.jpg"] {
        scene.write(name, 5_000);
    }
    let modified = fs::metadata(scene.folder().join("a.jpg")).unwrap().modified().unwrap();
    let modified = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    // As a browser on a Mac names them; the place between them was refused there.
    let opened =
        scene.program.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
    let batch = opened["batch"].as_str().unwrap();
    let at = format!("/batches/{batch}");
    let item = |index: u32, path: &str, modified: Option<u64>| {
        let media_type = "image/jpeg";
        json!({ "index": index, "path": path, "size": 5_000, "modified": modified, "media_type": media_type })
    };
    let items = [item(0, "Sommer/a.jpg", Some(modified)), item(3, "Sommer/b/cafe\u{301}.jpg", None)];
    scene.program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
    let signed = scene.program.post(&format!("{at}/urls"), json!({ "items": [0] })).await.good();
    let put = reqwest::Client::new().put(signed["urls"][0]["url"].as_str().unwrap());
    let put = put.header("content-type", "image/jpeg").body(content("a.jpg", 5_000)).send().await.unwrap();
    assert!(put.status().is_success());
    scene.program.post(&format!("{at}/report"), json!({ "items": [{ "i": 0, "o": "stored" }] })).await.good();

    let elsewhere = Scene::with(store::embedded().await).await;
    elsewhere.write("other.jpg", 5);
    let order = Order { batch: Some(batch.parse().unwrap()), ..scene.order() };
    let wrong = Order { folder: elsewhere.folder(), ..order.clone() };
    let error = upload(&wrong, Arc::new(|_| {}), std::future::pending()).await.unwrap_err();
    assert!(matches!(error, UploadError::OtherFolder { .. }), "{error}");

    let (ending, troubles) = run(&order).await;
    assert_eq!((troubles, ending.is_good()), (vec![], true), "{ending:?}");
    assert_eq!((ending.totals.files, ending.totals.stored, ending.totals.cancelled), (3, 3, 0));
    let (keys, _) = arrived(&dev);
    assert!(keys.len() == 3 && keys.values().all(|times| *times == 1), "{keys:?}");
    let receipt = scene.program.get(&format!("{at}/receipt")).await.good();
    assert_eq!(receipt["state"], "verified");
    let error = upload(&order, Arc::new(|_| {}), std::future::pending()).await.unwrap_err();
    assert!(matches!(error, UploadError::Over(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_time_it_goes_on() {
    let (store, dev) = store::faulty().await;
    let scene = Scene::with(store).await;
    let (files, size, large) = (120_usize, 50_000_usize, 70_000_000_usize);
    for at in 0..files {
        scene.write(&format!("{at}.jpg"), size);
    }
    scene.write("in parts.tiff", large);
    let parallel = 4;
    let arguments = ["--json", "--limit", "20MB", "--parallel", "4"];
    let all = (files * size + large) as u64;
    for share in [4, 2] {
        let mut child = scene.sluice(&arguments).spawn().unwrap();
        while arrived(&dev).1 < all / share {
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert!(child.try_wait().unwrap().is_none(), "it ended too soon");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (output, scene) =
        tokio::task::spawn_blocking(move || (scene.sluice(&["--json"]).output().unwrap(), scene))
            .await
            .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["how"], &last["stored"]), (&json!("verified"), &json!(files + 1)), "{last}");
    let (_, bytes) = arrived(&dev);
    // Parts are 16 MiB; each of two kills may cost what was in flight.
    let in_flight = 2 * parallel * (16 << 20) + 1_000_000;
    assert!(bytes <= all + in_flight, "{bytes} of {all} and {in_flight}");
    let batch = last["batch"].as_str().unwrap();
    let receipt = scene.program.get(&format!("/batches/{batch}/receipt")).await.good();
    for line in receipt["items"].as_array().unwrap() {
        let local = fs::read(scene.data.path().join(line["path"].as_str().unwrap())).unwrap();
        assert!(scene.store.read(line["key"].as_str().unwrap()).await == Some(local), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells() {
    let scene = Scene::with(store::embedded().await).await;
    scene.write("a.jpg", 5);
    let code = |scene: &Scene, arguments: &[&str], change: &dyn Fn(&mut Command)| {
        let mut command = scene.sluice(arguments);
        change(&mut command);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    };
    let run = move |scene: &Scene| {
        let as_it_is = |_: &mut Command| {};
        let (status, said) = code(scene, &["--dry-run"], &as_it_is);
        assert!(status == 0 && said.contains("Would send 1 files, 5 B"), "{said}");
        let (status, said) = code(scene, &[], &as_it_is);
        assert!(status == 0 && said.contains("1 of 1 files are stored"), "{status}: {said}");
        scene.write("a.txt", 5);
        let (status, said) = code(scene, &[], &as_it_is);
        assert!(status == 1 && said.contains("Sommer/a.txt: Not a kind of file"), "{status}: {said}");
        let (status, said) = code(scene, &[], &|command| {
            command.env("SLUICE_TOKEN", "slu_aaaaaaaa_bbbbbbbb");
        });
        assert!(
            status == 2 && said.contains("token create") && !said.contains("bbbbbbbb"),
            "{status}: {said}"
        );
        let (status, said) = code(scene, &["--limit", "fast"], &as_it_is);
        assert!(status == 2 && said.contains("10MB"), "{status}: {said}");
    };
    tokio::task::spawn_blocking(move || run(&scene)).await.unwrap();
}

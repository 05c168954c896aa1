//! The binary, as people and scripts run it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use server::session::TokenText;
use tempfile::TempDir;

use crate::rounds::announced;
use crate::test_app::TestApp;

fn sluice(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command
        .args(arguments)
        .env("SLUICE_DATA_DIR", data)
        .env("SLUICE_LISTEN", "127.0.0.1:0")
        .env("SLUICE_STORE_LISTEN", "127.0.0.1:0")
        .env_remove("SLUICE_CONFIG");
    command
}

#[track_caller]
fn run(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = sluice(data, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What a command that went well wrote.
#[track_caller]
fn said(data: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(data, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command that failed complained of.
#[track_caller]
fn complained(data: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(data, arguments, input);
    assert!(!output.status.success(), "{arguments:?} should fail");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn people_are_added_and_listed() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    said(data, &["user", "add", "Ada", "--role", "admin", "--password-stdin"], "correct horse\n");
    let link = said(data, &["user", "add", "Bob"], "");
    assert!(link.contains("/welcome?token="), "{link}");
    assert_eq!(said(data, &["user", "list"], ""), "Ada\tadmin\nBob\tuploader\tno password yet\n");
    assert!(complained(data, &["user", "add", "ADA"], "").contains("taken"));
    assert!(complained(data, &["user", "add", "Cleo", "--password-stdin"], "short\n").contains("10"));
    assert!(complained(data, &["user", "passwd", "Eve"], "").contains("Eve"));
    let quota = said(data, &["user", "quota", "bob", "--files", "9", "--daily-bytes", "500"], "");
    assert_eq!(
        quota,
        "in all\t0 files of 9\t0 bytes of no limit\ntoday\t0 files of no limit\t0 bytes of 500\n"
    );
    let quota = said(data, &["user", "quota", "Bob", "--files", "0"], "");
    assert_eq!(quota.lines().next(), Some("in all\t0 files of no limit\t0 bytes of no limit"));
    assert!(quota.ends_with("0 bytes of 500\n"), "what is not named stays");
    assert!(complained(data, &["user", "quota", "Eve"], "").contains("Eve"));
    assert!(said(data, &["user", "passwd", "ada"], "").contains("/welcome?token="));
}

#[test]
fn people_are_kept_out_and_projects_are_kept() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    said(data, &["user", "add", "Ada", "--role", "admin", "--password-stdin"], "correct horse\n");
    said(data, &["user", "add", "Bob", "--password-stdin"], "correct horse\n");
    assert!(complained(data, &["user", "disable", "ada"], "").contains("last admin"));
    said(data, &["user", "disable", "bob"], "");
    assert!(said(data, &["user", "list"], "").contains("Bob\tuploader\tdisabled\n"));
    said(data, &["user", "enable", "bob"], "");
    said(data, &["user", "role", "bob", "admin"], "");
    assert_eq!(said(data, &["user", "list"], ""), "Ada\tadmin\nBob\tadmin\n");

    said(data, &["project", "add", "weddings", "--name", "Weddings", "--member", "bob"], "");
    said(data, &["project", "set", "weddings", "--prefix", "studio/weddings", "--quota-files", "9"], "");
    said(data, &["project", "set", "weddings", "--keep-days", "30"], "");
    said(data, &["project", "archive", "default"], "");
    let list = "default\tPhotographs\tphotos/\teveryone\tarchived\nweddings\tWeddings\tstudio/weddings/\tBob\t\tkept 30 days\n";
    assert_eq!(said(data, &["project", "list"], ""), list);
    said(data, &["project", "set", "weddings", "--keep-days", "for-ever"], "");
    assert!(said(data, &["project", "list"], "").ends_with("\tBob\n"));
    assert!(
        complained(data, &["project", "set", "weddings", "--keep-days", "0"], "").contains("1 to 36,500")
    );
    let asked = complained(data, &["project", "retention", "weddings"], "");
    assert!(asked.contains("belongs to the server"), "{asked}");
    assert!(complained(data, &["project", "add", "more", "--prefix", "studio"], "").contains("in the way"));
    assert!(complained(data, &["project", "set", "more"], "").contains("no project more"));
}

/// The store is served by this process, which must not wait for the command meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_are_listed_verified_and_taken_back() {
    let store = crate::store::embedded().await;
    let data = TempDir::new().unwrap();
    let data = data.path();
    let ledger = ledger::Ledger::open_file(&data.join("sluice.sqlite")).await.unwrap();
    announced(&ledger, "Ann").await;
    store.put("photos/b1/a.jpg", b"12345").await;
    ledger.close().await.unwrap();

    assert_eq!(
        said(data, &["batch", "list", "--about", "ann"], ""),
        "b1\tdefault\tAnn\topen\t0/2\t0\t2023-11-14T22:13:20Z\n"
    );
    assert_eq!(said(data, &["batch", "list", "--state", "closed"], ""), "");
    assert!(complained(data, &["batch", "show", "b2"], "").contains("no batch b2"));
    assert!(complained(data, &["batch", "verify", "b1"], "").contains("belongs to the server"));

    let with_store = |arguments: &[&str]| {
        let mut command = sluice(data, arguments);
        command.envs(crate::store::variables(&store.config));
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    said(data, &["project", "set", "default", "--keep-days", "30"], "");
    let (done, text) = with_store(&["project", "retention", "default"]);
    assert!(done && text.contains("no rule for it yet"), "{text}");
    let (done, text) = with_store(&["project", "retention", "default", "--write"]);
    assert!(!done && text.contains("also what is there already"), "{text}");
    let (done, text) = with_store(&["project", "retention", "default", "--write", "--yes"]);
    assert!(done && text.contains("says the same"), "{text}");
    let (done, text) = with_store(&["batch", "undo", "b1", "--yes"]);
    assert!(!done && text.contains("open still"), "{text}");
    let (done, text) = with_store(&["batch", "revoke", "b1"]);
    assert!(done && text.contains("b1 is closed"), "{text}");
    assert_eq!(
        said(data, &["batch", "show", "b1"], "").lines().skip(1).collect::<Vec<_>>(),
        ["in photos/b1/", "1\tmissing", "1\tstored", "1\tof them missing"]
    );
    let (done, text) = with_store(&["batch", "verify", "b1"]);
    assert!(done && text.contains("1 as the receipt says, 0 missing"), "{text}");
    let (done, text) = with_store(&["batch", "undo", "b1"]);
    assert!(!done && text.contains("nothing was deleted"), "nobody agreed: {text}");
    assert!(store.read("photos/b1/a.jpg").await.is_some());
    let (done, text) = with_store(&["batch", "undo", "b1", "--yes"]);
    assert!(done, "{text}");
    assert_eq!(store.read("photos/b1/a.jpg").await, None);
    let (done, text) = with_store(&["batch", "verify", "b1"]);
    assert!(!done && text.contains("missing\tphotos/b1/a.jpg"), "{text}");
    let receipt: serde_json::Value =
        serde_json::from_str(&said(data, &["batch", "receipt", "b1"], "")).unwrap();
    assert!(receipt["undone_at"].is_u64() && receipt["items"][0]["path"] == "a.jpg", "{receipt}");
    assert!(said(data, &["batch", "list"], "").contains("\tundone\t"));
}

#[test]
fn tokens_are_shown_once_and_revoked() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    said(data, &["user", "add", "Ada", "--password-stdin"], "correct horse\n");
    let token =
        said(data, &["token", "create", "--person", "ada", "--name", "script", "--scope", "send"], "");
    let token = token.trim();
    let prefix = TokenText::parse(token).unwrap().prefix;
    let list = said(data, &["token", "list"], "");
    assert!(list.starts_with(&format!("{prefix}\tAda\tscript\tsend\tuntil 2")), "{list}");
    assert!(!list.contains(token.rsplit('_').next().unwrap()), "the secret is not kept");
    said(data, &["token", "revoke", token], "");
    assert!(said(data, &["token", "list", "--person", "Ada"], "").contains("revoked"));
    assert!(complained(data, &["token", "revoke", &prefix], "").contains("revoked already"));
}

#[tokio::test]
async fn a_database_is_brought_up_to_date_as_often_as_one_likes() {
    let data = TempDir::new().unwrap();
    let url = crate::database::fresh(data.path()).await;
    for _ in 0..2 {
        let output =
            sluice(data.path(), &["migrate"]).env("SLUICE_DATABASE_URL", url.expose()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "The database is up to date.\n", "{output:?}");
    }
    assert!(!data.path().join("sluice.sqlite").exists(), "it is the database that was named");
}

#[test]
fn a_databases_password_is_not_shown() {
    let data = TempDir::new().unwrap();
    let mut command = sluice(data.path(), &["config"]);
    let output =
        command.env("SLUICE_DATABASE_URL", "postgres://ann:hunter2@db.example/sluice").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("postgres://db.example/sluice") && !text.contains("hunter2"), "{text}");
}

#[test]
fn secrets_of_the_environment_are_not_shown() {
    let data = TempDir::new().unwrap();
    let mut command = sluice(data.path(), &["config"]);
    let output = command.env("AWS_SECRET_ACCESS_KEY", "hunter2").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("AWS_SECRET_ACCESS_KEY: set") && !text.contains("hunter2"), "{text}");
}

#[test]
fn a_wrong_setting_stops_the_start_with_a_sentence() {
    let data = TempDir::new().unwrap();
    let output = sluice(data.path(), &["serve"]).env("SLUICE_LISTEN", "here").output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("sluice: SLUICE_LISTEN does not accept \"here\""), "{text}");
}

/// A server that is killed with the test, whatever happens.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_server_says_where_it_is_answers_and_stops_when_asked() {
    let data = TempDir::new().unwrap();
    let mut command = sluice(data.path(), &["serve"]);
    let mut serving = Serving(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
    let mut next = |start: &str| {
        let line = lines.next().unwrap().unwrap();
        line.strip_prefix(start).unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    assert!(next("Embedded store: http://127.0.0.1:").contains("no bucket is configured"));
    let link = next("First sign-in (once, 24 h): ");
    let url = next("Sluice is ready: ");
    assert!(link.starts_with(&format!("{url}/welcome?token=")), "{link}");
    assert!(!url.ends_with(":0"), "the real port");

    let address = url.strip_prefix("http://").unwrap();
    let health = sluice(data.path(), &["health"]).env("SLUICE_LISTEN", address).output().unwrap();
    assert!(health.status.success());

    let asked = Command::new("kill").arg(serving.0.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(serving.0.wait().unwrap().success(), "it stops by itself");
    let health = sluice(data.path(), &["health"]).env("SLUICE_LISTEN", address).output().unwrap();
    assert!(!health.status.success(), "and is not healthy then");
}

#[test]
fn the_store_alone_says_how_clients_reach_it() {
    let data = TempDir::new().unwrap();
    let plan = data.path().join("faults.toml");
    std::fs::write(&plan, "[[rules]]\nkey = \"*.jpg\"\nfault = { slow_down = { retry_after = 1 } }\n")
        .unwrap();
    let mut command = sluice(data.path(), &["store", "--bucket", "photos", "--faults"]);
    let mut serving =
        Serving(command.arg(&plan).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
    let mut next = |start: &str| {
        let line = lines.next().unwrap().unwrap();
        line.strip_prefix(start).unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    assert!(next("# Objects are kept in ").ends_with("/store. Bucket: photos"));
    assert_eq!(next("# Role for AssumeRole: "), "arn:aws:iam::000000000000:role/sluice-upload");
    let control = next("# Faults for tests: http://127.0.0.1:");
    let endpoint = next("export AWS_ENDPOINT_URL='http://");
    assert_eq!(next("export AWS_REGION="), "'us-east-1'");
    next("export AWS_DEFAULT_REGION=");
    assert!(next("export AWS_ACCESS_KEY_ID='").starts_with("AKIA"));
    next("export AWS_SECRET_ACCESS_KEY='");

    let endpoint = endpoint.trim_end_matches('\'');
    assert_eq!(status(endpoint, "/photos/a.png"), 403, "nobody may read without keys");
    assert_eq!(status(endpoint, "/photos/a.jpg"), 503, "as the plan says");
    let (port, token) = control.split_once('/').unwrap();
    assert_eq!(status(&format!("127.0.0.1:{port}"), &format!("/{token}/log")), 200);
    assert_eq!(status(&format!("127.0.0.1:{port}"), "/log"), 404);

    let asked = Command::new("kill").arg(serving.0.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(serving.0.wait().unwrap().success(), "it stops by itself");
}

#[test]
fn faults_are_a_plan_for_an_embedded_store() {
    let data = TempDir::new().unwrap();
    let plan = data.path().join("faults.toml");
    let arguments = ["serve", "--faults", plan.to_str().unwrap()];
    assert!(complained(data.path(), &arguments, "").contains("cannot be read"));
    std::fs::write(&plan, "[[rules]]\nfault = \"nothing\"\n").unwrap();
    assert!(complained(data.path(), &arguments, "").contains("unknown variant `nothing`"));
    std::fs::write(&plan, "").unwrap();
    let output = sluice(data.path(), &arguments).env("SLUICE_BUCKET", "photos").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("a bucket is configured"));
}

/// The status of an anonymous GET.
fn status(address: &str, path: &str) -> u16 {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let line = BufReader::new(stream).lines().next().unwrap().unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_where_somebody_is_signed_in_and_ends_it() {
    let mut database = None;
    let app = TestApp::with(|config| database = config.database.clone()).await;
    let database = database.unwrap();
    app.person("Ada").await;
    let mut browsers = [app.signed_in("Ada").await, app.signed_in("Ada").await];
    let run = |arguments: &[&str]| {
        let mut command = sluice(app.folder(), &["user", "sessions"]);
        let output = command.args(arguments).env("SLUICE_DATABASE_URL", database.expose()).output().unwrap();
        let text = if output.status.success() { output.stdout } else { output.stderr };
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let (_, listed) = run(&["ada"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let name = listed.split('\t').next().unwrap();
    assert!(listed.contains("\tunknown browser\tsince 20"), "{listed}");
    assert_eq!(run(&["ada", "--end", name]), (true, "Ada is signed out there.\n".to_owned()));
    for wrong in [name, "", "zz"] {
        let (good, text) = run(&["ada", "--end", wrong]);
        assert!(!good && text.contains("`sluice user sessions Ada`"), "{wrong}: {text}");
    }
    let in_still = [browsers[0].who().await, browsers[1].who().await];
    assert_eq!(in_still.iter().filter(|who| who["name"] == "Ada").count(), 1);
    assert!(run(&["ada", "--end-all"]).0);
    assert_eq!(run(&["ada"]), (true, String::new()));
    assert_eq!(browsers[0].who().await, serde_json::Value::Null);
    assert_eq!(browsers[1].who().await, serde_json::Value::Null);
    assert!(run(&["eve"]).1.contains("no person"));
}

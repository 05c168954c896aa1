//! The SDK's real default chain, in the real program, against endpoints that speak the protocols of ECS, EC2, EKS and
//! IAM Identity Center.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sts::types::Credentials;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use server::bucket::Bucket;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::patient::Patient;

/// The role may do all that the server itself does, so that its sessions can stand for a task's or an instance's role.
const OWNER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}]}"#;

/// How an endpoint behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// As it should.
    Kind,
    /// It refuses.
    Refuses,
    /// It fails once, and is kind then.
    FailsOnce,
    /// It answers what makes no sense.
    Babbles,
    /// It thinks for most of the second that the SDK gives EC2's endpoint.
    Slow,
    /// It takes the question and never answers.
    Hangs,
}

/// What ECS and EKS write into a file first.
const FIRST_TOKEN: &str = "first token";

/// What `aws sso login` leaves behind.
const SIGN_ON_TOKEN: &str = "bearer of somebody who signed on";

/// A machine that gives credentials: of ECS, at `/ecs`, of EC2, at `/latest`, of STS to a service account of EKS, at `/`,
/// and of IAM Identity Center, at `/federation`.
struct Machine {
    patient: Patient,
    folder: TempDir,
    url: String,
    asked: Arc<Asked>,
}

#[derive(Debug)]
struct Asked {
    sts: aws_sdk_sts::Client,
    role: String,
    life: i32,
    manner: Manner,
    /// How often credentials were given.
    given: AtomicUsize,
    /// How often it failed on purpose.
    failed: AtomicUsize,
    /// What every caller must show at ECS; it changes.
    token: Mutex<String>,
}

impl Machine {
    async fn start(manner: Manner, life: i32) -> Self {
        Self::at("127.0.0.1:0", manner, life).await
    }

    async fn at(address: &str, manner: Manner, life: i32) -> Self {
        let patient = Patient::with(|settings| {
            settings.role_policy = Some(OWNER.to_owned());
            settings.min_session = Duration::from_secs(1);
        })
        .await;
        let bucket = Bucket::connect(&patient.config).await.unwrap();
        let asked = Arc::new(Asked {
            sts: bucket.sts().clone(),
            role: patient.config.role_arn.clone().unwrap(),
            life,
            manner,
            given: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            token: Mutex::new(FIRST_TOKEN.to_owned()),
        });
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&asked));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let machine = Self { patient, folder: TempDir::new().unwrap(), url, asked };
        machine.rotate_token(FIRST_TOKEN);
        machine
    }

    fn token_file(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    /// As ECS and EKS do: the file has another token from now on, and only that one is good.
    fn rotate_token(&self, token: &str) {
        token.clone_into(&mut self.asked.token.lock().unwrap());
        std::fs::write(self.token_file(), token).unwrap();
    }

    /// The program on that machine, with nothing of ours around it. No role: a session assumes none at this store.
    fn sluice(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        let config = &self.patient.config;
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("SLUICE_DATA_DIR", self.folder.path().join("data"))
            .env("SLUICE_LISTEN", "127.0.0.1:0")
            .env("SLUICE_PUBLIC_URL", crate::patient::PAGE)
            .env("SLUICE_BUCKET", &config.bucket)
            .env("SLUICE_REGION", &config.region)
            .env("SLUICE_ENDPOINT", config.endpoint.as_ref().unwrap())
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    fn on_ecs(&self, arguments: &[&str]) -> Command {
        let mut command = self.sluice(arguments);
        command
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/ecs", self.url))
            .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", self.token_file());
        command
    }

    /// As ECS itself does it: a path at an address of the link, and no token.
    fn on_ecs_by_path(&self, arguments: &[&str]) -> Command {
        let mut command = self.sluice(arguments);
        command.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/ecs");
        command
    }

    fn on_ec2(&self, arguments: &[&str]) -> Command {
        let mut command = self.sluice(arguments);
        command.env_remove("AWS_EC2_METADATA_DISABLED").env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &self.url);
        command
    }

    /// As EKS tells a service account, and with an STS that is here.
    fn on_eks(&self, arguments: &[&str]) -> Command {
        let mut command = self.sluice(arguments);
        command
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", self.token_file())
            .env("AWS_ROLE_ARN", &self.asked.role)
            .env("AWS_ENDPOINT_URL_STS", &self.url);
        command
    }

    /// With what `aws sso login` leaves behind: a profile, and a token in a file named by the SHA-1 of the session's name
    /// (AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider").
    fn signed_on(&self, arguments: &[&str], token: &str) -> Command {
        let cache = self.folder.path().join(".aws/sso/cache");
        std::fs::create_dir_all(&cache).unwrap();
        let login = json!({
            "accessToken": token, "expiresAt": "2999-01-01T00:00:00Z", "region": "us-east-1", "startUrl": self.url,
        });
        std::fs::write(cache.join("9a12c50f2f23af9f1a313af952aee2b30627ac7b.json"), login.to_string())
            .unwrap();
        let profile = format!(
            "[profile at-work]\nsso_session = studio\nsso_account_id = 123456789012\nsso_role_name = photographer\n\
             [sso-session studio]\nsso_region = us-east-1\nsso_start_url = {}\n",
            self.url
        );
        let file = self.folder.path().join("config");
        std::fs::write(&file, profile).unwrap();
        let mut command = self.sluice(arguments);
        command
            .env("AWS_CONFIG_FILE", file)
            .env("AWS_PROFILE", "at-work")
            .env("AWS_ENDPOINT_URL_SSO", &self.url);
        command
    }

    async fn session(&self) -> Credentials {
        self.asked.session().await
    }
}

impl Asked {
    async fn session(&self) -> Credentials {
        let assumed = self.sts.assume_role().role_arn(&self.role).role_session_name("machine");
        assumed.duration_seconds(self.life).send().await.unwrap().credentials.unwrap()
    }

    /// What is answered where it is not the document's turn.
    fn before_the_document(&self, request: &Request) -> Option<Response> {
        const NAMES: &str = "/latest/meta-data/iam/security-credentials/";
        match self.manner {
            Manner::Refuses => return Some(StatusCode::FORBIDDEN.into_response()),
            Manner::Babbles => return Some("<html>a captive portal</html>".into_response()),
            Manner::FailsOnce if self.failed.fetch_add(1, Ordering::SeqCst) == 0 => {
                return Some(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            }
            Manner::Kind | Manner::FailsOnce | Manner::Slow | Manner::Hangs => {}
        }
        let header = |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap());
        let path = request.uri().path();
        if path == "/ecs" {
            let good = header("authorization") == self.token.lock().unwrap().as_str();
            return (!good).then(|| StatusCode::UNAUTHORIZED.into_response());
        }
        if request.method() == Method::PUT && path == "/latest/api/token" {
            let life = header("x-aws-ec2-metadata-token-ttl-seconds");
            assert!(!life.is_empty());
            return Some(([("x-aws-ec2-metadata-token-ttl-seconds", "21600")], "imds").into_response());
        }
        if header("x-aws-ec2-metadata-token") != "imds" {
            return Some(StatusCode::UNAUTHORIZED.into_response());
        }
        match path.strip_prefix(NAMES) {
            Some("") => Some("instance-role".into_response()),
            Some("instance-role") => None,
            _ => Some(StatusCode::NOT_FOUND.into_response()),
        }
    }

    /// What STS answers to `AssumeRoleWithWebIdentity`, with the token that Kubernetes wrote into the pod's file.
    async fn web_identity(&self, request: Request) -> Response {
        let form = to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let form = String::from_utf8(form.to_vec()).unwrap();
        let said = |name: &str, value: &str| {
            form.split('&').any(|pair| pair.split_once('=') == Some((name, &value.replace(' ', "%20"))))
        };
        let asks = said("Action", "AssumeRoleWithWebIdentity");
        if !asks || !said("WebIdentityToken", &self.token.lock().unwrap()) {
            let refusal = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>\
                           <Message>No OpenIDConnect provider found</Message></Error></ErrorResponse>";
            return (StatusCode::BAD_REQUEST, refusal).into_response();
        }
        let given = self.session().await;
        self.given.fetch_add(1, Ordering::SeqCst);
        format!(
            "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{}</AccessKeyId>\
             <SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken><Expiration>{}</Expiration>\
             </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
            given.access_key_id, given.secret_access_key, given.session_token, given.expiration
        )
        .into_response()
    }

    /// What the portal of IAM Identity Center answers to `GetRoleCredentials`.
    async fn sign_on(&self, request: Request) -> Response {
        let bearer = request.headers().get("x-amz-sso_bearer_token");
        let query = request.uri().query().unwrap_or_default();
        let asks = query.contains("role_name=photographer") && query.contains("account_id=123456789012");
        if !asks || bearer.is_none_or(|bearer| bearer != SIGN_ON_TOKEN) {
            let refusal = json!({ "message": "Session token not found or invalid" });
            let kind = [("x-amzn-errortype", "UnauthorizedException")];
            return (StatusCode::UNAUTHORIZED, kind, axum::Json(refusal)).into_response();
        }
        let given = self.session().await;
        self.given.fetch_add(1, Ordering::SeqCst);
        let credentials = json!({
            "accessKeyId": given.access_key_id,
            "secretAccessKey": given.secret_access_key,
            "sessionToken": given.session_token,
            "expiration": given.expiration.to_millis().unwrap(),
        });
        axum::Json(json!({ "roleCredentials": credentials })).into_response()
    }

    async fn document(&self) -> Response {
        let given = self.session().await;
        self.given.fetch_add(1, Ordering::SeqCst);
        let document = json!({
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": "2026-01-01T00:00:00Z",
            "AccessKeyId": given.access_key_id,
            "SecretAccessKey": given.secret_access_key,
            "Token": given.session_token,
            "Expiration": given.expiration.to_string(),
            "RoleArn": self.role,
        });
        axum::Json(document).into_response()
    }
}

/// ECS: one document, for who shows the token. EC2 with IMDSv2 only: a token by PUT, then the role's name, then its
/// document (EC2 User Guide, "Use the Instance Metadata Service").
async fn answer(State(asked): State<Arc<Asked>>, request: Request) -> Response {
    match (asked.manner, request.uri().path()) {
        (Manner::Slow, _) => tokio::time::sleep(Duration::from_millis(700)).await,
        (Manner::Hangs, _) => std::future::pending().await,
        (Manner::Kind, "/") => return asked.web_identity(request).await,
        (Manner::Kind, "/federation/credentials") => return asked.sign_on(request).await,
        _ => {}
    }
    let other = asked.before_the_document(&request);
    drop(request);
    match other {
        Some(answer) => answer,
        None => asked.document().await,
    }
}

/// Runs the doctor, which asks everything with what the chain found.
async fn examined(mut doctor: Command) -> (Output, Value) {
    let output = tokio::task::spawn_blocking(move || doctor.output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{output:?}"));
    (output, json)
}

#[track_caller]
fn about<'a>(report: &'a Value, subject: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["subject"] == subject).unwrap_or_else(|| panic!("{report:#}"))
}

/// The source that is told, and that it works: an object arrives and is seen.
#[track_caller]
fn works_from(output: &Output, report: &Value, source: &str) {
    let told = about(report, "credentials")["finding"]["source"].as_str().unwrap_or_default();
    assert!(told.contains(source), "{report:#}");
    assert_eq!(about(report, "object")["verdict"], "good", "{report:#}");
    assert!(output.status.success(), "{report:#}");
}

const DOCTOR: [&str; 2] = ["doctor", "--json"];

#[tokio::test]
async fn a_task_on_ecs_is_its_role() {
    let machine = Machine::start(Manner::Kind, 900).await;
    let (output, report) = examined(machine.on_ecs(&DOCTOR)).await;
    works_from(&output, &report, "ECS task role");
    let text = format!("{report}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(&machine.session().await.secret_access_key[..8]), "no secret is told");

    // The token in the file is read anew each time.
    machine.rotate_token("second token");
    let (output, report) = examined(machine.on_ecs(&DOCTOR)).await;
    works_from(&output, &report, "ECS task role");
}

/// Set where this test runs again, in a network of its own.
const INSIDE: &str = "SLUICE_TEST_OWN_NETWORK";

/// The endpoint's address is fixed, so it needs a network where it is ours. Where none can be made, that is said.
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
#[tokio::test]
async fn a_task_on_ecs_is_its_role_by_a_path_too() {
    if std::env::var_os(INSIDE).is_some() {
        let machine = Machine::at("169.254.170.2:80", Manner::Kind, 900).await;
        machine.rotate_token("");
        let (output, report) = examined(machine.on_ecs_by_path(&DOCTOR)).await;
        works_from(&output, &report, "ECS task role");
        return;
    }
    const UP: &str = "ip link set lo up && ip addr add 169.254.170.2/32 dev lo";
    let network = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "sh", "-c", &format!("{UP} && {then}")]);
        command
    };
    if !network("true").output().is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: no network namespace can be had here (unshare and ip are needed)");
        return;
    }
    let mut again =
        network(r#"exec "$0" --exact chain::a_task_on_ecs_is_its_role_by_a_path_too --nocapture"#);
    again.arg(std::env::current_exe().unwrap()).env(INSIDE, "1");
    let output = tokio::task::spawn_blocking(move || again.output().unwrap()).await.unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
async fn an_instance_on_ec2_is_its_role_by_imdsv2() {
    let machine = Machine::start(Manner::Kind, 900).await;
    let (output, report) = examined(machine.on_ec2(&DOCTOR)).await;
    works_from(&output, &report, "EC2 instance");
}

#[tokio::test]
async fn an_endpoint_that_fails_once_is_asked_again() {
    let machine = Machine::start(Manner::FailsOnce, 900).await;
    let (output, report) = examined(machine.on_ecs(&DOCTOR)).await;
    works_from(&output, &report, "ECS task role");
    let machine = Machine::start(Manner::FailsOnce, 900).await;
    let (output, report) = examined(machine.on_ec2(&DOCTOR)).await;
    works_from(&output, &report, "EC2 instance");
}

#[tokio::test]
async fn an_endpoint_that_thinks_is_waited_for() {
    let machine = Machine::start(Manner::Slow, 900).await;
    let (output, report) = examined(machine.on_ecs(&DOCTOR)).await;
    works_from(&output, &report, "ECS task role");
    let (output, report) = examined(machine.on_ec2(&DOCTOR)).await;
    works_from(&output, &report, "EC2 instance");
}

#[tokio::test]
async fn a_service_account_on_eks_is_its_role() {
    let machine = Machine::start(Manner::Kind, 900).await;
    let (output, report) = examined(machine.on_eks(&DOCTOR)).await;
    works_from(&output, &report, "web identity token");

    // Kubernetes writes another token before the first ends, and STS takes that one only.
    machine.rotate_token("second token");
    let (output, report) = examined(machine.on_eks(&DOCTOR)).await;
    works_from(&output, &report, "web identity token");

    std::fs::write(machine.token_file(), "a token of another cluster").unwrap();
    let (output, report) = examined(machine.on_eks(&DOCTOR)).await;
    assert!(!output.status.success());
    assert_eq!(about(&report, "credentials")["verdict"], "bad", "{report:#}");
}

#[tokio::test]
async fn somebody_who_signed_on_is_found() {
    let machine = Machine::start(Manner::Kind, 900).await;
    let (output, report) = examined(machine.signed_on(&DOCTOR, SIGN_ON_TOKEN)).await;
    works_from(&output, &report, "single sign-on");

    let (output, report) = examined(machine.signed_on(&DOCTOR, "a token that was signed out")).await;
    assert!(!output.status.success());
    let check = about(&report, "credentials");
    assert_eq!(check["verdict"], "bad", "{check:#}");
    assert!(!check.to_string().contains("a token that was signed out"), "no secret is told");
}

#[tokio::test]
async fn endpoints_that_refuse_babble_or_hang_are_told_with_what_to_do() {
    for manner in [Manner::Refuses, Manner::Babbles, Manner::Hangs] {
        let machine = Machine::start(manner, 900).await;
        let (output, report) = examined(machine.on_ecs(&DOCTOR)).await;
        assert!(!output.status.success(), "{manner:?}");
        let check = about(&report, "credentials");
        assert_eq!(
            (&check["verdict"], &report["healthy"]),
            (&json!("bad"), &json!(false)),
            "{manner:?}: {check:#}"
        );
        assert!(!check["remedies"].as_array().unwrap().is_empty(), "{manner:?}: {check:#}");
        assert_eq!(
            about(&report, "cors")["verdict"],
            "good",
            "what needs no credentials is looked at all the same"
        );
    }
}

#[tokio::test]
async fn a_machine_without_any_credentials_is_told_so_at_once() {
    let machine = Machine::start(Manner::Kind, 900).await;
    let (output, report) = examined(machine.sluice(&DOCTOR)).await;
    assert!(!output.status.success());
    assert_eq!(about(&report, "credentials")["finding"]["code"], "no_credentials", "{report:#}");

    let mut serve = machine.sluice(&["serve"]);
    let output = tokio::task::spawn_blocking(move || serve.output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("the server does not start"), "{text}");
    assert!(text.contains("task role") && text.contains("instance profile"), "the fix: {text}");
}

#[tokio::test]
async fn keys_of_the_environment_and_profiles_are_found() {
    let machine = Machine::start(Manner::Kind, 900).await;
    let given = machine.session().await;
    let mut command = machine.sluice(&DOCTOR);
    command
        .env("AWS_ACCESS_KEY_ID", &given.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &given.secret_access_key)
        .env("AWS_SESSION_TOKEN", &given.session_token);
    let (output, report) = examined(command).await;
    works_from(&output, &report, "AWS_ACCESS_KEY_ID");

    let file = machine.folder.path().join("credentials");
    let profile = format!(
        "[studio]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        given.access_key_id, given.secret_access_key, given.session_token
    );
    std::fs::write(&file, profile).unwrap();
    let mut command = machine.sluice(&DOCTOR);
    command.env("AWS_SHARED_CREDENTIALS_FILE", &file).env("AWS_PROFILE", "studio");
    let (output, report) = examined(command).await;
    works_from(&output, &report, "a profile");
}

/// A server that is killed with the test, whatever happens.
pub(crate) struct Serving(pub(crate) std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_server_outlives_the_credentials_that_it_started_with() {
    // Sessions of two seconds: the SDK fetches others before, and this store refuses the old ones after.
    let machine = Machine::start(Manner::Kind, 2).await;
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut command = machine.on_ecs(&["serve"]);
    command.env("SLUICE_LISTEN", format!("127.0.0.1:{port}")).stdout(Stdio::null()).stderr(Stdio::null());
    let _serving = Serving(command.spawn().unwrap());

    let ready = || async {
        let answer = reqwest::get(format!("http://127.0.0.1:{port}/readyz")).await;
        match answer {
            Ok(answer) => answer.status().as_u16(),
            Err(_) => 0,
        }
    };
    let mut waited = 0;
    while ready().await != 200 {
        waited += 1;
        assert!(waited < 600, "it never got ready");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let before = machine.asked.given.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(ready().await, 200, "with others");
    assert!(machine.asked.given.load(Ordering::SeqCst) > before);
}

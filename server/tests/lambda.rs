//! The binary as a function of AWS Lambda, with a Runtime API of our own ("Lambda runtime API", 2018-06-01).

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{Method, StatusCode};
use ledger::{DatabaseUrl, Ledger, NewPerson, NewToken, Role, Scope};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use server::clock;
use server::config::StoreConfig;
use server::session::{Passwords, TokenText};
use server::setup::PRESIGN_ACTIONS;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use transfer::wire::BatchState;

use crate::chain::Serving;
use crate::database;
use crate::patient::Patient;
use crate::program::deed;
use crate::receiver::Receiver;
use crate::rights::{asked, set};
use crate::rounds::{abandoned, standing};
use crate::store::variables;
use crate::test_app::PASSWORD;

/// How long anything may take here.
const LONG: Duration = Duration::from_secs(60);

/// Lambda's side: hands out events one by one, and keeps what is said about them.
struct Lambda {
    address: String,
    events: mpsc::UnboundedSender<Value>,
    said: mpsc::UnboundedReceiver<(String, Value)>,
}

struct Desk {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    said: mpsc::UnboundedSender<(String, Value)>,
}

impl Lambda {
    async fn start() -> Self {
        let (events, handed) = mpsc::unbounded_channel();
        let (saying, said) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk { events: Mutex::new(handed), said: saying });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = axum::Router::new().fallback(runtime_api).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, events, said }
    }

    /// The program as Lambda starts it: without arguments, and with nothing of ours around it.
    fn bootstrap(&self, folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command
            .env_clear()
            .current_dir(folder)
            .env("AWS_LAMBDA_RUNTIME_API", &self.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "sluice")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("SLUICE_LOG_FORMAT", "json")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// The same, with that store and database.
    fn configured(&self, folder: &Path, store: &StoreConfig, database: &DatabaseUrl) -> Command {
        let mut command = self.bootstrap(folder);
        command
            .envs(variables(store))
            .env("SLUICE_DATABASE_URL", database.expose())
            .env("SLUICE_ROLE_ARN", store.role_arn.as_ref().unwrap())
            .stderr(Stdio::null());
        command
    }

    /// What was said next: the path below `runtime`, and the body.
    async fn next(&mut self) -> (String, Value) {
        tokio::time::timeout(LONG, self.said.recv()).await.unwrap().unwrap()
    }

    /// The answer to an event.
    async fn ask(&mut self, event: Value) -> Value {
        self.events.send(event).unwrap();
        let (path, answer) = self.next().await;
        assert_eq!(path, "invocation/one/response", "{answer:#}");
        answer
    }
}

async fn runtime_api(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/2018-06-01/runtime/").to_owned();
    if request.method() == Method::GET && path == "invocation/next" {
        let Some(event) = desk.events.lock().await.recv().await else {
            return std::future::pending().await;
        };
        let deadline = (clock::now().0 + 60_000).to_string();
        let headers = [
            ("lambda-runtime-aws-request-id", "one"),
            ("lambda-runtime-deadline-ms", deadline.as_str()),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:sluice"),
            ("content-type", "application/json"),
        ];
        return (headers, event.to_string()).into_response();
    }
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let _ = desk.said.send((path, serde_json::from_slice(&body).unwrap_or(Value::Null)));
    StatusCode::ACCEPTED.into_response()
}

/// An event of a function URL, or of an HTTP API with that stage: payload 2.0 both.
fn event(method: &str, path: &str, stage: &str, headers: &Value, body: Option<&[u8]>) -> Value {
    let whole = if stage == "$default" { path.to_owned() } else { format!("/{stage}{path}") };
    let host = "abc.lambda-url.us-east-1.on.aws";
    let mut all = json!({ "host": host, "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9" });
    all.as_object_mut().unwrap().extend(headers.as_object().unwrap().clone());
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": whole, "rawQueryString": "", "headers": all,
        "requestContext": {
            "accountId": "anonymous", "apiId": "abc", "domainName": host, "domainPrefix": "abc", "requestId": "one",
            "routeKey": "$default", "stage": stage, "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_u64,
            "http": { "method": method, "path": whole, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7",
                "userAgent": "test" },
        },
        "body": body.map(|body| BASE64_STANDARD.encode(body)), "isBase64Encoded": body.is_some(),
    })
}

/// An event of a REST API: payload 1.0.
fn rest_event(method: &str, path: &str, stage: &str, headers: &Value, body: Option<&[u8]>) -> Value {
    let host = "abc.execute-api.us-east-1.amazonaws.com";
    let mut all =
        json!({ "Host": [host], "X-Forwarded-Proto": ["https"], "X-Forwarded-For": ["203.0.113.9"] });
    for (name, value) in headers.as_object().unwrap() {
        all[name] = json!([value]);
    }
    let single: serde_json::Map<String, Value> =
        all.as_object().unwrap().iter().map(|(name, values)| (name.clone(), values[0].clone())).collect();
    json!({
        "version": "1.0", "resource": "/{proxy+}", "path": path, "httpMethod": method, "headers": single,
        "multiValueHeaders": all, "queryStringParameters": null, "multiValueQueryStringParameters": null,
        "pathParameters": { "proxy": path.trim_start_matches('/') }, "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc", "domainName": host, "domainPrefix": "abc",
            "httpMethod": method, "path": format!("/{stage}{path}"), "protocol": "HTTP/1.1", "requestId": "one",
            "resourceId": "xyz", "resourcePath": "/{proxy+}", "stage": stage, "requestTimeEpoch": 1_767_225_600_000_u64,
            "identity": { "sourceIp": "192.0.2.7", "userAgent": "test" },
        },
        "body": body.map(|body| BASE64_STANDARD.encode(body)), "isBase64Encoded": body.is_some(),
    })
}

fn get(path: &str) -> Value {
    event("GET", path, "$default", &json!({}), None)
}

/// One of the ways to make an event.
type Event = fn(&str, &str, &str, &Value, Option<&[u8]>) -> Value;

/// The body of an answer, as a browser gets it.
fn body(answer: &Value) -> Vec<u8> {
    let text = answer["body"].as_str().unwrap_or_default();
    if answer["isBase64Encoded"] == true { BASE64_STANDARD.decode(text).unwrap() } else { text.into() }
}

/// A person with [`PASSWORD`] and a token in that database.
async fn token(database: &DatabaseUrl) -> String {
    let ledger = Ledger::open(database).await.unwrap();
    let created_at = clock::now();
    let password_hash = Some(Passwords::new().unwrap().hash(PASSWORD.to_owned().into()).await.unwrap());
    let person = NewPerson { name: "ann".to_owned(), role: Role::Uploader, password_hash, created_at };
    let person = ledger.people().create(person).await.unwrap().id;
    let (token, text) = TokenText::random();
    let expires_at = Some(clock::after(created_at, Duration::from_secs(600)));
    let (prefix, secret, name) = (token.prefix, token.secret, "test".to_owned());
    let new = NewToken { prefix, secret, person, name, scope: Scope::Send, created_at, expires_at };
    ledger.tokens().create(deed(), new).await.unwrap();
    ledger.close().await.unwrap();
    text.expose_secret().to_owned()
}

#[tokio::test]
async fn a_function_presigns_for_who_shows_a_token_and_answers_what_a_server_does() {
    let folder = TempDir::new().unwrap();
    let site = folder.path().join("site/pkg");
    std::fs::create_dir_all(&site).unwrap();
    let wasm: Vec<u8> = b"\0asm\x01\0\0\0".iter().copied().chain(0..=255).collect();
    std::fs::write(site.join("sluice.wasm"), &wasm).unwrap();
    let patient = Patient::healthy().await;
    let database = database::fresh(folder.path()).await;
    let token = token(&database).await;
    let mut lambda = Lambda::start().await;
    let store = &patient.config;
    let mut bootstrap = lambda.configured(folder.path(), store, &database);
    bootstrap.env("SLUICE_SITE_ROOT", folder.path().join("site"));
    let _function = Serving(bootstrap.spawn().unwrap());

    let answer = lambda.ask(get("/healthz")).await;
    assert_eq!((answer["statusCode"].as_u64(), &*body(&answer)), (Some(200), &b"ok\n"[..]));

    let page = lambda.ask(get("/sign-in")).await;
    assert_eq!(page["statusCode"], 200, "{page:#}");
    assert!(page["headers"]["content-type"].as_str().unwrap().starts_with("text/html"), "{page:#}");
    assert!(page["headers"]["strict-transport-security"].is_string(), "over TLS, always");

    let file = lambda.ask(get("/pkg/sluice.wasm")).await;
    assert_eq!((&file["statusCode"], &file["isBase64Encoded"]), (&json!(200), &json!(true)), "{file:#}");
    assert_eq!(body(&file), wasm);

    let missing = lambda.ask(get("/api/v1/nothing")).await;
    assert_eq!(missing["statusCode"], 404, "{missing:#}");

    let bytes = b"a photograph";
    let wish = json!({ "project": "default", "name": "a.jpg", "size": bytes.len(), "type": "image/jpeg" });
    let wish = wish.to_string();
    let post = |event: Event, stage: &str, headers: &Value| {
        event("POST", "/api/v1/presign", stage, headers, Some(wish.as_bytes()))
    };
    let plain = json!({ "content-type": "application/json" });
    let stranger = lambda.ask(post(event, "$default", &plain)).await;
    assert_eq!(stranger["statusCode"], 401, "{stranger:#}");
    let bearer = json!({ "content-type": "application/json", "authorization": format!("Bearer {token}") });
    let mut used = asked(&patient);
    for (event, stage) in [(event as Event, "$default"), (event, "prod"), (rest_event, "prod")] {
        let answer = lambda.ask(post(event, stage, &bearer)).await;
        assert_eq!(answer["statusCode"], 200, "{answer:#}");
        used.extend(asked(&patient));
        let signed: Value = serde_json::from_slice(&body(&answer)).unwrap();
        let url = signed["put_url"].as_str().unwrap();
        let put = reqwest::Client::new().put(url).body(bytes.to_vec()).send().await.unwrap();
        assert!(put.status().is_success(), "{}", put.text().await.unwrap());
        let bucket = server::bucket::Bucket::connect(store).await.unwrap();
        let key = signed["key"].as_str().unwrap();
        let kept = bucket.s3().get_object().bucket(&store.bucket).key(key).send().await.unwrap();
        assert_eq!(&kept.body.collect().await.unwrap().to_vec()[..], bytes);
        asked(&patient);
    }
    assert_eq!(used, set(PRESIGN_ACTIONS), "deploy/policies/presign.json is all that it needs");

    // Another site's page may not sign anybody in, and the function's own may try.
    let of = |origin: &str, site: &str| {
        let headers = json!({ "content-type": "application/json", "origin": origin, "sec-fetch-site": site });
        let wish = json!({ "request": { "name": "ann", "password": "wrong horse" } }).to_string();
        event("POST", "/api/rpc/sign_in", "$default", &headers, Some(wish.as_bytes()))
    };
    let foreign = lambda.ask(of("https://evil.example", "cross-site")).await;
    assert_eq!(foreign["statusCode"], 403, "{foreign:#}");
    let own = lambda.ask(of("https://abc.lambda-url.us-east-1.on.aws", "same-origin")).await;
    assert_eq!(own["statusCode"], 401, "{own:#}");

    a_cookie_comes_back(&mut lambda).await;
    what_is_no_request_harms_nobody(&mut lambda).await;
    attempts_count_by_the_address_that_lambda_saw(&mut lambda).await;
    assert!(!folder.path().join("data").exists(), "nothing is kept in the function");
}

/// A call of a server function, as the function's own page sends it.
fn call(event: Event, function: &str, wish: &Value, headers: &Value) -> Value {
    let mut all = json!({ "content-type": "application/json", "sec-fetch-site": "same-origin" });
    all.as_object_mut().unwrap().extend(headers.as_object().unwrap().clone());
    event("POST", &format!("/api/rpc/{function}"), "$default", &all, Some(wish.to_string().as_bytes()))
}

/// Payload 2.0 has cookies of its own, 1.0 has them among the headers.
async fn a_cookie_comes_back(lambda: &mut Lambda) {
    let wish = json!({ "request": { "name": "ann", "password": PASSWORD } });
    for (event, cookies) in
        [(event as Event, "/cookies"), (rest_event as Event, "/multiValueHeaders/set-cookie")]
    {
        let signed_in = lambda.ask(call(event, "sign_in", &wish, &json!({}))).await;
        assert_eq!(signed_in["statusCode"], 200, "{signed_in:#}");
        let set = signed_in.pointer(cookies).unwrap()[0].as_str().unwrap();
        assert!(set.contains("Secure") && set.contains("HttpOnly"), "{set}");
        let cookie = set.split(';').next().unwrap();
        let mut who = call(event, "who", &json!({}), &json!({ "cookie": cookie }));
        if cookies == "/cookies" {
            who["headers"].as_object_mut().unwrap().remove("cookie");
            who["cookies"] = json!([cookie]);
        }
        let who = lambda.ask(who).await;
        assert_eq!(serde_json::from_slice::<Value>(&body(&who)).unwrap()["name"], "ann", "{who:#}");
    }
}

async fn what_is_no_request_harms_nobody(lambda: &mut Lambda) {
    let object = json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": {} });
    let records = json!({ "Records": [{ "eventSource": "aws:s3" }] });
    for nonsense in [json!({}), json!([1]), json!(null), object, records] {
        lambda.events.send(nonsense).unwrap();
        let (path, said) = lambda.next().await;
        assert_eq!(path, "invocation/one/error", "{said:#}");
        assert!(said["errorMessage"].as_str().unwrap().contains("neither a request"), "{said:#}");
    }
    assert_eq!(lambda.ask(get("/healthz")).await["statusCode"], 200);
    // Where the runtime's crate puts other events, there is nothing for who asks for it by its path.
    let scheduled = schedules().remove(0).to_string();
    let plain = json!({ "content-type": "application/json" });
    let asked = lambda.ask(event("POST", "/events", "$default", &plain, Some(scheduled.as_bytes()))).await;
    assert!(asked["statusCode"].as_u64().unwrap() >= 400, "{asked:#}");
}

/// What EventBridge sends: for a rule with a schedule, and from the Scheduler.
fn schedules() -> Vec<Value> {
    let of = |source: &str| {
        json!({
            "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
            "source": source, "account": "123456789012", "time": "2026-01-01T00:00:00Z", "region": "us-east-1",
            "resources": ["arn:aws:events:us-east-1:123456789012:rule/sluice-sweep"], "detail": {},
        })
    };
    let mut scheduler = of("aws.scheduler");
    // The Scheduler writes it as text.
    scheduler["detail"] = json!("{}");
    vec![of("aws.events"), scheduler]
}

#[tokio::test]
async fn a_schedule_has_a_function_do_what_a_server_does_beside_requests() {
    let folder = TempDir::new().unwrap();
    let (patient, receiver) = (Patient::healthy().await, Receiver::start().await);
    let database = database::fresh(folder.path()).await;
    let ledger = Ledger::open(&database).await.unwrap();
    let batch = abandoned(&ledger, &patient.config, &receiver.url).await;
    asked(&patient);
    let mut lambda = Lambda::start().await;
    let mut bootstrap = lambda.configured(folder.path(), &patient.config, &database);
    let _function = Serving(bootstrap.env("SLUICE_WEBHOOKS_INSIDE", "on").spawn().unwrap());
    let done = |batches: u64, deliveries: u64| json!({ "batches": batches, "deliveries": deliveries, "sessions": 0, "left": 0, "failed": false, "cut": false });
    let mut schedules = schedules().into_iter();
    assert_eq!(lambda.ask(schedules.next().unwrap()).await, done(1, 1));
    assert_eq!(
        asked(&patient),
        set(["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload"])
    );
    assert_eq!(standing(&ledger, &patient.config, &batch).await, (BatchState::Closed, 1, 0));
    assert_eq!(receiver.got()[0].json()["type"], "batch.closed");
    assert_eq!(lambda.ask(schedules.next().unwrap()).await, done(0, 0));
    assert_eq!(lambda.ask(get("/healthz")).await["statusCode"], 200);
}

/// Whoever changes a header is not somebody else for it.
async fn attempts_count_by_the_address_that_lambda_saw(lambda: &mut Lambda) {
    let attempt = |number: u32, address: &str| {
        let wish = json!({ "request": { "name": format!("nobody {number}"), "password": "wrong horse" } });
        let headers = json!({ "x-forwarded-for": format!("198.51.100.{}", number % 250) });
        let mut event = call(event, "sign_in", &wish, &headers);
        event["requestContext"]["http"]["sourceIp"] = json!(address);
        event
    };
    let mut last = Value::Null;
    for number in 0..100 {
        last = lambda.ask(attempt(number, "192.0.2.99")).await["statusCode"].clone();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429, "sixty are enough");
    assert_eq!(lambda.ask(attempt(100, "198.18.0.1")).await["statusCode"], 401, "from elsewhere");
}

/// Lambda counts it, tries again, and an alarm may watch it.
#[tokio::test]
async fn a_round_that_does_not_work_is_an_error() {
    let folder = TempDir::new().unwrap();
    let patient = Patient::healthy().await;
    let database = database::fresh(folder.path()).await;
    let ledger = Ledger::open(&database).await.unwrap();
    let batch = abandoned(&ledger, &patient.config, "https://hooks.example/").await;
    let mut lambda = Lambda::start().await;
    let elsewhere = StoreConfig { bucket: "elsewhere".to_owned(), ..patient.config.clone() };
    let _function = Serving(lambda.configured(folder.path(), &elsewhere, &database).spawn().unwrap());
    lambda.events.send(schedules().remove(0)).unwrap();
    let (path, said) = lambda.next().await;
    assert_eq!((&*path, &said["errorType"]), ("invocation/one/error", &json!("Sluice.Round")), "{said:#}");
    assert_eq!(standing(&ledger, &patient.config, &batch).await, (BatchState::Open, 0, 1));
}

#[tokio::test]
async fn a_function_without_bucket_or_database_says_so_and_does_not_start() {
    let folder = TempDir::new().unwrap();
    let bucket = ("SLUICE_BUCKET", "my-photographs");
    for (set, lacks) in [(None, "SLUICE_BUCKET"), (Some(bucket), "SLUICE_DATABASE_URL")] {
        let mut lambda = Lambda::start().await;
        let mut bootstrap = lambda.bootstrap(folder.path());
        bootstrap.envs(set);
        let output = tokio::task::spawn_blocking(move || bootstrap.output().unwrap()).await.unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(lacks), "{text}");
        let (path, said) = lambda.next().await;
        assert_eq!(path, "init/error");
        assert!(said["errorMessage"].as_str().unwrap().contains(lacks), "{said:#}");
        assert!(!folder.path().join("data").exists());
    }
}

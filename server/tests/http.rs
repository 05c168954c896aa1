//! What is around every answer: headers, files, health, limits.

use std::fs;

use axum::body::Body;
use http::{Request, StatusCode};
use server::bucket::ObjectOptions;
use server::config::{Acceleration, Addressing, PublicUrl, StoreConfig};
use server::http::MAX_BODY;

use crate::test_app::{TestApp, post};

#[tokio::test]
async fn a_page_runs_its_own_scripts_only_and_reaches_the_store() {
    let app = TestApp::start().await;
    let page = app.browser().get("/sign-in").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy").to_owned();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(page.text.contains(&format!("nonce=\"{nonce}\"")), "the page's scripts carry it");
    assert!(page.text.matches("<script").count() == page.text.matches(&format!("nonce=\"{nonce}\"")).count());
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    let scripts = policy.split("script-src").nth(1).unwrap().split(';').next().unwrap();
    assert!(!scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"), "{scripts}");
    let store = app.server.embedded.as_ref().unwrap().address;
    let names = embedded_names(store).await;
    assert!(policy.contains(&format!("connect-src 'self' {};", names.join(" "))), "{policy}");
    let other = app.browser().get("/sign-in").await;
    assert_ne!(other.header("content-security-policy"), policy, "a nonce is used once");

    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("strict-transport-security"), "", "not without TLS");
}

/// The addresses that the embedded store answers at.
async fn embedded_names(first: std::net::SocketAddr) -> Vec<String> {
    let mut names = Vec::new();
    for end in 1..=4 {
        let address = std::net::SocketAddr::from(([127, 0, 0, end], first.port()));
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            names.push(format!("http://{address}"));
        }
    }
    assert!(names.contains(&format!("http://{first}")));
    names
}

#[tokio::test]
async fn only_pages_of_this_machine_are_told_its_other_addresses() {
    for (url, local) in [
        ("http://localhost:3000", true),
        ("http://[::1]:3000", true),
        ("https://photos.example.org", false),
        ("http://127.example.org", false),
    ] {
        let app = TestApp::with(|config| config.listen.public_url = PublicUrl::parse(url)).await;
        let store = app.server.embedded.as_ref().unwrap().address;
        let mut names = embedded_names(store).await;
        if !local {
            names.truncate(1);
        }
        let bases: Vec<String> = names.iter().map(|name| format!("{name}/sluice")).collect();
        assert_eq!(app.server.state.grants.bucket().address().bases, bases, "{url}");
    }
}

#[tokio::test]
async fn a_page_may_reach_every_name_of_a_bucket_on_aws() {
    let app = TestApp::with(|config| {
        config.store = Some(StoreConfig {
            bucket: "photographs".to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint: None,
            public_bases: Vec::new(),
            addressing: Addressing::VirtualHost,
            acceleration: Acceleration::On,
            role_arn: None,
            server_role_arn: None,
            kms_key_arn: None,
            options: ObjectOptions::default(),
            sts_endpoint: None,
            keys: None,
        });
    })
    .await;
    let page = app.browser().get("/sign-in").await;
    let policy = page.header("content-security-policy");
    let connect = policy.split("connect-src ").nth(1).unwrap().split(';').next().unwrap();
    let mut expected = vec!["'self'".to_owned()];
    for base in &app.server.state.grants.bucket().address().bases {
        let host = base.trim_start_matches("https://").split('/').next().unwrap();
        expected.push(format!("https://{host}"));
    }
    expected.sort();
    let mut named: Vec<&str> = connect.split(' ').collect();
    named.sort_unstable();
    assert_eq!(named, expected);
    assert_eq!(
        named.len(),
        7,
        "this server, two accelerated names, two of its own, two with the bucket as a path"
    );
}

#[tokio::test]
async fn refusals_carry_the_headers_too() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in ["/healthz", "/api/v1/nothing", "/api/rpc/who"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("'none'"), "{path}");
        assert_ne!(answer.header("x-request-id"), "", "{path}");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_sign_in() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, "/sign-in"));
}

#[tokio::test]
async fn the_server_says_whether_it_is_well() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    let ready = browser.get("/readyz").await;
    assert_eq!((ready.status, ready.text.as_str()), (StatusCode::OK, "ledger: ok\nstore: ok\n"));
}

#[tokio::test]
async fn without_its_store_the_server_is_alive_but_not_ready() {
    // Bound and never listened on, so that nobody else answers there either.
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    let app = TestApp::with(|config| {
        config.store = Some(StoreConfig {
            bucket: "photographs".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(endpoint),
            public_bases: Vec::new(),
            addressing: Addressing::Path,
            acceleration: Acceleration::Off,
            role_arn: None,
            server_role_arn: None,
            kms_key_arn: None,
            options: ObjectOptions::default(),
            sts_endpoint: None,
            keys: Some(server::config::StoreKeys {
                access_key_id: "AKIA".to_owned(),
                secret_access_key: "secret".into(),
            }),
        });
    })
    .await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    let ready = browser.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.text, "ledger: ok\nstore: does not answer\n");
}

#[tokio::test]
async fn files_are_served_compressed_and_kept_as_long_as_their_name_allows() {
    let app = TestApp::start().await;
    let pkg = app.folder().join("site/pkg");
    fs::create_dir_all(&pkg).unwrap();
    fs::write(pkg.join("sluice.js"), "plain").unwrap();
    fs::write(pkg.join("sluice.js.br"), "as brotli").unwrap();
    fs::write(pkg.join("sluice.3f9a0c12.wasm"), "wasm").unwrap();
    fs::write(app.folder().join("secret.txt"), "secret").unwrap();
    let mut browser = app.browser();

    let plain = browser.get("/pkg/sluice.js").await;
    assert_eq!((plain.text.as_str(), plain.header("cache-control")), ("plain", "no-cache"));
    // The worker follows the policy of its own script.
    let store = app.server.embedded.as_ref().unwrap().address;
    let policy = plain.header("content-security-policy");
    assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains(&store.to_string()), "{policy}");
    assert!(!policy.contains("nonce"));

    let request = Request::builder().uri("/pkg/sluice.js").header("accept-encoding", "gzip, br");
    let brotli = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((brotli.text.as_str(), brotli.header("content-encoding")), ("as brotli", "br"));

    let hashed = browser.get("/pkg/sluice.3f9a0c12.wasm").await;
    assert!(hashed.header("cache-control").contains("immutable"));
    assert_eq!(hashed.header("content-type"), "application/wasm");

    for outside in ["/../secret.txt", "/..%2fsecret.txt", "/pkg/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt"] {
        let answer = browser.get(outside).await;
        assert!(!answer.text.contains("secret\n") && answer.text != "secret", "{outside}: {}", answer.text);
    }
}

#[tokio::test]
async fn too_much_and_nonsense_are_refused_kindly() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let request = post("sign_in").header("content-length", MAX_BODY + 1).body(Body::empty()).unwrap();
    assert_eq!(browser.send(request).await.problem(), "413 too_large");
    let request = post("sign_in").body(Body::from("no JSON")).unwrap();
    assert_eq!(browser.send(request).await.problem(), "400 invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_that_are_rendered_at_once_do_not_meet() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    let ada = app.signed_in("Ada").await;
    let nobody = app.browser();
    let visits: Vec<_> = (0..400)
        .map(|number| {
            let mut browser = if number % 2 == 0 { ada.clone() } else { nobody.clone() };
            tokio::spawn(async move { (number, browser.get("/welcome?token=x").await) })
        })
        .collect();
    for visit in visits {
        let (number, page) = visit.await.unwrap();
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.text.contains("<title>Sluice</title>"));
        assert_eq!(page.text.contains("bar-name"), number % 2 == 0, "whose page is it?");
    }
}

/// Each address is six more connections for a browser.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_embedded_store_answers_at_more_addresses() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = TestApp::start().await;
    let port = app.server.embedded.as_ref().unwrap().address.port();
    for host in ["127.0.0.1", "127.0.0.2", "127.0.0.4"] {
        let mut stream = tokio::net::TcpStream::connect((host, port)).await.unwrap();
        let request = format!("GET /sluice HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("AccessDenied"), "{host} {answer}");
    }
}

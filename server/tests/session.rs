//! Signing in, and staying signed in.

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use server::config::{ClientAddress, PublicUrl};

use crate::test_app::{PASSWORD, TestApp, post};

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let app = TestApp::start().await;
    app.person("Zoë").await;
    let mut browser = app.browser();
    assert_eq!(browser.who().await, Value::Null);
    assert_eq!(browser.call("projects", json!({})).await.problem(), "401 signed_out");

    let answer = browser.sign_in(" zoË ", PASSWORD).await;
    assert_eq!(answer.json(), json!({ "name": "Zoë", "role": "uploader" }));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"));
    assert_eq!(browser.who().await["name"], "Zoë");
    assert_eq!(browser.call("projects", json!({})).await.status, StatusCode::OK);

    let kept = browser.clone();
    browser.call("sign_out", json!({ "request": "here" })).await;
    assert_eq!(browser.cookie, None, "the cookie is taken back");
    let mut thief = kept;
    assert_eq!(thief.who().await, Value::Null, "and was worth nothing by then");
}

#[tokio::test]
async fn over_tls_the_cookie_belongs_to_this_host_alone() {
    let app = TestApp::with(|config| {
        config.listen.public_url = PublicUrl::parse("https://photos.example.org");
    })
    .await;
    app.person("Ada").await;
    let mut browser = app.browser();
    let answer = browser.sign_in("Ada", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-sluice=") && cookie.contains("Secure"), "{cookie}");
    assert!(!cookie.contains("Domain"));
    assert!(answer.header("strict-transport-security").contains("max-age"));
    // Browsers take no `__Host-` cookie that is not secure, so one that ends it must be, too.
    let answer = browser.call("sign_out", json!({ "request": "here" })).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("Max-Age=0") && cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn nobody_learns_whether_the_name_or_the_password_was_wrong() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    let mut browser = app.browser();
    let wrong = browser.sign_in("Ada", "wrong password").await;
    let unknown = browser.sign_in("Eve", "wrong password").await;
    assert_eq!(wrong.problem(), "401 signed_out");
    assert_eq!(wrong.text, unknown.text);
    // The first admin has no password yet, so none fits.
    assert_eq!(browser.sign_in("admin", "").await.text, wrong.text);
    assert_eq!(browser.cookie, None);
}

#[tokio::test]
async fn guessing_is_stopped_and_hurts_nobody_else() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    app.person("Bob").await;
    let mut browser = app.browser();
    for _ in 0..10 {
        assert_eq!(browser.sign_in("Ada", "wrong password").await.problem(), "401 signed_out");
    }
    let stopped = browser.sign_in("ADA", PASSWORD).await;
    assert_eq!(stopped.problem(), "429 too_many", "the right password does not help any more");
    let wait: u64 = stopped.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");

    assert_eq!(browser.sign_in("Bob", PASSWORD).await.status, StatusCode::OK, "another name");
    let mut elsewhere = app.browser();
    elsewhere.address = ([198, 51, 100, 1], 5_000).into();
    assert_eq!(elsewhere.sign_in("Ada", PASSWORD).await.status, StatusCode::OK, "from elsewhere");
}

#[tokio::test]
async fn only_the_nearest_proxy_says_where_somebody_comes_from() {
    let app = TestApp::with(|config| config.listen.client_address = ClientAddress::XForwardedFor).await;
    app.person("Ada").await;
    let mut browser = app.browser();
    let body = || Body::from(json!({ "request": { "name": "Ada", "password": "wrong" } }).to_string());
    for number in 0..11 {
        // What stands before the last address is what the client wrote.
        let forwarded = format!("203.0.113.{number}, 198.51.100.7");
        let request = post("sign_in").header("x-forwarded-for", forwarded).body(body()).unwrap();
        let answer = browser.send(request).await;
        let expected = if number < 10 { "401 signed_out" } else { "429 too_many" };
        assert_eq!(answer.problem(), expected);
    }
}

#[tokio::test]
async fn other_sites_cannot_act_for_a_person() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    let mut browser = app.signed_in("Ada").await;
    let body = || Body::from(json!({ "request": "everywhere" }).to_string());
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let request = post("sign_out").header("host", "127.0.0.1:3000").header(name, value);
        let answer = browser.send(request.body(body()).unwrap()).await;
        assert_eq!(answer.problem(), "403 forbidden", "{name}: {value}");
    }
    assert_eq!(browser.who().await["name"], "Ada", "still signed in");
}

#[tokio::test]
async fn sign_out_everywhere_ends_the_other_sessions_too() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    app.person("Bob").await;
    let (mut here, mut there) = (app.signed_in("Ada").await, app.signed_in("Ada").await);
    let mut bob = app.signed_in("Bob").await;
    here.call("sign_out", json!({ "request": "everywhere" })).await;
    assert_eq!(here.who().await, Value::Null);
    assert_eq!(there.who().await, Value::Null);
    assert_eq!(there.call("projects", json!({})).await.problem(), "401 signed_out");
    assert_eq!(bob.who().await["name"], "Bob");
    assert_eq!(app.signed_in("Ada").await.who().await["name"], "Ada", "and Ada can come back");
}

#[tokio::test]
async fn everywhere_else_is_not_here_and_not_somebody_else() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    app.person("Bob").await;
    let mut here = app.signed_in("Ada").await;
    let mut others = [app.signed_in("Ada").await, app.signed_in("Ada").await];
    let mut bob = app.signed_in("Bob").await;
    let shown = here.call("account", json!({ "request": "end_others" })).await.json();
    let sessions = shown["sessions"].as_array().unwrap();
    assert_eq!((sessions.len(), &sessions[0]["here"]), (1, &json!(true)), "{shown:#}");
    for other in &mut others {
        assert_eq!(other.who().await, Value::Null);
    }
    assert_eq!((&here.who().await["name"], &bob.who().await["name"]), (&json!("Ada"), &json!("Bob")));
    let stranger = app.browser().call("account", json!({ "request": "end_others" })).await;
    assert_eq!(stranger.problem(), "401 signed_out");
}

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_and_ends_one_of_it() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let app = TestApp::start().await;
    app.person("Ada").await;
    app.person("Bob").await;
    let (mut here, mut there) = (app.signed_in("Ada").await, app.browser());
    let sign_in = Body::from(json!({ "request": { "name": "Ada", "password": PASSWORD } }).to_string());
    let sign_in = post("sign_in").header("user-agent", FIREFOX).body(sign_in).unwrap();
    assert_eq!(there.send(sign_in).await.status, StatusCode::OK);
    let mut bob = app.signed_in("Bob").await;
    let look = json!({ "request": "look" });

    let shown = here.call("account", look.clone()).await;
    let cookie = there.cookie.clone().unwrap();
    let (_, secret) = cookie.split_once('=').unwrap();
    assert!(!shown.text.contains(secret), "what is shown lets nobody in");
    let shown = shown.json()["sessions"].as_array().unwrap().clone();
    let of_here = |wanted: bool| shown.iter().filter(|card| card["here"] == wanted).collect::<Vec<_>>();
    assert_eq!((of_here(true).len(), of_here(false).len()), (1, 1), "{shown:?}");
    let other = of_here(false)[0];
    assert_eq!(
        (&other["browser"], &other["system"], &other["person"]),
        (&json!("Firefox"), &json!("Linux"), &json!("Ada"))
    );

    let end = json!({ "request": { "end": { "session": other["id"] } } });
    assert_eq!(bob.call("account", end.clone()).await.problem(), "404 not_found", "it is Ada's");
    assert_eq!(there.who().await["name"], "Ada", "and goes on");
    let left = here.call("account", end.clone()).await.json();
    assert_eq!(left["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(there.who().await, Value::Null);
    assert_eq!(here.who().await["name"], "Ada");
    assert_eq!(here.call("account", end).await.problem(), "404 not_found", "it has ended");
    let nonsense = json!({ "request": { "end": { "session": "\u{0}../x" } } });
    assert_eq!(here.call("account", nonsense).await.problem(), "404 not_found");
    assert_eq!(app.browser().call("account", look.clone()).await.problem(), "401 signed_out");

    // What was ended all at once is not shown either.
    here.call("sign_out", json!({ "request": "everywhere" })).await;
    let mut again = app.signed_in("Ada").await;
    assert_eq!(again.call("account", look).await.json()["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_session_ends_without_use_and_at_the_latest() {
    let idle = TestApp::with(|config| config.sessions.idle = Duration::ZERO).await;
    idle.person("Ada").await;
    assert_eq!(idle.signed_in("Ada").await.who().await, Value::Null);
    let longest = TestApp::with(|config| config.sessions.longest = Duration::ZERO).await;
    longest.person("Ada").await;
    assert_eq!(longest.signed_in("Ada").await.who().await, Value::Null);
}

#[tokio::test]
async fn a_planted_session_is_not_the_one_that_is_signed_in() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    app.person("Mallory").await;
    let mut mallory = app.signed_in("Mallory").await;
    let mut ada = app.browser();
    ada.cookie.clone_from(&mallory.cookie);
    ada.sign_in("Ada", PASSWORD).await;
    assert_eq!(ada.who().await["name"], "Ada");
    assert_ne!(ada.cookie, mallory.cookie);
    assert_eq!(mallory.who().await, Value::Null);
}

#[tokio::test]
async fn the_first_admin_chooses_name_and_password_once() {
    let app = TestApp::start().await;
    let link = app.server.first_sign_in.clone().unwrap();
    assert!(link.starts_with(app.server.state.public_url.as_str()), "{link}");
    let token = link.split_once("/welcome?token=").unwrap().1.to_owned();
    let welcome = |name: &str, password: &str| json!({ "request": { "token": token, "sign_in": { "name": name, "password": password } } });
    let mut browser = app.browser();
    let answer = browser.call("accept_welcome", welcome("Ada", "too short")).await;
    assert_eq!(answer.problem(), "400 invalid");
    let answer = browser.call("accept_welcome", welcome("Ada", PASSWORD)).await;
    assert_eq!(answer.json(), json!({ "name": "Ada", "role": "admin" }));
    assert_eq!(browser.who().await["name"], "Ada", "signed in at once");

    let mut late = app.browser();
    let answer = late.call("accept_welcome", welcome("Eve", PASSWORD)).await;
    assert_eq!(answer.problem(), "404 not_found");
    assert_eq!(late.cookie, None);
    let mut again = app.browser();
    assert_eq!(again.sign_in("Ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_copy_of_the_database_lets_nobody_in() {
    // A file, because this reads it as a thief would.
    let app = TestApp::with(|config| config.database = None).await;
    let link = app.server.first_sign_in.clone().unwrap();
    let token = link.split_once("token=").unwrap().1.to_owned();
    app.person("Ada").await;
    let browser = app.signed_in("Ada").await;
    let cookie = browser.cookie.unwrap().split_once('=').unwrap().1.to_owned();
    let id = URL_SAFE_NO_PAD.decode(&cookie).unwrap();
    let mut found_name = false;
    for file in std::fs::read_dir(app.folder().join("data")).unwrap() {
        let file = file.unwrap();
        if !file.file_name().to_string_lossy().starts_with("sluice.sqlite") {
            continue;
        }
        let bytes = std::fs::read(file.path()).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        for secret in [cookie.as_bytes(), &id, token.as_bytes(), PASSWORD.as_bytes()] {
            assert!(!holds(secret), "{file:?}");
        }
        found_name |= holds(b"Ada");
    }
    assert!(found_name, "the search would find something");
}

//! Single sign-on: who comes in, as whom, and what must not let anybody in.

use app::person::Role;
use axum::body::Body;
use http::{Request, StatusCode};
use ledger::{AuditFilter, Deed, Role as LedgerRole};
use serde_json::{Value, json};
use server::clock;
use server::config::{Newcomers, PasswordSignIn, PublicUrl, RoleRules};
use server::desk::operator;
use server::session::welcome;

use crate::provider::{CLIENT, Provider, Signed};
use crate::test_app::{Answer, Browser, PASSWORD, TestApp};

async fn app(provider: &Provider) -> TestApp {
    TestApp::with(|config| config.oidc = Some(provider.config())).await
}

fn groups() -> RoleRules {
    let one = |name: &str| vec![name.to_owned()];
    RoleRules { claim: "groups".to_owned(), admins: one("admins"), uploaders: one("uploaders") }
}

/// Out to the provider, and back; answers where the browser is sent in the end.
async fn comes(browser: &mut Browser, provider: &Provider, from: &str) -> String {
    let departure = browser.get(from).await;
    let back = browser.get(&provider.authorize(&departure)).await;
    led(&back)
}

#[track_caller]
fn led(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    answer.header("location").to_owned()
}

fn refused(why: &str) -> String {
    format!("/sign-in?sso={why}&next=%2F")
}

async fn told(app: &TestApp) -> Vec<String> {
    let lines = app.server.state.ledger.audit().list(&AuditFilter::default(), 100).await.unwrap();
    let line = |it: &ledger::AuditEntry| format!("{} {} {}", it.action.word(), it.subject, it.detail);
    lines.iter().rev().map(line).filter(|line| !line.starts_with("link_sent")).collect()
}

#[tokio::test]
async fn somebody_comes_in_goes_on_and_comes_back_as_the_same_person() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    let mut browser = app.browser();
    let departure = browser.get("/sso?next=/batches").await;
    let cookie = departure.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600"));
    assert_eq!(departure.header("cache-control"), "no-store");
    let back = browser.get(&provider.authorize(&departure)).await;
    assert_eq!(led(&back), "/batches");
    assert_eq!(browser.sso, None, "the flow's cookie is taken back");
    assert_eq!(browser.who().await, json!({ "name": "ada", "role": "uploader" }));
    browser.call("sign_out", json!({ "request": "here" })).await;
    assert_eq!(browser.who().await, Value::Null);

    // The subject counts, not the name.
    provider.script().claims = json!({ "sub": "1", "preferred_username": "ada lovelace" });
    let mut elsewhere = app.browser();
    assert_eq!(comes(&mut elsewhere, &provider, "/sso").await, "/");
    assert_eq!(elsewhere.who().await["name"], "ada");
    provider.script().claims = json!({ "sub": "2", "preferred_username": "Ada" });
    let mut other = app.browser();
    assert_eq!(comes(&mut other, &provider, "/sso").await, "/");
    assert_eq!(other.who().await["name"], "Ada (2)", "a name alone makes nobody the same person");
    assert_eq!(told(&app).await, ["person_joined ada uploader", "person_joined Ada (2) uploader"]);
    assert_eq!((provider.asked("discovery"), provider.asked("keys")), (1, 1), "both are kept");
    assert_eq!(provider.asked("userinfo"), 0, "nothing was missing");
}

#[tokio::test]
async fn over_tls_the_flow_belongs_to_this_host_alone() {
    let provider = Provider::start().await;
    let app = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.listen.public_url = PublicUrl::parse("https://photos.example.org");
    })
    .await;
    let mut browser = app.browser();
    let departure = browser.get("/sso").await;
    let cookie = departure.header("set-cookie");
    assert!(cookie.starts_with("__Host-sluice-sso=") && cookie.contains("; Secure"), "{cookie}");
    assert!(cookie.contains("Path=/;") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(led(&browser.get(&provider.authorize(&departure)).await), "/");
    assert_eq!(browser.who().await["name"], "ada");
}

#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_lets_nobody_in() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    let now = clock::now().0 / 1_000;
    let claims = [
        ("another nonce", json!({ "nonce": "another" })),
        ("no nonce", json!({ "nonce": null })),
        ("another audience", json!({ "aud": "somebody else" })),
        ("no audience", json!({ "aud": null })),
        ("no audience in a list", json!({ "aud": [] })),
        ("another audience beside ours", json!({ "aud": [CLIENT, "somebody else"] })),
        ("another party", json!({ "aud": [CLIENT, "somebody else"], "azp": "somebody else" })),
        ("another party alone", json!({ "azp": "somebody else" })),
        ("another issuer", json!({ "iss": "https://evil.example" })),
        ("nearly the issuer", json!({ "iss": format!("{}/", provider.issuer) })),
        ("over", json!({ "exp": now - 130 })),
        ("no end", json!({ "exp": null })),
        ("an end in words", json!({ "exp": "tomorrow" })),
        ("not made yet", json!({ "iat": now + 200 })),
        ("not good yet", json!({ "nbf": now + 200 })),
        ("nobody", json!({ "sub": null })),
        ("an empty subject", json!({ "sub": "" })),
        ("a subject that is too long", json!({ "sub": "x".repeat(256) })),
    ];
    for (what, change) in claims {
        provider.script().claims = with_subject(change);
        let mut browser = app.browser();
        assert_eq!(comes(&mut browser, &provider, "/sso").await, refused("failed"), "{what}");
        assert_eq!(browser.who().await, Value::Null, "{what}");
    }
    // The same without a fault, and with clocks that are two minutes apart.
    for change in [
        json!({}),
        json!({ "exp": now - 100, "iat": now + 100, "nbf": now + 100 }),
        json!({ "aud": [CLIENT] }),
        json!({ "aud": [CLIENT, "api"], "azp": CLIENT }),
    ] {
        provider.script().claims = with_subject(change.clone());
        assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, "/", "{change}");
    }
}

fn with_subject(mut claims: Value) -> Value {
    if claims.get("sub").is_none() {
        claims["sub"] = json!("1");
    }
    claims
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_lets_nobody_in() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    let nothing = json!({});
    for (what, signed, header) in [
        ("none", Signed::NotAtAll, nothing.clone()),
        ("None", Signed::NotAtAll, json!({ "alg": "None" })),
        ("no algorithm", Signed::NotAtAll, json!({ "alg": null })),
        ("no signature", Signed::NotAtAll, json!({ "alg": "ES256" })),
        ("HMAC with the public key", Signed::ByHmac, nothing.clone()),
        ("HMAC under another name", Signed::ByHmac, json!({ "alg": "ES256" })),
        ("another key", Signed::ByAnother, nothing),
        ("another algorithm", Signed::Rightly, json!({ "alg": "RS256" })),
        ("a critical extension", Signed::Rightly, json!({ "crit": ["b64"], "b64": false })),
        ("an unknown key", Signed::Rightly, json!({ "kid": "unknown" })),
    ] {
        provider.script().signed = signed;
        provider.script().header = header;
        let mut browser = app.browser();
        assert_eq!(comes(&mut browser, &provider, "/sso").await, refused("failed"), "{what}");
        assert_eq!(browser.who().await, Value::Null, "{what}");
    }
}

#[tokio::test]
async fn new_keys_are_found_and_unknown_ones_make_no_flood() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, "/");
    provider.script().rotate("second");
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, "/", "the new key is fetched at once");
    provider.script().header = json!({ "kid": "unknown" });
    for _ in 0..10 {
        assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, refused("failed"));
    }
    assert_eq!(provider.asked("keys"), 4, "once, and again three times");
    provider.script().header = json!({});
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, "/", "known keys are as good as before");
}

#[tokio::test]
async fn an_answer_counts_in_the_browser_that_asked_and_once() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    let (mut ada, mut eve) = (app.browser(), app.browser());
    let departure = ada.get("/sso").await;
    let callback = provider.authorize(&departure);
    assert_eq!(led(&eve.get(&callback).await), refused("over"), "no flow at all");
    eve.get("/sso").await;
    assert_eq!(led(&eve.get(&callback).await), refused("over"), "another flow");
    let (path, _) = callback.split_once('?').unwrap();
    for planted in ["?code=the+code", "?code=the+code&state=", "?code=the+code&state=x", "", "?state=%FF"] {
        assert_eq!(led(&ada.get(&format!("{path}{planted}")).await), refused("over"), "{planted}");
    }
    let again = ada.clone();
    assert_eq!(led(&ada.get(&callback).await), "/", "Ada's flow is as it was");
    let mut replayed = again;
    assert_eq!(led(&replayed.get(&callback).await), refused("over"), "and over now");
    assert_eq!(replayed.who().await, Value::Null);
    assert_eq!(provider.asked("token"), 1);
}

#[tokio::test]
async fn an_answer_comes_from_the_provider_that_was_asked() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    for sender in [None, Some("https://evil.example")] {
        let mut browser = app.browser();
        let callback = provider.authorize(&browser.get("/sso").await);
        let (honest, _) = callback.split_once("&iss=").unwrap();
        let sender = sender.map(|sender| format!("&iss={sender}")).unwrap_or_default();
        assert_eq!(led(&browser.get(&format!("{honest}{sender}")).await), refused("failed"), "{sender}");
    }
    assert_eq!(provider.asked("token"), 0, "no code was given away");
}

#[tokio::test]
async fn whoever_says_no_at_the_provider_is_told_so() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    for (error, why) in [("access_denied", "cancelled"), ("server_error", "failed")] {
        let mut browser = app.browser();
        let callback = provider.authorize(&browser.get("/sso?next=/batches").await);
        let answer = browser.get(&callback.replace("code=the+code", &format!("error={error}"))).await;
        assert_eq!(led(&answer), format!("/sign-in?sso={why}&next=%2Fbatches"));
        let page = browser.get(answer.header("location")).await;
        assert!(page.text.contains("role=\"alert\""), "{}", page.text);
        assert!(page.text.contains("href=\"/sso?next=/batches\""), "{}", page.text);
    }
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    for next in ["https://evil.example", "//evil.example", "/%5Cevil.example", "/%09/evil.example", "/%C3%A9"]
    {
        assert_eq!(comes(&mut app.browser(), &provider, &format!("/sso?next={next}")).await, "/", "{next}");
    }
}

#[tokio::test]
async fn a_person_who_is_disabled_stays_out() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    let mut browser = app.browser();
    assert_eq!(comes(&mut browser, &provider, "/sso").await, "/");
    let ledger = &app.server.state.ledger;
    let ada = ledger.people().by_name("ada").await.unwrap().unwrap();
    let by = operator();
    ledger.people().set_disabled(Deed { by: &by, at: clock::now() }, ada.id, true).await.unwrap();
    assert_eq!(browser.who().await, Value::Null, "out at once");
    assert_eq!(comes(&mut browser, &provider, "/sso").await, refused("refused"));
    assert_eq!(browser.who().await, Value::Null);
}

#[tokio::test]
async fn roles_follow_the_claims_at_each_sign_in() {
    let provider = Provider::start().await;
    let app = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.oidc.as_mut().unwrap().roles = Some(groups());
    })
    .await;
    let as_groups = |groups: Value| provider.script().claims["groups"] = groups;
    let mut browser = app.browser();
    as_groups(json!(["staff", "admins"]));
    assert_eq!(comes(&mut browser, &provider, "/sso").await, "/");
    assert_eq!(browser.who().await["role"], "admin");
    let first = browser.clone();
    as_groups(json!(["uploaders"]));
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, "/");
    let mut first = first;
    assert_eq!(first.who().await, Value::Null, "a session with the old role is over");
    for nothing in [json!(["admin", "uploader"]), json!([]), json!({}), json!("Admins")] {
        as_groups(nothing.clone());
        assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, refused("refused"), "{nothing}");
    }
    assert_eq!(told(&app).await, ["person_joined ada admin", "role_changed ada uploader"]);
}

#[tokio::test]
async fn the_last_admin_is_not_let_in_as_less() {
    let provider = Provider::start().await;
    let app = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.oidc.as_mut().unwrap().roles = Some(groups());
    })
    .await;
    let ledger = &app.server.state.ledger;
    let printed = ledger.people().by_name("admin").await.unwrap().unwrap();
    provider.script().claims["groups"] = json!(["admins"]);
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, "/");
    let by = operator();
    ledger.people().set_disabled(Deed { by: &by, at: clock::now() }, printed.id, true).await.unwrap();
    provider.script().claims["groups"] = json!(["uploaders"]);
    let mut browser = app.browser();
    assert_eq!(comes(&mut browser, &provider, "/sso").await, refused("refused"));
    assert_eq!(browser.who().await, Value::Null);
    assert_eq!(ledger.people().by_name("ada").await.unwrap().unwrap().role, LedgerRole::Admin);
}

#[tokio::test]
async fn only_verified_addresses_of_the_domains_come_in() {
    let provider = Provider::start().await;
    let app = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.oidc.as_mut().unwrap().domains = vec!["example.org".to_owned()];
    })
    .await;
    for (email, verified) in [
        (json!("ada@example.org"), json!(false)),
        (json!("ada@example.org"), json!(null)),
        (json!("ada@evil.example"), json!(true)),
        (json!("ada@example.org@evil.example"), json!(true)),
        (json!("ada@sub.example.org"), json!(true)),
        (json!("example.org"), json!(true)),
        (json!(null), json!(true)),
    ] {
        provider.script().claims = json!({ "sub": "1", "email": email, "email_verified": verified });
        let why = comes(&mut app.browser(), &provider, "/sso").await;
        assert_eq!(why, refused("refused"), "{email} {verified}");
    }
    provider.script().claims = json!({ "sub": "1", "email": "Ada@Example.org", "email_verified": "true" });
    let mut browser = app.browser();
    assert_eq!(comes(&mut browser, &provider, "/sso").await, "/");
    assert_eq!(browser.who().await["name"], "Ada@Example.org");
}

#[tokio::test]
async fn where_people_are_invited_a_link_ties_them_to_their_identity() {
    let provider = Provider::start().await;
    let app = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.oidc.as_mut().unwrap().newcomers = Newcomers::Invited;
    })
    .await;
    app.person("Bob").await;
    let state = &app.server.state;
    let bob = state.ledger.people().by_name("Bob").await.unwrap().unwrap();
    // The provider says that somebody has the name and the address of a person here: that is no proof.
    provider.script().claims =
        json!({ "sub": "1", "preferred_username": "Bob", "email": "Bob", "email_verified": true });
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, refused("refused"));
    let link = welcome(&state.ledger, &operator(), bob.id, &state.public_url).await.unwrap();
    let token = link.split_once("token=").unwrap().1;
    let page = app.browser().get(&format!("/welcome?token={token}")).await;
    let way = format!("/sso?welcome={token}");
    assert!(page.text.contains(&format!("href=\"{way}\"")), "{}", page.text);
    for site in ["cross-site", "same-site", "none"] {
        let request = Request::builder().uri(&way).header("sec-fetch-site", site).body(Body::empty());
        let asked = led(&app.browser().send(request.unwrap()).await);
        assert_eq!(asked, format!("/welcome?token={token}"), "a link from elsewhere ties nobody unasked");
    }
    let mut browser = app.browser();
    assert_eq!(comes(&mut browser, &provider, &way).await, "/");
    assert_eq!(browser.who().await["name"], "Bob");
    assert_eq!(comes(&mut app.browser(), &provider, &way).await, refused("link"), "a link works once");
    let mut later = app.browser();
    assert_eq!(comes(&mut later, &provider, "/sso").await, "/", "and is not needed again");
    assert_eq!(later.who().await["name"], "Bob");
    assert_eq!(app.signed_in("Bob").await.who().await["name"], "Bob", "the password stays");
    assert_eq!(told(&app).await, [format!("identity_linked Bob {}", provider.issuer)]);
}

#[tokio::test]
async fn what_the_token_lacks_is_asked_of_userinfo() {
    let provider = Provider::start().await;
    let app = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.oidc.as_mut().unwrap().roles = Some(groups());
    })
    .await;
    provider.script().userinfo = json!({ "sub": "1", "groups": ["admins"], "iss": "https://evil.example" });
    let mut browser = app.browser();
    assert_eq!(comes(&mut browser, &provider, "/sso").await, "/");
    assert_eq!(browser.who().await["role"], "admin");
    provider.script().claims["groups"] = json!(["uploaders"]);
    let mut browser = app.browser();
    assert_eq!(comes(&mut browser, &provider, "/sso").await, "/");
    assert_eq!(browser.who().await["role"], "uploader", "the token's word counts");
    provider.script().claims["groups"] = Value::Null;
    provider.script().userinfo = json!({ "sub": "2", "groups": ["admins"] });
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, refused("failed"), "of somebody else");
}

#[tokio::test]
async fn a_provider_that_is_not_what_was_configured_is_not_used() {
    for discovery in [
        json!({ "issuer": "https://evil.example" }),
        json!({ "authorization_endpoint": "http://login.example/authorize" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "token_endpoint": "http://login.example/token" }),
        json!({ "jwks_uri": "http://login.example/keys" }),
        json!({ "userinfo_endpoint": "ftp://login.example" }),
        json!({ "token_endpoint": null }),
    ] {
        let provider = Provider::start().await;
        provider.script().discovery = discovery.clone();
        let app = app(&provider).await;
        let mut browser = app.browser();
        for _ in 0..3 {
            assert_eq!(led(&browser.get("/sso").await), refused("failed"), "{discovery}");
        }
        assert_eq!(browser.sso, None);
        assert_eq!(provider.asked("discovery"), 1, "it is left alone for a moment");
    }
    let provider = Provider::start().await;
    let app = app(&provider).await;
    provider.script().padding = 2 << 20;
    assert_eq!(comes(&mut app.browser(), &provider, "/sso").await, refused("failed"), "endless keys");
}

#[tokio::test]
async fn trying_again_and_again_is_stopped() {
    let provider = Provider::start().await;
    let app = app(&provider).await;
    let mut browser = app.browser();
    for _ in 0..60 {
        assert!(led(&browser.get("/sso").await).starts_with(&provider.issuer));
    }
    assert_eq!(led(&browser.get("/sso").await), refused("too-often"));
    let mut elsewhere = app.browser();
    elsewhere.address = ([198, 51, 100, 1], 5_000).into();
    assert_eq!(comes(&mut elsewhere, &provider, "/sso").await, "/");
}

#[tokio::test]
async fn another_server_of_the_same_database_can_go_on() {
    let provider = Provider::start().await;
    let first = app(&provider).await;
    let second = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.database.clone_from(&first.server.state.config.database);
        config.listen.public_url = Some(first.server.state.public_url.clone());
    })
    .await;
    let mut here = first.browser();
    let callback = provider.authorize(&here.get("/sso?next=/batches").await);
    let mut there = second.browser();
    there.sso = here.sso;
    assert_eq!(led(&there.get(&callback).await), "/batches");
    assert_eq!(there.who().await["name"], "ada");
}

#[tokio::test]
async fn without_passwords_only_single_sign_on_is_left() {
    let provider = Provider::start().await;
    let app = TestApp::with(|config| {
        config.oidc = Some(provider.config());
        config.sessions.passwords = PasswordSignIn::Off;
    })
    .await;
    app.person("Bob").await;
    let mut browser = app.browser();
    let first = app.server.first_sign_in.as_deref().unwrap();
    let first = browser.get(first.strip_prefix(app.server.state.public_url.as_str()).unwrap()).await.text;
    assert!(first.contains("href=\"/sso?welcome=") && !first.contains("type=\"password\""), "{first}");
    assert_eq!(browser.sign_in("Bob", PASSWORD).await.problem(), "403 forbidden");
    let page = browser.get("/sign-in").await.text;
    assert!(page.contains("href=\"/sso\"") && page.contains("Sign in with Example"), "{page}");
    assert!(!page.contains("type=\"password\""), "{page}");
    assert_eq!(comes(&mut browser, &provider, "/sso").await, "/");
    assert_eq!(browser.who().await["role"], json!(Role::Uploader));
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_one() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in ["/sso", "/sso/callback?code=1&state=1"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let page = browser.get("/sign-in").await.text;
    assert!(!page.contains("/sso") && page.contains("type=\"password\""), "{page}");
}

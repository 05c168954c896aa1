//! The admin's side: what it does, and that nobody else gets in by any way.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use ledger::{PersonId, Role, Scope};
use serde_json::{Value, json};
use server::batch::close_abandoned;
use server::round::Deadline;

use crate::program::{ApiServer, Program, deed};
use crate::store;
use crate::test_app::{Browser, PASSWORD, TestApp};

const WEDDINGS: &str = "weddings";

/// Settings of a project with these members.
fn settings(prefix: &str, members: &[&str]) -> Value {
    json!({ "name": "Weddings", "prefix": prefix, "grant": "signed_urls", "access": "members", "members": members,
        "rules": { "media_types": ["image/*"], "min_size": 1, "max_size": 1_000_000, "max_items": 100 } })
}

/// A project to be, as the API takes it.
pub(crate) fn new_project(id: &str, members: &[&str]) -> Value {
    let mut body = settings(id, members);
    body["id"] = json!(id);
    body
}

fn photo(index: u32, path: &str) -> Value {
    json!({ "index": index, "path": path, "size": 5, "media_type": "image/jpeg" })
}

#[tokio::test]
async fn an_admin_looks_after_projects() {
    let server = ApiServer::start(store::embedded().await.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let bob = server.program("bob", Role::Uploader).await;
    let made = admin.post("/projects", new_project(WEDDINGS, &["Bob"])).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.json["settings"]["members"], json!(["bob"]));
    assert_eq!(projects(&bob).await, ["default", WEDDINGS]);

    let opened = bob.post("/batches", json!({ "project": WEDDINGS })).await.good();
    let at = format!("/batches/{}", opened["batch"].as_str().unwrap());
    bob.post(&format!("{at}/items"), json!({ "items": [photo(0, "a.jpg")] })).await.good();
    let shown = admin.get("/projects/weddings").await.good();
    assert_eq!((&shown["files"], &shown["bytes"]), (&json!(1), &json!(5)));

    // Who is a member no more goes no further, at once, and sees only what is in.
    let body = settings(WEDDINGS, &[]).to_string();
    let put = admin.request(Method::PUT, "/projects/weddings").header("content-type", "application/json");
    admin.send(put.body(body.into()).unwrap()).await.good();
    assert_eq!(projects(&bob).await, ["default"]);
    let refused = bob.post(&format!("{at}/items"), json!({ "items": [photo(1, "b.jpg")] })).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.post_nothing(&format!("{at}/grant")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.get(&at).await.good()["items"], 1);

    admin.post_nothing("/projects/default/archive").await.good();
    assert_eq!(projects(&bob).await, Vec::<String>::new());
    assert_eq!(bob.post("/batches", json!({ "project": "default" })).await.status, StatusCode::NOT_FOUND);
    admin.post_nothing("/projects/default/restore").await.good();
    bob.post("/batches", json!({ "project": "default" })).await.good();

    let said: Vec<String> = [
        admin.post("/projects", new_project(WEDDINGS, &[])).await,
        admin
            .post(
                "/projects",
                json!({ "id": "x", "name": "X", "prefix": "a b", "grant": "signed_urls",
            "rules": { "media_types": [], "min_size": 1, "max_size": 5, "max_items": 1 } }),
            )
            .await,
        admin.post("/projects", new_project("y", &["Nobody"])).await,
        admin.get("/projects/nowhere").await,
    ]
    .iter()
    .map(crate::program::Answer::problem)
    .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    409 conflict: The project weddings is in the way: id and prefix must be apart from those of all others.
    400 invalid: A prefix has 1 to 256 characters of A-Z, a-z, 0-9, _ and -, with / between the parts.
    400 invalid: Nobody is called Nobody. Add the person first.
    404 not_found: There is no such project.
    ");
}

/// The projects that a program may upload into.
async fn projects(program: &Program) -> Vec<String> {
    program_names(&program.get("/projects").await.good())
}

fn program_names(projects: &Value) -> Vec<String> {
    let mut ids: Vec<String> = projects
        .as_array()
        .unwrap()
        .iter()
        .map(|project| project["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_admin_looks_after_people() {
    let app = TestApp::start().await;
    app.person("Bob").await;
    let mut admin = admin(&app).await;
    let shown =
        admin.call("people_desk", json!({ "request": { "invite": { "name": "Cleo", "role": "uploader" } } }));
    let shown = shown.await.json();
    let link = shown["issued"]["secret"].as_str().unwrap().to_owned();
    let token = link.split_once("token=").unwrap().1;
    let mut cleo = app.browser();
    let welcome = json!({ "token": token, "sign_in": { "name": "Cleo", "password": PASSWORD } });
    assert_eq!(cleo.call("accept_welcome", json!({ "request": welcome })).await.status, StatusCode::OK);

    let mut bob = app.signed_in("Bob").await;
    let id = |name: &str| {
        let people = shown["people"].as_array().unwrap();
        people.iter().find(|person| person["name"] == name).unwrap()["id"].as_i64().unwrap()
    };
    let tokens = json!({ "token": { "person": id("Bob"), "name": "script", "scope": "full", "days": 1 } });
    let issued = admin.call("people_desk", json!({ "request": tokens })).await.json();
    assert_eq!(issued["tokens"][0]["person"], "Bob");
    let secret = issued["issued"]["secret"].as_str().unwrap();
    assert!(server::session::TokenText::parse(secret).is_some());
    let bobs = Program::of(&app.server, PersonId(id("Bob"))).await;
    bobs.get("/projects").await.good();

    // Disabled is out at once: browser and program.
    let disable = json!({ "request": { "disable": { "person": id("Bob") } } });
    let after = admin.call("people_desk", disable).await.json();
    assert_eq!(
        after["people"].as_array().unwrap().iter().find(|p| p["name"] == "Bob").unwrap()["state"],
        "disabled"
    );
    assert_eq!(bob.who().await, Value::Null);
    assert_eq!(bobs.get("/projects").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.browser().sign_in("Bob", PASSWORD).await.problem(), "401 signed_out");
    admin.call("people_desk", json!({ "request": { "enable": { "person": id("Bob") } } })).await.json();
    app.signed_in("Bob").await;

    let own = json!({ "request": { "disable": { "person": id("ansel") } } });
    assert_eq!(admin.call("people_desk", own).await.problem(), "409 conflict");
    let made =
        admin.call("people_desk", json!({ "request": { "invite": { "name": "cleo", "role": "admin" } } }));
    assert_eq!(made.await.problem(), "409 conflict");

    let log = admin.call("audit_log", json!({ "request": { "about": "Bob" } })).await.json();
    let words: Vec<&str> =
        log.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(words, ["person_enabled", "person_disabled", "token_created", "token_created"]);
    assert!(!log.to_string().contains(secret), "the log keeps no secret");
}

#[tokio::test]
async fn an_admin_has_the_store_examined_and_put_right() {
    let app = TestApp::start().await;
    let mut admin = admin(&app).await;
    let shown = admin.call("store_desk", json!({ "request": "examine" })).await.json();
    assert_eq!(shown["healthy"], true, "{shown:#}");
    let verdict = |shown: &Value, subject: &str| {
        let checks = shown["checks"].as_array().unwrap();
        checks.iter().find(|check| check["subject"] == subject).unwrap()["verdict"].clone()
    };
    assert_eq!(
        (verdict(&shown, "limits of a grant"), verdict(&shown, "lifecycle")),
        (json!("good"), json!("advice"))
    );
    for check in shown["checks"].as_array().unwrap() {
        let count = |of: &Value| of["remedies"].as_array().map_or(0, Vec::len);
        let japanese = &check["japanese"];
        assert_eq!(count(japanese), count(check), "{check:#}");
        assert_eq!(japanese.get("why").is_some(), check.get("why").is_some(), "{check:#}");
        assert_ne!(japanese["found"], check["found"]);
    }
    let apply = json!({ "request": { "apply": { "repair": "abort_unfinished" } } });
    let after = admin.call("store_desk", apply).await.json();
    assert_eq!(verdict(&after, "lifecycle"), "good");
    let log = admin.call("audit_log", json!({ "request": {} })).await.json();
    assert_eq!(
        (&log[0]["action"], &log[0]["detail"]),
        (&json!("store_repaired"), &json!("abort_unfinished"))
    );

    let ansel = app.server.state.ledger.people().by_name("ansel").await.unwrap().unwrap();
    let told = Program::of(&app.server, ansel.id).await.post_nothing("/store/examine").await.good();
    assert_eq!(told["checks"].as_array().unwrap().len(), after["checks"].as_array().unwrap().len());
}

#[tokio::test]
async fn the_page_of_a_batch_says_when_its_files_end() {
    const DAY: u64 = 24 * 60 * 60 * 1_000;
    let app = TestApp::start().await;
    let mut admin = admin(&app).await;
    let mut kept = settings(WEDDINGS, &[]);
    kept["keep_days"] = json!(30);
    let create = json!({ "request": { "create": { "id": WEDDINGS, "settings": kept } } });
    admin.call("projects_desk", create).await.json();
    let open = json!({ "request": { "project": WEDDINGS } });
    let batch = admin.call("open_batch", open).await.json()["batch"].clone();
    let look = json!({ "request": { "batch": batch } });
    let shown = admin.call("batch_desk", look.clone()).await.json();
    let after = shown["card"]["opened_at"].as_u64().unwrap() + 30 * DAY;
    assert_eq!(shown["end"], json!({ "decided": after }));

    let ask = json!({ "request": { "retention": { "id": WEDDINGS } } });
    let asked = admin.call("projects_desk", ask).await.json();
    assert_eq!(asked["retention"]["state"], json!({ "is": "missing" }));
    let write = json!({ "request": { "write_retention": { "id": WEDDINGS, "keep_days": 30 } } });
    let written = admin.call("projects_desk", write).await.json();
    assert_eq!(written["retention"]["state"], json!({ "is": "same" }));
    assert_eq!(admin.call("batch_desk", look.clone()).await.json()["end"], json!({ "in_bucket": after }));

    // In another folder the project's rule does not reach it.
    kept["prefix"] = json!("moved");
    let change = json!({ "request": { "change": { "id": WEDDINGS, "settings": kept } } });
    admin.call("projects_desk", change).await.json();
    assert_eq!(admin.call("batch_desk", look).await.json()["end"], Value::Null);
}

/// The first admin, signed in.
async fn admin(app: &TestApp) -> Browser {
    let link = app.server.first_sign_in.clone().unwrap();
    let token = link.split_once("token=").unwrap().1;
    let mut browser = app.browser();
    let welcome = json!({ "token": token, "sign_in": { "name": "ansel", "password": PASSWORD } });
    assert_eq!(browser.call("accept_welcome", json!({ "request": welcome })).await.status, StatusCode::OK);
    browser
}

#[tokio::test]
async fn a_link_is_changed_under_its_guests() {
    let app = TestApp::start().await;
    let mut admin = admin(&app).await;
    let link = json!({ "project": "default", "title": "Anna & Tom", "days": 1 });
    let made = admin.call("links_desk", json!({ "request": { "create": link } })).await.json();
    let token = made["issued"]["secret"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let id = &made["links"][0]["id"];
    let entry = |password: &str| json!({ "request": { "token": token, "name": "Kai", "email": "", "note": "", "password": password } });
    let mut kai = app.browser();
    kai.call("enter", entry("")).await.json();
    let open = json!({ "request": { "project": "default", "grant": "signed_urls" } });
    let batch = kai.call("open_batch", open).await.json()["batch"].clone();
    let announce = |index: u32| json!({ "request": { "batch": batch, "items": [photo(index, &format!("{index}.jpg"))] } });
    assert_eq!(kai.call("announce", announce(0)).await.json()["refused"], json!([]));

    let mut change = async |change: Value| {
        admin.call("links_desk", json!({ "request": { "change": { "id": id, "change": change } } })).await
    };
    for wrong in [json!({ "title": " " }), json!({ "days": 0 }), json!({ "quota": { "files": 0 } })] {
        assert_eq!(change(wrong.clone()).await.problem(), "400 invalid", "{wrong}");
    }
    let changed =
        change(json!({ "title": "Tom & Anna", "welcome": "Thank you!", "asks": { "email": "must" },
        "password": "forever and ever", "quota": { "files": 1 } }));
    let shown = changed.await.json()["links"][0].clone();
    assert_eq!(
        (&shown["title"], &shown["has_password"], &shown["guests"]),
        (&json!("Tom & Anna"), &json!(true), &json!(1))
    );
    let door = app.browser().call("door", json!({ "request": token })).await.json();
    assert_eq!(
        (&door["title"], &door["welcome"], &door["asks"]["email"]),
        (&json!("Tom & Anna"), &json!("Thank you!"), &json!("must"))
    );
    assert_eq!(
        app.browser().call("enter", entry("forever and ever")).await.problem(),
        "400 invalid",
        "an address is asked for"
    );
    // Who is in stays in; the limit holds for all.
    let answer = kai.call("announce", announce(1)).await.json();
    assert_eq!(answer["refused"][0]["reason"]["why"], "over_quota", "{answer}");

    // What is not given stays, and an empty password is none.
    let shown = change(json!({ "password": "", "asks": {} })).await.json()["links"][0].clone();
    assert_eq!((&shown["title"], &shown["has_password"]), (&json!("Tom & Anna"), &json!(false)));
    app.browser().call("enter", entry("")).await.json();

    let ansel = app.server.state.ledger.people().by_name("ansel").await.unwrap().unwrap().id;
    let program = Program::of(&app.server, ansel).await;
    let patch = async |body: &str| {
        let request = program.request(Method::PATCH, &format!("/links/{id}"));
        program
            .send(request.header("content-type", "application/json").body(body.to_owned().into()).unwrap())
            .await
    };
    assert_eq!(patch(r#"{"title":"By a program"}"#).await.good()["title"], "By a program");
    let revoke = program.request(Method::DELETE, &format!("/links/{id}")).body(String::new().into()).unwrap();
    assert_eq!(program.send(revoke).await.status, StatusCode::NO_CONTENT);
    assert_eq!(patch("{}").await.status, StatusCode::NOT_FOUND, "what was ended stays ended");
    let log = admin.call("audit_log", json!({ "request": {} })).await.text;
    assert!(log.contains("link_changed"), "{log}");
}

#[tokio::test]
async fn an_admin_ends_one_session_of_a_person() {
    let app = TestApp::start().await;
    let mut admin = admin(&app).await;
    app.person("Ada").await;
    let (mut one, mut other) = (app.signed_in("Ada").await, app.signed_in("Ada").await);
    let people = app.server.state.ledger.people();
    let (ansel, ada) =
        (people.by_name("ansel").await.unwrap().unwrap().id, people.by_name("Ada").await.unwrap());
    let ada = ada.unwrap().id;
    let shown = admin.call("people_desk", json!({ "request": "look" })).await.json();
    assert_eq!(shown["sessions"].as_array().unwrap().len(), 3, "{shown:#}");

    let program = Program::of(&app.server, ansel).await;
    let at = format!("/people/{}/sessions", ada.0);
    let sessions = program.get(&at).await.good();
    let id = sessions[0]["id"].as_str().unwrap();
    let end = async |at: String| {
        program.send(program.request(Method::DELETE, &at).body(String::new().into()).unwrap()).await.status
    };
    assert_eq!(end(format!("/people/{}/sessions/{id}", ansel.0)).await, StatusCode::NOT_FOUND, "not ansel's");
    assert_eq!(end(format!("{at}/{id}")).await, StatusCode::NO_CONTENT);
    assert_eq!(end(format!("{at}/{id}")).await, StatusCode::NOT_FOUND, "it has ended");
    let left = [one.who().await, other.who().await];
    assert_eq!(left.iter().filter(|who| who["name"] == "Ada").count(), 1, "{left:?}");
    let log = admin.call("audit_log", json!({ "request": {} })).await.text;
    assert!(log.contains("session_ended"), "{log}");
}

#[tokio::test]
async fn guests_come_by_a_link_and_stay_apart() {
    let app = TestApp::start().await;
    let mut admin = admin(&app).await;
    let link = json!({ "project": "default", "title": "Anna & Tom", "asks": { "name": "must" }, "days": 1,
        "password": "forever and ever", "quota": { "files": 2 } });
    let made = admin.call("links_desk", json!({ "request": { "create": link } })).await.json();
    let address = made["issued"]["secret"].as_str().unwrap();
    let token = address.split_once("token=").unwrap().1;

    let mut kai = app.browser();
    let door = kai.call("door", json!({ "request": token })).await.json();
    assert_eq!((&door["title"], &door["has_password"]), (&json!("Anna & Tom"), &json!(true)));
    let entry = |name: &str, password: &str| json!({ "request": { "token": token, "name": name, "email": "", "note": "", "password": password } });
    assert_eq!(kai.call("enter", entry("Kai", "wrong password")).await.problem(), "401 signed_out");
    assert_eq!(kai.call("enter", entry(" ", "forever and ever")).await.problem(), "400 invalid");
    assert_eq!(kai.who().await, Value::Null);
    let who = kai.call("enter", entry("Kai", "forever and ever")).await.json();
    assert_eq!(who, json!({ "name": "Kai (Anna & Tom)", "role": "guest" }));
    let mut mia = app.browser();
    mia.call("enter", entry("Mia", "forever and ever")).await.json();

    let open = json!({ "request": { "project": "default", "grant": "signed_urls" } });
    let opened = kai.call("open_batch", open.clone()).await.json();
    let announce = |count: u32| {
        let items: Vec<Value> = (0..count).map(|index| photo(index, &format!("{index}.jpg"))).collect();
        json!({ "request": { "batch": opened["batch"], "items": items } })
    };
    let answer = kai.call("announce", announce(3)).await.json();
    assert_eq!(answer["refused"], json!([{ "index": 2, "reason": { "why": "over_quota" } }]));
    assert_eq!(mia.call("recent_batches", json!({})).await.json(), json!([]));
    assert_eq!(mia.call("receipt", json!({ "request": opened["batch"] })).await.problem(), "404 not_found");
    assert_eq!(mia.call("announce", announce(1)).await.problem(), "404 not_found");

    // Ended, it lets nobody in, and nobody go on.
    let id = &made["links"][0]["id"];
    let after = admin.call("links_desk", json!({ "request": { "revoke": { "id": id } } })).await.json();
    assert_eq!((&after["links"][0]["state"], &after["links"][0]["guests"]), (&json!("revoked"), &json!(2)));
    assert_eq!(app.browser().call("door", json!({ "request": token })).await.problem(), "404 not_found");
    assert_eq!(
        app.browser().call("enter", entry("Eve", "forever and ever")).await.problem(),
        "404 not_found"
    );
    assert_eq!(
        kai.call("renew_grant", json!({ "request": { "batch": opened["batch"] } })).await.problem(),
        "404 not_found"
    );
    assert_eq!(kai.call("announce", announce(1)).await.problem(), "404 not_found");
    assert_eq!(mia.call("open_batch", open).await.problem(), "404 not_found");
}

/// Somebody who has no business in a project, by cookie and by token.
struct Outsider {
    what: &'static str,
    browser: Browser,
    program: Program,
}

/// Two outsiders: a person of another project, and a guest of another project.
async fn outsiders(app: &TestApp, admin: &mut Browser) -> Vec<Outsider> {
    let ledger = &app.server.state.ledger;
    let eve = ledger.people().by_name("Eve").await.unwrap().unwrap();
    let link = json!({ "project": "own", "title": "Party", "days": 1 });
    let made = admin.call("links_desk", json!({ "request": { "create": link } })).await.json();
    let token = made["issued"]["secret"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let mut guest = app.browser();
    let entry = json!({ "token": token, "name": "", "email": "", "note": "", "password": "" });
    guest.call("enter", json!({ "request": entry })).await.json();
    // A guest has no token; even if one had.
    let guest_id = PersonId(eve.id.0 + 1);
    assert_eq!(ledger.people().get(guest_id).await.unwrap().unwrap().role, Role::Guest);
    vec![
        Outsider {
            what: "a person of another project",
            browser: app.signed_in("Eve").await,
            program: Program::of(&app.server, eve.id).await,
        },
        Outsider { what: "a guest", browser: guest, program: Program::of(&app.server, guest_id).await },
    ]
}

/// What each operation of the API that takes a body is sent.
fn bodies() -> BTreeMap<&'static str, Value> {
    let person = json!({ "name": "Zed", "role": "admin" });
    BTreeMap::from([
        ("post /api/v1/projects", new_project("z", &[])),
        ("put /api/v1/projects/{id}", settings("z", &[])),
        ("post /api/v1/projects/{id}/retention", json!({ "keep_days": null })),
        ("post /api/v1/people", person),
        ("patch /api/v1/people/{id}", json!({ "role": "admin" })),
        ("post /api/v1/tokens", json!({ "person": 1, "name": "z", "days": 1 })),
        ("patch /api/v1/links/{id}", json!({ "title": "Z" })),
        ("post /api/v1/links", json!({ "project": "secret", "title": "Z", "days": 1 })),
        ("post /api/v1/webhooks", json!({ "url": "https://example.org/" })),
        ("put /api/v1/webhooks/{id}", json!({ "url": "https://example.org/" })),
        ("post /api/v1/batches", json!({ "project": "secret" })),
        ("post /api/v1/batches/{id}/urls", json!({ "items": [0] })),
        ("post /api/v1/batches/{id}/upload", json!({ "item": 0 })),
        ("post /api/v1/batches/{id}/items", json!({ "items": [photo(1, "z.jpg")] })),
        ("put /api/v1/batches/{id}/items/{item}/body", json!("bytes")),
        ("post /api/v1/batches/{id}/report", json!({ "items": [] })),
        ("post /api/v1/batches/{id}/images/delete", json!({ "items": [0] })),
        ("post /api/v1/presign", json!({ "project": "secret", "name": "z.jpg", "size": 5 })),
    ])
}

/// What each server function is sent; those that are about oneself are not in here.
fn calls(batch: &Value) -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("open_batch", json!({ "project": "secret" })),
        ("announce", json!({ "batch": batch, "items": [photo(1, "z.jpg")] })),
        ("renew_grant", json!({ "batch": batch })),
        ("sign_urls", json!({ "batch": batch, "items": [0] })),
        ("sign_upload", json!({ "batch": batch, "index": 0 })),
        ("report", json!({ "batch": batch, "items": [] })),
        ("close_batch", json!({ "batch": batch })),
        ("adopt_batch", json!(batch)),
        ("receipt", json!(batch)),
        ("gallery", json!({ "of": { "project": "secret" } })),
        ("download_image", json!({ "batch": batch, "index": 0 })),
        ("sign_thumbnails", json!({ "batch": batch, "thumbnails": [] })),
        ("has_thumbnails", json!(batch)),
        ("delete_images", json!({ "batch": batch, "items": [0] })),
        ("people_desk", json!("look")),
        ("projects_desk", json!("look")),
        ("links_desk", json!("look")),
        ("webhooks_desk", json!("look")),
        ("audit_log", json!({})),
        ("batches_desk", json!({})),
        ("batch_desk", json!({ "batch": batch, "act": "undo" })),
        ("dashboard", json!({})),
        ("store_desk", json!("examine")),
    ])
}

#[tokio::test]
async fn a_token_goes_no_further_than_its_scope() {
    let app = TestApp::start().await;
    admin(&app).await;
    let ansel = app.server.state.ledger.people().by_name("ansel").await.unwrap().unwrap().id;
    let of = async |scope| Program::scoped(&app.server, ansel, scope).await;
    let (full, sending, reading) = (of(Scope::Full).await, of(Scope::Send).await, of(Scope::Read).await);
    let others = full.post("/batches", json!({ "project": "default" })).await.good();
    let others = others["batch"].as_str().unwrap();

    // The admin's side, by a token for sending: refused, and untold.
    let document = serde_json::to_value(server::api::openapi()).unwrap();
    let bodies = bodies();
    let ask = async |program: &Program, key: &str, at: &str| {
        let (method, path) = key.split_once(' ').unwrap();
        let at = path
            .trim_start_matches("/api/v1")
            .replace("{id}", at)
            .replace("{item}", "0")
            .replace("{session}", "0");
        let request = program.request(method.to_uppercase().parse().unwrap(), &at);
        let request = request.header("content-type", "application/json");
        let body = bodies.get(key).map(Value::to_string).unwrap_or_default();
        program.send(request.body(body.into()).unwrap()).await
    };
    let mut refused = BTreeMap::from([("reading", 0), ("sending", 0)]);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let key = format!("{method} {path}");
            let id = if path.contains("/batches") { others } else { "default" };
            let answer = ask(&reading, &key, id).await;
            if method == "get" {
                assert_ne!(answer.status, StatusCode::FORBIDDEN, "reading: {key}");
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "reading: {key}");
                refused.entry("reading").and_modify(|count| *count += 1);
            }
            let of_admins = [
                "/people",
                "/tokens",
                "/links",
                "/webhooks",
                "/deliveries",
                "/audit",
                "/dashboard",
                "/store",
            ];
            let changes_projects = path.contains("/projects") && method != "get";
            if changes_projects || of_admins.iter().any(|part| path.contains(part)) {
                let id = if path.contains("/projects") { "default" } else { "1" };
                assert_eq!(ask(&sending, &key, id).await.status, StatusCode::FORBIDDEN, "sending: {key}");
                refused.entry("sending").and_modify(|count| *count += 1);
            }
        }
    }
    assert!(refused.values().all(|&count| count > 10), "{refused:?}");

    // What it is for, it can do.
    let own = sending.post("/batches", json!({ "project": "default" })).await.good();
    let at = format!("/batches/{}", own["batch"].as_str().unwrap());
    sending.post(&format!("{at}/items"), json!({ "items": [photo(0, "a.jpg")] })).await.good();
    sending.post(&format!("{at}/close"), json!({ "rest": "give_up" })).await.good();
    reading.get(&format!("{at}/receipt")).await.good();
    assert_eq!(reading.get("/people").await.good()[0]["name"], "ansel");
}

/// Server functions that only ever tell of whoever asks.
const OF_ONESELF: &[&str] = &[
    "who",
    "sign_in",
    "sign_out",
    "accept_welcome",
    "account",
    "projects",
    "recent_batches",
    "door",
    "enter",
];

#[tokio::test]
async fn nobody_reaches_another_project_by_any_way() {
    let app = TestApp::start().await;
    app.person("Wilhelmina").await;
    app.person("Eve").await;
    let mut admin = admin(&app).await;
    for (id, members) in [("secret", json!(["Wilhelmina"])), ("own", json!(["Eve"]))] {
        let mut settings = settings(id, &[]);
        settings["members"] = members;
        let create = json!({ "request": { "create": { "id": id, "settings": settings } } });
        assert_eq!(admin.call("projects_desk", create).await.status, StatusCode::OK);
    }
    // The project to begin with is everybody's; here it would only be in the way.
    let archive = json!({ "request": { "archive": { "id": "default" } } });
    assert_eq!(admin.call("projects_desk", archive).await.status, StatusCode::OK);
    let mut ina = app.signed_in("Wilhelmina").await;
    let batch =
        ina.call("open_batch", json!({ "request": { "project": "secret" } })).await.json()["batch"].clone();
    let announce = json!({ "request": { "batch": batch, "items": [photo(0, "a.jpg")] } });
    assert_eq!(ina.call("announce", announce).await.status, StatusCode::OK);

    let document = serde_json::to_value(server::api::openapi()).unwrap();
    let (bodies, calls) = (bodies(), calls(&batch));
    for mut outsider in outsiders(&app, &mut admin).await {
        let what = outsider.what;
        for (path, operations) in document["paths"].as_object().unwrap() {
            let id = match path.split('/').nth(3).unwrap() {
                "batches" => batch.as_str().unwrap(),
                "projects" => "secret",
                _ => "1",
            };
            for (method, operation) in operations.as_object().unwrap() {
                let at = path
                    .trim_start_matches("/api/v1")
                    .replace("{id}", id)
                    .replace("{item}", "0")
                    .replace("{session}", "0");
                let request = outsider.program.request(method.to_uppercase().parse().unwrap(), &at);
                let key = format!("{method} {path}");
                let required = operation["requestBody"]["required"].as_bool().unwrap_or(false);
                let answer = match bodies.get(key.as_str()) {
                    Some(body) => {
                        let json = request.header("content-type", "application/json");
                        outsider.program.send(json.body(body.to_string().into()).unwrap()).await
                    }
                    None => {
                        assert!(!required, "say in `bodies` what {key} is sent");
                        outsider.program.send(request.body(axum::body::Body::empty()).unwrap()).await
                    }
                };
                if key == "get /api/v1/projects" {
                    assert_eq!(program_names(&answer.good()), ["own"], "{what}");
                    continue;
                }
                let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status);
                assert!(refused, "{what}: {key} answered {answer:?}");
            }
        }

        let registered = leptos::server_fn::axum::server_fn_paths();
        for (path, _) in registered {
            let name = path.rsplit('/').next().unwrap();
            if OF_ONESELF.contains(&name) {
                continue;
            }
            let body = calls.get(name).unwrap_or_else(|| panic!("say in `calls` what {name} is sent"));
            let answer = outsider.browser.call(name, json!({ "request": body })).await;
            let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status);
            assert!(refused, "{what}: {name} answered {answer:?}");
        }
        let own = outsider.browser.call("projects", json!({})).await.json();
        assert_eq!(program_names(&own), ["own"], "{what}");
        assert_eq!(outsider.browser.call("recent_batches", json!({})).await.json(), json!([]), "{what}");
        for page in [
            "/desk",
            "/desk/batches",
            "/desk/people",
            "/desk/projects",
            "/desk/links",
            "/desk/store",
            "/desk/webhooks",
            "/desk/log",
            "/batches",
        ] {
            let html = outsider.browser.get(page).await.text;
            assert!(!html.contains("Wilhelmina") && !html.contains("secret"), "{what}: {page}");
        }
        let page = format!("/batches/{}", batch.as_str().unwrap());
        for page in [
            page.clone(),
            format!("/desk{page}"),
            format!("{page}/images"),
            "/projects/secret/images".to_owned(),
        ] {
            assert!(!outsider.browser.get(&page).await.text.contains("a.jpg"), "{what}: {page}");
        }
        let gallery = json!({ "request": { "of": { "batch": batch } } });
        assert_eq!(outsider.browser.call("gallery", gallery).await.problem(), "404 not_found", "{what}");
    }
    // Nothing of that has changed anything.
    let receipt = ina.call("receipt", json!({ "request": batch })).await.json();
    assert_eq!(receipt["state"], "open");
    assert_eq!(
        app.server
            .state
            .ledger
            .items()
            .page(&batch.as_str().unwrap().parse().unwrap(), None, 9)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn what_a_vanished_browser_left_open_is_closed_once() {
    for store in store::all().await {
        let mut server = ApiServer::start(store.config.clone()).await;
        let program = server.program("ann", Role::Uploader).await;
        let opened =
            program.post("/batches", json!({ "project": "default", "grant": "signed_urls" })).await.good();
        let id = opened["batch"].as_str().unwrap();
        let at = format!("/batches/{id}");
        let items = json!({ "items": [photo(0, "a.jpg"), photo(1, "b.jpg")] });
        program.post(&format!("{at}/items"), items).await.good();
        store.put(&format!("photos/{id}/a.jpg"), b"12345").await;
        let key = format!("photos/{id}/b.jpg");
        let begun = store.owner().create_multipart_upload().bucket(&store.config.bucket).key(&key);
        begun.send().await.unwrap();
        let uploads = || async {
            let listed = store.owner().list_multipart_uploads().bucket(&store.config.bucket).prefix(&key);
            listed.send().await.unwrap().uploads().len()
        };
        assert_eq!(uploads().await, 1);

        assert_eq!(
            close_abandoned(&server.server.state, Deadline::NONE).await.unwrap().closed,
            0,
            "it may come back for three days"
        );
        let mut config = (*server.server.state.config).clone();
        config.batches.idle = std::time::Duration::ZERO;
        server.server.state.config = config.into();
        assert_eq!(
            close_abandoned(&server.server.state, Deadline::NONE).await.unwrap().closed,
            1,
            "{}",
            store.name
        );
        assert_eq!(close_abandoned(&server.server.state, Deadline::NONE).await.unwrap().closed, 0);
        let closed = program.get(&at).await.good();
        assert_eq!((&closed["state"], &closed["stored"]), (&json!("closed"), &json!(1)));
        assert_eq!(uploads().await, 0, "{}", store.name);
        let receipt = program.get(&format!("{at}/receipt")).await.good();
        assert_eq!(receipt["items"][0]["path"], "a.jpg");
        let log = server.program("ada", Role::Admin).await.get("/audit?action=batch_closed").await.good();
        assert_eq!((&log[0]["subject"], &log[0]["who"]), (&json!(id), &json!("server")));
    }
}

#[tokio::test]
async fn what_programs_do_is_logged_under_their_name() {
    let server = ApiServer::start(store::embedded().await.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let made = admin.post("/people", json!({ "name": "Bob", "role": "uploader" })).await.good();
    let id = made["person"]["id"].as_i64().unwrap();
    assert!(made["link"].as_str().unwrap().contains("/welcome?token="));
    let patch =
        admin.request(Method::PATCH, &format!("/people/{id}")).header("content-type", "application/json");
    let changed =
        admin.send(patch.body(json!({ "disabled": true }).to_string().into()).unwrap()).await.good();
    assert_eq!(changed["state"], "disabled");
    server.server.state.ledger.people().sign_out(deed(), PersonId(id)).await.unwrap();
    let log = admin.get("/audit?about=Bob").await.good();
    let lines: Vec<String> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            format!(
                "{} {} {}",
                line["who"].as_str().unwrap(),
                line["via"].as_str().unwrap(),
                line["action"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "operator command sessions_ended",
            "ada token person_disabled",
            "ada token link_sent",
            "ada token person_invited"
        ]
    );
    assert_eq!(admin.get("/audit?action=nonsense").await.status, StatusCode::BAD_REQUEST);
}

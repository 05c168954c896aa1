//! Retention: what the bucket's lifecycle says once an admin has it written, and that nobody else's rules change.

use std::process::Command;

use app::desk::store::StoreRepair;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule,
    LifecycleRuleFilter,
};
use devstore::{DevStore, FaultPlan};
use http::{Method, StatusCode};
use ledger::Role;
use serde_json::{Value, json};
use server::desk::Desk;
use tempfile::TempDir;

use crate::patient::Patient;
use crate::program::{Answer, ApiServer, Program};
use crate::store::{self, TestStore};

/// Where the retention of the tests' project is.
const AT: &str = "/projects/weddings/retention";

fn settings(keep_days: Option<u32>) -> Value {
    json!({ "name": "Weddings", "prefix": "weddings", "grant": "signed_urls", "keep_days": keep_days,
        "rules": { "media_types": ["image/*"], "min_size": 1, "max_size": 1_000_000, "max_items": 100 } })
}

async fn create(admin: &Program, keep_days: Option<u32>) -> Answer {
    let mut body = settings(keep_days);
    body["id"] = json!("weddings");
    admin.post("/projects", body).await
}

async fn keep(admin: &Program, keep_days: Option<u32>) -> Value {
    let put = admin.request(Method::PUT, "/projects/weddings").header("content-type", "application/json");
    admin.send(put.body(settings(keep_days).to_string().into()).unwrap()).await.good()
}

async fn write(admin: &Program, keep_days: Option<u32>) -> Value {
    admin.post(AT, json!({ "keep_days": keep_days })).await.good()["state"].clone()
}

/// A rule of somebody else.
fn foreign(id: &str, status: ExpirationStatus) -> LifecycleRule {
    LifecycleRule::builder()
        .id(id)
        .status(status)
        .filter(LifecycleRuleFilter::builder().prefix("theirs/").build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build(),
        )
        .build()
        .unwrap()
}

async fn set_rules(store: &TestStore, rules: Vec<LifecycleRule>) {
    let all = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap();
    let put = store.owner().put_bucket_lifecycle_configuration().bucket(&store.config.bucket);
    put.lifecycle_configuration(all).send().await.unwrap();
}

/// The rules that the bucket has; `None` if it has no lifecycle at all.
async fn rules(store: &TestStore) -> Option<Vec<LifecycleRule>> {
    let asked = store.owner().get_bucket_lifecycle_configuration().bucket(&store.config.bucket).send().await;
    asked.ok().map(|answer| answer.rules.unwrap_or_default())
}

#[tokio::test]
async fn a_retention_is_written_beside_the_rules_of_others() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let theirs = foreign("theirs", ExpirationStatus::Disabled);
    set_rules(&store, vec![theirs.clone()]).await;

    let made = create(&admin, Some(30)).await.good();
    assert_eq!((&made["settings"]["keep_days"], &made["rule_seen"]), (&json!(30), &json!(false)));
    let asked = admin.get(AT).await.good();
    assert_eq!(asked["state"], json!({ "is": "missing" }));
    // Who agreed to other days than were decided has nothing written.
    for other in [json!({ "keep_days": 31 }), json!({})] {
        assert_eq!(admin.post(AT, other).await.status, StatusCode::CONFLICT);
    }
    assert_eq!(
        rules(&store).await.unwrap(),
        std::slice::from_ref(&theirs),
        "saving and asking write nothing"
    );

    assert_eq!(write(&admin, Some(30)).await, json!({ "is": "same" }));
    let found = rules(&store).await.unwrap();
    assert_eq!((found.len(), &found[0]), (2, &theirs));
    assert_eq!(
        (found[1].id(), found[1].status()),
        (Some("sluice-retention-weddings"), &ExpirationStatus::Enabled)
    );
    assert_eq!(found[1].filter().unwrap().prefix(), Some("weddings/"));
    assert_eq!(found[1].expiration().unwrap().days(), Some(30));
    // What is shown for pasting is what was written.
    let shown: Value = serde_json::from_str(asked["rule"].as_str().unwrap()).unwrap();
    let same = json!({ "ID": "sluice-retention-weddings", "Status": "Enabled",
        "Filter": { "Prefix": "weddings/" }, "Expiration": { "Days": 30 } });
    assert_eq!(shown, same);
    assert_eq!(admin.get("/projects/weddings").await.good()["rule_seen"], true);
    let line = &admin.get("/audit").await.good()[0];
    assert_eq!((&line["action"], &line["subject"]), (&json!("retention_written"), &json!("weddings")));

    assert_eq!(keep(&admin, Some(10)).await["rule_seen"], false);
    assert_eq!(admin.get(AT).await.good()["state"], json!({ "is": "otherwise", "days": 30 }));
    assert_eq!(write(&admin, Some(10)).await, json!({ "is": "same" }));
    assert_eq!(rules(&store).await.unwrap().len(), 2, "in the place of the one before");

    keep(&admin, None).await;
    assert_eq!(admin.get(AT).await.good()["state"], json!({ "is": "otherwise", "days": 10 }));
    assert_eq!(write(&admin, None).await, json!({ "is": "same" }));
    assert_eq!(rules(&store).await.unwrap(), [theirs]);
}

#[tokio::test]
async fn the_doctor_compares_the_rules_with_what_was_decided() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let found = async || {
        let told = admin.post_nothing("/store/examine").await.good();
        let checks = told["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["subject"] == "retention")
    };
    assert_eq!(found().await, None, "nothing was decided, and nothing is written");
    create(&admin, Some(30)).await.good();
    let apart = found().await.unwrap();
    assert_eq!(apart["verdict"], "advice");
    assert_eq!(apart["remedies"][0]["text"], "sluice project retention weddings --write");
    write(&admin, Some(30)).await;
    assert_eq!(found().await.unwrap()["verdict"], "good");
    keep(&admin, None).await;
    assert_eq!(found().await.unwrap()["verdict"], "advice", "a rule was left over");
}

#[tokio::test]
async fn with_its_last_rule_the_lifecycle_goes() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    create(&admin, Some(30)).await.good();
    assert_eq!(write(&admin, Some(30)).await, json!({ "is": "same" }));
    keep(&admin, None).await;
    assert_eq!(write(&admin, None).await, json!({ "is": "same" }));
    assert_eq!(rules(&store).await, None);
    assert_eq!(write(&admin, None).await, json!({ "is": "same" }), "and again, where nothing is left");
}

#[tokio::test]
async fn a_retention_is_for_admins_to_decide() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let bob = server.program("bob", Role::Uploader).await;
    for days in [0, 36_501] {
        assert!(create(&admin, Some(days)).await.problem().starts_with("400 invalid: Files are kept for"));
    }
    let mut everyone = settings(Some(36_500));
    everyone["id"] = json!("weddings");
    everyone["access"] = json!("everyone");
    admin.post("/projects", everyone).await.good();
    let seen = bob.get("/projects").await.good();
    let of = |id| seen.as_array().unwrap().iter().find(|project| project["id"] == id).unwrap();
    assert_eq!((&of("weddings")["keep_days"], &of("default")["keep_days"]), (&json!(36_500), &Value::Null));
    assert_eq!(bob.get(AT).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bob.post(AT, json!({ "keep_days": 36_500 })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(rules(&store).await, None);
    let nowhere = admin.post("/projects/nowhere/retention", json!({})).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

/// Requests for the bucket's rules are refused so, after the first that pass.
fn refuse(store: &DevStore, skip: u64, status: u16, code: &str) {
    let fault = json!({ "refusal": { "status": status, "code": code } });
    let plan = json!({ "rules": [{ "operations": ["Other"], "skip": skip, "fault": fault }] });
    store.faults().unwrap().set(serde_json::from_value(plan).unwrap());
}

#[tokio::test]
async fn what_the_store_does_not_let_the_server_do_is_said() {
    let (store, devstore) = store::faulty().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    let theirs = foreign("theirs", ExpirationStatus::Enabled);
    set_rules(&store, vec![theirs.clone()]).await;
    create(&admin, Some(30)).await.good();

    // Whoever may not read the rules does not write either: those of others would be lost.
    refuse(&devstore, 0, 403, "AccessDenied");
    let read = json!({ "is": "not_allowed", "action": "s3:GetLifecycleConfiguration" });
    assert_eq!(admin.get(AT).await.good()["state"], read);
    assert_eq!(write(&admin, Some(30)).await, read);
    refuse(&devstore, 1, 403, "AccessDenied");
    let written = json!({ "is": "not_allowed", "action": "s3:PutLifecycleConfiguration" });
    assert_eq!(write(&admin, Some(30)).await, written);
    for skip in [0, 1] {
        refuse(&devstore, skip, 501, "NotImplemented");
        assert_eq!(write(&admin, Some(30)).await, json!({ "is": "not_done" }));
    }
    refuse(&devstore, 1, 400, "MalformedXML");
    let said = admin.post(AT, json!({ "keep_days": 30 })).await.problem();
    assert!(said.starts_with("503 store: The store refuses this change"), "{said}");

    devstore.faults().unwrap().set(FaultPlan::default());
    assert_eq!(rules(&store).await.unwrap(), [theirs], "nothing was changed");
    let log = admin.get("/audit").await.good();
    assert!(log.as_array().unwrap().iter().all(|line| line["action"] != "retention_written"));
    assert_eq!(admin.get("/projects/weddings").await.good()["rule_seen"], false);
}

#[tokio::test]
async fn batches_of_others_in_the_folder_are_named() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let admin = server.program("ada", Role::Admin).await;
    create(&admin, None).await.good();
    admin.post("/batches", json!({ "project": "weddings" })).await.good();
    let mut moved = settings(None);
    moved["prefix"] = json!("moved");
    let put = admin.request(Method::PUT, "/projects/weddings").header("content-type", "application/json");
    admin.send(put.body(moved.to_string().into()).unwrap()).await.good();
    let mut heir = settings(Some(5));
    heir["id"] = json!("heir");
    admin.post("/projects", heir).await.good();
    assert_eq!(admin.get("/projects/heir/retention").await.good()["others"], json!(["weddings"]));
}

#[tokio::test]
async fn a_repair_takes_the_place_of_a_rule_that_is_off() {
    let store = store::embedded().await;
    let server = ApiServer::start(store.config.clone()).await;
    let theirs = foreign("theirs", ExpirationStatus::Enabled);
    set_rules(&store, vec![foreign("abort-unfinished", ExpirationStatus::Disabled), theirs.clone()]).await;
    Desk::of_operator(&server.server.state).repair(StoreRepair::AbortUnfinished).await.unwrap();
    let found = rules(&store).await.unwrap();
    assert_eq!((found.len(), found[0].status(), &found[1]), (2, &ExpirationStatus::Enabled, &theirs));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_compares_what_was_decided_where_there_is_a_database() {
    let patient = Patient::healthy().await;
    let store = &patient.config;
    let data = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command
            .args(arguments)
            .env("SLUICE_DATA_DIR", data.path().join("data"))
            .envs(store::variables(store))
            .env("SLUICE_ROLE_ARN", store.role_arn.as_ref().unwrap());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let verdict = || {
        let told: Value = serde_json::from_str(&run(&["doctor", "--json"])).unwrap();
        let checks = told["checks"].as_array().unwrap();
        checks.iter().find(|check| check["subject"] == "retention").map(|check| check["verdict"].clone())
    };
    assert_eq!(verdict(), None);
    assert!(!data.path().join("data").exists(), "asking makes no database");
    run(&["project", "add", "weddings", "--name", "Weddings"]);
    assert_eq!(verdict(), None, "all is kept for ever");
    run(&["project", "set", "weddings", "--keep-days", "30"]);
    assert_eq!(verdict(), Some(json!("advice")));
    run(&["project", "retention", "weddings", "--write", "--yes"]);
    assert_eq!(verdict(), Some(json!("good")));
}

//! What a server does before it lets anybody in, and what it does about faults that pass.

use std::time::Duration;

use ledger::Role;
use serde_json::json;
use server::bucket::{Bucket, FaultKind};
use server::doctor::{Finding, Subject};

use crate::patient::Patient;
use crate::program::ApiServer;

/// Hardly any patience, several times.
const SHORTLY: [Duration; 4] = [Duration::from_millis(10); 4];

/// A refusal by STS.
fn sts_says(status: u16, code: &str, count: u64) -> String {
    format!(
        "[[rules]]\noperations = [\"Sts\"]\ncount = {count}\nfault = {{ refusal = {{ status = {status}, code = \"{code}\" }} }}"
    )
}

#[tokio::test]
async fn a_server_that_can_never_make_a_grant_does_not_start() {
    let mut patient = Patient::healthy().await;
    patient.config.role_arn = Some("arn:aws:iam::000000000000:role/another".to_owned());
    let unfit = patient.doctor().await.admit(&SHORTLY).await.unwrap_err();
    assert_eq!(unfit.0.subject, Subject::Role);
    assert!(matches!(unfit.0.finding, Finding::AssumeDenied { .. }));
    let text = unfit.to_string();
    assert!(text.contains("so nothing can be uploaded"), "why: {text}");
    assert!(text.contains("\"sts:AssumeRole\"") && text.contains("role/another"), "the fix: {text}");
}

#[tokio::test]
async fn throttled_sts_is_asked_again_and_a_grant_comes() {
    // S3 throttles with 503, STS with 400.
    let patient = Patient::healthy().await.ill(&sts_says(400, "Throttling", 2));
    let server = ApiServer::start(patient.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let opened =
        program.post("/batches", json!({ "project": "default", "grant": "credentials" })).await.good();
    assert_eq!(opened["grant"]["kind"], "credentials");
    let asked = patient.store.faults().unwrap().log(0).entries;
    assert_eq!(asked.iter().filter(|entry| !entry.rules.is_empty()).count(), 2, "{asked:?}");
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let patient = Patient::healthy().await.ill(&sts_says(503, "ServiceUnavailable", 9));
    patient.doctor().await.admit(&SHORTLY).await.unwrap();
    assert!(patient.examine().await.is_healthy(), "it has passed");
}

#[tokio::test]
async fn what_does_not_pass_in_time_is_left_to_readyz() {
    let patient = Patient::healthy().await.ill(&sts_says(503, "ServiceUnavailable", 1_000));
    patient.doctor().await.admit(&SHORTLY[..1]).await.unwrap();
}

#[tokio::test]
async fn faults_that_pass_are_told_from_those_that_do_not() {
    for (status, code, kind) in [
        (400, "Throttling", FaultKind::Passing),
        (503, "SlowDown", FaultKind::Passing),
        (500, "InternalError", FaultKind::Passing),
        (403, "AccessDenied", FaultKind::Refused),
        (501, "NotImplemented", FaultKind::Refused),
        (400, "PackedPolicyTooLarge", FaultKind::Refused),
    ] {
        let patient = Patient::healthy().await.ill(&sts_says(status, code, 1_000));
        let bucket = Bucket::connect(&patient.config).await.unwrap();
        let fault = bucket.caller_arn().await.unwrap_err();
        assert_eq!((fault.kind(), fault.code()), (kind, code));
    }
}

#[tokio::test]
async fn a_role_of_its_own_makes_the_servers_calls() {
    // By default the role may not list: so that it is refused shows who asked.
    let mut patient = Patient::healthy().await;
    patient.config.server_role_arn = patient.config.role_arn.clone();
    let bucket = Bucket::connect(&patient.config).await.unwrap();
    assert_eq!(bucket.probe().await.unwrap_err().code(), "AccessDenied");

    let lists = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::uploads"}]}"#;
    let mut patient = Patient::with(|settings| settings.role_policy = Some(lists.to_owned())).await;
    patient.config.server_role_arn = patient.config.role_arn.clone();
    let bucket = Bucket::connect(&patient.config).await.unwrap();
    for _ in 0..3 {
        bucket.probe().await.unwrap();
    }
    let asked = patient.store.faults().unwrap().log(0).entries;
    let sts = asked.iter().filter(|entry| entry.operation == devstore::Operation::Sts).count();
    assert_eq!(sts, 1, "its session is kept");
    assert!(bucket.who().await.unwrap().source.contains("SLUICE_SERVER_ROLE_ARN"));

    patient.config.server_role_arn = Some("not a role".to_owned());
    assert!(Bucket::connect(&patient.config).await.is_err());
}

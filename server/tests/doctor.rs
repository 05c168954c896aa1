//! The doctor, asked about stores with something wrong with them, one thing at a time.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::doctor::{Diagnosis, Finding, Http, Repair, Side, Subject, Trial, Verdict};
use tokio::net::TcpListener;

use crate::patient::{PAGE, Patient, doctor};
use crate::store;

/// What was found about a subject.
#[track_caller]
fn found(diagnosis: &Diagnosis, subject: Subject) -> Finding {
    match diagnosis.about(subject) {
        Some(check) => check.finding.clone(),
        None => panic!("{subject:?} was not looked at: {diagnosis:#?}"),
    }
}

/// Everything that is to be pasted for a subject.
#[track_caller]
fn remedies(diagnosis: &Diagnosis, subject: Subject) -> String {
    let check = diagnosis.about(subject).unwrap();
    assert!(check.why.is_some(), "{check:?}");
    let texts = check
        .remedies
        .iter()
        .map(|remedy| format!("{}\n{}\n", remedy.what, remedy.text.as_deref().unwrap_or("")));
    texts.collect()
}

/// Subjects that are bad.
fn bad(diagnosis: &Diagnosis) -> Vec<Subject> {
    let bad = diagnosis.checks.iter().filter(|check| check.verdict == Verdict::Bad);
    bad.map(|check| check.subject).collect()
}

#[tokio::test]
async fn a_healthy_store_is_told_so_and_nothing_is_left_behind() {
    let patient = Patient::healthy().await;
    let diagnosis = patient.examine().await;
    assert!(diagnosis.is_healthy(), "{diagnosis:#?}");
    assert!(matches!(found(&diagnosis, Subject::Credentials), Finding::Known { who: Some(_), .. }));
    assert_eq!(found(&diagnosis, Subject::Endpoint), Finding::Listed);
    // Counted down from the moment of asking, in whole seconds of the store.
    let Finding::Assumed { seconds } = found(&diagnosis, Subject::Role) else { panic!("{diagnosis:#?}") };
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(found(&diagnosis, Subject::Session), Finding::Confined { tried: 6 });
    assert_eq!(found(&diagnosis, Subject::Object), Finding::Stored { deleted: true });
    assert_eq!(found(&diagnosis, Subject::Overwrite), Finding::OverwriteRefused);
    assert_eq!(found(&diagnosis, Subject::Checksums), Finding::ChecksumsChecked);
    assert_eq!(found(&diagnosis, Subject::Forms), Finding::FormsTaken);
    assert_eq!(found(&diagnosis, Subject::Cors), Finding::CorsRight { max_age: 7_200 });
    assert_eq!(found(&diagnosis, Subject::Lifecycle), Finding::LifecycleMissing);
    assert_eq!(found(&diagnosis, Subject::Versioning), Finding::Unversioned);
    assert_eq!(found(&diagnosis, Subject::Hosts), Finding::HostsAnswer { hosts: 1, http: Some(Http::One) });

    let listed = Patient::healthy().await;
    drop(listed.examine().await);
    let s3 = owner(&listed).await;
    let left = s3.list_objects_v2().bucket("uploads").send().await.unwrap();
    assert_eq!(left.contents().len(), 0);
}

/// The owner's own client.
async fn owner(patient: &Patient) -> aws_sdk_s3::Client {
    server::bucket::Bucket::connect(&patient.config).await.unwrap().s3().clone()
}

#[tokio::test]
async fn ceph_is_examined_as_it_is() {
    for store in store::all().await.into_iter().filter(|store| store.name == "ceph") {
        let doctor = doctor(&store.config, store::life().session).await;
        // There, pages are let in by the bucket's own rule; it may be there from the test before.
        doctor.apply(Repair::AllowPage).await.unwrap();
        let diagnosis = doctor.examine().await;
        assert!(diagnosis.is_healthy(), "{diagnosis:#?}");
        assert_eq!(found(&diagnosis, Subject::Session), Finding::Confined { tried: 6 });
        assert_eq!(found(&diagnosis, Subject::Checksums), Finding::ChecksumsIgnored);
        assert!(matches!(found(&diagnosis, Subject::Forms), Finding::FormsRefused { .. }));
        assert_eq!(found(&diagnosis, Subject::Overwrite), Finding::OverwriteRefused);
    }
}

#[tokio::test]
async fn a_bucket_without_a_cors_rule_is_found_and_repaired() {
    let patient = Patient::with(|settings| settings.allowed_origins.clear()).await;
    let diagnosis = patient.examine().await;
    assert_eq!(bad(&diagnosis), [Subject::Cors]);
    assert_eq!(found(&diagnosis, Subject::Cors), Finding::CorsClosed { origin: PAGE.to_owned() });
    let text = remedies(&diagnosis, Subject::Cors);
    assert!(
        text.contains(&format!("\"{PAGE}\"")) && text.contains("put-bucket-cors --bucket uploads"),
        "{text}"
    );
    assert!(text.contains("aws_s3_bucket_cors_configuration"), "{text}");

    let doctor = patient.doctor().await;
    doctor.apply(Repair::AllowPage).await.unwrap();
    doctor.apply(Repair::AbortUnfinished).await.unwrap();
    let diagnosis = doctor.examine().await;
    assert_eq!(found(&diagnosis, Subject::Cors), Finding::CorsRight { max_age: 7_200 });
    assert_eq!(found(&diagnosis, Subject::Lifecycle), Finding::LifecycleRight { days: 1 });
}

#[tokio::test]
async fn a_repair_keeps_the_rules_that_are_there() {
    let patient = Patient::healthy().await;
    set_cors(&patient, "https://other.example", &["GET"], &["*"], &["ETag"], Some(60)).await;
    patient.doctor().await.apply(Repair::AllowPage).await.unwrap();
    let rules = owner(&patient).await.get_bucket_cors().bucket("uploads").send().await.unwrap();
    let origins: Vec<_> = rules.cors_rules().iter().flat_map(|rule| rule.allowed_origins()).collect();
    assert_eq!(origins, [PAGE, "https://other.example"]);
}

pub(crate) async fn set_cors(
    patient: &Patient,
    origin: &str,
    methods: &[&str],
    headers: &[&str],
    exposed: &[&str],
    max_age: Option<i32>,
) {
    let list = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    let rule = CorsRule::builder()
        .allowed_origins(origin)
        .set_allowed_methods(list(methods))
        .set_allowed_headers(list(headers))
        .set_expose_headers(list(exposed))
        .set_max_age_seconds(max_age)
        .build()
        .unwrap();
    let rules = CorsConfiguration::builder().cors_rules(rule).build().unwrap();
    owner(patient).await.put_bucket_cors().bucket("uploads").cors_configuration(rules).send().await.unwrap();
}

#[tokio::test]
async fn each_part_that_a_cors_rule_lacks_is_named() {
    let patient = Patient::healthy().await;
    let all = ["POST", "PUT", "GET", "DELETE"];
    let (any, etag) = (["*"], ["ETag"]);
    let none: [&str; 0] = [];

    set_cors(&patient, PAGE, &["PUT", "GET", "DELETE"], &any, &etag, Some(7_200)).await;
    let diagnosis = patient.examine().await;
    assert_eq!(found(&diagnosis, Subject::Cors), Finding::CorsMethods { missing: vec!["POST"] });
    assert!(!diagnosis.is_healthy());

    set_cors(&patient, PAGE, &["PUT", "POST"], &any, &etag, Some(7_200)).await;
    let diagnosis = patient.examine().await;
    assert_eq!(found(&diagnosis, Subject::Cors), Finding::CorsMethods { missing: vec!["GET", "DELETE"] });
    assert!(diagnosis.is_healthy(), "files arrive all the same");

    set_cors(&patient, PAGE, &all, &any, &none, Some(7_200)).await;
    assert_eq!(found(&patient.examine().await, Subject::Cors), Finding::CorsHidden);

    set_cors(&patient, PAGE, &all, &any, &etag, Some(5)).await;
    assert_eq!(found(&patient.examine().await, Subject::Cors), Finding::CorsForgotten { max_age: 5 });

    set_cors(&patient, PAGE, &all, &["content-type"], &etag, Some(7_200)).await;
    let finding = found(&patient.examine().await, Subject::Cors);
    assert!(matches!(finding, Finding::CorsHeaders | Finding::CorsClosed { .. }), "{finding:?}");

    set_cors(&patient, "https://other.example", &all, &any, &etag, Some(7_200)).await;
    assert!(matches!(found(&patient.examine().await, Subject::Cors), Finding::CorsClosed { .. }));
}

#[tokio::test]
async fn a_wrong_region_is_named_with_the_right_one() {
    let mut patient = Patient::healthy().await;
    patient.config.region = "eu-central-1".to_owned();
    let diagnosis = patient.examine().await;
    let expected = Finding::WrongRegion {
        configured: "eu-central-1".to_owned(),
        expected: Some("us-east-1".to_owned()),
    };
    assert_eq!(found(&diagnosis, Subject::Endpoint), expected);
    assert!(remedies(&diagnosis, Subject::Endpoint).contains("SLUICE_REGION=us-east-1"));
}

#[tokio::test]
async fn a_wrong_clock_is_found() {
    let patient = Patient::healthy().await.ill("[[rules]]\noperations = [\"Preflight\", \"ListObjectsV2\", \"Sts\"]\nfault = { skewed_clock = { seconds = 1200 } }");
    let diagnosis = patient.examine().await;
    let Finding::ClockWrong { ahead } = found(&diagnosis, Subject::Clock) else {
        panic!("{diagnosis:#?}");
    };
    assert!((-1_230..=-1_170).contains(&ahead), "{ahead}");
    assert!(remedies(&diagnosis, Subject::Clock).contains("ntp"));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_and_a_wrong_key_are_told_apart() {
    let mut patient = Patient::healthy().await;
    patient.config.bucket = "elsewhere".to_owned();
    let diagnosis = patient.examine().await;
    assert_eq!(found(&diagnosis, Subject::Endpoint), Finding::NoBucket);

    let mut patient = Patient::healthy().await;
    patient.config.keys.as_mut().unwrap().secret_access_key = SecretString::from("wrong".to_owned());
    let diagnosis = patient.examine().await;
    assert!(matches!(found(&diagnosis, Subject::Endpoint), Finding::KeyRefused { .. }), "{diagnosis:#?}");
    assert!(matches!(found(&diagnosis, Subject::Role), Finding::KeyRefused { .. }), "{diagnosis:#?}");
}

#[tokio::test]
async fn a_role_that_may_not_write_is_found() {
    let role = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::uploads/elsewhere/*"}]}"#;
    let patient = Patient::with(|settings| settings.role_policy = Some(role.to_owned())).await;
    let diagnosis = patient.examine().await;
    assert_eq!(bad(&diagnosis), [Subject::Object]);
    assert_eq!(found(&diagnosis, Subject::Object), Finding::PutDenied { refusal: "AccessDenied".to_owned() });
    assert!(remedies(&diagnosis, Subject::Object).contains("arn:aws:s3:::uploads/*"));
}

#[tokio::test]
async fn a_server_that_may_not_list_is_found() {
    let plan = "[[rules]]\noperations = [\"ListObjectsV2\"]\nfault = { refusal = { status = 403, code = \"AccessDenied\" } }";
    let diagnosis = Patient::healthy().await.ill(plan).examine().await;
    assert_eq!(bad(&diagnosis), [Subject::Endpoint]);
    assert_eq!(found(&diagnosis, Subject::Endpoint), Finding::ListDenied);
    assert_eq!(found(&diagnosis, Subject::Object), Finding::NotSeen);
    let text = remedies(&diagnosis, Subject::Endpoint);
    assert!(text.contains("\"s3:ListBucket\"") && text.contains("\"arn:aws:s3:::uploads\""), "{text}");
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_found_with_both_sides() {
    let mut patient = Patient::healthy().await;
    patient.config.role_arn = Some("arn:aws:iam::000000000000:role/another".to_owned());
    let diagnosis = patient.examine().await;
    assert_eq!(bad(&diagnosis), [Subject::Role]);
    let finding = found(&diagnosis, Subject::Role);
    assert!(matches!(finding, Finding::AssumeDenied { side: Side::Unknown, .. }), "{finding:?}");
    let text = remedies(&diagnosis, Subject::Role);
    assert!(text.contains("The caller's side") && text.contains("The role's side"), "{text}");
    assert!(text.contains("arn:aws:iam::000000000000:role/another"), "{text}");
}

#[tokio::test]
async fn a_store_without_sts_is_told_to_do_without_a_role() {
    let plan = "[[rules]]\noperations = [\"Sts\"]\nfault = { refusal = { status = 501, code = \"NotImplemented\" } }";
    let mut patient = Patient::healthy().await.ill(plan);
    let diagnosis = patient.examine().await;
    assert!(matches!(found(&diagnosis, Subject::Role), Finding::NoSts { .. }), "{diagnosis:#?}");
    assert!(remedies(&diagnosis, Subject::Role).contains("Take SLUICE_ROLE_ARN away"));

    patient.config.role_arn = None;
    let diagnosis = patient.examine().await;
    assert!(diagnosis.is_healthy(), "{diagnosis:#?}");
    assert_eq!(found(&diagnosis, Subject::Role), Finding::NoRole);
    assert_eq!(found(&diagnosis, Subject::Object), Finding::Stored { deleted: true });
}

#[tokio::test]
async fn a_session_that_is_asked_for_too_long_is_found() {
    let mut patient = Patient::healthy().await;
    patient.session = std::time::Duration::from_secs(50_000);
    let diagnosis = patient.examine().await;
    assert_eq!(found(&diagnosis, Subject::Role), Finding::TooLong { seconds: 50_000, chained: false });
    assert!(remedies(&diagnosis, Subject::Role).contains("SLUICE_GRANT_SECONDS=3600"));
}

#[tokio::test]
async fn a_name_that_does_not_answer_is_named() {
    let mut patient = Patient::healthy().await;
    let works = format!("{}/uploads", patient.config.endpoint.clone().unwrap());
    patient.config.public_bases = vec![works.clone(), "http://127.0.0.1:9/uploads".to_owned()];
    let diagnosis = patient.examine().await;
    let Finding::HostsSilent { answering, silent } = found(&diagnosis, Subject::Hosts) else {
        panic!("{diagnosis:#?}");
    };
    assert_eq!((answering, silent.len()), (vec![works], 1));
    assert!(diagnosis.is_healthy(), "one name is enough");
}

#[tokio::test]
async fn a_store_that_is_down_is_said_to_be() {
    let mut patient = Patient::healthy().await;
    patient.config.endpoint = Some("http://127.0.0.1:9".to_owned());
    let diagnosis = patient.examine().await;
    assert!(matches!(found(&diagnosis, Subject::Endpoint), Finding::Unreachable { .. }), "{diagnosis:#?}");
    assert!(matches!(found(&diagnosis, Subject::Hosts), Finding::HostsSilent { .. }));
}

/// A store that takes and gives everything, whoever asks. Its STS answers as it is told to.
async fn gullible(sts: &'static str, status: StatusCode) -> String {
    let answer = move |request: Request| async move { answer(&request, sts, status) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    format!("http://{address}")
}

fn answer(request: &Request, sts: &'static str, status: StatusCode) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert("access-control-allow-origin", "*".parse().unwrap());
    headers.insert("access-control-allow-methods", "GET, PUT, POST, DELETE".parse().unwrap());
    let all = "authorization, *";
    headers.insert("access-control-allow-headers", all.parse().unwrap());
    headers.insert("access-control-expose-headers", "ETag".parse().unwrap());
    headers.insert("access-control-max-age", "3000".parse().unwrap());
    headers.insert("etag", "\"1\"".parse().unwrap());
    if request.method() == Method::POST && request.uri().path() == "/" {
        return (status, sts).into_response();
    }
    let listing = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    (headers, listing).into_response()
}

const SESSION: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
    <Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

#[tokio::test]
async fn a_store_that_does_not_confine_a_session_is_found_out() {
    let mut patient = Patient::healthy().await;
    patient.config.endpoint = Some(gullible(SESSION, StatusCode::OK).await);
    let diagnosis = patient.examine().await;
    let all =
        [Trial::OtherBatch, Trial::Lookalike, Trial::Read, Trial::List, Trial::Delete, Trial::AssumeAgain];
    assert_eq!(found(&diagnosis, Subject::Session), Finding::NotConfined { open: all.to_vec() });
    assert!(!diagnosis.is_healthy());
    assert_eq!(found(&diagnosis, Subject::Object), Finding::NotFound, "and it loses what it is given");
    assert_eq!(found(&diagnosis, Subject::Overwrite), Finding::OverwriteTaken);
    assert_eq!(found(&diagnosis, Subject::Checksums), Finding::ChecksumsIgnored);
}

#[tokio::test]
async fn what_sts_on_aws_says_is_understood() {
    let denied = "User: arn:aws:sts::123456789012:assumed-role/task/1 is not authorized to perform: sts:AssumeRole on \
                  resource: arn:aws:iam::123456789012:role/r";
    let cases = [
        ("AccessDenied", format!("{denied} because no identity-based policy allows the sts:AssumeRole action"), "caller"),
        ("AccessDenied", format!("{denied} because no role trust policy allows the sts:AssumeRole action"), "trust"),
        ("AccessDenied", denied.to_owned(), "unknown"),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.".to_owned(),
            "chained",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".to_owned(),
            "too_long",
        ),
        ("PackedPolicyTooLarge", "Packed policy consumes 108% of allotted space.".to_owned(), "policy_too_large"),
        ("InvalidClientTokenId", "The security token included in the request is invalid.".to_owned(), "key_refused"),
    ];
    for (code, message, expected) in cases {
        let text = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        );
        let mut patient = Patient::healthy().await;
        let status = if code == "AccessDenied" { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
        patient.config.sts_endpoint = Some(gullible(text.leak(), status).await);
        let diagnosis = patient.examine().await;
        let finding: Value = serde_json::to_value(found(&diagnosis, Subject::Role)).unwrap();
        let got = match &finding {
            finding if finding["chained"] == true => "chained",
            finding => finding["side"].as_str().or(finding["code"].as_str()).unwrap(),
        };
        assert_eq!(got, expected, "{message}: {finding}");
        let text = remedies(&diagnosis, Subject::Role);
        let sides = (text.contains("The caller's side"), text.contains("The role's side"));
        match expected {
            "caller" => assert_eq!(sides, (true, false), "{text}"),
            "trust" => assert_eq!(sides, (false, true), "{text}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn machines_read_it_as_json() {
    let patient = Patient::with(|settings| settings.allowed_origins.clear()).await;
    let diagnosis = patient.examine().await;
    let json = serde_json::to_value(&diagnosis).unwrap();
    let cors = json["checks"].as_array().unwrap().iter().find(|check| check["subject"] == "cors").unwrap();
    assert_eq!(cors["verdict"], "bad");
    assert_eq!(cors["finding"], json!({ "code": "cors_closed", "origin": PAGE }));
    assert_eq!(cors["remedies"][0]["repair"], "allow_page");
    let text = json.to_string();
    let secret = patient.store.identity().secret_access_key.expose().to_owned();
    assert!(!text.contains(&secret), "no secret is told");
}

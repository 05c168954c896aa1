//! The owner's storage class and tags: what a grant may not do otherwise, and what says so when a role cannot.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Tag, Tagging};
use lane::form::{Form, Forms};
use lane::request::Requests;
use ledger::Role;
use reqwest::Method;
use serde_json::{Value, json};
use server::bucket::{ObjectOptions, StorageClass};
use server::clock;
use server::doctor::{Finding, Subject};
use transfer::engine::ChecksumUse;
use transfer::wire::{Grant, GrantKind, Rules};
use uuid::Uuid;

use crate::patient::Patient;
use crate::program::{ApiServer, Program};
use crate::store::{self, TestStore, tagging_role};

const TAGS: &str = "team=Photo%20desk%20%C3%BC&year=2026";

/// A grant for a batch that nobody else has, and its prefix.
async fn grant(store: &TestStore, kind: GrantKind) -> (Grant, String) {
    let id = Uuid::now_v7().to_string().parse().unwrap();
    let prefix = "photos".parse::<server::grant::ProjectPrefix>().unwrap().batch(&id);
    let grant = store.grants().issue(kind, &id, &prefix, &Rules::default()).await.unwrap();
    (grant, prefix.as_str().to_owned())
}

/// A client that has nothing but a grant of credentials, and its prefix.
async fn bearer(store: &TestStore) -> (Client, String) {
    let (Grant::Credentials(grant), prefix) = grant(store, GrantKind::Credentials).await else {
        panic!("asked for credentials")
    };
    let token = Some(grant.session_token);
    let pair = Credentials::new(grant.access_key_id, grant.secret_access_key, token, None, "grant");
    let config = store.owner().config().to_builder().credentials_provider(pair).build();
    (Client::from_conf(config), prefix)
}

/// Whether a client may put an object with these, and begin an upload in parts.
async fn may(
    (client, prefix): &(Client, String),
    store: &TestStore,
    class: Option<&str>,
    tags: Option<&str>,
) -> bool {
    let (bucket, key) = (&store.config.bucket, format!("{prefix}a.jpg"));
    let put = client.put_object().bucket(bucket).key(&key).body(ByteStream::from_static(b"12345"));
    let put = put.set_storage_class(class.map(Into::into)).set_tagging(tags.map(str::to_owned));
    let begin = client.create_multipart_upload().bucket(bucket).key(&key);
    let begin = begin.set_storage_class(class.map(Into::into)).set_tagging(tags.map(str::to_owned));
    let (whole, parts) = (put.send().await.is_ok(), begin.send().await.is_ok());
    assert_eq!(whole, parts, "{}: {class:?} {tags:?}", store.name);
    whole
}

#[tokio::test]
async fn credentials_set_no_other_class_and_no_other_tags() {
    // Ceph asks for no right of its own to set tags.
    let store = store::with_options().await.remove(0);
    let bearer = bearer(&store).await;
    assert!(may(&bearer, &store, Some("STANDARD_IA"), Some(TAGS)).await);
    for (class, tags) in [
        (Some("GLACIER"), Some(TAGS)),
        (Some("STANDARD"), Some(TAGS)),
        (Some("STANDARD_IA"), Some("team=video&year=2026")),
        (Some("STANDARD_IA"), Some("team=Photo%20desk%20%C3%BC&year=2026&public=yes")),
        (Some("STANDARD_IA"), Some("public=yes")),
    ] {
        assert!(!may(&bearer, &store, class, tags).await, "{class:?} {tags:?}");
    }
    // Nor afterwards.
    let (client, prefix) = &bearer;
    let tag = Tag::builder().key("public").value("yes").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag).build().unwrap();
    let key = format!("{prefix}a.jpg");
    let put = client.put_object_tagging().bucket(&store.config.bucket).key(&key).tagging(tagging);
    assert!(put.send().await.is_err());
    assert_eq!(store.options(&key).await, store.wanted());
}

#[tokio::test]
async fn without_tags_of_the_owners_a_grant_sets_none() {
    let mut store = store::with_options().await.remove(0);
    store.config.options = ObjectOptions::default();
    let store = store.again().await;
    let bearer = bearer(&store).await;
    assert!(may(&bearer, &store, None, None).await);
    assert!(!may(&bearer, &store, None, Some("team=a")).await, "though the role could");
}

/// Sends a form, with something in it exchanged; answers the status.
async fn post(form: &Form, (from, to): (&str, &str)) -> u16 {
    let head = form.head(None);
    assert!(head.contains(from), "{head}");
    let body = format!("{}12345{}", head.replace(from, to), Form::TAIL);
    let request = reqwest::Client::new().post(&form.url).header("content-type", Form::CONTENT_TYPE);
    request.body(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_form_has_the_owners_class_and_tags_and_no_others() {
    for mut store in store::with_options().await {
        if store.name == "ceph" {
            // It takes no form that a session signed.
            store.config.role_arn = None;
            store = store.again().await;
        }
        for kind in [GrantKind::Credentials, GrantKind::PostPolicy] {
            if store.config.role_arn.is_none() && kind == GrantKind::Credentials {
                continue;
            }
            let (grant, prefix) = grant(&store, kind).await;
            let key = format!("{prefix}ü.jpg");
            // As a browser makes it.
            let what = (key.as_str(), "image/jpeg", ChecksumUse::Reported);
            let bucket = store.bucket();
            let (forms, requests) = (&mut Forms::default(), &mut Requests::default());
            let form = forms.make(what, &grant, (bucket.address(), 0), clock::now(), requests).unwrap();
            for (from, to) in [
                ("<Value>2026</Value>", "<Value>2027</Value>"),
                ("<Key>year</Key>", "<Key>Year</Key>"),
                ("name=\"tagging\"", "name=\"x-amz-meta-tagging\""),
            ] {
                assert_eq!(post(&form, (from, to)).await, 403, "{}: {kind:?}: {to}", store.name);
            }
            if store.config.options.class.is_some() {
                assert_eq!(post(&form, ("STANDARD_IA", "GLACIER")).await, 403, "{}", store.name);
            }
            assert_eq!(store.read(&key).await, None, "{}", store.name);
            assert_eq!(post(&form, ("", "")).await, 204, "{}: {kind:?}", store.name);
            assert_eq!(store.options(&key).await, store.wanted(), "{}: {kind:?}", store.name);
        }
    }
}

async fn put(url: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = reqwest::Client::new().request(Method::PUT, url).body("12345");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status().as_u16()
}

/// Headers as they are listed in an answer.
fn listed(headers: &Value) -> Vec<(&str, &str)> {
    let headers = headers.as_object().unwrap();
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_signed_url_is_good_for_the_owners_class_and_tags_only() {
    for store in store::with_options().await {
        let server = ApiServer::start(store.config.clone()).await;
        let program: Program = server.program("ann", Role::Uploader).await;
        let file = json!({ "project": "default", "name": "a.jpg", "size": 5, "type": "image/jpeg" });
        let given = program.post("/presign", file).await.good();
        let (url, key) = (given["put_url"].as_str().unwrap(), given["key"].as_str().unwrap());
        let told = listed(&given["headers"]);
        assert!(told.contains(&("x-amz-tagging", TAGS)), "{told:?}");
        let others: Vec<_> = told.iter().copied().filter(|(name, _)| *name != "x-amz-tagging").collect();
        assert_eq!(put(url, &others).await, 403, "{}: without tags", store.name);
        let other = [others.as_slice(), &[("x-amz-tagging", "public=yes")]].concat();
        assert_eq!(put(url, &other).await, 403, "{}: with others", store.name);
        assert_eq!(put(url, &told).await, 200, "{}", store.name);
        assert_eq!(store.options(key).await, store.wanted(), "{}", store.name);
    }
}

#[tokio::test]
async fn the_doctor_misses_the_right_to_tag_and_asks_for_the_headers() {
    let mut patient = Patient::healthy().await;
    patient.config.options =
        ObjectOptions { class: Some(StorageClass::GlacierIr), tags: TAGS.parse().unwrap() };
    let diagnosis = patient.examine().await;
    let check = diagnosis.about(Subject::Object).unwrap();
    assert_eq!(check.finding, Finding::PutDenied { refusal: "AccessDenied".to_owned() });
    let texts: Vec<_> = check.remedies.iter().filter_map(|remedy| remedy.text.as_deref()).collect();
    assert!(texts.iter().any(|text| text.contains("s3:PutObjectTagging")), "{texts:?}");

    let options = patient.config.options;
    let mut patient = Patient::with(|settings| settings.role_policy = Some(tagging_role())).await;
    patient.config.options = options;
    let diagnosis = patient.examine().await;
    assert!(diagnosis.is_healthy(), "{diagnosis:#?}");
    assert_eq!(diagnosis.about(Subject::Object).unwrap().finding, Finding::Stored { deleted: true });
    assert_eq!(diagnosis.about(Subject::Forms).unwrap().finding, Finding::FormsTaken);
    crate::doctor::set_cors(
        &patient,
        crate::patient::PAGE,
        &["POST", "PUT", "GET", "DELETE"],
        &[
            "authorization",
            "content-type",
            "x-amz-checksum-*",
            "x-amz-content-sha256",
            "x-amz-date",
            "x-amz-s*",
        ],
        &["ETag"],
        Some(3_600),
    )
    .await;
    let cors = async |patient: &Patient| {
        let diagnosis = patient.examine().await;
        diagnosis.about(Subject::Cors).unwrap().finding.clone()
    };
    let closed = Finding::CorsClosed { origin: crate::patient::PAGE.to_owned() };
    assert_eq!(cors(&patient).await, closed, "not for x-amz-tagging");
    patient.config.options.tags = ObjectOptions::default().tags;
    assert_eq!(cors(&patient).await, Finding::CorsRight { max_age: 3_600 });
}

//! Buckets and what is set for them.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, CorsConfiguration, CorsRule,
    ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
};
use uuid::Uuid;

use crate::target::{Target, code, status};

cases! {
    a_bucket_lives_until_it_is_deleted,
    a_bucket_with_an_object_stays,
    buckets_are_listed,
    what_is_not_there,
    cors_rules_are_kept,
    cors_rules_are_checked,
    lifecycle_rules_are_kept,
}

/// A name of which there is no bucket.
fn name() -> String {
    format!("conformance-{}", Uuid::new_v4().simple())
}

async fn a_bucket_lives_until_it_is_deleted(on: Target) {
    let (client, name) = (on.owner(), name());
    assert_eq!(status(&client.head_bucket().bucket(&name).send().await.unwrap_err()), 404);
    client.create_bucket().bucket(&name).send().await.unwrap();
    client.head_bucket().bucket(&name).send().await.unwrap();
    client.get_bucket_location().bucket(&name).send().await.unwrap();
    client.delete_bucket().bucket(&name).send().await.unwrap();
    let gone = client.delete_bucket().bucket(&name).send().await.unwrap_err();
    assert_eq!((status(&gone), code(&gone).as_str()), (404, "NoSuchBucket"));
}

async fn a_bucket_with_an_object_stays(on: Target) {
    let (client, name) = (on.owner(), name());
    client.create_bucket().bucket(&name).send().await.unwrap();
    client.put_object().bucket(&name).key("a").send().await.unwrap();
    let refusal = client.delete_bucket().bucket(&name).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (409, "BucketNotEmpty"));
    client.delete_object().bucket(&name).key("a").send().await.unwrap();
    client.delete_bucket().bucket(&name).send().await.unwrap();
}

async fn buckets_are_listed(on: Target) {
    let answer = on.owner().list_buckets().send().await.unwrap();
    let ours = answer.buckets().iter().find(|bucket| bucket.name() == Some(&on.bucket));
    assert!(ours.unwrap().creation_date().is_some());
}

async fn what_is_not_there(on: Target) {
    let (client, name) = (on.owner(), name());
    let refusal = client.list_objects_v2().bucket(&name).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (404, "NoSuchBucket"));
    let refusal = client.get_bucket_cors().bucket(&name).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (404, "NoSuchBucket"));
    let refusal = client.create_multipart_upload().bucket(&name).key("a").send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (404, "NoSuchBucket"));
}

fn cors(origin: &str, exposed: &str) -> CorsConfiguration {
    let rule = CorsRule::builder()
        .allowed_origins(origin)
        .allowed_methods("PUT")
        .allowed_methods("GET")
        .allowed_headers("x-amz-*")
        .expose_headers(exposed)
        .max_age_seconds(600);
    CorsConfiguration::builder().cors_rules(rule.build().unwrap()).build().unwrap()
}

async fn cors_rules_are_kept(on: Target) {
    let (client, name) = (on.owner(), name());
    client.create_bucket().bucket(&name).send().await.unwrap();
    let missing = client.get_bucket_cors().bucket(&name).send().await.unwrap_err();
    assert_eq!((status(&missing), code(&missing).as_str()), (404, "NoSuchCORSConfiguration"));
    let rules = cors("https://*.example.org", "ETag");
    client.put_bucket_cors().bucket(&name).cors_configuration(rules).send().await.unwrap();
    let kept = client.get_bucket_cors().bucket(&name).send().await.unwrap();
    let [rule] = kept.cors_rules() else { panic!("{kept:?}") };
    assert_eq!(rule.allowed_origins(), ["https://*.example.org"]);
    let mut methods = rule.allowed_methods().to_vec();
    methods.sort();
    assert_eq!(methods, ["GET", "PUT"]);
    assert_eq!((rule.allowed_headers(), rule.max_age_seconds()), (&["x-amz-*".to_owned()][..], Some(600)));
    client.delete_bucket_cors().bucket(&name).send().await.unwrap();
    let missing = client.get_bucket_cors().bucket(&name).send().await.unwrap_err();
    assert_eq!(code(&missing), "NoSuchCORSConfiguration");
    client.delete_bucket().bucket(&name).send().await.unwrap();
}

async fn cors_rules_are_checked(on: Target) {
    for (rules, what) in [
        (cors("https://*.*.example", "ETag"), "two stars in an origin"),
        (cors("*", "x-amz-*"), "a star in an exposed header"),
    ] {
        let put = on.owner().put_bucket_cors().bucket(&on.bucket).cors_configuration(rules).send().await;
        assert!(put.is_err(), "{what}");
        let refusal = put.unwrap_err();
        assert_eq!((status(&refusal), code(&refusal).as_str()), (400, "InvalidRequest"), "{what}");
    }
}

async fn lifecycle_rules_are_kept(on: Target) {
    let (client, name) = (on.owner(), name());
    client.create_bucket().bucket(&name).send().await.unwrap();
    let missing = client.get_bucket_lifecycle_configuration().bucket(&name).send().await.unwrap_err();
    assert_eq!((status(&missing), code(&missing).as_str()), (404, "NoSuchLifecycleConfiguration"));
    let rule = LifecycleRule::builder()
        .id("unfinished")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("tmp/").build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(3).build(),
        )
        .build()
        .unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule.clone()).build().unwrap();
    let put = client.put_bucket_lifecycle_configuration().bucket(&name).lifecycle_configuration(rules);
    put.send().await.unwrap();
    let kept = client.get_bucket_lifecycle_configuration().bucket(&name).send().await.unwrap();
    assert_eq!(kept.rules(), [rule]);
    client.delete_bucket_lifecycle().bucket(&name).send().await.unwrap();
    let missing = client.get_bucket_lifecycle_configuration().bucket(&name).send().await.unwrap_err();
    assert_eq!(code(&missing), "NoSuchLifecycleConfiguration");
    client.delete_bucket().bucket(&name).send().await.unwrap();
}

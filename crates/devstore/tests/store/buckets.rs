//! What an owner sets for a bucket.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, CorsConfiguration, CorsRule,
    ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
};

use crate::harness::{BUCKET, TestStore, code};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn cors(origin: &str, method: &str, header: &str, exposed: &str) -> CorsConfiguration {
    let rule = CorsRule::builder()
        .id("pages")
        .allowed_origins(origin)
        .allowed_methods(method)
        .allowed_headers(header)
        .expose_headers(exposed)
        .max_age_seconds(600);
    CorsConfiguration::builder().cors_rules(rule.build().unwrap()).build().unwrap()
}

#[tokio::test]
async fn cors_rules_are_kept_until_they_are_deleted() {
    let store = TestStore::start().await;
    let admin = store.admin();
    let error = admin.get_bucket_cors().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(code(&error), "NoSuchCORSConfiguration");
    let rules = cors("https://*.example.org", "PUT", "x-amz-*", "ETag");
    admin.put_bucket_cors().bucket(BUCKET).cors_configuration(rules.clone()).send().await.unwrap();

    let store = TestStore::start_in(store.stop().await).await;
    let admin = store.admin();
    let kept = admin.get_bucket_cors().bucket(BUCKET).send().await.unwrap();
    assert_eq!(kept.cors_rules(), rules.cors_rules());
    admin.delete_bucket_cors().bucket(BUCKET).send().await.unwrap();
    let error = admin.get_bucket_cors().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(code(&error), "NoSuchCORSConfiguration");
}

#[tokio::test]
async fn cors_rules_go_with_their_bucket() {
    let store = TestStore::start().await;
    let admin = store.admin();
    admin.create_bucket().bucket("other").send().await.unwrap();
    let rules = cors("*", "GET", "*", "ETag");
    admin.put_bucket_cors().bucket("other").cors_configuration(rules.clone()).send().await.unwrap();
    admin.delete_bucket().bucket("other").send().await.unwrap();
    let error = admin.put_bucket_cors().bucket("other").cors_configuration(rules).send().await.unwrap_err();
    assert_eq!(code(&error), "NoSuchBucket");
    admin.create_bucket().bucket("other").send().await.unwrap();
    let error = admin.get_bucket_cors().bucket("other").send().await.unwrap_err();
    assert_eq!(code(&error), "NoSuchCORSConfiguration");
}

#[tokio::test]
async fn cors_rules_that_mean_nothing_are_refused() {
    let store = TestStore::start().await;
    for (rules, expected) in [
        (cors("https://*.*.example", "PUT", "*", "ETag"), "InvalidRequest"),
        (cors("*", "PATCH", "*", "ETag"), "InvalidRequest"),
        (cors("*", "put", "*", "ETag"), "InvalidRequest"),
        (cors("*", "PUT", "x-*-*", "ETag"), "InvalidRequest"),
        (cors("*", "PUT", "*", "x-amz-*"), "InvalidRequest"),
        (cors("*", "PUT", "*", "two words"), "InvalidRequest"),
    ] {
        let put = store.admin().put_bucket_cors().bucket(BUCKET).cors_configuration(rules.clone());
        assert_eq!(code(&put.send().await.unwrap_err()), expected, "{rules:?}");
    }
    let error = store.admin().get_bucket_cors().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(code(&error), "NoSuchCORSConfiguration");
}

fn abort_after(days: i32, prefix: &str) -> LifecycleRule {
    LifecycleRule::builder()
        .id(format!("abort {prefix}"))
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(prefix).build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build(),
        )
        .build()
        .unwrap()
}

async fn set_lifecycle(store: &TestStore, rules: Vec<LifecycleRule>) -> Result<(), String> {
    let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap();
    let put = store.admin().put_bucket_lifecycle_configuration().bucket(BUCKET);
    match put.lifecycle_configuration(configuration).send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(code(&error)),
    }
}

async fn begin(store: &TestStore, key: &str) -> String {
    let begun = store.admin().create_multipart_upload().bucket(BUCKET).key(key).send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let part = store.admin().upload_part().bucket(BUCKET).key(key).upload_id(id).part_number(1);
    part.body(ByteStream::from_static(b"part")).send().await.unwrap();
    id.to_owned()
}

#[tokio::test]
async fn unfinished_uploads_end_when_the_lifecycle_says() {
    let store = TestStore::start().await;
    set_lifecycle(&store, vec![abort_after(2, "tmp/")]).await.unwrap();
    let (over, kept) = (begin(&store, "tmp/a").await, begin(&store, "keep/a").await);
    let parts = store.admin().list_parts().bucket(BUCKET).key("tmp/a").upload_id(over).send().await.unwrap();
    assert_eq!(parts.abort_rule_id(), Some("abort tmp/"));
    let date = SystemTime::try_from(*parts.abort_date().unwrap()).unwrap();
    assert!(date > SystemTime::now() + 2 * DAY && date <= SystemTime::now() + 3 * DAY);

    let just_before = date - Duration::from_secs(1);
    assert_eq!(store.store.abort_overdue_uploads(just_before).await.unwrap(), 0);
    assert_eq!(store.blob_files(), 2);
    assert_eq!(store.store.abort_overdue_uploads(date).await.unwrap(), 1);
    assert_eq!(store.blob_files(), 1, "its parts are gone");
    let left = store.admin().list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
    let left: Vec<_> = left.uploads().iter().filter_map(|upload| upload.upload_id()).collect();
    assert_eq!(left, [kept.as_str()]);
}

#[tokio::test]
async fn a_lifecycle_that_is_off_or_gone_aborts_nothing() {
    let store = TestStore::start().await;
    begin(&store, "a").await;
    let off = abort_after(1, "");
    let off = LifecycleRule::builder()
        .set_id(off.id)
        .status(ExpirationStatus::Disabled)
        .set_filter(off.filter)
        .set_abort_incomplete_multipart_upload(off.abort_incomplete_multipart_upload)
        .build()
        .unwrap();
    set_lifecycle(&store, vec![off]).await.unwrap();
    let later = SystemTime::now() + 30 * DAY;
    assert_eq!(store.store.abort_overdue_uploads(later).await.unwrap(), 0);
    set_lifecycle(&store, vec![abort_after(1, "")]).await.unwrap();
    store.admin().delete_bucket_lifecycle().bucket(BUCKET).send().await.unwrap();
    let error = store.admin().get_bucket_lifecycle_configuration().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(code(&error), "NoSuchLifecycleConfiguration");
    assert_eq!(store.store.abort_overdue_uploads(later).await.unwrap(), 0);
}

fn expire(filter: LifecycleRuleFilter, expiration: LifecycleExpiration) -> LifecycleRule {
    LifecycleRule::builder()
        .id("expire")
        .status(ExpirationStatus::Enabled)
        .filter(filter)
        .expiration(expiration)
        .build()
        .unwrap()
}

fn below(prefix: &str) -> LifecycleRuleFilter {
    LifecycleRuleFilter::builder().prefix(prefix).build()
}

fn after(days: i32) -> LifecycleExpiration {
    LifecycleExpiration::builder().days(days).build()
}

async fn put(store: &TestStore, key: &str) {
    let body = ByteStream::from_static(b"picture");
    store.admin().put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
}

async fn keys(store: &TestStore) -> Vec<String> {
    let listed = store.admin().list_objects_v2().bucket(BUCKET).send().await.unwrap();
    listed.contents().iter().filter_map(|object| object.key()).map(str::to_owned).collect()
}

#[tokio::test]
async fn objects_end_when_the_lifecycle_says() {
    let store = TestStore::start().await;
    for key in ["a/1", "a/2", "ab/1", "b/1"] {
        put(&store, key).await;
    }
    let both = vec![expire(below("a/"), after(2)), abort_after(9, "")];
    set_lifecycle(&store, both.clone()).await.unwrap();
    let store = TestStore::start_in(store.stop().await).await;
    let kept = store.admin().get_bucket_lifecycle_configuration().bucket(BUCKET).send().await.unwrap();
    assert_eq!(kept.rules(), both);

    // Two days after they came, counted from the next midnight.
    assert_eq!(store.store.expire_overdue_objects(SystemTime::now() + 2 * DAY - DAY / 2).await.unwrap(), 0);
    assert_eq!(store.blob_files(), 4);
    let due = SystemTime::now() + 3 * DAY;
    assert_eq!(store.store.abort_overdue_uploads(due).await.unwrap(), 0);
    assert_eq!(keys(&store).await.len(), 4, "what aborts uploads deletes nothing");
    assert_eq!(store.store.expire_overdue_objects(due).await.unwrap(), 2);
    assert_eq!(keys(&store).await, ["ab/1", "b/1"]);
    assert_eq!(store.blob_files(), 2, "their bytes are gone");
    assert_eq!(store.store.expire_overdue_objects(due).await.unwrap(), 0);
}

#[tokio::test]
async fn a_lifecycle_that_is_off_or_gone_deletes_nothing() {
    let store = TestStore::start().await;
    put(&store, "a").await;
    let later = SystemTime::now() + 30 * DAY;
    let off = LifecycleRule::builder()
        .id("off")
        .status(ExpirationStatus::Disabled)
        .filter(below(""))
        .expiration(after(1))
        .build()
        .unwrap();
    set_lifecycle(&store, vec![off]).await.unwrap();
    assert_eq!(store.store.expire_overdue_objects(later).await.unwrap(), 0);
    set_lifecycle(&store, vec![expire(below(""), after(1))]).await.unwrap();
    store.admin().delete_bucket_lifecycle().bucket(BUCKET).send().await.unwrap();
    assert_eq!(store.store.expire_overdue_objects(later).await.unwrap(), 0);
    assert_eq!(keys(&store).await, ["a"]);
}

#[tokio::test]
async fn a_lifecycle_that_the_store_cannot_carry_out_is_refused() {
    let store = TestStore::start().await;
    let bigger = LifecycleRuleFilter::builder().object_size_greater_than(5).build();
    let date = LifecycleExpiration::builder().date(DateTime::from_secs(4_000_000_000)).build();
    let markers = LifecycleExpiration::builder().expired_object_delete_marker(true).build();
    for (rule, refusal) in [
        (expire(bigger, after(1)), "NotImplemented"),
        (expire(below(""), date), "NotImplemented"),
        (expire(below(""), markers), "NotImplemented"),
        (expire(below(""), after(0)), "InvalidArgument"),
    ] {
        assert_eq!(set_lifecycle(&store, vec![rule]).await, Err(refusal.to_owned()));
    }
    assert_eq!(set_lifecycle(&store, vec![abort_after(0, "")]).await, Err("InvalidArgument".to_owned()));
    let twice = vec![abort_after(1, ""), abort_after(2, "")];
    assert_eq!(set_lifecycle(&store, twice).await, Err("InvalidRequest".to_owned()));
}

//! Policies with conditions, asked on every way into the store.

use aws_credential_types::Credentials;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    CompletedMultipartUpload, CompletedPart, Delete, ObjectCannedAcl, ObjectIdentifier, Tag, Tagging,
};
use devstore::{BucketName, DevStore, Durability, OpenError, StoreConfig};
use sigv4::{Method, Payload, PostPolicy, Timestamp};
use tempfile::TempDir;

use crate::harness::{BUCKET, TestStore, code, put};
use crate::raw;

/// A store whose role may do everything, so that a session's policy is all that counts.
async fn wide_store() -> TestStore {
    let dir = TempDir::new().unwrap();
    let mut config = StoreConfig::new(dir.path().join("store"), BucketName::new(BUCKET).unwrap());
    config.durability = Durability::ProcessKill;
    config.role_policy = Some(document(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#));
    TestStore::start_with(dir, config).await
}

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

async fn session(store: &TestStore, statements: &str) -> Credentials {
    store.session_for(Some(document(statements)), 900).await
}

/// The documentation's way to forbid overwriting: parts are free, what makes an object needs `If-None-Match`.
const NO_OVERWRITING: &str = r#"
    {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*",
     "Condition":{"Null":{"s3:if-none-match":"false"}}},
    {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*",
     "Condition":{"Bool":{"s3:ObjectCreationOperation":"false"}}}"#;

#[tokio::test]
async fn a_session_that_must_not_overwrite_cannot() {
    let store = wide_store().await;
    let credentials = session(&store, NO_OVERWRITING).await;
    let client = store.s3(credentials.clone());
    let denied = put(&client, BUCKET, "a", b"x").await.unwrap_err();
    assert_eq!(code(&denied), "AccessDenied");
    // Not by a header that means nothing, either.
    let empty = store.raw_put(&credentials, "a", &[("if-none-match", "")], b"x").await;
    assert_eq!((empty.status, empty.code()), (403, "AccessDenied"));
    let request = || client.put_object().bucket(BUCKET).key("a").body(ByteStream::from_static(b"x"));
    request().if_none_match("*").send().await.unwrap();
    let again = request().if_none_match("*").send().await.unwrap_err();
    assert_eq!(code(&again), "PreconditionFailed");
    let twice = store.sign(
        &credentials,
        Method::Put,
        "b",
        &[],
        &[("if-none-match", "*"), ("if-none-match", "\"e\"")],
        Payload::Unsigned,
    );
    assert_eq!(store.send("PUT", &twice, b"x").await.status, 400);
    let copy = client.copy_object().bucket(BUCKET).key("b").copy_source("photos/a");
    assert_eq!(code(&copy.send().await.unwrap_err()), "AccessDenied");
    assert_eq!(store.keys().await, ["a"]);
}

#[tokio::test]
async fn parts_are_free_and_their_end_is_not() {
    let store = wide_store().await;
    store.put("there", b"before").await;
    let client = store.s3(session(&store, NO_OVERWRITING).await);
    for (key, expected) in [("there", "PreconditionFailed"), ("new", "")] {
        let id = client.create_multipart_upload().bucket(BUCKET).key(key).send().await.unwrap();
        let id = id.upload_id().unwrap();
        // The session is renewed in the middle: the upload is its rights', not its key's.
        let client = store.s3(session(&store, NO_OVERWRITING).await);
        let part = client.upload_part().bucket(BUCKET).key(key).upload_id(id).part_number(1);
        let part = part.body(ByteStream::from_static(b"after")).send().await.unwrap();
        let part = CompletedPart::builder().part_number(1).e_tag(part.e_tag().unwrap()).build();
        let complete = || {
            let parts = CompletedMultipartUpload::builder().parts(part.clone()).build();
            client.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(id).multipart_upload(parts)
        };
        assert_eq!(code(&complete().send().await.unwrap_err()), "AccessDenied");
        let ended = complete().if_none_match("*").send().await;
        assert_eq!(ended.err().map_or(String::new(), |error| code(&error)), expected);
    }
    assert_eq!(store.read("there").await.unwrap(), b"before");
    assert_eq!(store.read("new").await.unwrap(), b"after");
}

#[tokio::test]
async fn a_form_is_a_write_with_its_fields_for_headers() {
    let store = wide_store().await;
    let until = Timestamp::from_unix_millis((raw::now().unix_seconds() + 600) * 1_000);
    let policy = PostPolicy::until(until).starts_with("key", "").starts_with("acl", "");
    let form = async |statement: &str, acl: Option<&str>| {
        let credentials = session(&store, statement).await;
        let policy = match acl {
            Some(_) => policy.clone(),
            None => PostPolicy::until(until).starts_with("key", ""),
        };
        let mut fields = raw::signer(&credentials).sign_policy(&policy, raw::now());
        fields.push(("key".to_owned(), "a".to_owned()));
        fields.extend(acl.map(|acl| ("acl".to_owned(), acl.to_owned())));
        crate::forms::post(&store, &fields, b"x").await.code().to_owned()
    };
    let put = r#""Effect":"Allow","Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"*""#;
    let private = format!(r#"{{{put},"Condition":{{"StringEquals":{{"s3:x-amz-acl":"private"}}}}}}"#);
    assert_eq!(form(&private, None).await, "AccessDenied");
    assert_eq!(form(&private, Some("public-read")).await, "AccessDenied");
    assert_eq!(form(&private, Some("private")).await, "");
    let bytes_only = r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}"#;
    assert_eq!(form(bytes_only, Some("private")).await, "AccessDenied");
    assert_eq!(form(bytes_only, None).await, "");
    // A form makes an object, and has no If-None-Match.
    assert_eq!(form(NO_OVERWRITING, None).await, "AccessDenied");
}

#[tokio::test]
async fn acl_and_encryption_are_asked_about_where_an_upload_begins() {
    let store = wide_store().await;
    let statement = r#"
        {"Effect":"Allow","Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"*"},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*",
         "Condition":{"StringLike":{"s3:x-amz-acl":"public-*"}}},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*",
         "Condition":{"StringEqualsIfExists":{"s3:x-amz-server-side-encryption":"aws:kms"},
                      "Null":{"s3:x-amz-server-side-encryption":"false"}}}"#;
    let client = store.s3(session(&store, statement).await);
    let request = || client.put_object().bucket(BUCKET).key("a").body(ByteStream::from_static(b"x"));
    let public = request().acl(ObjectCannedAcl::PublicRead).send().await.unwrap_err();
    assert_eq!(code(&public), "AccessDenied");
    let kms = request().server_side_encryption("aws:kms".into()).send().await.unwrap_err();
    assert_eq!(code(&kms), "AccessDenied");
    request().acl(ObjectCannedAcl::Private).send().await.unwrap();
    request().send().await.unwrap();
    let begin = || client.create_multipart_upload().bucket(BUCKET).key("b");
    let public = begin().acl(ObjectCannedAcl::PublicRead).send().await.unwrap_err();
    assert_eq!(code(&public), "AccessDenied");
    begin().acl(ObjectCannedAcl::Private).send().await.unwrap();
}

/// What Sluice's own grants say where the owner set a class and tags.
#[tokio::test]
async fn a_session_is_held_to_its_class_and_its_tags() {
    let store = wide_store().await;
    let statement = r#"{"Effect":"Allow","Action":["s3:PutObject","s3:PutObjectTagging"],"Resource":"*",
        "Condition":{"StringEqualsIfExists":{"s3:x-amz-storage-class":"STANDARD_IA","s3:RequestObjectTag/team":"photo"},
                     "ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["team"]}}}"#;
    let client = store.s3(session(&store, statement).await);
    let put = async |class: Option<&str>, tags: Option<&str>| {
        let request = client.put_object().bucket(BUCKET).key("a").body(ByteStream::from_static(b"x"));
        let request = request.set_storage_class(class.map(Into::into)).set_tagging(tags.map(str::to_owned));
        let begin = client.create_multipart_upload().bucket(BUCKET).key("b");
        let begin = begin.set_storage_class(class.map(Into::into)).set_tagging(tags.map(str::to_owned));
        let (one, parts) = (request.send().await.is_ok(), begin.send().await);
        assert_eq!(one, parts.is_ok(), "in one and in parts: {class:?} {tags:?}");
        one
    };
    assert!(put(Some("STANDARD_IA"), Some("team=photo")).await);
    assert!(put(None, None).await);
    for (class, tags) in [
        (Some("GLACIER"), Some("team=photo")),
        (Some("STANDARD"), None),
        (None, Some("team=video")),
        (None, Some("team=photo&public=yes")),
        (None, Some("Team=photo")),
    ] {
        assert!(!put(class, tags).await, "{class:?} {tags:?}");
    }
    let upload = client.create_multipart_upload().bucket(BUCKET).key("b").tagging("team=photo");
    let upload = upload.storage_class("STANDARD_IA".into()).send().await.unwrap();
    let part = client.upload_part().bucket(BUCKET).key("b").upload_id(upload.upload_id().unwrap());
    part.part_number(1).body(ByteStream::from_static(b"x")).send().await.unwrap();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    for (tag, allowed) in
        [(tag("team", "photo"), true), (tag("team", "video"), false), (tag("x", "y"), false)]
    {
        let tagging = Tagging::builder().tag_set(tag.clone()).build().unwrap();
        let asked = client.put_object_tagging().bucket(BUCKET).key("a").tagging(tagging).send().await;
        assert_eq!(asked.is_ok(), allowed, "{tag:?}");
    }
}

#[tokio::test]
async fn a_listing_stays_in_its_prefix_and_length() {
    let store = wide_store().await;
    for key in ["home/a/1", "home/b/1"] {
        store.put(key, b"x").await;
    }
    let statement = r#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos",
        "Condition":{"StringLike":{"s3:prefix":"home/a/*"},"NumericLessThanEquals":{"s3:max-keys":"10"}}}"#;
    let credentials = session(&store, statement).await;
    let client = store.s3(credentials.clone());
    let list = || client.list_objects_v2().bucket(BUCKET).max_keys(10);
    let listed = list().prefix("home/a/").send().await.unwrap();
    assert_eq!(listed.contents().len(), 1);
    for refused in [
        list(),
        list().prefix("home/"),
        list().prefix("home/b/"),
        list().prefix("home/a/").max_keys(11),
        client.list_objects_v2().bucket(BUCKET).prefix("home/a/"),
    ] {
        assert_eq!(code(&refused.send().await.unwrap_err()), "AccessDenied");
    }
    // The first is allowed, and what the protocol layer makes of two is no prefix at all.
    let twice = [("list-type", "2"), ("max-keys", "10"), ("prefix", "home/a/"), ("prefix", "home/b/")];
    let twice = store.sign(&credentials, Method::Get, "", &twice, &[], Payload::Unsigned);
    let answer = store.send("GET", &twice, b"").await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidArgument"));
}

#[tokio::test]
async fn each_operation_has_its_action() {
    let store = wide_store().await;
    let all = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    for key in ["a", "b/1", "b/2"] {
        store.put(key, b"x").await;
    }
    let with = async |statement: &str| store.s3(session(&store, statement).await);
    let client = with(&format!(r#"{all},{{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}}"#)).await;
    let get = client.get_object().bucket(BUCKET).key("a").send().await.unwrap_err();
    assert_eq!(code(&get), "AccessDenied");
    let copy = client.copy_object().bucket(BUCKET).key("c").copy_source("photos/a");
    assert_eq!(code(&copy.send().await.unwrap_err()), "AccessDenied", "a copy reads its source");
    client.head_bucket().bucket(BUCKET).send().await.unwrap();

    let keep = r#"{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::photos/b/2"}"#;
    let client = with(&format!("{all},{keep}")).await;
    let delete = async |keys: &[&str]| {
        let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(*key).build().unwrap());
        let delete = Delete::builder().set_objects(Some(objects.collect())).build().unwrap();
        client.delete_objects().bucket(BUCKET).delete(delete).send().await
    };
    assert_eq!(code(&delete(&["b/1", "b/2"]).await.unwrap_err()), "AccessDenied");
    assert_eq!(store.keys().await, ["a", "b/1", "b/2"]);
    delete(&["b/1"]).await.unwrap();
    assert_eq!(store.keys().await, ["a", "b/2"]);
    client.create_bucket().bucket("another").send().await.unwrap();
    client.delete_bucket().bucket("another").send().await.unwrap();

    let client = with(r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::photos/?"}"#).await;
    client.get_object().bucket(BUCKET).key("a").send().await.unwrap();
    let longer = client.get_object().bucket(BUCKET).key("b/2").send().await.unwrap_err();
    assert_eq!(code(&longer), "AccessDenied");
    assert_eq!(code(&put(&client, BUCKET, "a", b"x").await.unwrap_err()), "AccessDenied");
}

#[tokio::test]
async fn a_role_that_is_not_understood_opens_no_store() {
    let dir = TempDir::new().unwrap();
    let mut config = StoreConfig::new(dir.path(), BucketName::new(BUCKET).unwrap());
    config.role_policy = Some(document(r#"{"Effect":"Allow","NotAction":"s3:DeleteObject","Resource":"*"}"#));
    assert!(matches!(DevStore::open(config).await, Err(OpenError::Role(_))));
}

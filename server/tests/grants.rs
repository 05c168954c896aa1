//! What a grant lets its bearer do, asked of real stores: the embedded one, and Ceph where there is one.

use std::fmt::Debug;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectCannedAcl, ObjectIdentifier};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use server::grant::{BatchPrefix, GrantError, ProjectPrefix, PutTarget, Sent};
use transfer::wire::{BatchId, CredentialsGrant, Grant, GrantKind, Rules};
use uuid::Uuid;

use crate::store::{self, TestStore};

/// A batch that nobody else has, in the project `photos`.
fn new_batch() -> (BatchId, BatchPrefix) {
    let id: BatchId = Uuid::now_v7().to_string().parse().unwrap();
    let prefix = photos().batch(&id);
    (id, prefix)
}

fn photos() -> ProjectPrefix {
    "photos".parse().unwrap()
}

async fn credentials(store: &TestStore, batch: &BatchId, prefix: &BatchPrefix) -> CredentialsGrant {
    match store.grants().issue(GrantKind::Credentials, batch, prefix, &Rules::default()).await.unwrap() {
        Grant::Credentials(grant) => grant,
        other => panic!("asked for credentials, got {other:?}"),
    }
}

/// A client that has nothing but the grant.
fn bearer(store: &TestStore, grant: &CredentialsGrant, token: Option<String>) -> Client {
    let pair = Credentials::new(&grant.access_key_id, &grant.secret_access_key, token, None, "grant");
    let config = store.owner().config().to_builder();
    Client::from_conf(config.credentials_provider(pair).build())
}

fn body() -> ByteStream {
    ByteStream::from_static(b"from the bearer")
}

/// Fails unless the store answered that this is forbidden.
#[track_caller]
fn refused<T: Debug, E: Debug>(store: &TestStore, what: &str, answer: Result<T, SdkError<E, HttpResponse>>) {
    match answer {
        Err(SdkError::ServiceError(error)) => {
            assert_eq!(error.raw().status().as_u16(), 403, "{}: {what}: {error:?}", store.name);
        }
        other => panic!("{}: {what} should be refused, got {other:?}", store.name),
    }
}

#[tokio::test]
async fn credentials_put_objects_below_the_batchs_prefix() {
    for store in store::all().await {
        let (id, prefix) = new_batch();
        let grant = credentials(&store, &id, &prefix).await;
        let client = bearer(&store, &grant, Some(grant.session_token.clone()));
        for name in ["a.jpg", "Sommer 2026/Ü 🏖 #1?+%20&=.jpg"] {
            let key = format!("{prefix}{name}");
            client.put_object().bucket(&store.config.bucket).key(&key).body(body()).send().await.unwrap();
            assert_eq!(
                store.read(&key).await.as_deref(),
                Some(&b"from the bearer"[..]),
                "{}: {key}",
                store.name
            );
        }
    }
}

#[tokio::test]
async fn credentials_write_nowhere_else() {
    for store in store::all().await {
        let ((id, prefix), (_, other)) = (new_batch(), new_batch());
        let grant = credentials(&store, &id, &prefix).await;
        let client = bearer(&store, &grant, Some(grant.session_token.clone()));
        let bucket = &store.config.bucket;

        let lookalike = format!("{}x/a.jpg", prefix.as_str().trim_end_matches('/'));
        let outside = [
            "a.jpg".to_owned(),
            "photos/a.jpg".to_owned(),
            prefix.as_str().trim_end_matches('/').to_owned(),
            lookalike,
            format!("{other}a.jpg"),
            format!("/{prefix}a.jpg"),
        ];
        for key in &outside {
            let put = client.put_object().bucket(bucket).key(key).body(body()).send().await;
            refused(&store, &format!("PUT {key}"), put);
            let started = client.create_multipart_upload().bucket(bucket).key(key).send().await;
            refused(&store, &format!("multipart {key}"), started);
            assert_eq!(store.read(key).await, None, "{}: {key} is there", store.name);
        }

        let elsewhere =
            client.put_object().bucket("not-the-bucket").key(format!("{prefix}a.jpg")).body(body());
        let SdkError::ServiceError(error) = elsewhere.send().await.unwrap_err() else { panic!("no answer") };
        assert!(matches!(error.raw().status().as_u16(), 403 | 404), "{}: {error:?}", store.name);
        refused(&store, "create bucket", client.create_bucket().bucket("new-bucket").send().await);
    }
}

#[tokio::test]
async fn dots_in_a_key_lead_nowhere() {
    for store in store::all().await {
        let ((id, prefix), (other_id, other)) = (new_batch(), new_batch());
        store.put(&format!("{other}a.jpg"), b"of the other batch").await;
        let grant = credentials(&store, &id, &prefix).await;
        let client = bearer(&store, &grant, Some(grant.session_token.clone()));

        // To S3 this is a key like any other, so it may be taken; but it must not be resolved.
        let key = format!("{prefix}../{other_id}/a.jpg");
        let _ = client.put_object().bucket(&store.config.bucket).key(&key).body(body()).send().await;
        let untouched = store.read(&format!("{other}a.jpg")).await;
        assert_eq!(untouched.as_deref(), Some(&b"of the other batch"[..]), "{}", store.name);
    }
}

#[tokio::test]
async fn credentials_cannot_read_list_delete_or_copy() {
    for store in store::all().await {
        let ((id, prefix), (_, other)) = (new_batch(), new_batch());
        let bucket = &store.config.bucket;
        let (own, foreign) = (format!("{prefix}a.jpg"), format!("{other}a.jpg"));
        store.put(&own, b"mine").await;
        store.put(&foreign, b"theirs").await;
        let grant = credentials(&store, &id, &prefix).await;
        let client = bearer(&store, &grant, Some(grant.session_token.clone()));

        for key in [&own, &foreign] {
            refused(&store, "GET", client.get_object().bucket(bucket).key(key).send().await);
            refused(&store, "HEAD", client.head_object().bucket(bucket).key(key).send().await);
            refused(&store, "DELETE", client.delete_object().bucket(bucket).key(key).send().await);
            let copy = client.copy_object().bucket(bucket).key(format!("{prefix}copy.jpg"));
            refused(&store, "copy", copy.copy_source(format!("{bucket}/{key}")).send().await);
        }
        refused(&store, "list", client.list_objects_v2().bucket(bucket).prefix(prefix.as_str()).send().await);
        refused(&store, "list all", client.list_objects_v2().bucket(bucket).send().await);
        refused(&store, "list uploads", client.list_multipart_uploads().bucket(bucket).send().await);
        let acl = client.put_object_acl().bucket(bucket).key(&own).acl(ObjectCannedAcl::PublicRead);
        refused(&store, "ACL", acl.send().await);
        refused(&store, "delete bucket", client.delete_bucket().bucket(bucket).send().await);

        // Deleting many at once is answered for each of them, or for all.
        let wanted = ObjectIdentifier::builder().key(&own).build().unwrap();
        let wanted = Delete::builder().objects(wanted).build().unwrap();
        let many = client.delete_objects().bucket(bucket).delete(wanted).send().await;
        assert!(many.map_or(true, |answer| answer.deleted().is_empty()), "{}", store.name);

        assert_eq!(store.read(&own).await.as_deref(), Some(&b"mine"[..]), "{}", store.name);
        assert_eq!(store.read(&foreign).await.as_deref(), Some(&b"theirs"[..]), "{}", store.name);
        assert_eq!(store.read(&format!("{prefix}copy.jpg")).await, None, "{}", store.name);
    }
}

#[tokio::test]
async fn credentials_without_their_token_are_nothing() {
    for store in store::all().await {
        let (id, prefix) = new_batch();
        let grant = credentials(&store, &id, &prefix).await;
        let key = format!("{prefix}a.jpg");
        for token in [None, Some("nonsense".to_owned())] {
            let client = bearer(&store, &grant, token);
            let put = client.put_object().bucket(&store.config.bucket).key(&key).body(body()).send().await;
            let SdkError::ServiceError(error) = put.unwrap_err() else { panic!("no answer") };
            assert!(matches!(error.raw().status().as_u16(), 400 | 403), "{}: {error:?}", store.name);
        }
        assert_eq!(store.read(&key).await, None, "{}", store.name);
    }
}

/// On Ceph a session counts as the user who began it, so it may assume the role once more, without any session
/// policy, unless the role's trust policy denies that to the role itself.
#[tokio::test]
async fn a_grant_cannot_make_itself_another() {
    for store in store::all().await {
        let (id, prefix) = new_batch();
        let grant = credentials(&store, &id, &prefix).await;
        let token = Some(grant.session_token.clone());
        let pair = Credentials::new(&grant.access_key_id, &grant.secret_access_key, token, None, "grant");
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(store.config.region.clone()))
            .endpoint_url(store.config.endpoint.clone().unwrap())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(pair);
        let sts = aws_sdk_sts::Client::from_conf(config.build());
        let asked =
            sts.assume_role().role_arn(store.config.role_arn.clone().unwrap()).role_session_name("again");
        let Ok(answer) = asked.send().await else { continue };
        let again = answer.credentials.unwrap();
        let pair = Credentials::new(
            again.access_key_id,
            again.secret_access_key,
            Some(again.session_token),
            None,
            "again",
        );
        let client =
            Client::from_conf(store.owner().config().to_builder().credentials_provider(pair).build());
        let key = format!("{}x/a.jpg", prefix.as_str().trim_end_matches('/'));
        let put = client.put_object().bucket(&store.config.bucket).key(&key).body(body()).send().await;
        refused(&store, "PUT outside after assuming the role again", put);
    }
}

#[tokio::test]
async fn a_signed_url_takes_exactly_what_was_announced() {
    for store in store::all().await {
        let (_, prefix) = new_batch();
        let key = format!("{prefix}Ü 🏖 #1?+%20&=.jpg");
        let target = PutTarget { key: &key, size: 5, turn: 0, media_type: Sent::Required("image/jpeg") };
        let page =
            store.grants().presign(&photos(), (&[target], &[]), Duration::from_secs(60)).await.unwrap();
        let url = &page.urls[0].url;
        assert_eq!(page.urls[0].headers, [("content-type".to_owned(), "image/jpeg".to_owned())]);

        let http = reqwest::Client::new();
        let put = |url: &str, kind: &'static str, body: &'static [u8]| {
            http.put(url).header("content-type", kind).body(body).send()
        };
        let status = |answer: reqwest::Result<reqwest::Response>| answer.unwrap().status().as_u16();
        assert_eq!(status(put(url, "image/jpeg", b"12345").await), 200, "{}", store.name);
        assert_eq!(store.read(&key).await.as_deref(), Some(&b"12345"[..]), "{}", store.name);

        assert_eq!(status(put(url, "image/jpeg", b"123456").await), 403, "{}: longer", store.name);
        assert_eq!(status(put(url, "image/jpeg", b"1234").await), 403, "{}: shorter", store.name);
        assert_eq!(status(put(url, "text/html", b"12345").await), 403, "{}: another type", store.name);
        assert_eq!(status(http.get(url).send().await), 403, "{}: GET", store.name);
        assert_eq!(status(http.delete(url).send().await), 403, "{}: DELETE", store.name);
        let moved = url.replace(".jpg?", ".png?");
        assert_eq!(status(put(&moved, "image/jpeg", b"12345").await), 403, "{}: another key", store.name);
        let longer = url.replace("X-Amz-Expires=60", "X-Amz-Expires=600");
        assert_ne!(&longer, url);
        assert_eq!(status(put(&longer, "image/jpeg", b"12345").await), 403, "{}: more time", store.name);
        assert_eq!(store.read(&key).await.as_deref(), Some(&b"12345"[..]), "{}", store.name);
    }
}

#[tokio::test]
async fn a_grant_ends_within_its_time_on_the_servers_clock() {
    for store in store::all().await {
        let (id, prefix) = new_batch();
        for kind in [GrantKind::Credentials, GrantKind::PostPolicy, GrantKind::SignedUrls] {
            let grant = store.grants().issue(kind, &id, &prefix, &Rules::default()).await.unwrap();
            let life = grant.expires_at().0 - grant.issued_at().0;
            assert!((3_590_000..=3_601_000).contains(&life), "{}: {kind:?} lives {life} ms", store.name);
        }
    }
}

#[tokio::test]
async fn a_store_without_a_role_signs_urls_and_gives_no_credentials() {
    for mut store in store::all().await {
        store.config.role_arn = None;
        let store = TestStore::again(store).await;
        let (id, prefix) = new_batch();
        let grants = store.grants();
        assert_eq!(grants.choose(None, GrantKind::Credentials), GrantKind::SignedUrls);
        let asked = grants.issue(GrantKind::Credentials, &id, &prefix, &Rules::default()).await;
        assert!(matches!(asked, Err(GrantError::Unsupported(GrantKind::Credentials))));

        let key = format!("{prefix}a.jpg");
        let target = PutTarget { key: &key, size: 5, turn: 0, media_type: Sent::AsItLikes };
        let page = grants.presign(&photos(), (&[target], &[]), Duration::from_secs(60)).await.unwrap();
        let answer = reqwest::Client::new().put(&page.urls[0].url).body("12345").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", store.name);
        assert_eq!(store.read(&key).await.as_deref(), Some(&b"12345"[..]), "{}", store.name);
    }
}

//! Session tokens: required, bound to their key, and over when they are over.

use std::time::Duration;

use aws_credential_types::Credentials;

use crate::harness::{BUCKET, TestStore, code, put, status};

fn with_token(credentials: &Credentials, token: Option<String>) -> Credentials {
    Credentials::new(credentials.access_key_id(), credentials.secret_access_key(), token, None, "test")
}

#[tokio::test]
async fn a_session_key_needs_its_own_untouched_token() {
    let store = TestStore::start().await;
    let (one, two) = (store.batch_session("batch-1/").await, store.batch_session("batch-1/").await);
    let token = one.session_token().unwrap();

    let error = put(&store.s3(with_token(&one, None)), BUCKET, "batch-1/a", b"x").await.unwrap_err();
    assert_eq!((status(&error), code(&error).as_str()), (403, "InvalidAccessKeyId"));

    let foreign = two.session_token().unwrap().to_owned();
    let (payload, mac) = token.split_once('.').unwrap();
    let (foreign_payload, _) = foreign.split_once('.').unwrap();
    for bent in [
        foreign.clone(),
        format!("{foreign_payload}.{mac}"),
        format!("{payload}."),
        payload.to_owned(),
        format!("{token}A"),
        format!("A{token}"),
        "nonsense".to_owned(),
    ] {
        let error = put(&store.s3(with_token(&one, Some(bent.clone()))), BUCKET, "batch-1/a", b"x")
            .await
            .unwrap_err();
        assert_eq!((status(&error), code(&error).as_str()), (400, "InvalidToken"), "{bent}");
    }
    let error = put(&store.s3(with_token(&store.root(), Some(token.to_owned()))), BUCKET, "a", b"x")
        .await
        .unwrap_err();
    assert_eq!(code(&error), "InvalidToken");
    assert!(store.keys().await.is_empty());

    put(&store.s3(one), BUCKET, "batch-1/a", b"x").await.unwrap();
}

#[tokio::test]
async fn an_expired_session_says_so() {
    let store = TestStore::start().await;
    let session = store.session_for(None, 1).await;
    let client = store.s3(session);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let error = put(&client, BUCKET, "a", b"x").await.unwrap_err();
    assert_eq!((status(&error), code(&error).as_str()), (400, "ExpiredToken"));
    assert!(store.keys().await.is_empty());
}

#[tokio::test]
async fn sessions_and_keys_outlive_a_restart() {
    let store = TestStore::start().await;
    let (root, session) = (store.root(), store.batch_session("batch-1/").await);
    let store = TestStore::start_in(store.stop().await).await;
    put(&store.s3(session), BUCKET, "batch-1/a", b"x").await.unwrap();
    assert_eq!(store.root().access_key_id(), root.access_key_id());
}

#[tokio::test]
async fn tokens_of_one_store_are_nothing_to_another() {
    let (one, two) = (TestStore::start().await, TestStore::start().await);
    let session = one.batch_session("batch-1/").await;
    let error = put(&two.s3(session), BUCKET, "batch-1/a", b"x").await.unwrap_err();
    assert_eq!(code(&error), "InvalidToken");
}

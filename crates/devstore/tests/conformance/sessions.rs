//! What the credentials in a browser may do.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::target::{Target, code, status};

cases! {
    a_session_writes_its_prefix_and_nothing_else,
    a_session_does_nothing_but_write,
    tags_are_a_right_of_their_own,
    an_upload_goes_on_with_new_credentials,
    a_session_completes_only_its_own_keys,
    aborting_is_limited_too,
    a_policy_adds_nothing_to_the_role,
}

async fn a_session_writes_its_prefix_and_nothing_else(on: Target) {
    let client = on.client(on.uploader(&on.key("mine/")).await);
    let put = |key: String| client.put_object().bucket(&on.bucket).key(key).send();
    put(on.key("mine/a")).await.unwrap();
    put(on.key("mine/../theirs/a")).await.unwrap();
    for key in [on.key("theirs/a"), on.key("mine"), on.key("mine2/a"), on.key("Mine/a"), "a".to_owned()] {
        let refusal = put(key.clone()).await.unwrap_err();
        assert_eq!((status(&refusal), code(&refusal).as_str()), (403, "AccessDenied"), "{key}");
    }
    assert_eq!(on.read(&on.key("theirs/a")).await, None, "dots are letters of a key");
}

async fn a_session_does_nothing_but_write(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    let client = on.client(on.uploader(&on.prefix).await);
    let bucket = &on.bucket;
    let refused = [
        status(&client.get_object().bucket(bucket).key(&key).send().await.unwrap_err()),
        status(&client.head_object().bucket(bucket).key(&key).send().await.unwrap_err()),
        status(&client.delete_object().bucket(bucket).key(&key).send().await.unwrap_err()),
        status(&client.list_objects_v2().bucket(bucket).send().await.unwrap_err()),
        status(&client.get_object_tagging().bucket(bucket).key(&key).send().await.unwrap_err()),
        status(&client.delete_object_tagging().bucket(bucket).key(&key).send().await.unwrap_err()),
        status(&client.get_bucket_cors().bucket(bucket).send().await.unwrap_err()),
        status(&client.delete_bucket_cors().bucket(bucket).send().await.unwrap_err()),
        status(&client.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap_err()),
        status(&client.delete_bucket_lifecycle().bucket(bucket).send().await.unwrap_err()),
        status(&client.list_multipart_uploads().bucket(bucket).send().await.unwrap_err()),
        status(&client.delete_bucket().bucket(bucket).send().await.unwrap_err()),
    ];
    assert_eq!(refused, [403; 12]);
    assert_eq!(on.read(&key).await.unwrap(), b"x");
}

async fn tags_are_a_right_of_their_own(on: Target) {
    let (key, bucket) = (on.key("a"), &on.bucket);
    on.put(&key, b"x").await;
    let client = on.client(on.uploader(&on.prefix).await);
    let tagged = client.put_object().bucket(bucket).key(&key).tagging("a=b").send().await;
    assert_eq!(tagged.map_err(|refusal| status(&refusal)).err(), Some(403), "tags are a right of their own");
    assert_eq!(on.read(&key).await.unwrap(), b"x");
}

async fn an_upload_goes_on_with_new_credentials(on: Target) {
    let key = on.key("a");
    let (first, second) = (on.uploader(&on.prefix).await, on.uploader(&on.prefix).await);
    let begun = on.client(first).create_multipart_upload().bucket(&on.bucket).key(&key).send().await.unwrap();
    let (id, client) = (begun.upload_id().unwrap(), on.client(second));
    let part = client.upload_part().bucket(&on.bucket).key(&key).upload_id(id).part_number(1);
    let part = part.body(ByteStream::from_static(b"x")).send().await.unwrap();
    let listed = client.list_parts().bucket(&on.bucket).key(&key).upload_id(id).send().await.unwrap();
    assert_eq!(listed.parts().len(), 1);
    let part = CompletedPart::builder().part_number(1).e_tag(part.e_tag().unwrap()).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let complete = client.complete_multipart_upload().bucket(&on.bucket).key(&key).upload_id(id);
    complete.multipart_upload(parts).send().await.unwrap();
    assert_eq!(on.read(&key).await.unwrap(), b"x");
}

async fn a_session_completes_only_its_own_keys(on: Target) {
    let key = on.key("theirs/a");
    let begun = on.owner().create_multipart_upload().bucket(&on.bucket).key(&key).send().await.unwrap();
    let (id, client) = (begun.upload_id().unwrap(), on.client(on.uploader(&on.key("mine/")).await));
    let part = client.upload_part().bucket(&on.bucket).key(&key).upload_id(id).part_number(1);
    let refusal = part.body(ByteStream::from_static(b"x")).send().await.unwrap_err();
    assert_eq!(status(&refusal), 403);
    // The id of one key is none of another.
    let part = client.upload_part().bucket(&on.bucket).key(on.key("mine/a")).upload_id(id).part_number(1);
    let refusal = part.body(ByteStream::from_static(b"x")).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (404, "NoSuchUpload"));
}

async fn aborting_is_limited_too(on: Target) {
    let key = on.key("theirs/a");
    let begun = on.owner().create_multipart_upload().bucket(&on.bucket).key(&key).send().await.unwrap();
    let (id, client) = (begun.upload_id().unwrap(), on.client(on.uploader(&on.key("mine/")).await));
    let abort = client.abort_multipart_upload().bucket(&on.bucket).key(&key).upload_id(id).send().await;
    assert_eq!(abort.map_err(|refusal| status(&refusal)).err(), Some(403), "a foreign upload aborted");
}

async fn a_policy_adds_nothing_to_the_role(on: Target) {
    on.put(&on.key("a"), b"x").await;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let client = on.client(on.session(all).await);
    let refusal = client.get_object().bucket(&on.bucket).key(on.key("a")).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (403, "AccessDenied"));
}

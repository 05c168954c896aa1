//! Uploads in parts.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart};

use crate::harness::{BUCKET, TestStore, batch_policy, code};

const MIB: usize = 1024 * 1024;

async fn start(client: &aws_sdk_s3::Client, key: &str) -> String {
    let upload = client
        .create_multipart_upload()
        .bucket(BUCKET)
        .key(key)
        .content_type("image/x-raw")
        .send()
        .await
        .unwrap();
    upload.upload_id().unwrap().to_owned()
}

async fn part(client: &aws_sdk_s3::Client, key: &str, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let request = client.upload_part().bucket(BUCKET).key(key).upload_id(id).part_number(number);
    let answer = request.body(ByteStream::from(body)).send().await.unwrap();
    CompletedPart::builder().part_number(number).e_tag(answer.e_tag().unwrap()).build()
}

fn complete(
    client: &aws_sdk_s3::Client,
    key: &str,
    id: &str,
    parts: Vec<CompletedPart>,
) -> aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder {
    let upload = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    client.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(id).multipart_upload(upload)
}

#[tokio::test]
async fn parts_become_one_object_even_after_new_credentials() {
    let store = TestStore::start().await;
    let (first, second) = (store.batch_session("b/").await, store.batch_session("b/").await);
    let client = store.s3(first);
    let id = start(&client, "b/film").await;
    let one = part(&client, "b/film", &id, 1, vec![1; 5 * MIB]).await;
    part(&client, "b/film", &id, 2, vec![9; 5 * MIB]).await;
    let client = store.s3(second);
    let two = part(&client, "b/film", &id, 2, vec![2; 5 * MIB]).await;
    let three = part(&client, "b/film", &id, 3, vec![3; 1_000]).await;
    let listed =
        client.list_parts().bucket(BUCKET).key("b/film").upload_id(&id).max_parts(2).send().await.unwrap();
    assert_eq!((listed.parts().len(), listed.is_truncated()), (2, Some(true)));
    assert_eq!(listed.next_part_number_marker(), Some("2"));
    assert!(store.keys().await.is_empty(), "nothing is visible before it is complete");

    let answer = complete(&client, "b/film", &id, vec![one, two, three]).send().await.unwrap();
    assert!(answer.e_tag().unwrap().ends_with("-3\""));
    let body = store.read("b/film").await.unwrap();
    assert_eq!(body.len(), 10 * MIB + 1_000);
    assert!(body[..5 * MIB].iter().all(|byte| *byte == 1));
    assert!(body[5 * MIB..10 * MIB].iter().all(|byte| *byte == 2));
    assert!(body[10 * MIB..].iter().all(|byte| *byte == 3));
    let ranged = store
        .admin()
        .get_object()
        .bucket(BUCKET)
        .key("b/film")
        .range("bytes=5242870-5242889")
        .send()
        .await
        .unwrap();
    let ranged = ranged.body.collect().await.unwrap().to_vec();
    assert_eq!(ranged, [[1; 10], [2; 10]].concat());
    assert_eq!(store.blob_files(), 3, "the part that was replaced is gone");
    store.admin().delete_object().bucket(BUCKET).key("b/film").send().await.unwrap();
    assert_eq!(store.blob_files(), 0);
}

#[tokio::test]
async fn what_was_not_uploaded_cannot_be_completed() {
    let store = TestStore::start().await;
    let client = store.admin();
    let id = start(&client, "a").await;
    let small = part(&client, "a", &id, 1, vec![1; 1_000]).await;
    let last = part(&client, "a", &id, 2, vec![2; 1_000]).await;
    let wrong = CompletedPart::builder().part_number(1).e_tag("\"00000000000000000000000000000000\"").build();
    let missing = CompletedPart::builder().part_number(3).e_tag(last.e_tag().unwrap()).build();
    for (parts, expected) in [
        (vec![wrong], "InvalidPart"),
        (vec![small.clone(), missing], "InvalidPart"),
        (vec![last.clone(), small.clone()], "InvalidPartOrder"),
        (vec![small.clone(), last], "EntityTooSmall"),
        (vec![], "MalformedXML"),
    ] {
        assert_eq!(code(&complete(&client, "a", &id, parts).send().await.unwrap_err()), expected);
    }
    assert_eq!(
        code(&complete(&client, "b", &id, vec![small.clone()]).send().await.unwrap_err()),
        "NoSuchUpload"
    );
    assert!(store.keys().await.is_empty());
    complete(&client, "a", &id, vec![small]).send().await.unwrap();
    assert_eq!((store.read("a").await.unwrap().len(), store.blob_files()), (1_000, 1));
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let store = TestStore::start().await;
    let client = store.s3(store.session_for(Some(batch_policy("b/")), 900).await);
    let id = start(&client, "b/a").await;
    part(&client, "b/a", &id, 1, vec![1; 1_000]).await;
    let uploads = store.admin().list_multipart_uploads().bucket(BUCKET).prefix("b/").send().await.unwrap();
    assert_eq!(uploads.uploads()[0].upload_id(), Some(id.as_str()));
    client.abort_multipart_upload().bucket(BUCKET).key("b/a").upload_id(&id).send().await.unwrap();
    assert_eq!(store.blob_files(), 0);
    let late = client.upload_part().bucket(BUCKET).key("b/a").upload_id(&id).part_number(2);
    assert_eq!(code(&late.body(ByteStream::from_static(b"x")).send().await.unwrap_err()), "NoSuchUpload");
}

#[tokio::test]
async fn parts_have_a_composite_checksum() {
    let store = TestStore::start().await;
    let client = store.admin();
    let created = client
        .create_multipart_upload()
        .bucket(BUCKET)
        .key("a")
        .checksum_algorithm(ChecksumAlgorithm::Sha256);
    let id = created.send().await.unwrap().upload_id().unwrap().to_owned();
    let sent = client
        .upload_part()
        .bucket(BUCKET)
        .key("a")
        .upload_id(&id)
        .part_number(1)
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .body(ByteStream::from_static(b"hello world"))
        .send()
        .await
        .unwrap();
    let named = CompletedPart::builder()
        .part_number(1)
        .e_tag(sent.e_tag().unwrap())
        .checksum_sha256(sent.checksum_sha256().unwrap())
        .build();
    let answer = complete(&client, "a", &id, vec![named]).send().await.unwrap();
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("a")
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.checksum_sha256(), head.checksum_sha256());
    // SHA-256 of the SHA-256 of "hello world".
    assert_eq!(head.checksum_sha256().unwrap(), "vGLUuA2eNtopwWxdTZ8Rcx82BSxyQBp2wjwPtam3RCM=-1");
}

#[tokio::test]
async fn complete_takes_a_precondition_too() {
    let store = TestStore::start().await;
    store.put("a", b"there").await;
    let client = store.admin();
    let id = start(&client, "a").await;
    let only = part(&client, "a", &id, 1, vec![1; 1_000]).await;
    let error = complete(&client, "a", &id, vec![only.clone()]).if_none_match("*").send().await.unwrap_err();
    assert_eq!(code(&error), "PreconditionFailed");
    assert_eq!(store.read("a").await.unwrap(), b"there");
    complete(&client, "a", &id, vec![only]).send().await.unwrap();
    assert_eq!(store.read("a").await.unwrap().len(), 1_000);
}

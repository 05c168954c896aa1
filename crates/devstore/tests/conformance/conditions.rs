//! Reads and writes under a condition.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::target::{Target, code, status};

cases! {
    reads,
    reads_with_two_conditions,
    unmodified_tells_the_etag,
    one_of_eight_writers_makes_a_key,
    one_of_eight_uploads_makes_a_key,
    replacing_what_was_seen,
    conditions_that_s3_does_not_have,
}

/// An object, its ETag, and a time on either side of its own.
async fn seen(on: &Target) -> (String, String, DateTime, DateTime) {
    let key = on.key("a");
    on.put(&key, b"seen").await;
    let head = on.owner().head_object().bucket(&on.bucket).key(&key).send().await.unwrap();
    let hour = Duration::from_secs(3_600);
    let (before, after) = (SystemTime::now() - hour, SystemTime::now() + hour);
    (key, head.e_tag().unwrap().to_owned(), before.into(), after.into())
}

async fn reads(on: Target) {
    let (key, etag, before, after) = seen(&on).await;
    let get = || on.owner().get_object().bucket(&on.bucket).key(&key);
    let head = || on.owner().head_object().bucket(&on.bucket).key(&key);
    let other = "\"00000000000000000000000000000000\"";
    get().if_match(&etag).send().await.unwrap();
    get().if_none_match(other).send().await.unwrap();
    get().if_modified_since(before).send().await.unwrap();
    get().if_unmodified_since(after).send().await.unwrap();
    let refusal = get().if_match(other).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (412, "PreconditionFailed"));
    assert_eq!(status(&get().if_unmodified_since(before).send().await.unwrap_err()), 412);
    assert_eq!(status(&get().if_none_match(&etag).send().await.unwrap_err()), 304);
    let now = SystemTime::now().into();
    assert_eq!(status(&get().if_modified_since(now).send().await.unwrap_err()), 304);
    assert_eq!(status(&head().if_match(other).send().await.unwrap_err()), 412);
    assert_eq!(status(&head().if_none_match(&etag).send().await.unwrap_err()), 304);
}

/// As S3 documents them for GetObject: the ETag decides where there are both.
async fn reads_with_two_conditions(on: Target) {
    let (key, etag, before, after) = seen(&on).await;
    let get = || on.owner().get_object().bucket(&on.bucket).key(&key);
    get().if_match(&etag).if_unmodified_since(before).send().await.unwrap();
    let unmodified = get().if_none_match(&etag).if_modified_since(before).send().await.unwrap_err();
    assert_eq!(status(&unmodified), 304);
    let other = "\"00000000000000000000000000000000\"";
    assert_eq!(status(&get().if_match(other).if_unmodified_since(after).send().await.unwrap_err()), 412);
}

async fn unmodified_tells_the_etag(on: Target) {
    let (key, etag, _, _) = seen(&on).await;
    let unmodified = on.owner().get_object().bucket(&on.bucket).key(&key).if_none_match(&etag);
    let unmodified = unmodified.send().await.unwrap_err();
    assert_eq!(unmodified.raw_response().unwrap().headers().get("etag"), Some(etag.as_str()));
}

async fn one_of_eight_writers_makes_a_key(on: Target) {
    for round in 0..10 {
        let key = on.key(&round.to_string());
        let writers = (0..8).map(|writer| {
            let put = on.owner().put_object().bucket(&on.bucket).key(&key).if_none_match("*");
            put.body(ByteStream::from(vec![writer; 1_000])).send()
        });
        let ended = futures::future::join_all(writers).await;
        let won: Vec<usize> = (0..8).filter(|writer| ended[*writer].is_ok()).collect();
        assert_eq!(won.len(), 1, "round {round}");
        for refusal in ended.into_iter().filter_map(Result::err) {
            assert!(matches!(status(&refusal), 409 | 412), "{refusal:?}");
        }
        assert_eq!(usize::from(on.read(&key).await.unwrap()[0]), won[0]);
    }
}

async fn one_of_eight_uploads_makes_a_key(on: Target) {
    let key = on.key("a");
    let mut ready = Vec::new();
    for writer in 0..8_u8 {
        let (client, bucket) = (on.owner(), &on.bucket);
        let begun = client.create_multipart_upload().bucket(bucket).key(&key).send().await.unwrap();
        let id = begun.upload_id().unwrap();
        let part = client.upload_part().bucket(bucket).key(&key).upload_id(id).part_number(1);
        let part = part.body(ByteStream::from(vec![writer; 100])).send().await.unwrap();
        let part = CompletedPart::builder().part_number(1).e_tag(part.e_tag().unwrap()).build();
        let parts = CompletedMultipartUpload::builder().parts(part).build();
        let complete = client.complete_multipart_upload().bucket(bucket).key(&key).upload_id(id);
        ready.push(complete.multipart_upload(parts).if_none_match("*").send());
    }
    let ended = futures::future::join_all(ready).await;
    let won: Vec<usize> = (0..8).filter(|writer| ended[*writer].is_ok()).collect();
    assert_eq!(won.len(), 1, "uploads that made the key");
    assert_eq!(usize::from(on.read(&key).await.unwrap()[0]), won[0]);
}

async fn replacing_what_was_seen(on: Target) {
    let (key, etag, _, _) = seen(&on).await;
    let put = |etag: &str| {
        let put = on.owner().put_object().bucket(&on.bucket).key(&key).if_match(etag);
        put.body(ByteStream::from_static(b"new")).send()
    };
    put(&etag).await.unwrap();
    let refusal = put(&etag).await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (412, "PreconditionFailed"));
    let nothing = on.owner().put_object().bucket(&on.bucket).key(on.key("none")).if_match(&etag);
    assert_eq!(status(&nothing.send().await.unwrap_err()), 404);
}

async fn conditions_that_s3_does_not_have(on: Target) {
    let (key, etag, _, _) = seen(&on).await;
    let put = on.owner().put_object().bucket(&on.bucket).key(&key).if_none_match(&etag);
    let refusal = put.send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (501, "NotImplemented"));
}

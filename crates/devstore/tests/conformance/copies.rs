//! Copies on the store's side.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, MetadataDirective, TaggingDirective};
use sigv4::encode_path;

use crate::target::{Target, bytes, code, status};

cases! {
    a_copy_has_everything_of_its_source,
    a_copy_tells_its_etag,
    a_copy_with_headers_of_its_own,
    a_copy_with_tags_of_its_own,
    a_copy_outlives_its_source,
    copying_onto_itself,
    under_a_condition,
    odd_names_of_sources,
    what_is_not_there,
    a_copy_of_parts_is_one_object,
    directives_are_two_words,
    a_session_that_cannot_read_cannot_copy,
}

async fn source(on: &Target) -> String {
    let key = on.key("source");
    let put = on.owner().put_object().bucket(&on.bucket).key(&key).content_type("image/png");
    let put =
        put.metadata("camera", "X100").tagging("state=new").body(ByteStream::from_static(b"hello world"));
    put.send().await.unwrap();
    key
}

fn copy(
    on: &Target,
    from: &str,
    to: &str,
) -> aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder {
    let copy = on.owner().copy_object().bucket(&on.bucket).key(to);
    copy.copy_source(format!("{}/{}", on.bucket, encode_path(from)))
}

async fn tags(on: &Target, key: &str) -> Vec<(String, String)> {
    let answer = on.owner().get_object_tagging().bucket(&on.bucket).key(key).send().await.unwrap();
    answer.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

async fn a_copy_has_everything_of_its_source(on: Target) {
    let (from, to) = (source(&on).await, on.key("copy"));
    let answer = copy(&on, &from, &to).content_type("text/plain").send().await.unwrap();
    assert!(answer.copy_object_result().unwrap().last_modified().is_some());
    let head = on.owner().head_object().bucket(&on.bucket).key(&to).send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/png"), "said headers count only with REPLACE");
    assert_eq!(head.metadata().unwrap()["camera"], "X100");
    assert_eq!(head.e_tag(), Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""));
    assert_eq!(on.read(&to).await.unwrap(), b"hello world");
    assert_eq!(tags(&on, &to).await, [("state".to_owned(), "new".to_owned())]);
}

async fn a_copy_tells_its_etag(on: Target) {
    let (from, to) = (source(&on).await, on.key("copy"));
    let answer = copy(&on, &from, &to).send().await.unwrap();
    let etag = answer.copy_object_result().unwrap().e_tag();
    assert_eq!(etag, Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""), "with quotes, as everywhere");
}

async fn a_copy_with_headers_of_its_own(on: Target) {
    let (from, to) = (source(&on).await, on.key("copy"));
    let copy = copy(&on, &from, &to)
        .metadata_directive(MetadataDirective::Replace)
        .content_type("text/plain")
        .metadata("lens", "35");
    copy.send().await.unwrap();
    let head = on.owner().head_object().bucket(&on.bucket).key(&to).send().await.unwrap();
    assert_eq!(head.content_type(), Some("text/plain"));
    let metadata = head.metadata().unwrap();
    assert_eq!((metadata.len(), metadata["lens"].as_str()), (1, "35"));
}

async fn a_copy_with_tags_of_its_own(on: Target) {
    let (from, to) = (source(&on).await, on.key("copy"));
    let copy = copy(&on, &from, &to).tagging_directive(TaggingDirective::Replace).tagging("a=b&c=d");
    copy.send().await.unwrap();
    let mut tags = tags(&on, &to).await;
    tags.sort();
    assert_eq!(tags, [("a".to_owned(), "b".to_owned()), ("c".to_owned(), "d".to_owned())]);
}

async fn a_copy_outlives_its_source(on: Target) {
    let (from, to) = (source(&on).await, on.key("copy"));
    copy(&on, &from, &to).send().await.unwrap();
    on.put(&from, b"something else").await;
    assert_eq!(on.read(&to).await.unwrap(), b"hello world");
    on.owner().delete_object().bucket(&on.bucket).key(&from).send().await.unwrap();
    assert_eq!(on.read(&to).await.unwrap(), b"hello world");
}

async fn copying_onto_itself(on: Target) {
    let key = source(&on).await;
    let refusal = copy(&on, &key, &key).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (400, "InvalidRequest"));
    let replace = copy(&on, &key, &key).metadata_directive(MetadataDirective::Replace).metadata("a", "b");
    replace.send().await.unwrap();
    let head = on.owner().head_object().bucket(&on.bucket).key(&key).send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["a"], "b");
    assert_eq!(on.read(&key).await.unwrap(), b"hello world");
}

async fn under_a_condition(on: Target) {
    let (from, to) = (source(&on).await, on.key("copy"));
    let (etag, other) = ("\"5eb63bbbe01eeed093cb22bb8f5acdc3\"", "\"00000000000000000000000000000000\"");
    let hour = Duration::from_secs(3_600);
    let (before, after) = (SystemTime::now() - hour, SystemTime::now() + hour);
    for refused in [
        copy(&on, &from, &to).copy_source_if_match(other),
        copy(&on, &from, &to).copy_source_if_none_match(etag),
        copy(&on, &from, &to).copy_source_if_unmodified_since(before.into()),
        copy(&on, &from, &to).copy_source_if_none_match(etag).copy_source_if_modified_since(before.into()),
    ] {
        let refusal = refused.send().await.unwrap_err();
        assert_eq!((status(&refusal), code(&refusal).as_str()), (412, "PreconditionFailed"));
    }
    assert_eq!(on.read(&to).await, None);
    for fine in [
        copy(&on, &from, &to).copy_source_if_match(etag).copy_source_if_unmodified_since(after.into()),
        copy(&on, &from, &to).copy_source_if_none_match(other),
        copy(&on, &from, &to).copy_source_if_modified_since(before.into()),
    ] {
        fine.send().await.unwrap();
    }
}

async fn odd_names_of_sources(on: Target) {
    for name in ["a b", "a+b", "a%20b", "ä/../é", "what?versionId=1", "\u{1f30a}"] {
        let from = on.key(name);
        on.put(&from, name.as_bytes()).await;
        copy(&on, &from, &on.key("copy")).send().await.unwrap();
        assert_eq!(on.read(&on.key("copy")).await.unwrap(), name.as_bytes(), "{name}");
    }
    on.put(&on.key("plain/name.jpg"), b"plain").await;
    let copy = on.owner().copy_object().bucket(&on.bucket).key(on.key("copy"));
    copy.copy_source(format!("/{}/{}", on.bucket, on.key("plain/name.jpg"))).send().await.unwrap();
    assert_eq!(on.read(&on.key("copy")).await.unwrap(), b"plain", "a slash in front is allowed");
}

async fn what_is_not_there(on: Target) {
    let refusal = copy(&on, &on.key("none"), &on.key("copy")).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (404, "NoSuchKey"));
    let copy = on.owner().copy_object().bucket(&on.bucket).key(on.key("copy"));
    let refusal = copy.copy_source("no-such-bucket-0/a").send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (404, "NoSuchBucket"));
}

async fn a_copy_of_parts_is_one_object(on: Target) {
    let (from, to, client) = (on.key("parts"), on.key("copy"), on.owner());
    let begun = client.create_multipart_upload().bucket(&on.bucket).key(&from).send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let body = bytes(5 * 1024 * 1024 + 7);
    let mut parts = CompletedMultipartUpload::builder();
    for (number, range) in [(1, 0..5 * 1024 * 1024), (2, 5 * 1024 * 1024..body.len())] {
        let part = client.upload_part().bucket(&on.bucket).key(&from).upload_id(id).part_number(number);
        let part = part.body(ByteStream::from(body[range].to_vec())).send().await.unwrap();
        parts =
            parts.parts(CompletedPart::builder().part_number(number).e_tag(part.e_tag().unwrap()).build());
    }
    let complete = client.complete_multipart_upload().bucket(&on.bucket).key(&from).upload_id(id);
    complete.multipart_upload(parts.build()).send().await.unwrap();
    copy(&on, &from, &to).send().await.unwrap();
    client.delete_object().bucket(&on.bucket).key(&from).send().await.unwrap();
    assert!(on.read(&to).await.unwrap() == body);
    let at_once = client.put_object().bucket(&on.bucket).key(&from).body(ByteStream::from(body));
    let at_once = at_once.send().await.unwrap();
    let head = client.head_object().bucket(&on.bucket).key(&to).send().await.unwrap();
    assert_eq!(head.e_tag(), at_once.e_tag(), "the ETag is the MD5 of the bytes");
}

async fn directives_are_two_words(on: Target) {
    let from = source(&on).await;
    let refused = copy(&on, &from, &on.key("copy")).metadata_directive(MetadataDirective::from("MOVE"));
    let refusal = refused.send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (400, "InvalidArgument"));
}

async fn a_session_that_cannot_read_cannot_copy(on: Target) {
    let from = source(&on).await;
    let client = on.client(on.uploader(&on.prefix).await);
    let to = on.key("copy");
    let copy = client.copy_object().bucket(&on.bucket).key(&to);
    let refusal = copy.copy_source(format!("{}/{from}", on.bucket)).send().await.unwrap_err();
    assert_eq!((status(&refusal), code(&refusal).as_str()), (403, "AccessDenied"));
    assert_eq!(on.read(&to).await, None);
}

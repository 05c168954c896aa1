//! Uploads in parts.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart,
};

use crate::target::{Target, bytes, code, status};

const MIB: usize = 1024 * 1024;

cases! {
    parts_become_one_object,
    parts_that_nobody_names_go_away,
    complete_tells_the_etag,
    a_part_can_be_sent_again,
    aborting_forgets,
    a_part_needs_an_upload,
    parts_are_listed_in_pages,
    uploads_are_listed,
    parts_must_be_what_arrived,
    parts_have_an_order,
    parts_have_a_smallest_size,
    part_numbers_have_limits,
    an_upload_needs_parts,
    completing_only_what_is_not_there,
    full_object_checksums,
    composite_checksums,
    checksum_types_that_s3_does_not_have,
    a_wrong_checksum_makes_no_object,
    a_wrong_size_makes_no_object,
}

async fn begin(on: &Target, key: &str) -> String {
    let begun = on.owner().create_multipart_upload().bucket(&on.bucket).key(key).content_type("image/x-raw");
    begun.send().await.unwrap().upload_id().unwrap().to_owned()
}

async fn part(on: &Target, key: &str, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let part = on.owner().upload_part().bucket(&on.bucket).key(key).upload_id(id).part_number(number);
    let answer = part.body(ByteStream::from(body)).send().await.unwrap();
    CompletedPart::builder().part_number(number).e_tag(answer.e_tag().unwrap()).build()
}

fn complete(
    on: &Target,
    key: &str,
    id: &str,
    parts: Vec<CompletedPart>,
) -> aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder {
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    on.owner().complete_multipart_upload().bucket(&on.bucket).key(key).upload_id(id).multipart_upload(parts)
}

/// The code of a refusal to complete.
async fn refusal(on: &Target, key: &str, id: &str, parts: Vec<CompletedPart>) -> (u16, String) {
    let refusal = complete(on, key, id, parts).send().await.unwrap_err();
    (status(&refusal), code(&refusal))
}

async fn parts_become_one_object(on: Target) {
    let (key, body) = (on.key("film"), bytes(10 * MIB + 1_000));
    let id = begin(&on, &key).await;
    let parts = vec![
        part(&on, &key, &id, 1, body[..5 * MIB].to_vec()).await,
        part(&on, &key, &id, 7, body[5 * MIB..10 * MIB].to_vec()).await,
        part(&on, &key, &id, 10_000, body[10 * MIB..].to_vec()).await,
    ];
    assert_eq!(on.read(&key).await, None, "nothing is there before it is complete");
    complete(&on, &key, &id, parts).send().await.unwrap();
    assert!(on.read(&key).await.unwrap() == body);
    let head = on.owner().head_object().bucket(&on.bucket).key(&key).send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/x-raw"));
    assert!(head.e_tag().unwrap().ends_with("-3\""));
    let range = format!("bytes={}-{}", 5 * MIB - 2, 5 * MIB + 1);
    let got = on.owner().get_object().bucket(&on.bucket).key(&key).range(range).send().await.unwrap();
    assert!(got.body.collect().await.unwrap().to_vec() == body[5 * MIB - 2..5 * MIB + 2]);
}

async fn parts_that_nobody_names_go_away(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, b"one".to_vec()).await;
    part(&on, &key, &id, 2, b"two".to_vec()).await;
    complete(&on, &key, &id, vec![one]).send().await.unwrap();
    assert_eq!(on.read(&key).await.unwrap(), b"one");
}

async fn complete_tells_the_etag(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, b"hello world".to_vec()).await;
    let answer = complete(&on, &key, &id, vec![one]).send().await.unwrap();
    // The MD5 of the MD5.
    assert_eq!(answer.e_tag(), Some("\"241d8a27c836427bd7f04461b60e7359-1\""), "Complete's ETag");
}

async fn a_part_can_be_sent_again(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let first = part(&on, &key, &id, 1, b"one".to_vec()).await;
    let second = part(&on, &key, &id, 1, b"two".to_vec()).await;
    assert_eq!(refusal(&on, &key, &id, vec![first]).await, (400, "InvalidPart".to_owned()));
    complete(&on, &key, &id, vec![second]).send().await.unwrap();
    assert_eq!(on.read(&key).await.unwrap(), b"two");
}

async fn aborting_forgets(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, b"one".to_vec()).await;
    let abort = || on.owner().abort_multipart_upload().bucket(&on.bucket).key(&key).upload_id(&id).send();
    abort().await.unwrap();
    assert_eq!(refusal(&on, &key, &id, vec![one]).await, (404, "NoSuchUpload".to_owned()));
    let gone = abort().await.unwrap_err();
    assert_eq!((status(&gone), code(&gone).as_str()), (404, "NoSuchUpload"));
    assert_eq!(on.read(&key).await, None);
}

async fn a_part_needs_an_upload(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let abort = on.owner().abort_multipart_upload().bucket(&on.bucket).key(&key).upload_id(&id);
    abort.send().await.unwrap();
    let part = on.owner().upload_part().bucket(&on.bucket).key(&key).upload_id(&id).part_number(2);
    let gone = part.body(ByteStream::from_static(b"two")).send().await.unwrap_err();
    assert_eq!((status(&gone), code(&gone).as_str()), (404, "NoSuchUpload"));
}

async fn parts_are_listed_in_pages(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    for number in [2, 3, 5, 8, 13] {
        part(&on, &key, &id, number, vec![b'x'; usize::try_from(number).unwrap()]).await;
    }
    let list = || on.owner().list_parts().bucket(&on.bucket).key(&key).upload_id(&id).max_parts(2);
    let (mut listed, mut marker) = (Vec::new(), None);
    loop {
        let page = list().set_part_number_marker(marker).send().await.unwrap();
        assert!(page.parts().len() <= 2);
        listed.extend(page.parts().iter().map(|part| (part.part_number().unwrap(), part.size().unwrap())));
        assert!(page.parts().iter().all(|part| part.e_tag().is_some() && part.last_modified().is_some()));
        if page.is_truncated() != Some(true) {
            break;
        }
        marker = page.next_part_number_marker().map(str::to_owned);
        assert!(marker.is_some() && listed.len() < 10);
    }
    assert_eq!(listed, [(2, 2), (3, 3), (5, 5), (8, 8), (13, 13)]);
}

async fn uploads_are_listed(on: Target) {
    let mut ids = Vec::new();
    for name in ["a", "b", "b", "c/d"] {
        ids.push((on.key(name), begin(&on, &on.key(name)).await));
    }
    ids.sort();
    let list = || on.owner().list_multipart_uploads().bucket(&on.bucket).prefix(&on.prefix).max_uploads(3);
    let page = list().send().await.unwrap();
    assert_eq!((page.uploads().len(), page.is_truncated()), (3, Some(true)));
    let rest = list()
        .key_marker(page.next_key_marker().unwrap())
        .upload_id_marker(page.next_upload_id_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((rest.uploads().len(), rest.is_truncated()), (1, Some(false)));
    let all = page.uploads().iter().chain(rest.uploads());
    let mut all: Vec<_> = all
        .map(|upload| (upload.key().unwrap().to_owned(), upload.upload_id().unwrap().to_owned()))
        .collect();
    all.sort();
    assert_eq!(all, ids);
}

async fn parts_must_be_what_arrived(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, b"one".to_vec()).await;
    let bent = CompletedPart::builder().part_number(1).e_tag("\"00000000000000000000000000000000\"").build();
    assert_eq!(refusal(&on, &key, &id, vec![bent]).await, (400, "InvalidPart".to_owned()));
    let missing = CompletedPart::builder().part_number(2).e_tag(one.e_tag().unwrap()).build();
    assert_eq!(refusal(&on, &key, &id, vec![missing]).await, (400, "InvalidPart".to_owned()));
    complete(&on, &key, &id, vec![one]).send().await.unwrap();
}

async fn parts_have_an_order(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, vec![1; 5 * MIB]).await;
    let two = part(&on, &key, &id, 2, vec![2; 5 * MIB]).await;
    assert_eq!(refusal(&on, &key, &id, vec![two, one]).await, (400, "InvalidPartOrder".to_owned()));
}

async fn parts_have_a_smallest_size(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, vec![1; 5 * MIB - 1]).await;
    let two = part(&on, &key, &id, 2, vec![2; 100]).await;
    assert_eq!(refusal(&on, &key, &id, vec![one, two]).await, (400, "EntityTooSmall".to_owned()));
    assert_eq!(on.read(&key).await, None);
}

async fn part_numbers_have_limits(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    for number in [0, 10_001, -1] {
        let part = on.owner().upload_part().bucket(&on.bucket).key(&key).upload_id(&id).part_number(number);
        let refusal = part.body(ByteStream::from_static(b"x")).send().await.unwrap_err();
        assert_eq!((status(&refusal), code(&refusal).as_str()), (400, "InvalidArgument"), "part {number}");
    }
}

async fn an_upload_needs_parts(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    assert_eq!(refusal(&on, &key, &id, Vec::new()).await, (400, "MalformedXML".to_owned()));
    assert_eq!(on.read(&key).await, None);
}

async fn completing_only_what_is_not_there(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, b"one".to_vec()).await;
    on.put(&key, b"first").await;
    let late = complete(&on, &key, &id, vec![one.clone()]).if_none_match("*").send().await;
    assert!(late.is_err(), "If-None-Match on Complete");
    let late = late.unwrap_err();
    assert_eq!((status(&late), code(&late).as_str()), (412, "PreconditionFailed"));
    assert_eq!(on.read(&key).await.unwrap(), b"first");
    complete(&on, &key, &id, vec![one]).send().await.unwrap();
    assert_eq!(on.read(&key).await.unwrap(), b"one", "the upload outlives the refusal");
}

/// Parts of 5 MiB and 1,000 bytes with checksums.
async fn summed(
    on: &Target,
    key: &str,
    algorithm: &ChecksumAlgorithm,
    kind: Option<ChecksumType>,
) -> (String, Vec<CompletedPart>, Vec<u8>) {
    let body = bytes(5 * MIB + 1_000);
    let begun = on.owner().create_multipart_upload().bucket(&on.bucket).key(key);
    let begun = begun.checksum_algorithm(algorithm.clone()).set_checksum_type(kind).send().await.unwrap();
    let id = begun.upload_id().unwrap().to_owned();
    let mut parts = Vec::new();
    for (number, range) in [(1, 0..5 * MIB), (2, 5 * MIB..body.len())] {
        let part = on.owner().upload_part().bucket(&on.bucket).key(key).upload_id(&id).part_number(number);
        let part = part.checksum_algorithm(algorithm.clone()).body(ByteStream::from(body[range].to_vec()));
        let part = part.send().await.unwrap();
        parts.push(
            CompletedPart::builder()
                .part_number(number)
                .e_tag(part.e_tag().unwrap())
                .set_checksum_crc32(part.checksum_crc32)
                .set_checksum_crc32_c(part.checksum_crc32_c)
                .set_checksum_crc64_nvme(part.checksum_crc64_nvme)
                .set_checksum_sha1(part.checksum_sha1)
                .set_checksum_sha256(part.checksum_sha256)
                .build(),
        );
    }
    (id, parts, body)
}

/// The one checksum that a HEAD tells, and its type.
async fn told(on: &Target, key: &str) -> (String, Option<ChecksumType>) {
    let head = on.owner().head_object().bucket(&on.bucket).key(key).checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    let sums = [
        head.checksum_crc32(),
        head.checksum_crc32_c(),
        head.checksum_crc64_nvme(),
        head.checksum_sha1(),
        head.checksum_sha256(),
    ];
    let sums: Vec<_> = sums.into_iter().flatten().collect();
    assert_eq!(sums.len(), 1, "HEAD tells one checksum");
    (sums[0].to_owned(), head.checksum_type().cloned())
}

async fn full_object_checksums(on: Target) {
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32C, ChecksumAlgorithm::Crc64Nvme] {
        let (key, kind) = (on.key(algorithm.as_str()), ChecksumType::FullObject);
        let (id, parts, body) = summed(&on, &key, &algorithm, Some(kind.clone())).await;
        complete(&on, &key, &id, parts).checksum_type(kind.clone()).send().await.unwrap();
        let at_once = on.key("at once");
        let put = on.owner().put_object().bucket(&on.bucket).key(&at_once).checksum_algorithm(algorithm);
        put.body(ByteStream::from(body)).send().await.unwrap();
        assert_eq!(told(&on, &key).await, (told(&on, &at_once).await.0, Some(kind)));
    }
}

async fn composite_checksums(on: Target) {
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        let key = on.key(algorithm.as_str());
        let (id, parts, _) = summed(&on, &key, &algorithm, None).await;
        complete(&on, &key, &id, parts).send().await.unwrap();
        let (sum, kind) = told(&on, &key).await;
        assert!(sum.ends_with("-2"), "{algorithm}: {sum}");
        assert_eq!(kind, Some(ChecksumType::Composite));
    }
}

async fn checksum_types_that_s3_does_not_have(on: Target) {
    for (algorithm, kind) in [
        (ChecksumAlgorithm::Sha1, ChecksumType::FullObject),
        (ChecksumAlgorithm::Sha256, ChecksumType::FullObject),
        (ChecksumAlgorithm::Crc64Nvme, ChecksumType::Composite),
    ] {
        let begin = on.owner().create_multipart_upload().bucket(&on.bucket).key(on.key("a"));
        let refusal = begin.checksum_algorithm(algorithm).checksum_type(kind).send().await;
        assert!(refusal.is_err(), "a type that S3 does not have");
        assert_eq!(code(&refusal.unwrap_err()), "InvalidRequest");
    }
}

async fn a_wrong_checksum_makes_no_object(on: Target) {
    let (key, kind) = (on.key("a"), ChecksumType::FullObject);
    let (id, parts, _) = summed(&on, &key, &ChecksumAlgorithm::Crc32, Some(kind)).await;
    let wrong = complete(&on, &key, &id, parts.clone()).checksum_crc32("AAAAAA==").send().await;
    assert!(wrong.is_err(), "a checksum of another object");
    assert_eq!(code(&wrong.unwrap_err()), "BadDigest");
    assert_eq!(on.read(&key).await, None);
    complete(&on, &key, &id, parts).send().await.unwrap();
}

async fn a_wrong_size_makes_no_object(on: Target) {
    let key = on.key("a");
    let id = begin(&on, &key).await;
    let one = part(&on, &key, &id, 1, b"one".to_vec()).await;
    let wrong = complete(&on, &key, &id, vec![one.clone()]).mpu_object_size(4).send().await;
    assert!(wrong.is_err(), "the size of another object");
    assert_eq!(code(&wrong.unwrap_err()), "InvalidRequest");
    complete(&on, &key, &id, vec![one]).mpu_object_size(3).send().await.unwrap();
}

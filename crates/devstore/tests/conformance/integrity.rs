//! What is damaged on its way does not stay.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sigv4::{Method, Payload};

use crate::target::Target;

cases! {
    content_md5,
    payload_hash,
    short_bodies,
    checksums_in_headers,
    checksums_in_trailers,
    one_checksum_at_a_time,
    a_document_is_what_its_md5_says,
    a_list_of_deletions_needs_a_checksum,
}

/// Of `hello world`.
const SUMS: [(&str, &str); 5] = [
    ("x-amz-checksum-crc32", "DUoRhQ=="),
    ("x-amz-checksum-crc32c", "yZRlqg=="),
    ("x-amz-checksum-crc64nvme", "jSnVw/bqjr4="),
    ("x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
    ("x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
];

async fn content_md5(on: Target) {
    let key = on.key("a");
    for (md5, expected) in [("XrY7u+Ae7tCTyyK7j1rNww==", "BadDigest"), ("not an md5", "InvalidDigest")] {
        let answer = on.raw(Method::Put, &key, &[], &[("content-md5", md5)], b"hello w0rld").await;
        assert_eq!((answer.status, answer.code()), (400, expected));
    }
    assert_eq!(on.read(&key).await, None);
    let answer =
        on.raw(Method::Put, &key, &[], &[("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==")], b"hello world");
    assert_eq!(answer.await.status, 200);
}

async fn payload_hash(on: Target) {
    let key = on.key("a");
    let answer = on.raw_as(Payload::of(b"another"), Method::Put, &key, &[], &[], b"hello world").await;
    assert_eq!((answer.status, answer.code()), (400, "XAmzContentSHA256Mismatch"));
    assert_eq!(on.read(&key).await, None);
}

async fn short_bodies(on: Target) {
    let key = on.key("a");
    let long = [("content-length", "11")];
    let (head, body) = (&long[..], &b"hello"[..]);
    // The connection ends with the body; whether there is an answer is a matter of timing.
    let sent = on.raw_as(Payload::Unsigned, Method::Put, &key, &[], head, body);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), sent).await;
    assert_eq!(on.read(&key).await, None);
}

async fn checksums_in_headers(on: Target) {
    for (header, sum) in SUMS {
        let key = on.key(header);
        let answer = on.raw(Method::Put, &key, &[], &[(header, sum)], b"hello w0rld").await;
        assert_eq!((answer.status, answer.code()), (400, "BadDigest"), "{header}");
        let answer = on.raw(Method::Put, &key, &[], &[(header, "bm9uZQ")], b"hello world").await;
        assert_eq!((answer.status, answer.code()), (400, "InvalidRequest"), "{header}");
        assert_eq!(on.read(&key).await, None);
        let answer = on.raw(Method::Put, &key, &[], &[(header, sum)], b"hello world").await;
        assert_eq!((answer.status, answer.header(header)), (200, Some(sum)));
        let head = on.raw(Method::Head, &key, &[], &[("x-amz-checksum-mode", "ENABLED")], b"").await;
        assert_eq!((head.status, head.header(header)), (200, Some(sum)));
        assert_eq!(head.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
        let head = on.raw(Method::Head, &key, &[], &[], b"").await;
        assert_eq!((head.status, head.header(header)), (200, None));
    }
}

async fn checksums_in_trailers(on: Target) {
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        // From a file, so that the SDK cannot know the checksum beforehand.
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"hello world").unwrap();
        let key = on.key(algorithm.as_str());
        let put = on.owner().put_object().bucket(&on.bucket).key(&key).checksum_algorithm(algorithm.clone());
        let sent = put.body(ByteStream::from_path(file.path()).await.unwrap()).send().await;
        assert!(sent.is_ok(), "trailing {algorithm}: {sent:?}");
        let got = on.owner().get_object().bucket(&on.bucket).key(&key).checksum_mode(ChecksumMode::Enabled);
        let got = got.send().await.unwrap();
        let kept = [
            got.checksum_crc32(),
            got.checksum_crc32_c(),
            got.checksum_crc64_nvme(),
            got.checksum_sha1(),
            got.checksum_sha256(),
        ];
        let kept: Vec<_> = kept.into_iter().flatten().collect();
        assert!(kept.len() == 1 && SUMS.iter().any(|(_, sum)| *sum == kept[0]), "{algorithm}: {kept:?}");
        assert_eq!(got.body.collect().await.unwrap().to_vec(), b"hello world");
    }
}

async fn one_checksum_at_a_time(on: Target) {
    let two = [SUMS[0], SUMS[4]];
    let answer = on.raw(Method::Put, &on.key("a"), &[], &two, b"hello world").await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidRequest"));
}

fn deletion(key: &str) -> String {
    format!("<Delete><Object><Key>{key}</Key></Object></Delete>")
}

async fn a_document_is_what_its_md5_says(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    let wrong = STANDARD.encode([7; 16]);
    let headers = [("content-md5", wrong.as_str())];
    let answer = on.raw(Method::Post, "", &[("delete", "")], &headers, deletion(&key).as_bytes()).await;
    assert_eq!((answer.status, answer.code()), (400, "BadDigest"));
    assert!(on.read(&key).await.is_some());
}

async fn a_list_of_deletions_needs_a_checksum(on: Target) {
    let key = on.key("a");
    on.put(&key, b"x").await;
    let answer = on.raw(Method::Post, "", &[("delete", "")], &[], deletion(&key).as_bytes()).await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidRequest"));
    assert!(on.read(&key).await.is_some());
}

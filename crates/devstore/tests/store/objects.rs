//! Objects: what goes in comes out, and what is damaged on the way does not stay.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, Delete, ObjectIdentifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sigv4::{Method, Payload};

use crate::harness::{BUCKET, TestStore, code, put, status};
use crate::raw;

/// Bytes without a pattern that a mistake could hide in.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

#[tokio::test]
async fn an_object_comes_back_with_its_headers() {
    let store = TestStore::start().await;
    let body = bytes(2_000_000);
    let answer = store
        .admin()
        .put_object()
        .bucket(BUCKET)
        .key("photos/ä b+c%.jpg")
        .content_type("image/jpeg")
        .cache_control("max-age=60")
        .content_disposition("attachment")
        .content_encoding("identity")
        .metadata("camera", "X100")
        .body(ByteStream::from(body.clone()))
        .send()
        .await
        .unwrap();
    let etag = answer.e_tag().unwrap().to_owned();
    assert_eq!(etag.len(), 34);

    let got = store.admin().get_object().bucket(BUCKET).key("photos/ä b+c%.jpg").send().await.unwrap();
    assert_eq!(got.e_tag().unwrap(), etag);
    assert_eq!(got.content_type().unwrap(), "image/jpeg");
    assert_eq!(got.cache_control().unwrap(), "max-age=60");
    assert_eq!(got.content_disposition().unwrap(), "attachment");
    assert_eq!(got.content_encoding().unwrap(), "identity");
    assert_eq!(got.metadata().unwrap()["camera"], "X100");
    assert_eq!(got.content_length().unwrap(), 2_000_000);
    assert!(got.body.collect().await.unwrap().to_vec() == body);

    let head = store.admin().head_object().bucket(BUCKET).key("photos/ä b+c%.jpg").send().await.unwrap();
    assert_eq!((head.content_length(), head.e_tag()), (Some(2_000_000), Some(etag.as_str())));
    let error = store.admin().head_object().bucket(BUCKET).key("none").send().await.unwrap_err();
    assert_eq!(status(&error), 404);
}

#[tokio::test]
async fn an_etag_is_the_md5_of_the_bytes() {
    let store = TestStore::start().await;
    let answer = put(&store.admin(), BUCKET, "hello", b"hello world").await.unwrap();
    assert_eq!(answer.e_tag().unwrap(), "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"");
    let answer = put(&store.admin(), BUCKET, "empty", b"").await.unwrap();
    assert_eq!(answer.e_tag().unwrap(), "\"d41d8cd98f00b204e9800998ecf8427e\"");
    assert_eq!(store.read("empty").await.unwrap(), b"");
    assert_eq!(store.blob_files(), 1, "nothing needs no file");
}

#[tokio::test]
async fn keys_are_literal() {
    let store = TestStore::start().await;
    let long = "k".repeat(1_024);
    let keys = [
        "a",
        "a/b",
        "a/",
        "a//b",
        "..",
        "a/../b",
        "./a",
        "\u{1f30a}/é",
        "a b+c%20&=?#",
        "line\nbreak",
        "tab\tx",
        &long,
    ];
    for key in keys {
        assert_eq!(store.raw_put(&store.root(), key, &[], key.as_bytes()).await.status, 200, "{key:?}");
    }
    for key in keys {
        assert_eq!(store.read(key).await.unwrap(), key.as_bytes(), "{key:?}");
    }
    let mut sorted: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    sorted.sort();
    let listed = store
        .admin()
        .list_objects_v2()
        .bucket(BUCKET)
        .encoding_type(aws_sdk_s3::types::EncodingType::Url)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.contents().len(), keys.len());
    let encoded: Vec<&str> = listed.contents().iter().map(|object| object.key().unwrap()).collect();
    assert!(encoded.contains(&"line%0Abreak") && encoded.contains(&"a%20b%2Bc%2520%26%3D%3F%23"));

    let answer = store.raw_put(&store.root(), &"k".repeat(1_025), &[], b"x").await;
    assert_eq!((answer.status, answer.code()), (400, "KeyTooLongError"));
}

#[tokio::test]
async fn ranges_are_answered_as_asked() {
    let store = TestStore::start().await;
    let body = bytes(700_000);
    store.put("a", &body).await;
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=300000-300009", 300_000..300_010),
        ("bytes=699990-", 699_990..700_000),
        ("bytes=-5", 699_995..700_000),
        ("bytes=0-9999999", 0..700_000),
    ] {
        let got = store.admin().get_object().bucket(BUCKET).key("a").range(range).send().await.unwrap();
        assert_eq!(
            got.content_range().unwrap(),
            format!("bytes {}-{}/700000", expected.start, expected.end - 1)
        );
        assert!(got.body.collect().await.unwrap().to_vec() == body[expected], "{range}");
    }
    let error =
        store.admin().get_object().bucket(BUCKET).key("a").range("bytes=700000-").send().await.unwrap_err();
    assert_eq!((status(&error), code(&error).as_str()), (416, "InvalidRange"));
}

#[tokio::test]
async fn a_body_that_differs_from_its_digest_is_refused() {
    let store = TestStore::start().await;
    let root = store.root();
    let wrong_md5 = STANDARD.encode([7; 16]);
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("content-md5", &wrong_md5)], "BadDigest"),
        (&[("content-md5", "nonsense")], "InvalidDigest"),
        (&[("x-amz-checksum-crc32", "AAAAAA==")], "BadDigest"),
        (&[("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")], "BadDigest"),
        (&[("x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")], "BadDigest"),
        (&[("x-amz-checksum-crc32", "nonsense")], "InvalidRequest"),
        (
            &[("x-amz-checksum-crc32", "DUoRhQ=="), ("x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0=")],
            "InvalidRequest",
        ),
    ];
    for (headers, expected) in cases {
        let answer = store.raw_put(&root, "a", headers, b"hello world").await;
        assert_eq!((answer.status, answer.code()), (400, expected), "{headers:?}");
    }
    let signed = store.sign(&root, Method::Put, "a", &[], &[], Payload::of(b"hello world"));
    let answer = store.send("PUT", &signed, b"hello w0rld").await;
    assert_eq!((answer.status, answer.code()), (400, "XAmzContentSHA256Mismatch"));
    assert_eq!(store.read("a").await, None);
    assert_eq!(store.blob_files(), 0);

    for headers in [
        [("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==")],
        [("x-amz-checksum-crc32", "DUoRhQ==")],
        [("x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0=")],
    ] {
        let answer = store.raw_put(&root, "a", &headers, b"hello world").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        if headers[0].0.starts_with("x-amz") {
            assert_eq!(answer.header(headers[0].0).unwrap(), headers[0].1, "a checked checksum is echoed");
        }
    }
    assert_eq!(store.send("PUT", &signed, b"hello world").await.status, 200);
}

#[tokio::test]
async fn checksums_of_every_kind_are_kept() {
    let store = TestStore::start().await;
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        let sent = store
            .admin()
            .put_object()
            .bucket(BUCKET)
            .key("a")
            .checksum_algorithm(algorithm.clone())
            .body(ByteStream::from(bytes(100_000)))
            .send()
            .await
            .unwrap();
        let got = store
            .admin()
            .head_object()
            .bucket(BUCKET)
            .key("a")
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await
            .unwrap();
        let sent = [
            sent.checksum_crc32(),
            sent.checksum_crc32_c(),
            sent.checksum_crc64_nvme(),
            sent.checksum_sha1(),
            sent.checksum_sha256(),
        ];
        let got = [
            got.checksum_crc32(),
            got.checksum_crc32_c(),
            got.checksum_crc64_nvme(),
            got.checksum_sha1(),
            got.checksum_sha256(),
        ];
        assert_eq!(sent.iter().flatten().count(), 1, "{algorithm:?}");
        assert_eq!(sent, got, "{algorithm:?}");
    }
}

#[tokio::test]
async fn if_none_match_lets_one_of_eight_writers_win() {
    let store = TestStore::start().await;
    for round in 0..12 {
        let key = format!("race-{round}");
        let writers = (0..8_u8).map(|writer| {
            let (client, key) = (store.admin(), key.clone());
            tokio::spawn(async move {
                let request = client.put_object().bucket(BUCKET).key(key).if_none_match("*");
                (writer, request.body(ByteStream::from(vec![writer; 50_000])).send().await)
            })
        });
        let mut winners = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            match writer.await.unwrap() {
                (writer, Ok(_)) => winners.push(writer),
                (_, Err(error)) => {
                    assert_eq!((status(&error), code(&error).as_str()), (412, "PreconditionFailed"));
                }
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        assert!(store.read(&key).await.unwrap() == vec![winners[0]; 50_000]);
    }
    assert_eq!(store.blob_files(), 12, "the losers leave nothing");
}

#[tokio::test]
async fn if_match_replaces_what_was_seen() {
    let store = TestStore::start().await;
    let first = put(&store.admin(), BUCKET, "a", b"1").await.unwrap().e_tag().unwrap().to_owned();
    let write = |body: &'static [u8]| {
        store
            .admin()
            .put_object()
            .bucket(BUCKET)
            .key("a")
            .if_match(&first)
            .body(ByteStream::from_static(body))
    };
    write(b"2").send().await.unwrap();
    assert_eq!(code(&write(b"3").send().await.unwrap_err()), "PreconditionFailed");
    assert_eq!(store.read("a").await.unwrap(), b"2");
}

#[tokio::test]
async fn reads_can_be_conditional() {
    let store = TestStore::start().await;
    let etag = put(&store.admin(), BUCKET, "a", b"1").await.unwrap().e_tag().unwrap().to_owned();
    let get = || store.admin().get_object().bucket(BUCKET).key("a");
    assert_eq!(status(&get().if_none_match(&etag).send().await.unwrap_err()), 304);
    assert_eq!(
        status(&get().if_match("\"00000000000000000000000000000000\"").send().await.unwrap_err()),
        412
    );
    get().if_match(&etag).send().await.unwrap();
    get().if_none_match("\"00000000000000000000000000000000\"").send().await.unwrap();
}

#[tokio::test]
async fn writing_again_replaces_and_deleting_frees() {
    let store = TestStore::start().await;
    for round in 0..5 {
        store.put("a", &bytes(10_000 + round)).await;
    }
    assert_eq!((store.read("a").await.unwrap().len(), store.blob_files()), (10_004, 1));
    let admin = store.admin();
    admin.delete_object().bucket(BUCKET).key("a").send().await.unwrap();
    admin.delete_object().bucket(BUCKET).key("a").send().await.unwrap();
    assert_eq!(store.blob_files(), 0);

    store.put("b", b"1").await;
    store.put("c", b"2").await;
    let named = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let delete = Delete::builder().objects(named("b")).objects(named("none")).build().unwrap();
    let answer = admin.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    assert_eq!((answer.deleted().len(), answer.errors().len()), (2, 0));
    assert_eq!(store.keys().await, ["c"]);
}

#[tokio::test]
async fn what_the_store_cannot_do_it_does_not_pretend() {
    let store = TestStore::start().await;
    for header in ["x-amz-server-side-encryption", "x-amz-object-lock-mode"] {
        let answer = store.raw_put(&store.root(), "a", &[(header, "AES256")], b"x").await;
        assert_eq!((answer.status, answer.code()), (501, "NotImplemented"), "{header}");
    }
    for class in ["EXPRESS_ONEZONE", "OUTPOSTS", "standard_ia"] {
        let answer = store.raw_put(&store.root(), "a", &[("x-amz-storage-class", class)], b"x").await;
        assert_eq!(answer.code(), "InvalidStorageClass", "{class}");
    }
    let error = store.admin().get_bucket_policy().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(code(&error), "NotImplemented");
    let error = store.admin().get_object().bucket(BUCKET).key("a").version_id("1").send().await.unwrap_err();
    assert_eq!(code(&error), "NoSuchVersion");
    assert!(store.keys().await.is_empty());
}

#[tokio::test]
async fn a_storage_class_is_kept_and_told() {
    let store = TestStore::start().await;
    let client = store.admin();
    let put = async |key: &str, class: &str| {
        let body = ByteStream::from_static(b"x");
        let put = client.put_object().bucket(BUCKET).key(key).body(body).storage_class(class.into());
        put.send().await.unwrap();
    };
    put("a", "STANDARD_IA").await;
    put("b", "STANDARD").await;
    put("c", "DEEP_ARCHIVE").await;
    let head = async |key: &str| {
        let head = client.head_object().bucket(BUCKET).key(key).send().await.unwrap();
        head.storage_class().map(|class| class.as_str().to_owned())
    };
    assert_eq!(head("a").await.as_deref(), Some("STANDARD_IA"));
    assert_eq!(head("b").await, None, "S3 says nothing of the usual one");
    assert_eq!(head("c").await.as_deref(), Some("DEEP_ARCHIVE"));
    let listed = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let classes: Vec<_> = listed.contents().iter().map(|it| it.storage_class().unwrap().as_str()).collect();
    assert_eq!(classes, ["STANDARD_IA", "STANDARD", "DEEP_ARCHIVE"]);
    assert_eq!(store.read("a").await.unwrap(), b"x");
    let archived = client.get_object().bucket(BUCKET).key("c").send().await.unwrap_err();
    assert_eq!(code(&archived), "InvalidObjectState");
    // A copy has its own, and one of the same object changes it.
    let copy = |to: &str| client.copy_object().bucket(BUCKET).key(to).copy_source("photos/a");
    copy("d").send().await.unwrap();
    copy("a").storage_class("GLACIER_IR".into()).send().await.unwrap();
    assert_eq!((head("d").await, head("a").await.as_deref()), (None, Some("GLACIER_IR")));
}

#[tokio::test]
async fn a_body_needs_a_length() {
    let store = TestStore::start().await;
    let presigned = raw::signer(&store.root()).presign(
        &sigv4::Presign {
            method: Method::Put,
            base: &store.base(),
            key: "a",
            query: &[],
            headers: &[],
            expires: sigv4::Expires::from_seconds(60).unwrap(),
        },
        raw::now(),
    );
    let target = presigned.strip_prefix(&store.endpoint()).unwrap();
    let chunked =
        raw::send(store.addr, "PUT", target, &[("transfer-encoding", "chunked")], b"1\r\nx\r\n0\r\n\r\n")
            .await;
    assert_eq!((chunked.status, chunked.code()), (411, "MissingContentLength"));
    assert!(store.keys().await.is_empty());
}

#[tokio::test]
async fn buckets_are_made_and_removed() {
    let store = TestStore::start().await;
    let admin = store.admin();
    let error = put(&admin, "missing", "a", b"x").await.unwrap_err();
    assert_eq!((status(&error), code(&error).as_str()), (404, "NoSuchBucket"));
    admin.create_bucket().bucket("second").send().await.unwrap();
    admin.head_bucket().bucket("second").send().await.unwrap();
    put(&admin, "second", "a", b"x").await.unwrap();
    assert_eq!(store.read("a").await, None, "buckets do not share keys");
    let buckets = admin.list_buckets().send().await.unwrap();
    let names: Vec<&str> = buckets.buckets().iter().map(|bucket| bucket.name().unwrap()).collect();
    assert_eq!(names, [BUCKET, "second"]);
    let error = admin.delete_bucket().bucket("second").send().await.unwrap_err();
    assert_eq!((status(&error), code(&error).as_str()), (409, "BucketNotEmpty"));
    admin.delete_object().bucket("second").key("a").send().await.unwrap();
    admin.delete_bucket().bucket("second").send().await.unwrap();
    assert_eq!(status(&admin.head_bucket().bucket("second").send().await.unwrap_err()), 404);
    let answer = raw::send(store.addr, "PUT", "/Bad_Name", &[], b"").await;
    assert_eq!(answer.code(), "InvalidBucketName");
}

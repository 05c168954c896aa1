//! The examples of the S3 API reference, "Authenticating Requests: Using the Authorization Header (AWS Signature
//! Version 4)" and "Using Query Parameters". All have the same keys and moment.

use sigv4::{BaseUrl, Credentials, Expires, Method, Payload, Presign, Request, Signer, Timestamp};

/// 2013-05-24T00:00:00Z.
const NOW: u64 = 1_369_353_600_000;

fn signer() -> Signer {
    let credentials = Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: None,
    };
    Signer::s3(credentials, "us-east-1")
}

fn base() -> BaseUrl {
    BaseUrl::parse("https://examplebucket.s3.amazonaws.com").unwrap()
}

fn signed(request: &Request<'_>) -> (String, String) {
    let signed = signer().sign_request(request, Timestamp::from_unix_millis(NOW));
    let authorization = signed.headers.into_iter().find(|(name, _)| *name == "authorization").unwrap().1;
    let rest = authorization
        .strip_prefix(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=",
        )
        .unwrap();
    (signed.url, rest.to_owned())
}

#[test]
fn gets_an_object() {
    let (url, signature) = signed(&Request {
        method: Method::Get,
        base: &base(),
        key: "test.txt",
        query: &[],
        headers: &[("Range", "bytes=0-9")],
        payload: Payload::of(b""),
    });
    assert_eq!(url, "https://examplebucket.s3.amazonaws.com/test.txt");
    assert_eq!(
        signature,
        "host;range;x-amz-content-sha256;x-amz-date,\
         Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
}

#[test]
fn puts_an_object() {
    let (url, signature) = signed(&Request {
        method: Method::Put,
        base: &base(),
        key: "test$file.text",
        query: &[],
        headers: &[("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
        payload: Payload::from_hex("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")
            .unwrap(),
    });
    assert_eq!(url, "https://examplebucket.s3.amazonaws.com/test%24file.text");
    assert_eq!(
        signature,
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,\
         Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    );
}

#[test]
fn asks_for_the_lifecycle_of_a_bucket() {
    let (url, signature) = signed(&Request {
        method: Method::Get,
        base: &base(),
        key: "",
        query: &[("lifecycle", "")],
        headers: &[],
        payload: Payload::of(b""),
    });
    assert_eq!(url, "https://examplebucket.s3.amazonaws.com/?lifecycle=");
    assert_eq!(
        signature,
        "host;x-amz-content-sha256;x-amz-date,\
         Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    );
}

#[test]
fn lists_a_bucket_with_its_query_in_any_order() {
    let (url, signature) = signed(&Request {
        method: Method::Get,
        base: &base(),
        key: "",
        query: &[("prefix", "J"), ("max-keys", "2")],
        headers: &[],
        payload: Payload::of(b""),
    });
    assert_eq!(url, "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
    assert_eq!(
        signature,
        "host;x-amz-content-sha256;x-amz-date,\
         Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    );
}

#[test]
fn presigns_a_url() {
    let wanted = Presign {
        method: Method::Get,
        base: &base(),
        key: "test.txt",
        query: &[],
        headers: &[],
        expires: Expires::from_seconds(86_400).unwrap(),
    };
    assert_eq!(
        signer().presign(&wanted, Timestamp::from_unix_millis(NOW)),
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}

#[test]
fn presigns_for_a_second_to_a_week_only() {
    assert!(Expires::from_seconds(0).is_err());
    assert_eq!(Expires::from_seconds(1).unwrap().as_seconds(), 1);
    assert_eq!(Expires::from_seconds(604_800), Ok(Expires::MAX));
    assert!(Expires::from_seconds(604_801).is_err());
}

#[test]
fn takes_a_hash_of_64_hexadecimal_digits_only() {
    assert_eq!(Payload::from_hex(&"0".repeat(64)), Some(Payload::Sha256([0; 32])));
    assert_eq!(
        Payload::from_hex("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"),
        Some(Payload::of(b""))
    );
    assert_eq!(Payload::from_hex(&"0".repeat(63)), None);
    assert_eq!(Payload::from_hex(&"0".repeat(65)), None);
    assert_eq!(Payload::from_hex(&"g".repeat(64)), None);
    assert_eq!(Payload::from_hex(&"é".repeat(32)), None);
}

//! POST policies, read back as a store does.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine as _;
use proptest::prelude::*;
use serde_json::{Value, json};
use sigv4::{Credentials, PostPolicy, Signer, Timestamp};

fn signed(session_token: Option<&str>) -> (Vec<(String, String)>, Value) {
    let credentials = Credentials {
        access_key_id: "AKID".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: session_token.map(str::to_owned),
    };
    let policy = PostPolicy::until(Timestamp::from_unix_millis(1_369_357_200_000))
        .equals("bucket", "uploads")
        .starts_with("key", "photos/b1/")
        .starts_with("Content-Type", "image/")
        .equals("x-amz-meta-who", "Zoë \"\\ 😀\n")
        .content_length(1, 8_388_608);
    let fields = Signer::s3(credentials, "us-east-1")
        .sign_policy(&policy, Timestamp::from_unix_millis(1_369_353_600_000));
    let encoded = &fields.iter().find(|(name, _)| name == "policy").unwrap().1;
    let json = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
    assert!(json.is_ascii(), "S3 reads ASCII only");
    (fields, serde_json::from_slice(&json).unwrap())
}

#[test]
fn a_policy_says_what_was_asked_for_and_names_its_signature() {
    let (fields, policy) = signed(None);
    assert_eq!(
        policy,
        json!({
            "expiration": "2013-05-24T01:00:00.000Z",
            "conditions": [
                {"bucket": "uploads"},
                ["starts-with", "$key", "photos/b1/"],
                ["starts-with", "$Content-Type", "image/"],
                {"x-amz-meta-who": "Zoë \"\\ 😀\n"},
                ["content-length-range", 1, 8_388_608],
                {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
                {"x-amz-credential": "AKID/20130524/us-east-1/s3/aws4_request"},
                {"x-amz-date": "20130524T000000Z"},
            ],
        })
    );
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["x-amz-meta-who", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "policy", "x-amz-signature"]
    );
    assert_eq!(fields[0].1, "Zoë \"\\ 😀\n");
}

#[test]
fn a_session_token_is_a_field_and_a_condition() {
    let (fields, policy) = signed(Some("t/o+k="));
    assert!(fields.contains(&("x-amz-security-token".to_owned(), "t/o+k=".to_owned())));
    let conditions = policy["conditions"].as_array().unwrap();
    assert!(conditions.contains(&json!({"x-amz-security-token": "t/o+k="})));
}

proptest! {
    /// The SDK has no forms, but it has the key of the day and the MAC.
    #[test]
    fn the_signature_is_the_sdks(
        secret in "[A-Za-z0-9/+]{1,90}",
        key in "\\PC{0,60}",
        seconds in 0_u64..253_402_300_799,
    ) {
        let credentials = Credentials {
            access_key_id: "AKID".to_owned(),
            secret_access_key: secret.clone(),
            session_token: None,
        };
        let now = Timestamp::from_unix_millis(seconds * 1_000);
        let policy = PostPolicy::until(now).starts_with("key", &key);
        let fields = Signer::s3(credentials, "eu-central-1").sign_policy(&policy, now);
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).unwrap().1.clone();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let of_the_day = generate_signing_key(&secret, time, "eu-central-1", "s3");
        let theirs = calculate_signature(of_the_day, field("policy").as_bytes());
        prop_assert_eq!(field("x-amz-signature"), theirs);
    }
}

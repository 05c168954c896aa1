//! AssumeRole and its limits.

use aws_sdk_sts::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;

use crate::harness::{TestStore, batch_policy};
use crate::raw;

fn ask(store: &TestStore) -> AssumeRoleFluentBuilder {
    store
        .sts(store.root())
        .assume_role()
        .role_arn(&store.store.identity().role_arn)
        .role_session_name("batch-1")
}

async fn refused(ask: AssumeRoleFluentBuilder) -> String {
    match ask.send().await {
        Err(SdkError::ServiceError(refusal)) => refusal.err().code().unwrap_or("none").to_owned(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
#[expect(deprecated, reason = "the answer has it for as long as STS does")]
async fn assume_role_answers_what_a_client_needs() {
    let store = TestStore::start().await;
    let before = std::time::SystemTime::now();
    let answer = ask(&store).duration_seconds(900).policy(batch_policy("batch-1/")).send().await.unwrap();
    let credentials = answer.credentials().unwrap();
    assert!(credentials.access_key_id().starts_with("ASIA"));
    assert_eq!(credentials.secret_access_key().len(), 40);
    let expires = u64::try_from(credentials.expiration().secs()).unwrap();
    let now = before.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert!((now + 900..now + 960).contains(&expires));
    let user = answer.assumed_role_user().unwrap();
    assert_eq!(user.arn(), "arn:aws:sts::000000000000:assumed-role/sluice-upload/batch-1");
    assert!(user.assumed_role_id().starts_with("AROA") && user.assumed_role_id().ends_with(":batch-1"));
    let packed = answer.packed_policy_size().unwrap();
    assert!((1..=100).contains(&packed), "{packed} %");
    let longer = batch_policy(&"x".repeat(1_000));
    let longer = ask(&store).policy(longer).send().await.unwrap().packed_policy_size().unwrap();
    assert!(longer > packed && longer <= 100, "{packed} %, {longer} %");
    assert_eq!(ask(&store).send().await.unwrap().packed_policy_size(), None);
}

#[tokio::test]
async fn durations_have_limits() {
    let store = TestStore::start().await;
    for seconds in [0, -1, 43_201] {
        assert_eq!(refused(ask(&store).duration_seconds(seconds)).await, "ValidationError", "{seconds}");
    }
    for seconds in [1, 43_200] {
        ask(&store).duration_seconds(seconds).send().await.unwrap();
    }
}

#[tokio::test]
async fn names_of_sessions_have_rules() {
    let store = TestStore::start().await;
    let long = "x".repeat(65);
    for name in ["", "x", "with space", "a/b", "<xml>", "ünï", long.as_str()] {
        assert_eq!(refused(ask(&store).role_session_name(name)).await, "ValidationError", "{name}");
    }
    ask(&store).role_session_name("A_b+c=d,e.f@g-h").send().await.unwrap();
}

#[tokio::test]
async fn a_policy_that_is_not_understood_makes_no_session() {
    let store = TestStore::start().await;
    let allow = r#""Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*""#;
    for statement in [
        format!(r#"{{{allow},"Condition":{{"IpAddress":{{"aws:SourceIp":"10.0.0.0/8"}}}}}}"#),
        format!(r#"{{{allow},"Condition":{{"StringEquals":{{"s3:delimiter":"/"}}}}}}"#),
        format!(r#"{{{allow},"Condition":{{"StringNotEquals":{{"s3:prefix":"a"}}}}}}"#),
        format!(r#"{{{allow},"Condition":{{"Bool":{{"s3:prefix":"true"}}}}}}"#),
        format!(r#"{{{allow},"Condition":null}}"#),
        format!(r#"{{{allow},"Condition":{{}}}}"#),
        format!(r#"{{{allow},"Principal":"*"}}"#),
        r#"{"Effect":"Allow","NotAction":"s3:GetObject","Resource":"*"}"#.to_owned(),
        r#"{"Effect":"Allow","Action":"s3:PutObject","NotResource":"arn:aws:s3:::photos/x"}"#.to_owned(),
        r#"{"Effect":"Permit","Action":"s3:PutObject","Resource":"*"}"#.to_owned(),
    ] {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        assert_eq!(refused(ask(&store).policy(&policy)).await, "MalformedPolicyDocument", "{policy}");
    }
    for policy in ["{}", "x", r#"{"Version":"2025-01-01","Statement":[]}"#] {
        assert_eq!(refused(ask(&store).policy(policy)).await, "MalformedPolicyDocument", "{policy}");
    }
}

#[tokio::test]
async fn a_policy_has_at_most_2048_characters() {
    let store = TestStore::start().await;
    let room = 2_048 - batch_policy("").len();
    ask(&store).policy(batch_policy(&"x".repeat(room))).send().await.unwrap();
    assert_eq!(refused(ask(&store).policy(batch_policy(&"x".repeat(room + 1)))).await, "ValidationError");
    // Characters, not bytes (the protocol layer takes 8 KiB, percent-encoded), and none that STS does not take.
    let accents = format!("{}{}", "\u{e4}".repeat(800), "x".repeat(room - 800));
    ask(&store).policy(batch_policy(&accents)).send().await.unwrap();
    for policy in [batch_policy("\u{1f3d6}"), batch_policy("\u{7}"), String::new()] {
        assert_eq!(refused(ask(&store).policy(policy)).await, "ValidationError");
    }
}

#[tokio::test]
async fn another_role_and_a_session_are_refused() {
    let store = TestStore::start().await;
    let other = ask(&store).role_arn("arn:aws:iam::000000000000:role/admin-of-all");
    assert_eq!(refused(other).await, "AccessDenied");
    let session = store.session_for(None, 900).await;
    let chained = store
        .sts(session)
        .assume_role()
        .role_arn(&store.store.identity().role_arn)
        .role_session_name("chained");
    assert_eq!(refused(chained).await, "AccessDenied");
}

#[tokio::test]
async fn limits_that_are_not_understood_are_refused() {
    let store = TestStore::start().await;
    let managed =
        aws_sdk_sts::types::PolicyDescriptorType::builder().arn("arn:aws:iam::aws:policy/ReadOnly").build();
    assert_eq!(refused(ask(&store).policy_arns(managed)).await, "ValidationError");
    assert_eq!(refused(ask(&store).serial_number("000000000").token_code("123456")).await, "ValidationError");
}

#[tokio::test]
async fn a_wrong_secret_makes_no_session() {
    let store = TestStore::start().await;
    let root = store.root();
    let liar = aws_credential_types::Credentials::new(root.access_key_id(), "secret", None, None, "test");
    let ask =
        store.sts(liar).assume_role().role_arn(&store.store.identity().role_arn).role_session_name("batch-1");
    assert_eq!(refused(ask).await, "SignatureDoesNotMatch");
    let stranger =
        aws_credential_types::Credentials::new("AKIAAAAAAAAAAAAAAAAA", "secret", None, None, "test");
    let ask = store
        .sts(stranger)
        .assume_role()
        .role_arn(&store.store.identity().role_arn)
        .role_session_name("batch-1");
    assert_eq!(refused(ask).await, "InvalidClientTokenId");
}

#[tokio::test]
async fn callers_can_ask_who_they_are() {
    let store = TestStore::start().await;
    let root = store.sts(store.root()).get_caller_identity().send().await.unwrap();
    assert_eq!(root.arn().unwrap(), "arn:aws:iam::000000000000:root");
    assert_eq!((root.account(), root.user_id()), (Some("000000000000"), Some("000000000000")));
    let session = store.session_for(None, 900).await;
    let session = store.sts(session).get_caller_identity().send().await.unwrap();
    assert_eq!(session.arn().unwrap(), "arn:aws:sts::000000000000:assumed-role/sluice-upload/test-session");
    assert_eq!(session.user_id(), Some("AROASLUICEUPLOAD00000:test-session"));
    // Asking needs no right, so a policy cannot take it away.
    let nothing = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let session = store.session_for(Some(nothing.to_owned()), 900).await;
    store.sts(session).get_caller_identity().send().await.unwrap();
}

/// STS has its own names and statuses for what is wrong with credentials.
#[tokio::test]
async fn credentials_that_are_no_good_are_refused_in_the_words_of_sts() {
    let store = TestStore::start().await;
    let refusal = async |credentials: aws_credential_types::Credentials| match store
        .sts(credentials)
        .get_caller_identity()
        .send()
        .await
    {
        Err(SdkError::ServiceError(refusal)) => {
            let status = refusal.raw().status().as_u16();
            (status, refusal.err().code().unwrap_or("none").to_owned())
        }
        other => panic!("{other:?}"),
    };
    let (one, two) = (store.session_for(None, 1).await, store.session_for(None, 900).await);
    let mixed = aws_credential_types::Credentials::new(
        one.access_key_id(),
        one.secret_access_key(),
        two.session_token().map(str::to_owned),
        None,
        "test",
    );
    assert_eq!(refusal(mixed).await, (403, "InvalidClientTokenId".to_owned()));
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(refusal(one).await, (403, "ExpiredToken".to_owned()));

    let form = [("content-type", "application/x-www-form-urlencoded")];
    let ask = b"Action=GetCallerIdentity&Version=2011-06-15";
    let answer = raw::send(store.addr, "POST", "/", &form, ask).await;
    assert_eq!((answer.status, answer.code()), (403, "MissingAuthenticationToken"));
    assert!(answer.body.contains("<Type>Sender</Type>"), "{}", answer.body);
}

#[tokio::test]
async fn what_sts_does_not_know_it_says() {
    let store = TestStore::start().await;
    let root = store.root();
    let signer = sigv4::Signer::new(
        sigv4::Credentials {
            access_key_id: root.access_key_id().to_owned(),
            secret_access_key: root.secret_access_key().to_owned(),
            session_token: None,
        },
        "us-east-1",
        "sts",
    );
    let base = sigv4::BaseUrl::parse(&store.endpoint()).unwrap();
    for (body, expected) in [
        ("Action=GetSessionToken&Version=2011-06-15", "InvalidAction"),
        ("Action=GetCallerIdentity&Version=2015-01-01", "InvalidAction"),
        ("Action=GetCallerIdentity", "InvalidAction"),
        ("Version=2011-06-15", "MissingAction"),
        ("Action=AssumeRole&Version=2011-06-15", "ValidationError"),
        ("Action=AssumeRole&Action=AssumeRole&Version=2011-06-15", "ValidationError"),
        ("Action=AssumeRole&Version=2011-06-15&Tags.member.1.Key=a", "ValidationError"),
    ] {
        let request = sigv4::Request {
            method: sigv4::Method::Post,
            base: &base,
            key: "",
            query: &[],
            headers: &[("content-type", "application/x-www-form-urlencoded")],
            payload: sigv4::Payload::of(body.as_bytes()),
        };
        let signed = signer.sign_request(&request, raw::now());
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_str())));
        let answer = raw::send(store.addr, "POST", "/", &headers, body.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (400, expected), "{body}");
    }
}

//! Three readings of one standard: our signer, the AWS SDK's, and the store that verifies them.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningParams, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sigv4::{BaseUrl, Expires, Method, Payload, PostPolicy, Presign, Request, Timestamp, encode_path};

use crate::forms;
use crate::harness::TestStore;
use crate::raw::{self, Answer};

#[derive(Debug, Clone)]
struct Case {
    key: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What people call their files, and what only tests do.
fn cases() -> impl Strategy<Value = Case> {
    let odd = "[ +%/?#&='\"()*!~._;:@$,<>|\\\\^`{}\\[\\]a-z0-9éñ😀日本\u{301}\u{7f}\n-]{1,60}";
    // The SDK, by which the tests read back, takes a blank key for none.
    let key = prop_oneof!["\\PC{1,60}", odd, "[a-z/.]{1,20}"]
        .prop_filter("a key that the SDK can read", |key: &String| !key.trim().is_empty());
    let query = proptest::collection::vec(("x-[a-zA-Z_~+ é&=-]{1,9}", "\\PC{0,12}"), 0..4);
    let headers = proptest::collection::btree_map("x-amz-meta-[a-z]{1,4}", "[!-~]([ -~]{0,20}[!-~])?", 0..4);
    (key, query, headers, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(
        |(key, query, headers, body)| Case { key, query, headers: headers.into_iter().collect(), body },
    )
}

/// Runs some cases against one store, as its root and as a session.
fn with_a_store(check: &impl AsyncFn(&TestStore, &Credentials, &Case) -> Result<(), TestCaseError>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let store = runtime.block_on(TestStore::start());
    let session = runtime.block_on(store.session_for(None, 900));
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&cases(), |case| {
        runtime.block_on(async {
            check(&store, &store.root(), &case).await?;
            check(&store, &session, &case).await
        })
    });
    run.unwrap();
}

fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The URL as any client might write it.
fn plain_url(base: &BaseUrl, case: &Case) -> String {
    let encode = |text: &str| encode_path(text).replace('/', "%2F");
    let query: Vec<String> =
        case.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let url = format!("{base}/{}", encode_path(&case.key));
    if query.is_empty() { url } else { format!("{url}?{}", query.join("&")) }
}

/// What the SDK's signer adds: headers, or pairs of the query when the URL is to hold for some time.
fn by_the_sdk(
    credentials: &Credentials,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    payload: (SignableBody<'_>, Option<Duration>),
) -> Vec<(String, String)> {
    let identity: Identity = credentials.clone().into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.expires_in = payload.1;
    if payload.1.is_some() {
        settings.signature_location = SignatureLocation::QueryParams;
    } else {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("s3")
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let request = SignableRequest::new(method, url, headers.iter().copied(), payload.0).unwrap();
    let (added, _) = sign(request, &params).unwrap().into_parts();
    let (headers, query) = added.into_parts();
    let headers = headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned()));
    headers.chain(query.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned()))).collect()
}

async fn send(store: &TestStore, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let target = url.strip_prefix(&store.endpoint()).unwrap();
    raw::send(store.addr, method, target, headers, body).await
}

/// Everything arrived as it was sent.
async fn arrived(store: &TestStore, case: &Case) -> Result<(), TestCaseError> {
    let got = store.admin().get_object().bucket(crate::harness::BUCKET).key(&case.key).send().await.unwrap();
    for (name, value) in &case.headers {
        let kept = got.metadata().and_then(|metadata| metadata.get(name.trim_start_matches("x-amz-meta-")));
        prop_assert_eq!(kept, Some(value));
    }
    prop_assert_eq!(&got.body.collect().await.unwrap().to_vec(), &case.body);
    Ok(())
}

#[test]
fn signed_headers_are_verified() {
    with_a_store(&async |store, credentials, case| {
        let base = store.base();
        let (query, own) = (pairs(&case.query), pairs(&case.headers));
        for payload in [Payload::Unsigned, Payload::of(&case.body)] {
            let request = Request {
                method: Method::Put,
                base: &base,
                key: &case.key,
                query: &query,
                headers: &own,
                payload,
            };
            let signed = raw::signer(credentials).sign_request(&request, raw::now());
            let mut headers = own.clone();
            headers.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_str())));
            let answer = send(store, "PUT", &signed.url, &headers, &case.body).await;
            prop_assert_eq!(answer.status, 200, "ours: {:?}", answer);
            arrived(store, case).await?;
            // The same signature is for nothing else.
            let object = format!("{base}/{}", encode_path(&case.key));
            let other = signed.url.replacen(&object, &format!("{object}x"), 1);
            let answer = send(store, "PUT", &other, &headers, &case.body).await;
            prop_assert_eq!(answer.code(), "SignatureDoesNotMatch");
        }
        let url = plain_url(&base, case);
        let added = by_the_sdk(credentials, "PUT", &url, &own, (SignableBody::Bytes(&case.body), None));
        let headers: Vec<_> = own.into_iter().chain(pairs(&added)).collect();
        let answer = send(store, "PUT", &url, &headers, &case.body).await;
        prop_assert_eq!(answer.status, 200, "the SDK's: {:?}", answer);
        arrived(store, case).await
    });
}

#[test]
fn presigned_urls_are_verified() {
    with_a_store(&async |store, credentials, case| {
        let base = store.base();
        let (query, headers) = (pairs(&case.query), pairs(&case.headers));
        let wanted = Presign {
            method: Method::Put,
            base: &base,
            key: &case.key,
            query: &query,
            headers: &headers,
            expires: Expires::from_seconds(60).unwrap(),
        };
        let url = raw::signer(credentials).presign(&wanted, raw::now());
        let answer = send(store, "PUT", &url, &headers, &case.body).await;
        prop_assert_eq!(answer.status, 200, "ours: {:?}", answer);
        arrived(store, case).await?;
        let answer = send(store, "GET", &url, &headers, b"").await;
        prop_assert_eq!(answer.code(), "SignatureDoesNotMatch");

        let plain = plain_url(&base, case);
        let minute = Some(Duration::from_secs(60));
        let added = by_the_sdk(credentials, "PUT", &plain, &headers, (SignableBody::UnsignedPayload, minute));
        let signed = Case { query: case.query.iter().cloned().chain(added).collect(), ..case.clone() };
        let answer = send(store, "PUT", &plain_url(&base, &signed), &headers, &case.body).await;
        prop_assert_eq!(answer.status, 200, "the SDK's: {:?}", answer);
        arrived(store, case).await
    });
}

#[test]
fn signed_policies_are_verified() {
    with_a_store(&async |store, credentials, case| {
        let until = Timestamp::from_unix_millis((raw::now().unix_seconds() + 600) * 1_000);
        let policy = PostPolicy::until(until).equals("key", &case.key).content_length(0, 100);
        let fields = raw::signer(credentials).sign_policy(&policy, raw::now());
        let answer = forms::post(store, &fields, &case.body).await;
        prop_assert_eq!(answer.status, 204, "{:?}", answer);
        arrived(store, &Case { headers: Vec::new(), ..case.clone() }).await?;
        let bend = |name: &str| {
            let bend = |(known, value): &(String, String)| {
                (known.clone(), if known == name { format!("{value}x") } else { value.clone() })
            };
            fields.iter().map(bend).collect::<Vec<_>>()
        };
        for (field, expected) in [("key", "AccessDenied"), ("x-amz-signature", "SignatureDoesNotMatch")] {
            let answer = forms::post(store, &bend(field), &case.body).await;
            prop_assert_eq!(answer.code(), expected);
        }
        Ok(())
    });
}

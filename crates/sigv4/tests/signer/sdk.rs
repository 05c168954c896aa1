//! The same requests, signed by this crate and by the signer of the AWS SDK.

use std::time::{Duration, SystemTime};

use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
        SigningParams, SigningSettings, UriPathNormalizationMode,
    },
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
use proptest::prelude::*;
use sigv4::{
    BaseUrl, Credentials, Expires, Method, Payload, Presign, Request, Signer, Timestamp, object_url,
};

const REGION: &str = "eu-central-1";

/// Everything but the keys and the bucket.
#[derive(Debug, Clone)]
struct Case {
    credentials: Credentials,
    base: &'static str,
    method: Method,
    key: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    seconds: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let token = proptest::option::of("[A-Za-z0-9/+=]{1,300}");
    let credentials = ("[A-Z0-9]{16,20}", "[A-Za-z0-9/+]{1,90}", token).prop_map(|(id, secret, token)| {
        Credentials { access_key_id: id, secret_access_key: secret, session_token: token }
    });
    let base = prop_oneof![
        Just("https://bucket.s3.eu-central-1.amazonaws.com"),
        Just("http://127.0.0.1:9000/uploads"),
        Just("http://[::1]:7480/b"),
    ];
    let method = prop_oneof![
        Just(Method::Get),
        Just(Method::Head),
        Just(Method::Put),
        Just(Method::Post),
        Just(Method::Delete),
    ];
    // Any text, and what people's files are called.
    let odd = "[ +%/?#&='\"()*!~._;:@$,<>|\\\\^`{}\\[\\]a-z0-9éñ😀日本\u{301}\u{7f}\u{0}-]{1,60}";
    let key = prop_oneof!["\\PC{0,60}", odd, "[a-z/.]{0,20}"];
    let query = proptest::collection::vec(("[a-zA-Z_~+ é&=-]{1,9}", "\\PC{0,12}"), 0..5);
    let header = ("x-amz-meta-[a-z]{1,4}", "[!-~]([ -~]{0,20}[!-~])?");
    let headers = proptest::collection::btree_map(header.0, header.1, 0..4);
    (credentials, base, method, key, query, headers, 0_u64..253_402_300_799).prop_map(
        |(credentials, base, method, key, query, headers, seconds)| Case {
            credentials,
            base,
            method,
            key,
            query,
            headers: headers.into_iter().collect(),
            seconds,
        },
    )
}

fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The query as any client might write it, in the order given.
fn plain_query(pairs: &[(String, String)]) -> String {
    // A key has the same letters encoded as a query, apart from its slashes.
    let encode = |text: &str| sigv4::encode_path(text).replace('/', "%2F");
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// What the SDK adds to a request: headers, or pairs of the query.
fn by_the_sdk(
    case: &Case,
    url: &str,
    body: SignableBody<'_>,
    expires: Option<Duration>,
) -> Vec<(String, String)> {
    let identity: Identity = aws_credential_types::Credentials::new(
        &case.credentials.access_key_id,
        &case.credentials.secret_access_key,
        case.credentials.session_token.clone(),
        None,
        "test",
    )
    .into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.expires_in = expires;
    if expires.is_some() {
        settings.signature_location = SignatureLocation::QueryParams;
    } else {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("s3")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(case.seconds))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = pairs(&case.headers);
    let request = SignableRequest::new(case.method.as_str(), url, headers.into_iter(), body).unwrap();
    let (added, _) = aws_sigv4::http_request::sign(request, &params).unwrap().into_parts();
    let (headers, query) = added.into_parts();
    let headers = headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned()));
    headers.chain(query.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned()))).collect()
}

/// The signature in `Signature=…` of an `Authorization` header, and the headers it names.
fn signature_and_headers(authorization: &str) -> (String, String) {
    let part = |name: &str| {
        let rest = authorization.split_once(name).unwrap().1;
        rest.split(',').next().unwrap().trim().to_owned()
    };
    (part("Signature="), part("SignedHeaders="))
}

proptest! {
    #[test]
    fn headers_are_the_same(case in cases(), body in proptest::option::of("\\PC{0,40}")) {
        let base = BaseUrl::parse(case.base).unwrap();
        let signer = Signer::s3(case.credentials.clone(), REGION);
        let payload = body.as_deref().map_or(Payload::Unsigned, |body| Payload::of(body.as_bytes()));
        let request = Request {
            method: case.method,
            base: &base,
            key: &case.key,
            query: &pairs(&case.query),
            headers: &pairs(&case.headers),
            payload,
        };
        let signed = signer.sign_request(&request, Timestamp::from_unix_millis(case.seconds * 1_000));

        let url = format!("{}?{}", object_url(&base, &case.key), plain_query(&case.query));
        let body = body.as_deref().map_or(SignableBody::UnsignedPayload, |body| SignableBody::Bytes(body.as_bytes()));
        let sdk = by_the_sdk(&case, url.trim_end_matches('?'), body, None);
        for (name, value) in &signed.headers {
            let theirs = &sdk.iter().find(|(theirs, _)| theirs == name).unwrap().1;
            if *name == "authorization" {
                prop_assert_eq!(signature_and_headers(value), signature_and_headers(theirs));
            } else {
                prop_assert_eq!(value, theirs);
            }
        }
        prop_assert_eq!(sdk.len(), signed.headers.len());
    }

    #[test]
    fn presigned_urls_are_the_same(case in cases(), expires in 1_u32..=604_800) {
        let base = BaseUrl::parse(case.base).unwrap();
        let signer = Signer::s3(case.credentials.clone(), REGION);
        let wanted = Presign {
            method: case.method,
            base: &base,
            key: &case.key,
            query: &pairs(&case.query),
            headers: &pairs(&case.headers),
            expires: Expires::from_seconds(expires).unwrap(),
        };
        let url = signer.presign(&wanted, Timestamp::from_unix_millis(case.seconds * 1_000));

        let object = object_url(&base, &case.key);
        let plain = format!("{object}?{}", plain_query(&case.query));
        let expires = Duration::from_secs(expires.into());
        let mut sdk = case.query.clone();
        sdk.extend(by_the_sdk(&case, plain.trim_end_matches('?'), SignableBody::UnsignedPayload, Some(expires)));
        let theirs = plain_query(&sdk);
        let mut theirs: Vec<_> = theirs.split('&').collect();
        theirs.sort_unstable();
        let ours = url.strip_prefix(&format!("{object}?")).unwrap();
        let mut ours: Vec<_> = ours.split('&').collect();
        ours.sort_unstable();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn the_kept_key_is_that_of_the_day(case in cases(), days in 0_u64..3) {
        let base = BaseUrl::parse(case.base).unwrap();
        let request = Request {
            method: case.method,
            base: &base,
            key: &case.key,
            query: &[],
            headers: &[],
            payload: Payload::Unsigned,
        };
        let at = |days: u64| Timestamp::from_unix_millis((case.seconds / 2 + days * 86_400) * 1_000);
        let used = Signer::s3(case.credentials.clone(), REGION);
        let _ = used.sign_request(&request, at(1));
        let fresh = Signer::s3(case.credentials.clone(), REGION);
        prop_assert_eq!(used.sign_request(&request, at(days)), fresh.sign_request(&request, at(days)));
    }
}

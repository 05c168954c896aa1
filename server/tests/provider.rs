//! A provider of single sign-on, small enough to lie in every way that a test wants.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use ledger::{Role, Sha256Hash};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use server::clock;
use server::config::{Newcomers, OidcConfig};

use crate::test_app::Answer;

/// What this server is called there. The colon must be escaped in HTTP's basic scheme.
pub(crate) const CLIENT: &str = "sluice:test";
const SECRET: &str = "a secret+%";

/// A provider on loopback.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    script: Mutex<Script>,
}

/// What it does. Tests change what they want to see refused.
pub(crate) struct Script {
    /// Of the person, or in place of what a right token says; `null` leaves a claim out.
    pub(crate) claims: Value,
    /// The same of the header.
    pub(crate) header: Value,
    /// What UserInfo says.
    pub(crate) userinfo: Value,
    /// In place of what discovery says.
    pub(crate) discovery: Value,
    pub(crate) signed: Signed,
    /// The id of the key that it signs with, and publishes.
    pub(crate) kid: &'static str,
    /// Bytes of nothing in the key set.
    pub(crate) padding: usize,
    /// Paths that were asked for.
    pub(crate) asked: Vec<String>,
    key: EcdsaKeyPair,
    /// What was asked for when it last sent somebody back: nonce, challenge, redirect.
    pending: Option<(String, String, String)>,
}

/// How a token is signed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Signed {
    Rightly,
    /// By a key that nobody published.
    ByAnother,
    /// With HMAC, and the public key as its secret.
    ByHmac,
    NotAtAll,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/realm", listener.local_addr().unwrap());
        let script = Script {
            claims: json!({ "sub": "1", "preferred_username": "ada" }),
            header: json!({}),
            userinfo: json!({ "sub": "1" }),
            discovery: json!({}),
            signed: Signed::Rightly,
            kid: "first",
            padding: 0,
            asked: Vec::new(),
            key: new_key(),
            pending: None,
        };
        let shared = Arc::new(Shared { issuer: issuer.clone(), script: Mutex::new(script) });
        let router = Router::new()
            .route("/realm/.well-known/openid-configuration", get(discovery))
            .route("/realm/keys", get(keys))
            .route("/realm/token", post(token))
            .route("/realm/userinfo", get(userinfo))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, shared }
    }

    /// The configuration that goes with it: newcomers become uploaders.
    pub(crate) fn config(&self) -> OidcConfig {
        OidcConfig {
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(SecretString::from(SECRET)),
            label: "Example".to_owned(),
            scopes: "openid email".to_owned(),
            roles: None,
            newcomers: Newcomers::Made(Role::Uploader),
            domains: Vec::new(),
        }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.shared.script.lock().unwrap()
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.script().asked.iter().filter(|asked| *asked == path).count()
    }

    /// Signs the person in whom the server sent here; answers where the browser is sent back to.
    #[track_caller]
    pub(crate) fn authorize(&self, departure: &Answer) -> String {
        assert_eq!(departure.status, StatusCode::SEE_OTHER, "{departure:?}");
        let location = departure.header("location");
        let (endpoint, query) = location.split_once('?').unwrap();
        assert_eq!(endpoint, format!("{}/authorize", self.issuer));
        let query: Map<String, Value> = serde_urlencoded::from_str(query).unwrap();
        let text = |name: &str| query[name].as_str().unwrap().to_owned();
        assert_eq!((text("response_type"), text("client_id")), ("code".to_owned(), CLIENT.to_owned()));
        assert_eq!(
            (text("code_challenge_method"), text("scope")),
            ("S256".to_owned(), "openid email".to_owned())
        );
        let redirect = text("redirect_uri");
        self.script().pending = Some((text("nonce"), text("code_challenge"), redirect.clone()));
        let query = [("code", "the code"), ("state", &text("state")), ("iss", &self.issuer)];
        let callback = redirect.split_once("://").unwrap().1;
        let path = &callback[callback.find('/').unwrap()..];
        format!("{path}?{}", serde_urlencoded::to_string(query).unwrap())
    }
}

impl Script {
    /// Publishes another key, and signs with it.
    pub(crate) fn rotate(&mut self, kid: &'static str) {
        self.kid = kid;
        self.key = new_key();
    }

    fn sign(&self, issuer: &str, nonce: &str) -> String {
        let now = clock::now().0 / 1_000;
        let usual = json!({ "iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce });
        let algorithm = match self.signed {
            Signed::Rightly | Signed::ByAnother => "ES256",
            Signed::ByHmac => "HS256",
            Signed::NotAtAll => "none",
        };
        let header = changed(json!({ "alg": algorithm, "typ": "JWT", "kid": self.kid }), &self.header);
        let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(&changed(usual, &self.claims)));
        let ecdsa = |key: &EcdsaKeyPair| {
            key.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec()
        };
        let signature = match self.signed {
            Signed::Rightly => ecdsa(&self.key),
            Signed::ByAnother => ecdsa(&new_key()),
            Signed::ByHmac => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.key.public_key().as_ref());
                ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            Signed::NotAtAll => Vec::new(),
        };
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// `usual`, but what `changes` says instead; `null` leaves out.
fn changed(mut usual: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(usual.as_object_mut().unwrap().remove(name)),
            value => usual[name] = value.clone(),
        }
    }
    usual
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap()
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut script = shared.script.lock().unwrap();
    script.asked.push("discovery".to_owned());
    let at = |path: &str| format!("{}/{path}", shared.issuer);
    let usual = json!({
        "issuer": shared.issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": at("keys"),
        "userinfo_endpoint": at("userinfo"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "authorization_response_iss_parameter_supported": true,
    });
    Json(changed(usual, &script.discovery))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut script = shared.script.lock().unwrap();
    script.asked.push("keys".to_owned());
    let point = &script.key.public_key().as_ref()[1..];
    let number = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let key = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": script.kid,
        "x": number(&point[..32]), "y": number(&point[32..]),
    });
    Json(json!({ "keys": [key], "padding": " ".repeat(script.padding) }))
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<Map<String, Value>>,
) -> Response {
    let mut script = shared.script.lock().unwrap();
    script.asked.push("token".to_owned());
    let text = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default();
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    let basic = BASE64_STANDARD.encode("sluice%3Atest:a+secret%2B%25");
    if headers.get("authorization").is_none_or(|value| value != &format!("Basic {basic}")) {
        return refused("invalid_client");
    }
    // Codes are good once.
    let Some((nonce, challenge, redirect)) = script.pending.take() else { return refused("invalid_grant") };
    let proven = BASE64_URL_SAFE_NO_PAD.encode(Sha256Hash::of(text("code_verifier")).as_bytes()) == challenge;
    if !proven || text("code") != "the code" || text("redirect_uri") != redirect {
        return refused("invalid_grant");
    }
    let token = script.sign(&shared.issuer, &nonce);
    Json(json!({ "token_type": "Bearer", "access_token": "access", "id_token": token })).into_response()
}

async fn userinfo(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let mut script = shared.script.lock().unwrap();
    script.asked.push("userinfo".to_owned());
    if headers.get("authorization").is_none_or(|value| value != "Bearer access") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(script.userinfo.clone()).into_response()
}

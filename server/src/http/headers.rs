//! Headers that tell browsers what not to do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

use crate::state::AppState;

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// What every answer carries: its type is not guessed, other sites neither open nor embed it, links from here tell
/// them nothing, and no page of ours may ask for the camera or where somebody is.
const EVERYWHERE: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (COOP, "same-origin"),
    (CORP, "same-origin"),
    (
        PERMISSIONS,
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), usb=()",
    ),
];

/// Two years, as browsers' preload lists want it.
const HSTS: &str = "max-age=63072000";

/// The headers of this server: its content security policy names the store.
#[derive(Debug, Clone)]
pub struct SecurityHeaders {
    everywhere: Arc<HeaderMap>,
    /// Where pages and worker send files, and images come from: this server, and the store's host names.
    store: Arc<str>,
}

impl SecurityHeaders {
    /// For that server.
    #[must_use]
    pub fn new(state: &AppState) -> Self {
        let mut everywhere = HeaderMap::new();
        for (name, value) in EVERYWHERE {
            everywhere.insert(name, HeaderValue::from_static(value));
        }
        if state.public_url.is_https() {
            everywhere.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
        }
        let store = format!("'self' {}", state.grants.bucket().origins().join(" "));
        Self { everywhere: Arc::new(everywhere), store: store.trim_end().into() }
    }

    /// The policy of a page whose scripts carry that nonce.
    #[must_use]
    pub fn page_policy(&self, nonce: &str) -> String {
        self.policy(&format!("'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"))
    }

    /// The policy of the page's files. The worker is one of them, and a worker follows the policy that its own script
    /// came with, so it must be able to compile WASM and to reach the store.
    #[must_use]
    pub fn file_policy(&self) -> String {
        self.policy("'self' 'wasm-unsafe-eval'")
    }

    fn policy(&self, scripts: &str) -> String {
        format!(
            "default-src 'none'; script-src {scripts}; style-src 'self'; img-src {store} blob: data:; \
             connect-src {store}; font-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            store = self.store
        )
    }
}

/// Adds the headers to an answer. What is not a page and no file gets a policy that allows nothing, and is not kept.
pub(super) async fn add(State(headers): State<SecurityHeaders>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let into = response.headers_mut();
    for (name, value) in headers.everywhere.iter() {
        into.insert(name.clone(), value.clone());
    }
    into.entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    into.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

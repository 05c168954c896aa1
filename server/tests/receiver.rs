//! A receiver of webhooks on loopback, which answers as a test has it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use ring::hmac;
use serde_json::Value;
use server::clock;
use tokio::sync::Semaphore;

/// What comes back.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Status(u16),
    /// A redirect to another path of the same receiver.
    Elsewhere,
    /// Nothing, until it is let go.
    Hang,
}

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A receiver. Without a reply to give it says 200.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    got: Mutex<Vec<Got>>,
    arrived: Semaphore,
    let_go: Semaphore,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            replies: Mutex::default(),
            got: Mutex::default(),
            arrived: Semaphore::new(0),
            let_go: Semaphore::new(0),
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://127.0.0.1:{port}/hook"), port, shared }
    }

    pub(crate) fn reply(&self, replies: &[Reply]) {
        self.shared.replies.lock().unwrap().extend(replies.iter().cloned());
    }

    /// All that came since the last time.
    pub(crate) fn got(&self) -> Vec<Got> {
        std::mem::take(&mut *self.shared.got.lock().unwrap())
    }

    /// Waits for the next request.
    pub(crate) async fn arrived(&self) {
        self.shared.arrived.acquire().await.unwrap().forget();
    }

    /// Answers one that hangs.
    pub(crate) fn let_go(&self) {
        self.shared.let_go.add_permits(1);
    }
}

impl Got {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether somebody with that secret wrote it just now, as its receiver finds out.
    pub(crate) fn is_signed(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let timestamp = self.header("webhook-timestamp");
        let content = format!("{}.{timestamp}.{}", self.header("webhook-id"), self.body);
        let fresh = (clock::now().0 / 1_000).abs_diff(timestamp.parse().unwrap()) < 300;
        fresh
            && self.header("webhook-signature").split(' ').any(|signature| {
                let tag = BASE64_STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
                hmac::verify(&key, content.as_bytes(), &tag).is_ok()
            })
    }
}

async fn take(
    State(shared): State<Arc<Shared>>,
    uri: http::Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    shared.got.lock().unwrap().push(Got { path: uri.path().to_owned(), headers, body });
    let reply = shared.replies.lock().unwrap().pop_front();
    shared.arrived.add_permits(1);
    match reply {
        None => StatusCode::OK.into_response(),
        Some(Reply::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Reply::Elsewhere) => {
            (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/elsewhere")]).into_response()
        }
        Some(Reply::Hang) => {
            shared.let_go.acquire().await.unwrap().forget();
            StatusCode::OK.into_response()
        }
    }
}

//! A whole server with an embedded store, and browsers that visit it without a socket between them.

use std::net::SocketAddr;
use std::path::Path;

use app::person::SignIn;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use http::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use http::{Method, Request, StatusCode};
use ledger::{NewPerson, Role};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::clock;
use server::config::Config;
use server::server::Server;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::database;

/// A good password for everybody.
pub(crate) const PASSWORD: &str = "correct horse";

/// A server with data of its own.
pub(crate) struct TestApp {
    pub(crate) server: Server,
    router: Router,
    data: TempDir,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A server with a changed configuration.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let data = TempDir::new().unwrap();
        let mut config = Config { data_dir: data.path().join("data"), ..Config::default() };
        config.listen.address = ([127, 0, 0, 1], 0).into();
        config.embedded.address = ([127, 0, 0, 1], 0).into();
        config.listen.site_root = Some(data.path().join("site"));
        config.database = Some(database::fresh(data.path()).await);
        change(&mut config);
        let server = Server::start(config).await.unwrap();
        Self { router: server.router(), server, data }
    }

    /// The folder that is deleted with the test; `data` and `site` are in it.
    pub(crate) fn folder(&self) -> &Path {
        self.data.path()
    }

    /// Adds a person with [`PASSWORD`].
    pub(crate) async fn person(&self, name: &str) {
        let state = &self.server.state;
        let password = SecretString::from(PASSWORD.to_owned());
        let hash = state.gate.passwords.hash(password).await.unwrap();
        let person = NewPerson {
            name: name.to_owned(),
            role: Role::Uploader,
            password_hash: Some(hash),
            created_at: clock::now(),
        };
        state.ledger.people().create(person).await.unwrap();
    }

    /// A browser that was never here.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookie: None,
            sso: None,
            address: ([192, 0, 2, 1], 5_000).into(),
        }
    }

    /// A browser in which that person is signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        browser
    }
}

/// A browser: keeps the session's cookie, and that of a single sign-on that is on its way.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookie: Option<String>,
    pub(crate) sso: Option<String>,
    pub(crate) address: SocketAddr,
}

/// What a browser was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let sign_in = SignIn { name: name.to_owned(), password: password.to_owned() };
        self.call("sign_in", json!({ "request": sign_in })).await
    }

    /// Who the server says is here.
    pub(crate) async fn who(&mut self) -> Value {
        self.call("who", json!({})).await.json()
    }

    /// Calls a server function as the page does.
    pub(crate) async fn call(&mut self, function: &str, body: Value) -> Answer {
        let request = post(function).header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::builder().uri(path).header("accept", "text/html,*/*");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(self.address));
        let cookies: Vec<&str> = self.cookie.iter().chain(&self.sso).map(String::as_str).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        for set in parts.headers.get_all(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let pair = set.split(';').next().unwrap().to_owned();
            let kept = if pair.contains("-sso=") { &mut self.sso } else { &mut self.cookie };
            *kept = (!set.contains("Max-Age=0")).then_some(pair);
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }
}

/// A call of a server function, from nowhere in particular.
pub(crate) fn post(function: &str) -> http::request::Builder {
    let uri = format!("/api/rpc/{function}");
    Request::builder().method(Method::POST).uri(uri).header(CONTENT_TYPE, "application/json")
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A problem in one line.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16(), "{self:?}");
        format!("{} {}", self.status.as_u16(), json["code"].as_str().unwrap())
    }
}

//! A program with an API token, and the server that it talks to, without a socket between them.

use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use ledger::{Actor, Deed, NewPerson, NewToken, PersonId, Role, Scope};
use secrecy::ExposeSecret;
use serde_json::Value;
use server::clock;
use server::config::{Config, StoreConfig};
use server::desk::operator;
use server::server::Server;
use server::session::TokenText;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::database;

/// What a test does.
pub(crate) fn deed() -> Deed<'static> {
    static TEST: LazyLock<Actor> = LazyLock::new(operator);
    Deed { by: &TEST, at: clock::now() }
}

/// A server with a data folder of its own.
pub(crate) struct ApiServer {
    pub(crate) server: Server,
    _data: TempDir,
}

impl ApiServer {
    /// A server for that store.
    pub(crate) async fn start(store: StoreConfig) -> Self {
        let data = TempDir::new().unwrap();
        let mut config = Config { data_dir: data.path().to_owned(), store: Some(store), ..Config::default() };
        config.listen.address = ([127, 0, 0, 1], 0).into();
        config.database = Some(database::fresh(data.path()).await);
        Self { server: Server::start(config).await.unwrap(), _data: data }
    }

    /// A new person's program.
    pub(crate) async fn program(&self, name: &str, role: Role) -> Program {
        let ledger = &self.server.state.ledger;
        let created_at = clock::now();
        let person = NewPerson { name: name.to_owned(), role, password_hash: None, created_at };
        let person = ledger.people().create(person).await.unwrap();
        Program::of(&self.server, person.id).await
    }

    /// Lets it answer on a socket.
    pub(crate) fn listen(self) -> Listening {
        let url = format!("http://{}", self.server.address);
        tokio::spawn(self.server.run(std::future::pending()));
        Listening { url, _data: self._data }
    }

    /// A program without a token.
    pub(crate) fn stranger(&self) -> Program {
        Program { router: self.server.router(), token: None }
    }
}

impl Program {
    /// A program of somebody whom that server knows.
    pub(crate) async fn of(server: &Server, person: PersonId) -> Self {
        Self::scoped(server, person, Scope::Full).await
    }

    /// As [`Program::of`], with a token for that only.
    pub(crate) async fn scoped(server: &Server, person: PersonId, scope: Scope) -> Self {
        let ledger = &server.state.ledger;
        let created_at = clock::now();
        let (token, text) = TokenText::random();
        let token = NewToken {
            prefix: token.prefix,
            secret: token.secret,
            person,
            name: "test".to_owned(),
            scope,
            created_at,
            expires_at: Some(clock::after(created_at, Duration::from_secs(60))),
        };
        ledger.tokens().create(deed(), token).await.unwrap();
        Self { router: server.router(), token: Some(text.expose_secret().to_owned()) }
    }
}

/// A server that answers on a socket.
pub(crate) struct Listening {
    pub(crate) url: String,
    _data: TempDir,
}

/// Somebody who calls the API.
pub(crate) struct Program {
    router: Router,
    token: Option<String>,
}

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) json: Value,
}

impl Program {
    /// The token, for others.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        let request = self.request(Method::PATCH, path).header(CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Posts what may be left out.
    pub(crate) async fn post_nothing(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path).body(Body::empty()).unwrap()).await
    }

    /// A request to `/api/v1` and that path, with the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            content_type: parts.headers.get(CONTENT_TYPE).map_or("", |v| v.to_str().unwrap()).to_owned(),
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }
}

impl Answer {
    /// The body of an answer that is as it should be.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.json
    }

    /// A problem in one line, and whether it says of itself what HTTP says.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        assert_eq!(self.json["status"], self.status.as_u16(), "{self:?}");
        let code = self.json["code"].as_str().unwrap();
        assert_eq!(self.json["type"], format!("/problems/{code}"));
        format!("{} {code}: {}", self.status.as_u16(), self.json["detail"].as_str().unwrap())
    }
}

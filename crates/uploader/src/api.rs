//! The server's JSON API, as far as an upload needs it.

use std::io;
use std::time::Duration;

use http::{HeaderMap, Method};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use transfer::engine::{Answer, Call, CallFailure};
use transfer::wire::{
    BatchId, BatchState, GrantKind, ItemIndex, OpenBatchRequest, OpenedBatch, Problem, ProblemCode,
    ProjectId, Rules, StoreAddress, UnixMillis,
};

use crate::client::Client;
use crate::load::Load;

/// A call without an answer after that time counts as failed. Closing lists the whole batch.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, and the token that it is asked with.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    /// Without a slash at the end.
    server: String,
    token: SecretString,
}

/// Why the server did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address is none.
    #[error("{0:?} is no address of a server. Give one such as https://photos.example.org.")]
    Address(String),
    /// No connection, or no answer that makes sense.
    #[error("{server} does not answer: {why}")]
    Unreachable {
        /// The server.
        server: String,
        /// What was in the way.
        why: String,
        /// What it asked to wait, in milliseconds.
        retry_after: Option<u64>,
    },
    /// It says why not.
    #[error("{0}")]
    Problem(Box<Problem>),
}

/// A project that may be uploaded into.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProjectView {
    /// Its id.
    pub id: ProjectId,
    /// Its name, for people.
    pub name: String,
    /// What it takes.
    pub rules: Rules,
}

/// A batch, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BatchView {
    /// The batch.
    pub batch: BatchId,
    /// Where to.
    pub project: ProjectId,
    /// Its state.
    pub state: BatchState,
    /// Where its objects go.
    pub prefix: String,
    /// The kind of grant that it gets.
    pub grant: GrantKind,
    /// The store.
    pub store: StoreAddress,
}

/// An item, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ItemView {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// The path that was announced.
    pub path: String,
    /// Its whole key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was last changed, on the clock of the machine it comes from.
    #[serde(default)]
    pub modified: Option<UnixMillis>,
    /// Its media type.
    pub media_type: String,
    /// What is known of it: `announced`, `stored`, `failed`, `cancelled`, `skipped`, `missing`, `differs`.
    pub state: String,
}

impl Api {
    /// The API of a server, such as `https://photos.example.org`.
    ///
    /// # Errors
    /// If that is no address, or this machine's certificates cannot be read.
    pub fn new(server: &str, token: SecretString) -> Result<Self, ApiError> {
        let server = server.trim_end_matches('/').to_owned();
        let uri: Option<http::Uri> = server.parse().ok();
        let scheme = uri.as_ref().and_then(|uri| uri.host().and(uri.scheme_str()));
        if !matches!(scheme, Some("http" | "https")) {
            return Err(ApiError::Address(server));
        }
        let broken = |error: io::Error| ApiError::Unreachable {
            server: server.clone(),
            why: format!("the certificates of this machine cannot be read: {error}"),
            retry_after: None,
        };
        Ok(Self { client: Client::new().map_err(broken)?, server, token })
    }

    /// The server's address.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The connections, also for others.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Projects that may be uploaded into.
    ///
    /// # Errors
    /// What the server says.
    pub async fn projects(&self) -> Result<Vec<ProjectView>, ApiError> {
        self.ask(Method::GET, "/projects", NOTHING).await
    }

    /// Opens a batch.
    ///
    /// # Errors
    /// What the server says.
    pub async fn open(&self, request: &OpenBatchRequest) -> Result<OpenedBatch, ApiError> {
        self.ask(Method::POST, "/batches", Some(request)).await
    }

    /// A batch, as it stands.
    ///
    /// # Errors
    /// What the server says.
    pub async fn batch(&self, batch: &BatchId) -> Result<BatchView, ApiError> {
        self.ask(Method::GET, &format!("/batches/{batch}"), NOTHING).await
    }

    /// All items of a batch, in order.
    ///
    /// # Errors
    /// What the server says.
    pub async fn items(&self, batch: &BatchId) -> Result<Vec<ItemView>, ApiError> {
        let mut all: Vec<ItemView> = Vec::new();
        loop {
            let after = all.last().map(|item| format!("?after={}", item.index.0)).unwrap_or_default();
            let page: Vec<ItemView> =
                self.ask(Method::GET, &format!("/batches/{batch}/items{after}"), NOTHING).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Makes a call of the engine's.
    ///
    /// # Errors
    /// What the engine makes of it.
    pub(crate) async fn call(&self, call: &Call) -> Result<Answer, CallFailure> {
        let post = Method::POST;
        let answer = match call {
            Call::Announce(request) => self
                .ask(post, &at(&request.batch, "items"), Some(&Items { items: &request.items }))
                .await
                .map(Answer::Announce),
            Call::Report(request) => self
                .ask(post, &at(&request.batch, "report"), Some(&Items { items: &request.items }))
                .await
                .map(Answer::Report),
            Call::RenewGrant(request) => self
                .ask(post, &at(&request.batch, "grant"), Some(&Renewal { kind: request.kind }))
                .await
                .map(|renewed| Answer::RenewGrant(Box::new(renewed))),
            // The batch is in the address; that it is in the body too does no harm.
            Call::SignUrls(request) => {
                self.ask(post, &at(&request.batch, "urls"), Some(request)).await.map(Answer::SignUrls)
            }
            Call::SignUpload(request) => {
                let body = Parts {
                    item: request.index,
                    upload: request.upload.as_deref(),
                    parts: &request.parts,
                    after: request.after,
                    bases: &request.bases,
                };
                let signed = self.ask(post, &at(&request.batch, "upload"), Some(&body)).await;
                signed.map(|signed| Answer::SignUpload(Box::new(signed)))
            }
            Call::Close(request) => {
                self.ask(post, &at(&request.batch, "close"), NOTHING).await.map(Answer::Close)
            }
        };
        answer.map_err(CallFailure::from)
    }

    /// Where an item goes through the server, and the header that allows it.
    pub(crate) fn relay(&self, batch: &BatchId, item: ItemIndex) -> (String, (String, String)) {
        let url = format!("{}/api/v1/batches/{batch}/items/{}/body", self.server, item.0);
        (url, self.bearer())
    }

    fn bearer(&self) -> (String, String) {
        ("authorization".to_owned(), format!("Bearer {}", self.token.expose_secret()))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ApiError> {
        let mut headers = vec![self.bearer(), ("accept".to_owned(), "application/json".to_owned())];
        let unreachable = |why: String, retry_after| ApiError::Unreachable {
            server: self.server.clone(),
            why,
            retry_after,
        };
        let body = match body.map(serde_json::to_vec) {
            None => Load::of(""),
            Some(Ok(json)) => {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
                Load::of(json)
            }
            Some(Err(error)) => return Err(unreachable(error.to_string(), None)),
        };
        let url = format!("{}/api/v1{path}", self.server);
        let asked = tokio::time::timeout(PATIENCE, self.client.ask(method, &url, &headers, body)).await;
        let answer = match asked {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(unreachable(whole_story(error.as_ref()), None)),
            Err(_) => return Err(unreachable("not in time".to_owned(), None)),
        };
        if (200..300).contains(&answer.status) {
            // A proxy's or a hotel's page in between is no answer.
            return serde_json::from_slice(&answer.body)
                .map_err(|error| unreachable(format!("its answer makes no sense ({error})"), None));
        }
        match serde_json::from_slice::<Problem>(&answer.body) {
            Ok(problem) if problem.code != ProblemCode::TooMany => Err(ApiError::Problem(Box::new(problem))),
            _ => Err(unreachable(format!("HTTP status {}", answer.status), retry_after(&answer.headers))),
        }
    }
}

/// No body.
const NOTHING: Option<&()> = None;

fn at(batch: &BatchId, what: &str) -> String {
    format!("/batches/{batch}/{what}")
}

/// Retry-After in milliseconds.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get("retry-after")?.to_str().ok()?.parse::<u64>().ok()?.checked_mul(1_000)
}

/// An error and what is behind it: "client error" alone says nothing.
fn whole_story(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        told = error.to_string();
        source = error.source();
    }
    told
}

impl From<ApiError> for CallFailure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Address(_) => Self::Refused { message: error.to_string() },
            ApiError::Unreachable { retry_after, .. } => Self::Unavailable { retry_after },
            ApiError::Problem(problem) => match problem.code {
                ProblemCode::SignedOut => Self::SignedOut,
                ProblemCode::TooMany | ProblemCode::Busy | ProblemCode::Store | ProblemCode::Internal => {
                    Self::Unavailable { retry_after: None }
                }
                _ => Self::Refused { message: problem.detail },
            },
        }
    }
}

#[derive(Serialize)]
struct Items<'a, T> {
    items: &'a [T],
}

#[derive(Serialize)]
struct Renewal {
    kind: Option<GrantKind>,
}

#[derive(Serialize)]
struct Parts<'a> {
    item: ItemIndex,
    upload: Option<&'a str>,
    parts: &'a [u32],
    after: u32,
    bases: &'a [u32],
}

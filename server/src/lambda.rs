//! The same server as a function of AWS Lambda, behind a function URL, an HTTP API or a REST API.
//!
//! Nothing listens, and nothing runs between events: Lambda stops the process in the meantime. What a server does beside
//! requests is done for the event of a schedule. What must stay is in a database that is named and a bucket that is
//! named; see `docs/decisions/0010-lambda.md`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::Uri;
use http::uri::PathAndQuery;
use lambda_http::RequestExt;
use lambda_http::lambda_runtime::Diagnostic;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::clock;
use crate::config::{Config, PublicUrl};
use crate::round::{Deadline, Round};
use crate::server::{ServerError, assemble, open_ledger};
use crate::state::AppState;

/// Where the function takes its events from: Lambda sets it, and nobody else.
pub const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// What links name when nobody said where people reach the function: its URL is known only once it is made.
const UNKNOWN_ORIGIN: &str = "https://sluice.invalid";

/// How long Lambda may take to hear why the function does not start.
const TELLING: Duration = Duration::from_secs(2);

/// How the event of a schedule says what it is, be it a rule of EventBridge or EventBridge Scheduler (EventBridge User
/// Guide, "Creating a rule that runs on a schedule"; EventBridge Scheduler User Guide, "Templated targets").
const SCHEDULED: &str = "Scheduled Event";

/// What of its time a round leaves, to end what it has begun.
const MARGIN: Duration = Duration::from_secs(2);

/// Why the function does not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// No bucket: the embedded store would be empty at every start.
    #[error(
        "A function keeps no files, so there is no embedded store in Lambda. Set SLUICE_BUCKET to your bucket."
    )]
    NoBucket,
    /// No database: a file would be empty at every start.
    #[error(
        "A function keeps no files, and API tokens and projects are in the database. Set SLUICE_DATABASE_URL to a PostgreSQL database."
    )]
    NoDatabase,
    /// As anywhere.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// While running.
    #[error("the function stopped: {0}")]
    Runtime(String),
}

/// Why there is no answer to an event.
#[derive(Debug, thiserror::Error)]
enum EventError {
    #[error(
        "This event is neither a request of a function URL or of API Gateway nor one of a schedule (\"detail-type\": \"Scheduled Event\")."
    )]
    Unknown,
    #[error("Not all of the round worked. The log says what did not; the next round tries again.")]
    Round,
}

impl From<EventError> for Diagnostic {
    fn from(error: EventError) -> Self {
        let error_type = match error {
            EventError::Unknown => "Sluice.UnknownEvent",
            EventError::Round => "Sluice.Round",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// Whether this process is a function of Lambda.
#[must_use]
pub fn is_here() -> bool {
    std::env::var_os(RUNTIME_API).is_some()
}

/// The command line: Lambda starts `bootstrap` without any, and means `serve`.
#[must_use]
pub fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.len() < 2 && is_here() {
        arguments.push("serve".into());
    }
    arguments
}

/// Answers events until Lambda ends the process. Why it does not start, Lambda is told.
///
/// # Errors
/// If bucket or database are not named, or the database cannot be used.
pub async fn run(config: Config) -> Result<(), FunctionError> {
    let state = match state(config).await {
        Ok(state) => state,
        Err(error) => {
            let told = tokio::time::timeout(TELLING, tell(&error.to_string())).await;
            if !matches!(told, Ok(Ok(()))) {
                tracing::warn!("Lambda could not be told why the function does not start");
            }
            return Err(error);
        }
    };
    let router = crate::http::router(&state);
    let handler = lambda_http::service_fn(move |event| answer(state.clone(), router.clone(), event));
    lambda_http::run(handler).await.map_err(|error| FunctionError::Runtime(error.to_string()))
}

/// What the function has: the same as a server, but with nothing of its own.
async fn state(config: Config) -> Result<AppState, FunctionError> {
    let store = config.store.clone().ok_or(FunctionError::NoBucket)?;
    if config.database.is_none() {
        return Err(FunctionError::NoDatabase);
    }
    let unknown = || PublicUrl::parse(UNKNOWN_ORIGIN).unwrap_or_else(|| PublicUrl::of(config.listen.address));
    let public_url = config.listen.public_url.clone().unwrap_or_else(unknown);
    let ledger = open_ledger(&config).await?;
    Ok(assemble(config, &store, public_url, ledger).await?)
}

/// Answers one event.
async fn answer(
    state: AppState,
    router: axum::Router,
    event: lambda_http::Request,
) -> Result<Response, EventError> {
    // Which kind it is the crate has seen by its shape: a request with the path that it gives other events is a request.
    if matches!(event.request_context_ref(), Some(RequestContext::PassThrough)) {
        return round(&state, &event).await;
    }
    match router.oneshot(request_of(event)).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

/// Runs a round, if it is time for one, within the time that Lambda gives.
async fn round(state: &AppState, event: &lambda_http::Request) -> Result<Response, EventError> {
    let said: Value = serde_json::from_slice(event.body()).unwrap_or_default();
    if said["detail-type"] != SCHEDULED {
        return Err(EventError::Unknown);
    }
    let end = event.lambda_context_ref().map_or(0, |context| context.deadline);
    let time = Duration::from_millis(end.saturating_sub(clock::now().0)).saturating_sub(MARGIN);
    let round = Round::run(state, Deadline::after(time)).await;
    tracing::info!(?round, "a round was run");
    if !round.is_well() {
        return Err(EventError::Round);
    }
    Ok(Json(round).into_response())
}

/// The request in an event, as if it had come over a socket: from the address that Lambda saw, whatever headers say,
/// and without the stage that an API puts before the path.
fn request_of(event: lambda_http::Request) -> Request {
    let context = event.request_context_ref().cloned();
    let (mut parts, body) = event.into_parts();
    let (source, stage) = match context {
        Some(RequestContext::ApiGatewayV2(context)) => (context.http.source_ip, context.stage),
        Some(RequestContext::ApiGatewayV1(context)) => (context.identity.source_ip, context.stage),
        _ => (None, None),
    };
    if let Some(address) = source.and_then(|address| address.parse().ok()) {
        parts.extensions.insert(ConnectInfo(SocketAddr::new(address, 0)));
    }
    parts.uri = local(&parts.uri, stage.as_deref());
    Request::from_parts(parts, axum::body::Body::new(body))
}

/// Path and query of a URL, without a stage in front.
fn local(uri: &Uri, stage: Option<&str>) -> Uri {
    let whole = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let without = stage.filter(|stage| *stage != "$default").and_then(|stage| {
        let rest = whole.strip_prefix('/')?.strip_prefix(stage)?;
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
    });
    let path = match without {
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        Some(rest) => format!("/{rest}"),
        None => whole.to_owned(),
    };
    path.parse().unwrap_or_else(|_| uri.clone())
}

/// Tells Lambda why the function does not start (Runtime API, "Initialization error"). The runtime's crate does so for
/// its own failures only.
async fn tell(why: &str) -> std::io::Result<()> {
    let api = std::env::var(RUNTIME_API).unwrap_or_default();
    let body =
        json!({ "errorMessage": why, "errorType": "Sluice.Configuration", "stackTrace": [] }).to_string();
    let mut stream = TcpStream::connect(&api).await?;
    let request = format!(
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {api}\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Function-Error-Type: Sluice.Configuration\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn a_stage_is_no_part_of_the_path() {
        let of = |uri: &str, stage| local(&uri.parse().unwrap_or_default(), stage).to_string();
        assert_eq!(of("https://a.example/healthz", Some("$default")), "/healthz");
        assert_eq!(of("https://a.example/prod/api/v1/projects?a=b", Some("prod")), "/api/v1/projects?a=b");
        assert_eq!(of("https://a.example/prod", Some("prod")), "/");
        assert_eq!(of("https://a.example/prod?a", Some("prod")), "/?a");
        assert_eq!(of("https://a.example/production", Some("prod")), "/production");
        assert_eq!(of("https://a.example", None), "/");
    }
}

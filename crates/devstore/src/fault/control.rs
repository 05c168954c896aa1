//! The endpoint through which tests change rules and read the log.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;

use super::Faults;

/// The longest plan, in bytes.
const MAX_PLAN: usize = 1024 * 1024;

pub(super) async fn serve(faults: &Faults, listener: TcpListener, token: &str) -> io::Result<()> {
    if !listener.local_addr()?.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "faults are controlled on loopback only"));
    }
    let token: Arc<str> = token.into();
    loop {
        let (stream, _) = listener.accept().await?;
        let (faults, token) = (faults.clone(), Arc::clone(&token));
        let service = service_fn(move |request| {
            let (faults, token) = (faults.clone(), Arc::clone(&token));
            async move { Ok::<_, Infallible>(answer(&faults, &token, request).await) }
        });
        tokio::spawn(async move {
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "a control connection broke");
            }
        });
    }
}

async fn answer(faults: &Faults, token: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
    // Every page in every browser of this machine can ask loopback; only the tests know the token.
    let path = request.uri().path().strip_prefix('/').and_then(|path| path.strip_prefix(token));
    let path = path.unwrap_or_default().to_owned();
    match (path.as_str(), request.method()) {
        ("/rules", &Method::GET) => json(&faults.plan()),
        ("/rules", &Method::PUT) => set(faults, request).await,
        ("/rules", &Method::DELETE) => {
            faults.set(super::FaultPlan::default());
            empty()
        }
        ("/log", &Method::GET) => match after(request.uri().query()) {
            Some(after) => json(&faults.log(after)),
            None => problem(StatusCode::BAD_REQUEST, "`after` is the number of an entry"),
        },
        ("/log", &Method::DELETE) => {
            faults.clear_log();
            empty()
        }
        ("/rules" | "/log", _) => problem(StatusCode::METHOD_NOT_ALLOWED, "use GET, DELETE, or PUT of rules"),
        _ => problem(StatusCode::NOT_FOUND, "there are `/rules` and `/log`, after the token"),
    }
}

async fn set(faults: &Faults, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let body = match Limited::new(request.into_body(), MAX_PLAN).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match serde_json::from_slice(&body) {
        Ok(plan) => {
            faults.set(plan);
            empty()
        }
        Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// `after=<number>`; the beginning when there is none.
fn after(query: Option<&str>) -> Option<u64> {
    match query {
        None => Some(0),
        Some(query) => query.strip_prefix("after=")?.parse().ok(),
    }
}

fn json<T: Serialize>(value: &T) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(text) => respond(StatusCode::OK, "application/json", text.into()),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn empty() -> Response<Full<Bytes>> {
    respond(StatusCode::NO_CONTENT, "text/plain", Bytes::new())
}

fn problem(status: StatusCode, sentence: &str) -> Response<Full<Bytes>> {
    respond(status, "text/plain", format!("{sentence}\n").into())
}

fn respond(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

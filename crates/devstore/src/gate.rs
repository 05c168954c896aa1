//! What stands in front of `s3s`: CORS, who is calling, and bodies that nobody read.

mod credential;
pub(crate) mod document;
mod tap;

use std::sync::Arc;

use http::header::{CONTENT_TYPE, EXPECT, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode, request};
use http_body_util::BodyExt as _;
use s3s::service::S3Service;
use s3s::{Body, S3Error, S3ErrorCode, S3Result};
use time::OffsetDateTime;
use uuid::Uuid;

use self::credential::Presented;
use self::tap::Tap;
use crate::auth::unknown_key;
use crate::caller::{Caller, SessionCaller};
use crate::cors::{Asked, Cors};
use crate::form;
use crate::hosts::Hosts;
use crate::identity::{SecretKey, StoreIdentity};
use crate::object::Objects;
use crate::policy::Policy;
use crate::session::{KEY_PREFIX, Sessions, TokenError};
use crate::sts;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// Answers every request of a store.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) s3: S3Service,
    pub(crate) objects: Objects,
    pub(crate) cors: Cors,
    pub(crate) hosts: Hosts,
    pub(crate) sessions: Sessions,
    pub(crate) identity: StoreIdentity,
    pub(crate) role: Arc<Policy>,
}

impl Gate {
    /// The answer; a refusal waits for the body that it refuses, so that the client gets to read it.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let asked = Asked::read(&parts, &self.hosts);
        let id = Uuid::new_v4().simple().to_string();
        let (tap, rest) = Tap::new(body);
        let mut response = if parts.method == Method::OPTIONS {
            self.cors.preflight(&asked, &parts.headers, &id)
        } else {
            // A client that waits for `100 Continue` has sent nothing that could be waited for.
            let waits = parts.headers.contains_key(EXPECT);
            let response = self.operate(parts, tap).await;
            if response.status().is_success() || !waits {
                rest.drain().await;
            }
            self.decorated(&asked, response)
        };
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }

    /// Refuses without asking anybody, as if an operation had.
    pub(crate) async fn refuse(&self, request: Request<Body>, error: S3Error) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let (tap, rest) = Tap::new(body);
        drop(tap);
        if !parts.headers.contains_key(EXPECT) {
            rest.drain().await;
        }
        let response = render(error);
        let is_sts = self.hosts.asks_sts(&parts);
        let response = if is_sts { sts::translate(response).await } else { response };
        self.decorated(&Asked::read(&parts, &self.hosts), response)
    }

    fn decorated(&self, asked: &Asked, mut response: Response<Body>) -> Response<Body> {
        self.cors.decorate(asked, response.headers_mut());
        response
    }

    async fn operate(&self, mut parts: request::Parts, body: Tap) -> Response<Body> {
        if form::is_form(&parts) {
            return form::post(self, &parts, body.into_data_stream()).await.unwrap_or_else(render);
        }
        let is_sts = self.hosts.asks_sts(&parts);
        let response = match self.caller(&parts) {
            // Of what nobody signed, the body does not matter.
            Ok(None) => self.pass(Request::from_parts(parts, Body::http_body(body))).await,
            Ok(Some(caller)) => {
                parts.extensions.insert(caller);
                match document::checked(&parts, body).await {
                    Ok(body) => self.pass(Request::from_parts(parts, body)).await,
                    Err(error) => render(error),
                }
            }
            Err(error) => render(error),
        };
        let is_s3_refusal =
            is_sts && response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/xml");
        if is_s3_refusal { sts::translate(response).await } else { response }
    }

    async fn pass(&self, request: Request<Body>) -> Response<Body> {
        match self.s3.call(request).await {
            Ok(response) => response,
            Err(error) => {
                let error: Box<dyn std::error::Error + Send + Sync> = error.into();
                tracing::error!(error = &*error as &dyn std::error::Error, "the protocol layer failed");
                render(S3Error::new(S3ErrorCode::InternalError))
            }
        }
    }

    /// Whose access key the request names; `None` when it names none.
    ///
    /// # Errors
    /// What AWS says to an unknown key, a missing, foreign or expired token, another region, or a
    /// signature that leaves out what it must cover.
    fn caller(&self, parts: &request::Parts) -> S3Result<Option<Caller>> {
        let Some(presented) = Presented::read(parts)? else { return Ok(None) };
        presented.check_scope(&self.identity.region, self.hosts.asks_sts(parts))?;
        presented.check_signed_headers(&parts.headers)?;
        self.recognise(&presented.access_key_id, presented.token.as_deref()).map(Some)
    }

    /// The secret of a caller's access key.
    pub(crate) fn secret(&self, caller: &Caller) -> SecretKey {
        match caller {
            Caller::Root { .. } => self.identity.secret_access_key.clone(),
            Caller::Session(session) => self.sessions.secret(&session.access_key_id),
        }
    }

    /// Whose access key it is, if it comes with what belongs to it.
    pub(crate) fn recognise(&self, access_key_id: &str, token: Option<&str>) -> S3Result<Caller> {
        if access_key_id == self.identity.access_key_id {
            return match token {
                None => Ok(Caller::Root { access_key_id: access_key_id.into() }),
                Some(_) => Err(token_error(TokenError::Invalid)),
            };
        }
        // As AWS says it: without its token, the key of a session is no key.
        let token = token.filter(|_| access_key_id.starts_with(KEY_PREFIX)).ok_or_else(unknown_key)?;
        let claims =
            self.sessions.claims(access_key_id, token, OffsetDateTime::now_utc()).map_err(token_error)?;
        let inline = claims
            .policy
            .as_deref()
            .map(Policy::parse)
            .transpose()
            // It was understood when the session began; an older store may have understood more.
            .map_err(|_| token_error(TokenError::Invalid))?;
        Ok(Caller::Session(Arc::new(SessionCaller {
            access_key_id: access_key_id.to_owned(),
            claims,
            role: Arc::clone(&self.role),
            inline,
        })))
    }
}

fn token_error(error: TokenError) -> S3Error {
    let code = match error {
        TokenError::Invalid => S3ErrorCode::InvalidToken,
        TokenError::Expired => S3ErrorCode::ExpiredToken,
    };
    S3Error::with_message(code, error.to_string())
}

fn render(error: S3Error) -> Response<Body> {
    error.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        response
    })
}

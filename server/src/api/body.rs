//! Extractors whose rejections are problem documents.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request};
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use transfer::wire::{BatchId, Problem, ProblemCode};

use crate::batch::BatchError;
use crate::problem::HttpProblem;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = HttpProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpProblem> {
        let read = <axum::Json<T> as FromRequest<S>>::from_request(request, state).await;
        read.map(|axum::Json(body)| Self(body)).map_err(|rejection| of_json(&rejection))
    }
}

/// None if the request has no content type, and so no body.
impl<T, S> OptionalFromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = HttpProblem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, HttpProblem> {
        let read = <axum::Json<T> as OptionalFromRequest<S>>::from_request(request, state).await;
        let read = read.map(|body| body.map(|axum::Json(body)| Self(body)));
        read.map_err(|rejection| of_json(&rejection))
    }
}

/// The batch that the path names. By name, because whoever mounts the API may have parameters of their own.
pub(super) struct OfBatch(pub(super) BatchId);

#[derive(Deserialize)]
struct Named {
    id: BatchId,
}

impl<S: Send + Sync> FromRequestParts<S> for OfBatch {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let read: Result<Path<Named>, PathRejection> = Path::from_request_parts(parts, state).await;
        // An id that cannot be is an id that is not there.
        read.map(|Path(named)| Self(named.id)).map_err(|_| BatchError::NoSuchBatch.into())
    }
}

/// Any other thing that the path names; what cannot be one is not there.
pub(super) struct Of<T>(pub(super) T);

#[derive(Deserialize)]
struct NamedThing<T> {
    id: T,
}

impl<T, S> FromRequestParts<S> for Of<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let read: Result<Path<NamedThing<T>>, PathRejection> = Path::from_request_parts(parts, state).await;
        let nothing = || HttpProblem(Problem::new(ProblemCode::NotFound, "There is nothing with that id."));
        read.map(|Path(named)| Self(named.id)).map_err(|_| nothing())
    }
}

/// A person's session that the path names.
pub(super) struct OfSession(pub(super) i64, pub(super) String);

#[derive(Deserialize)]
struct NamedSession {
    id: i64,
    session: String,
}

impl<S: Send + Sync> FromRequestParts<S> for OfSession {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let read: Result<Path<NamedSession>, PathRejection> = Path::from_request_parts(parts, state).await;
        let nothing = || HttpProblem(Problem::new(ProblemCode::NotFound, "There is nothing with that id."));
        read.map(|Path(named)| Self(named.id, named.session)).map_err(|_| nothing())
    }
}

/// The parameters of the query.
pub(super) struct Search<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Search<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let read: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        let problem = |rejection: QueryRejection| Problem::new(ProblemCode::Invalid, rejection.body_text());
        read.map(|Query(params)| Self(params)).map_err(|rejection| HttpProblem(problem(rejection)))
    }
}

fn of_json(rejection: &JsonRejection) -> HttpProblem {
    let detail = rejection.body_text();
    let problem = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            ProblemCode::TooLarge,
            "The request has more bytes than one may have. Send fewer things at a time.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16(),
            ..Problem::new(ProblemCode::Invalid, "Send JSON, with `Content-Type: application/json`.")
        },
        _ => Problem::new(ProblemCode::Invalid, detail),
    };
    HttpProblem(problem)
}

//! Single sign-on: out to the provider, and back. Plain links and redirects, for browsers with scripts and without.

use app::entrance::SsoProblem;
use app::session::safe_next;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use serde::Deserialize;

use crate::oidc::{Answer, CALLBACK, Flow, Oidc, OidcError, Purpose};
use crate::session::Visit;
use crate::state::AppState;

/// Nothing, if there is no provider.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    match state.oidc {
        Some(_) => Router::new().route("/sso", get(depart)).route(CALLBACK, get(arrive)),
        None => Router::new(),
    }
}

/// What a link to `/sso` brings along.
#[derive(Default, Deserialize)]
struct Departure {
    /// Where to go afterwards.
    next: Option<String>,
    /// The token of a one-time link.
    welcome: Option<String>,
}

async fn depart(
    State(state): State<AppState>,
    visit: Visit,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(oidc) = &state.oidc else { return StatusCode::NOT_FOUND.into_response() };
    let query = query.unwrap_or_default();
    let wish: Departure = serde_urlencoded::from_str(&query).unwrap_or_default();
    if let Some(token) = &wish.welcome
        && is_from_elsewhere(&headers)
    {
        let query = serde_urlencoded::to_string([("token", token)]);
        return see_other(&format!("/welcome?{}", query.unwrap_or_default()));
    }
    // Our own paths are ASCII, and so are headers.
    let next = safe_next(wish.next.filter(|next| next.is_ascii()));
    let purpose = Purpose::new(next, wish.welcome.as_deref());
    match begin(oidc, &state, &visit, &purpose).await {
        Ok((flow, url)) => with_cookie(see_other(&url), &flow.cookie(&state.public_url)),
        Err(error) => back(error.report(), &purpose.next),
    }
}

/// Whether something else than a page of ours led here. Nobody may tie somebody to a person of theirs by a mere link:
/// that is asked on the page of the one-time link.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin")
}

async fn begin(
    oidc: &Oidc,
    state: &AppState,
    visit: &Visit,
    purpose: &Purpose,
) -> Result<(Flow, String), OidcError> {
    // Coming back is not counted: without a flow that was begun here it costs nothing.
    visit.attempt().map_err(OidcError::TooSoon)?;
    let flow = Flow::random();
    let url = oidc.departure(&flow).await?;
    flow.keep(&state.ledger, purpose).await?;
    Ok((flow, url))
}

async fn arrive(
    State(state): State<AppState>,
    visit: Visit,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(oidc) = &state.oidc else { return StatusCode::NOT_FOUND.into_response() };
    let (flow, answer) = match recognise(&state, &headers, &query.unwrap_or_default()) {
        Ok(both) => both,
        // The flow stays as it is: another site may have sent the browser here.
        Err(error) => return back(error.report(), "/"),
    };
    let response = match flow.take(&state.ledger).await {
        Err(error) => back(error.report(), "/"),
        Ok(purpose) => match oidc.arrival(&state.ledger, &flow, &purpose, answer).await {
            Err(error) => back(error.report(), &purpose.next),
            Ok(person) => match visit.begin(person).await {
                Err(_) => back(SsoProblem::Failed, &purpose.next),
                Ok(_) => see_other(&purpose.next),
            },
        },
    };
    with_cookie(response, &Flow::end_cookie(&state.public_url))
}

/// The flow of this browser, if the answer is one to it.
fn recognise(state: &AppState, headers: &HeaderMap, query: &str) -> Result<(Flow, Answer), OidcError> {
    let flow = Flow::of_request(headers, &state.public_url).ok_or(OidcError::Flow)?;
    let answer = Answer::of_query(query)?;
    if answer.answers(&flow) { Ok((flow, answer)) } else { Err(OidcError::Flow) }
}

/// Back to the sign-in page, which says why.
fn back(problem: SsoProblem, next: &str) -> Response {
    let query = serde_urlencoded::to_string([("sso", problem.word()), ("next", next)]);
    see_other(&format!("/sign-in?{}", query.unwrap_or_default()))
}

fn see_other(url: &str) -> Response {
    // What is no header is no address of ours either.
    let url = HeaderValue::from_str(url).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, url)]).into_response()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

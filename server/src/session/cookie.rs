//! The cookie, and the layers that turn it into a session.

use axum::response::Response;
use axum_login::{AuthManagerLayer, AuthManagerLayerBuilder};
use http::header::{HeaderValue, SET_COOKIE};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::backend::PersonBackend;
use super::store::LedgerSessions;
use crate::config::PublicUrl;
use crate::state::AppState;

/// The cookie's name. Over TLS browsers take `__Host-` cookies only from this very host, secure and for every path,
/// so that no other host of the domain can plant one.
#[must_use]
pub fn cookie_name(public_url: &PublicUrl) -> &'static str {
    if public_url.is_https() { "__Host-sluice" } else { "sluice" }
}

/// Session and person for each request below. Lax, so that a link in a mail finds people signed in; requests that
/// change something from other sites are refused by the layer around.
#[must_use]
pub fn layer(state: &AppState) -> AuthManagerLayer<PersonBackend, LedgerSessions> {
    let idle = time::Duration::try_from(state.config.sessions.idle).unwrap_or(time::Duration::WEEK);
    let sessions = SessionManagerLayer::new(LedgerSessions::new(state.ledger.clone()))
        .with_name(cookie_name(&state.public_url))
        .with_secure(state.public_url.is_https())
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_expiry(Expiry::OnInactivity(idle));
    AuthManagerLayerBuilder::new(PersonBackend::new(state.ledger.clone()), sessions).build()
}

/// Marks the cookie that ends a session as secure, which tower-sessions 0.14 forgets: browsers refuse every other
/// `__Host-` cookie, and would keep the old one.
pub async fn secure_end(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let cookies: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().map(secured).collect();
    headers.remove(SET_COOKIE);
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

fn secured(cookie: &HeaderValue) -> HeaderValue {
    let text = cookie.to_str().unwrap_or_default();
    if !text.starts_with("__Host-") || text.contains("; Secure") {
        return cookie.clone();
    }
    HeaderValue::from_str(&format!("{text}; Secure")).unwrap_or_else(|_| cookie.clone())
}

//! The pages, rendered by Leptos.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, OnceLock};

use app::backend::Backend;
use app::shell::shell;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{Owner, provide_context, use_context};
use leptos_axum::{ResponseOptions, render_app_async_with_context};

use super::headers::SecurityHeaders;
use crate::backend::ServerBackend;
use crate::session::Visit;
use crate::state::AppState;

/// Far above any page of ours.
const MAX_PAGE: usize = 8 * 1024 * 1024;

/// Every path that is nothing else: the application itself knows which pages there are.
pub(super) fn routes(headers: SecurityHeaders) -> Router<AppState> {
    let options = LeptosOptions::builder().output_name("sluice").site_pkg_dir("pkg").build();
    let page = move |State(app): State<AppState>, visit: Visit, request: Request| {
        render(app, visit, request, headers.clone(), options.clone())
    };
    Router::new().fallback(get(page))
}

async fn render(
    app: AppState,
    visit: Visit,
    request: Request,
    headers: SecurityHeaders,
    options: LeptosOptions,
) -> Response {
    let backend: Arc<dyn Backend> = Arc::new(ServerBackend::new(app, visit));
    let owner: Arc<OnceLock<Owner>> = Arc::default();
    let page = {
        let owner = Arc::clone(&owner);
        let context = move || {
            // The first to fill it is the one that counts, and this runs once.
            let _ = owner.set(Owner::current().unwrap_or_default());
            provide_context(Arc::clone(&backend));
            set_policy(&headers);
        };
        render_app_async_with_context(context, move || shell(options.clone()))
    };
    // Leptos 0.8 frees what it made for a page only with the last piece of the body. So the page is rendered to its
    // end in a task of its own: a browser that leaves early cannot stop it half-way and keep the memory.
    let whole = async move {
        let (parts, body) = page(request).await.into_parts();
        to_bytes(body, MAX_PAGE).await.map(|bytes| Response::from_parts(parts, Body::from(bytes)))
    };
    match tokio::spawn(within(owner, whole)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

/// Polls a page's future with the page's own signals at hand, once there are any.
///
/// Leptos 0.8 keeps signals in an arena for each request, found through a thread-local. It sets that for most of the
/// work, but not where it reads the title after having waited: on another thread, or after another page's turn on
/// this one, it would look into that other page's arena.
async fn within<T>(owner: Arc<OnceLock<Owner>>, page: impl Future<Output = T>) -> T {
    let mut page = pin!(page);
    poll_fn(|cx| match owner.get() {
        Some(owner) => owner.with(|| page.as_mut().poll(cx)),
        None => page.as_mut().poll(cx),
    })
    .await
}

/// The policy is a header, and its nonce is the one that Leptos puts on this page's scripts.
fn set_policy(headers: &SecurityHeaders) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    if let Ok(policy) = HeaderValue::from_str(&headers.page_policy(&nonce.to_string())) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

fn failed(error: &dyn std::fmt::Display) -> Response {
    tracing::error!(%error, "page could not be rendered");
    let text = "Something went wrong on the server. Reload the page in a moment.\n";
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}

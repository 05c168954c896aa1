//! The page's files: WASM, scripts, styles, icons.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, LAST_MODIFIED};
use tower_http::services::ServeDir;

use super::headers::SecurityHeaders;
use crate::state::AppState;

/// The folder of the page's files: the one that was configured, or `site` beside the binary, or `target/site`.
#[must_use]
pub fn site_root(configured: Option<&Path>) -> PathBuf {
    let beside = || {
        let folder = std::env::current_exe().ok()?.parent()?.join("site");
        folder.is_dir().then_some(folder)
    };
    configured.map(Path::to_path_buf).or_else(beside).unwrap_or_else(|| PathBuf::from("target/site"))
}

/// The files, each as it was compressed when it was built where the browser takes that; what is no file goes to the
/// pages.
pub(super) fn service(state: &AppState, headers: &SecurityHeaders, pages: Router) -> Router {
    let root = site_root(state.config.listen.site_root.as_deref());
    let files = ServeDir::new(root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .call_fallback_on_method_not_allowed(true)
        .fallback(pages);
    Router::new().fallback_service(files).layer(from_fn_with_state(headers.clone(), mark))
}

/// Says how long a file may be kept, and what it may do.
async fn mark(State(headers): State<SecurityHeaders>, request: Request, next: Next) -> Response {
    let kept =
        if carries_hash(request.uri().path()) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = next.run(request).await;
    // The pages have said it already.
    let is_file = response.headers().contains_key(LAST_MODIFIED);
    if is_file {
        let into = response.headers_mut();
        into.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        if let Ok(policy) = HeaderValue::from_str(&headers.file_policy()) {
            into.insert(CONTENT_SECURITY_POLICY, policy);
        }
    }
    response
}

/// Whether a file's name says what is in it, as in `sluice.3f9a0c12.wasm`: a name of which one part is at least
/// eight hexadecimal digits, with a decimal digit among them.
fn carries_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(['.', '-']).skip(1).any(|part| {
        part.len() >= 8
            && part.bytes().all(|b| b.is_ascii_hexdigit())
            && part.bytes().any(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::carries_hash;

    #[test]
    fn only_names_with_a_hash_are_kept_forever() {
        assert!(carries_hash("/pkg/sluice.3f9a0c12.wasm"));
        assert!(carries_hash("/pkg/worker-0c12ffa93b.js"));
        for plain in ["/pkg/sluice.wasm", "/favicon.svg", "/pkg/sluice.deadbeef.js", "/3f9a0c12/a.js"] {
            assert!(!carries_hash(plain), "{plain}");
        }
    }
}

//! The OpenAPI document.

use std::sync::LazyLock;

use axum::body::Bytes;
use http::header::CONTENT_TYPE;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement};

/// What stands above the paths.
pub(super) fn head() -> OpenApi {
    let description = "Upload into the owner's own bucket: the server gives grants, the bytes go straight to the \
        store. Every request but this document carries `Authorization: Bearer <token>`. Errors are problem \
        documents (RFC 9457); programs branch on `code`.";
    let info = InfoBuilder::new().title("Sluice").version("1").description(Some(description)).build();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = ComponentsBuilder::new().security_scheme("bearer", SecurityScheme::Http(bearer)).build();
    let security = SecurityRequirement::new("bearer", Vec::<String>::new());
    OpenApiBuilder::new().info(info).components(Some(components)).security(Some([security])).build()
}

/// The document that describes this API.
#[must_use]
pub fn openapi() -> OpenApi {
    super::described().split_for_parts().1
}

/// Serves the document; it is written once.
pub(super) async fn serve() -> ([(http::HeaderName, &'static str); 1], Bytes) {
    static JSON: LazyLock<Bytes> =
        LazyLock::new(|| Bytes::from(openapi().to_pretty_json().unwrap_or_default()));
    ([(CONTENT_TYPE, "application/json")], JSON.clone())
}

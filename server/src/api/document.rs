//! The OpenAPI document.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Bytes;
use http::header::CONTENT_TYPE;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response,
    ResponseBuilder, SecurityRequirement,
};

/// RFC 9457.
const PROBLEM: &str = "application/problem+json";

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
    let mut document = super::described().split_for_parts().1;
    for path in document.paths.paths.values_mut() {
        let PathItem { get, put, post, delete, patch, .. } = path;
        for operation in [get, put, post, delete, patch].into_iter().flatten() {
            describe_problems(&mut operation.responses.responses);
        }
    }
    document
}

/// What no handler says by itself: an error is a problem document, and any request may meet one that its handler never
/// sees, such as a body that is no JSON (400, 415) or too long (413).
fn describe_problems(responses: &mut BTreeMap<String, RefOr<Response>>) {
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response
            && !status.starts_with('2')
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let any = ResponseBuilder::new().description("Any other error").content(PROBLEM, content).build();
    responses.insert("default".to_owned(), RefOr::T(any));
}

/// Serves the document; it is written once.
pub(super) async fn serve() -> ([(http::HeaderName, &'static str); 1], Bytes) {
    static JSON: LazyLock<Bytes> =
        LazyLock::new(|| Bytes::from(openapi().to_pretty_json().unwrap_or_default()));
    ([(CONTENT_TYPE, "application/json")], JSON.clone())
}

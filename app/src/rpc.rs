//! Server functions: the paths under `/api/rpc` that the pages and the worker call.
//!
//! Each is a thin wrapper over [`backend`](crate::backend): it asks, and on a problem sets the HTTP status. Each takes
//! one argument named `request`, or none, so the body is `{"request": …}` or `{}` and anything that can POST JSON can
//! call them; that is what the worker does with `announce`, `renew_grant`, `sign_urls`, `report` and `close_batch`.
//!
//! - [`session`]: who is here, and what they may upload into.
//! - [`batch`]: opening, filling, closing, looking back.
//! - [`gallery`]: what is stored, as pictures.
//! - [`desk`]: the admin's side. [`door`]: guests, who come by a link.

#[expect(missing_docs, reason = "the macro makes a struct with an undocumented field for each function")]
pub mod batch;
#[expect(missing_docs, reason = "the macro makes a struct with an undocumented field for each function")]
pub mod desk;
#[expect(missing_docs, reason = "the macro makes a struct with an undocumented field for each function")]
pub mod door;
#[expect(missing_docs, reason = "the macro makes a struct with an undocumented field for each function")]
pub mod gallery;
#[expect(missing_docs, reason = "the macro makes a struct with an undocumented field for each function")]
pub mod session;

/// Gives the response the status that goes with the problem, if there is one.
#[cfg(feature = "ssr")]
fn answer<T>(result: Result<T, transfer::wire::Problem>) -> Result<T, crate::error::AppError> {
    result.map_err(|problem| {
        if let Some(options) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>()
            && let Ok(status) = http::StatusCode::from_u16(problem.status)
        {
            options.set_status(status);
        }
        crate::error::AppError(problem)
    })
}

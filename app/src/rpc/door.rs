//! Guests, who come by a link.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use super::answer;
#[cfg(feature = "ssr")]
use crate::backend::backend;
use crate::desk::links::{Door, Entry};
use crate::error::AppError;
use crate::person::Person;

/// What a guest sees first.
///
/// # Errors
/// `NotFound` for a link that was never made, was ended, or is over.
#[server(name = DoorCall, prefix = "/api/rpc", endpoint = "door", input = Json, output = Json)]
pub async fn door(request: String) -> Result<Door, AppError> {
    answer(backend()?.door(request).await)
}

/// Lets a guest in; starts a session.
///
/// # Errors
/// `NotFound` as above; `SignedOut` for a wrong password; `Invalid` for what must be filled in; `TooMany`.
#[server(name = EnterCall, prefix = "/api/rpc", endpoint = "enter", input = Json, output = Json)]
pub async fn enter(request: Entry) -> Result<Person, AppError> {
    answer(backend()?.enter(request).await)
}

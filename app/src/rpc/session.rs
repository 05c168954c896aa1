//! Who is here: sign-in, sign-out, and what the person may upload into.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use super::answer;
use crate::account::{Account, AccountAction};
#[cfg(feature = "ssr")]
use crate::backend::backend;
use crate::error::AppError;
use crate::person::{Person, SignIn, SignOut, Welcome};
use crate::project::Project;

/// Who is signed in, if anybody.
///
/// # Errors
/// When the server cannot tell.
#[server(prefix = "/api/rpc", endpoint = "who", input = Json, output = Json)]
pub async fn who() -> Result<Option<Person>, AppError> {
    answer(backend()?.who().await)
}

/// Signs in; starts a session.
///
/// # Errors
/// Wrong name or password, or too many tries.
#[server(name = SignInCall, prefix = "/api/rpc", endpoint = "sign_in", input = Json, output = Json)]
pub async fn sign_in(request: SignIn) -> Result<Person, AppError> {
    answer(backend()?.sign_in(request).await)
}

/// Uses up a one-time link.
///
/// # Errors
/// A link that has been used or has ended, or a name or password that is not accepted.
#[server(prefix = "/api/rpc", endpoint = "accept_welcome", input = Json, output = Json)]
pub async fn accept_welcome(request: Welcome) -> Result<Person, AppError> {
    answer(backend()?.accept_welcome(request.token, request.sign_in).await)
}

/// Ends sessions.
///
/// # Errors
/// When the server cannot.
#[server(name = SignOutCall, prefix = "/api/rpc", endpoint = "sign_out", input = Json, output = Json)]
pub async fn sign_out(request: SignOut) -> Result<(), AppError> {
    answer(backend()?.sign_out(request).await)
}

/// Projects that the person may upload into.
///
/// # Errors
/// `SignedOut` if nobody is signed in.
#[server(prefix = "/api/rpc", endpoint = "projects", input = Json, output = Json)]
pub async fn projects() -> Result<Vec<Project>, AppError> {
    answer(backend()?.projects().await)
}

/// Where the person is signed in; ends one of these sessions.
///
/// # Errors
/// `SignedOut` if nobody is signed in, `NotFound` for a session that has ended.
#[server(name = AccountCall, prefix = "/api/rpc", endpoint = "account", input = Json, output = Json)]
pub async fn account(request: AccountAction) -> Result<Account, AppError> {
    answer(backend()?.account(request).await)
}

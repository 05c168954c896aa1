//! A problem as server functions answer it.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use transfer::wire::{Problem, ProblemCode};

/// A [`Problem`] on its way through a server function; the same JSON as the API's problem details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(transparent)]
#[error("{0}")]
pub struct AppError(pub Problem);

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let code = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => ProblemCode::Invalid,
            // In the browser: no answer, or one that is not ours (a proxy's error page, a hotel's sign-in page).
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => ProblemCode::Store,
            _ => ProblemCode::Internal,
        };
        let detail = match code {
            ProblemCode::Store => "The server cannot be reached. Check the network; nothing is lost.",
            ProblemCode::Invalid => "The server could not read that request. Reload the page and try again.",
            _ => "Something went wrong on the server. Try again in a moment.",
        };
        Self(Problem::new(code, detail))
    }
}

//! Answers where no handler is.

use http::StatusCode;
use transfer::wire::{Problem, ProblemCode};

use crate::problem::HttpProblem;

/// An unknown path.
pub(super) async fn not_found() -> HttpProblem {
    let detail = "There is nothing at this address. `GET /api/v1/openapi.json` describes what there is.";
    HttpProblem(Problem::new(ProblemCode::NotFound, detail))
}

/// A known path with another method.
pub(super) async fn method_not_allowed() -> HttpProblem {
    HttpProblem(Problem {
        status: StatusCode::METHOD_NOT_ALLOWED.as_u16(),
        title: "Method not allowed".to_owned(),
        ..Problem::new(ProblemCode::Invalid, "This address does not take that method.")
    })
}

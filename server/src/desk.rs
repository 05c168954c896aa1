//! The admin's side: what is going on, batches, people, projects, guests' links, webhooks, and the log of what was done.
//!
//! Nobody gets a [`Desk`] who is not an admin, and every change is a method of it; so pages and the JSON API, which
//! both go by it, cannot differ. Each change is written into the audit log in the same transaction, by the ledger.
//!
//! [`door`] is the other side of a link: what a guest meets.

mod audit;
mod batch;
mod batches;
mod code;
mod dashboard;
pub mod door;
mod error;
mod images;
mod links;
mod people;
mod projects;
mod quota;
mod retention;
mod store;
mod webhooks;

use ledger::{Actor, Deed, Via};

pub use batch::act as batch;
pub use batches::look as batches;
pub use error::DeskError;
pub use links::act as links;
pub use people::{Made, act as people};
pub use projects::act as projects;
pub(crate) use projects::checked as checked_project;
pub use store::act as store;
pub use webhooks::act as webhooks;

use crate::caller::Caller;
use crate::clock;
use crate::state::AppState;

/// What an admin may do.
#[derive(Debug)]
pub struct Desk<'a> {
    state: &'a AppState,
    actor: Actor,
}

impl<'a> Desk<'a> {
    /// The desk of an admin.
    ///
    /// # Errors
    /// `Forbidden` to everybody else.
    pub fn of(state: &'a AppState, caller: &Caller) -> Result<Self, DeskError> {
        if !caller.is_admin() {
            return Err(DeskError::Forbidden);
        }
        let person = caller.person();
        let via = if caller.token().is_some() { Via::Token } else { Via::Page };
        let actor = Actor { person: Some(person.id), name: person.name.clone(), via };
        Ok(Self { state, actor })
    }

    /// The desk of whoever runs commands on the server's machine.
    #[must_use]
    pub fn of_operator(state: &'a AppState) -> Self {
        Self { state, actor: operator() }
    }

    /// What is done now, by this admin.
    fn deed(&self) -> Deed<'_> {
        Deed { by: &self.actor, at: clock::now() }
    }
}

/// Who acts when a command does.
#[must_use]
pub fn operator() -> Actor {
    Actor { person: None, name: "operator".to_owned(), via: Via::Command }
}

/// Who acts when the server does by itself.
#[must_use]
pub fn myself() -> Actor {
    Actor { person: None, name: "server".to_owned(), via: Via::Server }
}

//! Batches of all projects: finding them.

use app::desk::batches::{BATCHES_PAGE, BatchPage, BatchTotals, BatchesDesk, BatchesQuestion};
use ledger::{BatchFilter, LinkId};

use super::{Desk, DeskError};
use crate::caller::Caller;
use crate::clock;
use crate::state::AppState;

/// Answers all that the page shows.
///
/// # Errors
/// `Forbidden` to all but admins; what [`Desk::find_batches`] says.
pub async fn look(
    state: &AppState,
    caller: &Caller,
    question: BatchesQuestion,
) -> Result<BatchesDesk, DeskError> {
    let desk = Desk::of(state, caller)?;
    let projects = state.ledger.projects().list().await?;
    let links = state.ledger.links().titles().await?;
    let people = state.ledger.people().list().await?;
    Ok(BatchesDesk {
        at: clock::now(),
        page: desk.find_batches(question).await?,
        projects: projects.into_iter().map(|project| (project.id, project.name)).collect(),
        links: links.into_iter().map(|(id, title)| (id.0, title)).collect(),
        people: people.into_iter().map(|person| person.name).collect(),
    })
}

impl Desk<'_> {
    /// A page of the batches that are asked for, and all of them together.
    ///
    /// # Errors
    /// `NoSuchPerson`; `NoSuchBatch` for one that others were to be older than.
    pub async fn find_batches(&self, question: BatchesQuestion) -> Result<BatchPage, DeskError> {
        let person = match question.person.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            None => None,
            Some(name) => {
                let person = self.state.ledger.people().by_name(&name.replace('\0', "")).await?;
                Some(person.ok_or(ledger::LedgerError::NoSuchPerson)?.id)
            }
        };
        let filter = BatchFilter {
            project: question.project,
            person,
            link: question.link.map(LinkId),
            state: question.state,
            since: question.since,
            until: question.until,
            about: question.about,
        };
        let batches = self.state.ledger.batches();
        let page = batches.find(&filter, question.older_than.as_ref(), BATCHES_PAGE as u64).await?;
        let sum = batches.sum(&filter).await?;
        Ok(BatchPage {
            batches: page.into_iter().map(|batch| self.card(batch)).collect(),
            totals: BatchTotals {
                batches: sum.batches,
                items: sum.items,
                stored: sum.stored,
                bytes: sum.bytes,
            },
        })
    }
}

//! `sluice batch`

use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use ledger::{Batch, BatchFilter, Ledger};
use transfer::wire::{BatchId, BatchState, ProjectId};

use super::{Failure, doctor, say, token};
use crate::batch::receipt_of;
use crate::bucket::Bucket;
use crate::config::{Config, PublicUrl};
use crate::desk::{Desk, DeskError};
use crate::grant::Grants;
use crate::server::open_ledger;
use crate::session::Gate;
use crate::state::AppState;
use crate::webhook::Messenger;

#[derive(Debug, Subcommand)]
pub(super) enum BatchCommand {
    /// Lists batches, newest first.
    List(ListArguments),
    /// Shows a batch, and how many of its items are in which state.
    Show(WhichArguments),
    /// Prints the receipt of a batch as JSON.
    Receipt(WhichArguments),
    /// Compares the store with the receipt of a batch that is over. The receipt stays as it is.
    Verify(WhichArguments),
    /// Gives an open batch no further grants, and closes it. Grants that are out end by themselves.
    Revoke(WhichArguments),
    /// Deletes what a batch that is over stored. The receipt stays, and says so.
    Undo(UndoArguments),
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only of this project.
    #[arg(long)]
    project: Option<ProjectId>,
    /// Only in this state.
    #[arg(long, value_enum)]
    state: Option<StateWord>,
    /// Only with a file whose name begins so, by somebody whose name has it, or whose id begins so.
    #[arg(long)]
    about: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u64,
}

#[derive(Debug, Args)]
pub(super) struct WhichArguments {
    /// Its id.
    id: BatchId,
}

#[derive(Debug, Args)]
pub(super) struct UndoArguments {
    /// Its id.
    id: BatchId,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StateWord {
    /// Takes items.
    Open,
    /// Takes no more, and is not complete.
    Closed,
    /// Complete.
    Verified,
}

pub(super) async fn run(command: BatchCommand, config: &Config) -> Result<(), Failure> {
    let ledger = open_ledger(config).await?;
    match command {
        BatchCommand::List(arguments) => list(arguments, &ledger).await,
        BatchCommand::Show(arguments) => show(&arguments.id, &ledger).await,
        BatchCommand::Receipt(arguments) => receipt(&arguments.id, &ledger).await,
        BatchCommand::Verify(arguments) => verify(&arguments.id, &state(config, ledger).await?).await,
        BatchCommand::Revoke(arguments) => revoke(&arguments.id, &state(config, ledger).await?).await,
        BatchCommand::Undo(arguments) => undo(&arguments, &state(config, ledger).await?).await,
    }
}

async fn list(arguments: ListArguments, ledger: &Ledger) -> Result<(), Failure> {
    let filter = BatchFilter {
        project: arguments.project,
        state: arguments.state.map(|word| match word {
            StateWord::Open => BatchState::Open,
            StateWord::Closed => BatchState::Closed,
            StateWord::Verified => BatchState::Verified,
        }),
        about: arguments.about,
        ..BatchFilter::default()
    };
    for batch in ledger.batches().find(&filter, None, arguments.limit).await? {
        say(&line(&batch));
    }
    Ok(())
}

/// Id, project, person, state, files, bytes, when it was opened.
fn line(batch: &Batch) -> String {
    let state = match (batch.undo, batch.state) {
        (Some(_), _) => "undone",
        (None, BatchState::Open) => "open",
        (None, BatchState::Closed) => "closed",
        (None, BatchState::Verified) => "verified",
    };
    let Batch { id, project, person_name, stored, items, bytes, opened_at, .. } = batch;
    format!("{id}\t{project}\t{person_name}\t{state}\t{stored}/{items}\t{bytes}\t{}", token::day(*opened_at))
}

async fn show(id: &BatchId, ledger: &Ledger) -> Result<(), Failure> {
    let batch = known(id, ledger).await?;
    say(&line(&batch));
    say(&format!("in {}", batch.prefix));
    for (state, items) in ledger.items().by_state(id).await? {
        say(&format!("{items}\t{}", state.word()));
    }
    for cause in ledger.items().causes_in(id).await? {
        let failure = cause.failure.unwrap_or_default();
        say(format!("{}\tof them {} {failure}", cause.items, cause.state.word()).trim_end());
    }
    Ok(())
}

async fn receipt(id: &BatchId, ledger: &Ledger) -> Result<(), Failure> {
    let batch = known(id, ledger).await?;
    let receipt = receipt_of(ledger, batch).await?;
    say(&serde_json::to_string_pretty(&receipt)?);
    Ok(())
}

async fn verify(id: &BatchId, state: &AppState) -> Result<(), Failure> {
    let again = Desk::of_operator(state).verify_again(id).await.map_err(|error| told(&error))?;
    for change in &again.changes {
        say(&format!("{:?}\t{}", change.what, change.key).to_lowercase());
    }
    let (missing, differs, added, replaced) = (again.missing, again.differs, again.added, again.replaced);
    say(&format!(
        "{} as the receipt says, {missing} missing, {differs} differ, {added} added, {replaced} replaced",
        again.same
    ));
    if missing + differs == 0 { Ok(()) } else { Err("the bucket does not hold what the receipt says".into()) }
}

async fn revoke(id: &BatchId, state: &AppState) -> Result<(), Failure> {
    let card = Desk::of_operator(state).revoke_batch(id).await.map_err(|error| told(&error))?;
    let end = card.grants_end_at.map(token::day).unwrap_or_default();
    say(&format!("{id} is closed. Grants that are out already end by {end}."));
    Ok(())
}

async fn undo(arguments: &UndoArguments, state: &AppState) -> Result<(), Failure> {
    let batch = known(&arguments.id, &state.ledger).await?;
    let question = format!("Delete everything below {} in {}?", batch.prefix, state.grants.bucket().name());
    if !arguments.yes && !doctor::agreed(&question)? {
        return Err("nothing was deleted".into());
    }
    Desk::of_operator(state).undo_batch(&arguments.id).await.map_err(|error| told(&error))?;
    say(&format!("{} is undone. Its receipt stays.", arguments.id));
    Ok(())
}

async fn known(id: &BatchId, ledger: &Ledger) -> Result<Batch, Failure> {
    let found = ledger.batches().get(id).await?;
    found.ok_or_else(|| format!("there is no batch {id}. `sluice batch list` shows the latest.").into())
}

/// The sentence that a page would show.
pub(super) fn told(error: &DeskError) -> Failure {
    error.report().detail.into()
}

/// What the server has, for what asks the store.
pub(super) async fn state(config: &Config, ledger: Ledger) -> Result<AppState, Failure> {
    let store = config.store.as_ref().ok_or(
        "No bucket is configured, and the embedded store belongs to the server that runs. Do this on its pages, or by its API.",
    )?;
    let bucket = Arc::new(Bucket::connect(store).await?);
    let public_url = config.listen.public_url.clone().unwrap_or_else(|| PublicUrl::of(config.listen.address));
    Ok(AppState {
        oidc: None,
        grants: Arc::new(Grants::new(bucket, config.grants)),
        config: Arc::new(config.clone()),
        public_url,
        ledger: Arc::new(ledger),
        examining: Arc::default(),
        gate: Arc::new(Gate::new()?),
        messenger: Arc::new(Messenger::new()),
        relays: Arc::default(),
        metrics: Arc::default(),
    })
}

//! `sluice import`

use std::sync::Arc;

use clap::Args;
use ledger::{Ledger, ProjectRecord};
use tokio_util::sync::CancellationToken;
use transfer::wire::ProjectId;

use super::{Failure, say, token, user};
use crate::bucket::Bucket;
use crate::config::{Config, PublicUrl};
use crate::embedded;
use crate::import::{FoundBatch, Known, Manner, Summary, import};
use crate::server::open_ledger;

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// The sign-in name of the person whose the batches are from now on: the bucket does not say who sent them.
    #[arg(long, value_name = "NAME")]
    person: String,
    /// Only this project; all that there are if none is named. May be given again.
    #[arg(long = "project", value_name = "ID")]
    projects: Vec<ProjectId>,
    /// Says what would be recorded, and records nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(arguments: ImportArguments, config: &Config) -> Result<(), Failure> {
    let ledger = open_ledger(config).await?;
    let person = user::person(&ledger, &arguments.person).await?;
    let projects = projects(&ledger, &arguments.projects).await?;
    let manner = if arguments.dry_run { Manner::DryRun } else { Manner::Record };
    let stop = CancellationToken::new();
    let (store, embedded) = match &config.store {
        Some(store) => (store.clone(), None),
        None => {
            let page = PublicUrl::of(config.listen.address);
            let embedded = embedded::start(config, &page, stop.clone()).await.map_err(|error| {
                format!("{error} If the server is running, stop it first: the embedded store is its own.")
            })?;
            (embedded.store.clone(), Some(embedded))
        }
    };
    let bucket = Arc::new(Bucket::connect(&store).await?);
    let mut sum = Summary::default();
    for project in &projects {
        let tell = |found: &FoundBatch| say(&line(&project.id, found, manner));
        let Summary { batches, files, bytes, known, unknown_objects, strangers } =
            import((&bucket, &ledger), project, person.id, manner, tell).await?;
        sum.batches += batches;
        sum.files += files;
        sum.bytes += bytes;
        sum.known += known;
        sum.unknown_objects += unknown_objects;
        sum.strangers += strangers;
    }
    stop.cancel();
    if let Some(embedded) = embedded {
        // It has nothing to do any more; how it ended changes nothing.
        let _ = embedded.task.await;
    }
    ledger.close().await?;
    say(&told(&sum, manner));
    Ok(())
}

async fn projects(ledger: &Ledger, wanted: &[ProjectId]) -> Result<Vec<ProjectRecord>, Failure> {
    if wanted.is_empty() {
        return Ok(ledger.projects().list().await?);
    }
    let mut projects = Vec::new();
    for id in wanted {
        let project = ledger.projects().get(id).await?;
        projects.push(project.ok_or_else(|| {
            format!(
                "there is no project {id}. If it was lost with the ledger, add it first, with the prefix that it had: \
                 sluice project add {id} --prefix …"
            )
        })?);
    }
    Ok(projects)
}

fn line(project: &ProjectId, found: &FoundBatch, manner: Manner) -> String {
    let FoundBatch { id, opened_at, files, bytes, known } = found;
    let what = match (known, manner) {
        (Known::Nothing, Manner::Record) => "imported".to_owned(),
        (Known::Nothing, Manner::DryRun) => "would be imported".to_owned(),
        (Known::AllBut(0), _) => "known".to_owned(),
        (Known::AllBut(unknown), _) => format!("known, but {unknown} of its files are not; left alone"),
    };
    format!("{id}\t{project}\t{files}\t{bytes}\t{}\t{what}", token::day(*opened_at))
}

fn told(sum: &Summary, manner: Manner) -> String {
    let Summary { batches, files, bytes, known, unknown_objects, strangers } = sum;
    let verb = if manner == Manner::DryRun { "would be imported" } else { "imported" };
    let mut text = format!("{batches} batches with {files} files ({bytes} bytes) {verb}, {known} known.");
    if *unknown_objects > 0 {
        text += &format!(" {unknown_objects} files in known batches are in no list of theirs.");
    }
    if *strangers > 0 {
        text += &format!(" {strangers} of the objects belong to no batch.");
    }
    text
}

//! `sluice doctor`

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;

use clap::Args;
use ledger::ProjectRecord;

use super::{Failure, say};
use crate::bucket::Bucket;
use crate::config::{Config, PublicUrl};
use crate::doctor::{Check, Diagnosis, Doctor, Repair, Verdict};
use crate::grant::Grants;
use crate::server::{has_ledger, open_ledger};

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// Prints JSON, for machines.
    #[arg(long)]
    json: bool,
    /// Puts right what the server's credentials allow: the bucket's CORS and lifecycle rules. Asks before each.
    #[arg(long)]
    fix: bool,
    /// With --fix: does not ask.
    #[arg(long, requires = "fix")]
    yes: bool,
}

pub(super) async fn run(arguments: DoctorArguments, config: &Config) -> Result<(), Failure> {
    let store = config.store.as_ref().ok_or(
        "No bucket is configured, so the embedded store is used, which needs no doctor. Say which bucket with SLUICE_BUCKET.",
    )?;
    let bucket = Arc::new(Bucket::connect(store).await?);
    let page = config.listen.public_url.clone().unwrap_or_else(|| PublicUrl::of(config.listen.address));
    let doctor = Doctor::new(Arc::new(Grants::new(bucket, config.grants)), page, config.grants.session)?;
    let projects = projects(config).await;
    let mut diagnosis = doctor.examine_with(&projects).await;
    if !arguments.json {
        tell(&diagnosis);
    }
    if arguments.fix && repair(&doctor, &diagnosis, &arguments).await? {
        diagnosis = doctor.examine_with(&projects).await;
        if !arguments.json {
            say("\nAgain:\n");
            tell(&diagnosis);
        }
    }
    if arguments.json {
        let healthy = diagnosis.is_healthy();
        let json = serde_json::json!({ "healthy": healthy, "checks": diagnosis.checks });
        say(&format!("{json:#}"));
    }
    if diagnosis.is_healthy() { Ok(()) } else { Err("the store does not do all that Sluice needs".into()) }
}

/// The projects, whose retentions the bucket's rules are compared with; none where there is no database.
async fn projects(config: &Config) -> Vec<ProjectRecord> {
    if !has_ledger(config) {
        return Vec::new();
    }
    let found = match open_ledger(config).await {
        Ok(ledger) => ledger.projects().list().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    found.unwrap_or_else(|error| {
        super::print::complain(&format!("retentions are not compared, because of the database: {error}"));
        Vec::new()
    })
}

/// A line for each check; below it, what is to be done.
fn tell(diagnosis: &Diagnosis) {
    for check in &diagnosis.checks {
        tell_one(check);
    }
}

fn tell_one(check: &Check) {
    let mark = match check.verdict {
        Verdict::Good => "good   ",
        Verdict::Unknown => "unknown",
        Verdict::Advice => "advice ",
        Verdict::Bad => "BAD    ",
    };
    say(&format!("{mark} {:>5} ms  {check}", check.milliseconds));
}

/// Asks, and does. Whether anything was changed is the answer.
async fn repair(
    doctor: &Doctor,
    diagnosis: &Diagnosis,
    arguments: &DoctorArguments,
) -> Result<bool, Failure> {
    let mut wanted: Vec<Repair> = Vec::new();
    for repair in diagnosis.checks.iter().flat_map(|check| &check.remedies).filter_map(|remedy| remedy.repair)
    {
        if !wanted.contains(&repair) {
            wanted.push(repair);
        }
    }
    let mut changed = false;
    for repair in wanted {
        if !arguments.yes && !agreed(repair.question())? {
            continue;
        }
        doctor.apply(repair).await.map_err(|error| format!("{error}. Nothing was changed."))?;
        changed = true;
    }
    Ok(changed)
}

/// Asks a person. Where nobody can answer, nobody agreed.
pub(super) fn agreed(question: &str) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        super::print::complain(&format!("{question} Nobody can answer here; --yes agrees."));
        return Ok(false);
    }
    super::print::complain(&format!("{question} [y/N]"));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

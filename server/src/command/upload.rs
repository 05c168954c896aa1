//! `sluice upload`

mod amount;
mod json;
mod terminal;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use secrecy::SecretString;
use transfer::port::DuplicateChoice;
use transfer::wire::{BatchId, ProjectId};
use uploader::api::ApiError;
use uploader::run::{Before, Ending, Hear, How, Order, Plan, Rest, UploadError, plan, upload};

use super::stop::stopped;
use super::{Failure, print};
use amount::Amount;
use terminal::{Manner, Terminal};

/// Something is not stored.
const SOME_FAILED: u8 = 1;
/// It did not begin: a wrong argument, token, project or folder.
const NOT_BEGUN: u8 = 2;
/// Somebody stopped it: what shells say of SIGINT.
const STOPPED: u8 = 130;

#[derive(Debug, Args)]
pub(super) struct UploadArguments {
    /// The folder; what is below it goes with its name, as when it is dropped on the page.
    folder: PathBuf,
    /// The project; may be left out where there is only one.
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
    /// An unfinished batch to go on with, also one that was begun in a browser.
    #[arg(long, value_name = "ID")]
    batch: Option<BatchId>,
    /// The server.
    #[arg(long, env = "SLUICE_URL", value_name = "URL", default_value = "http://127.0.0.1:3000")]
    url: String,
    /// An API token (`sluice token create`). Better in the environment: others can see arguments.
    #[arg(long, env = "SLUICE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: SecretString,
    /// Says what would be sent and what would be refused, and sends nothing.
    #[arg(long)]
    dry_run: bool,
    /// Begins a new batch, also where an earlier run of the same folder is not finished.
    #[arg(long, conflicts_with = "batch")]
    new: bool,
    /// Closes the batch also if files failed or are gone. Otherwise it stays open, for the next run.
    #[arg(long)]
    give_up: bool,
    /// What becomes of files that an earlier batch holds already. Replaced copies are deleted once the new ones are
    /// verified.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Duplicates::Keep)]
    duplicates: Duplicates,
    /// One JSON object a line on standard output (docs/upload.md).
    #[arg(long)]
    json: bool,
    /// At most so many bytes a second, such as 10MB or 500k.
    #[arg(long, value_name = "AMOUNT")]
    limit: Option<Amount>,
    /// Requests to the store at once.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: u16,
    /// Where it is kept how far it is [default: `sluice` in XDG_STATE_HOME or ~/.local/state].
    #[arg(long, env = "SLUICE_STATE_DIR", value_name = "FOLDER")]
    state: Option<PathBuf>,
}

/// What becomes of files that an earlier batch holds already.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Duplicates {
    /// They are not sent.
    Skip,
    /// They are sent again, and both are kept.
    Keep,
    /// They are sent again, and take the place of the earlier ones.
    Replace,
}

impl From<Duplicates> for DuplicateChoice {
    fn from(duplicates: Duplicates) -> Self {
        match duplicates {
            Duplicates::Skip => Self::Skip,
            Duplicates::Keep => Self::SendAgain,
            Duplicates::Replace => Self::Replace,
        }
    }
}

/// Runs it, and answers how the process ends.
pub(super) async fn run(arguments: UploadArguments) -> ExitCode {
    let json = arguments.json;
    match go(arguments).await {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            let failure = failure.to_string();
            if json {
                json::problem(&failure);
            }
            print::complain(&failure);
            ExitCode::from(NOT_BEGUN)
        }
    }
}

/// Tells how it ended.
type End = Box<dyn FnOnce(&Ending)>;

async fn go(arguments: UploadArguments) -> Result<u8, Failure> {
    let (json, dry_run) = (arguments.json, arguments.dry_run);
    let order = ordered(arguments)?;
    if dry_run {
        let plan = plan(&order).await.map_err(told)?;
        if json {
            json::plan(&plan);
        } else {
            terminal::plan(&plan);
        }
        return Ok(if is_good(&plan) { 0 } else { SOME_FAILED });
    }
    let (hear, end): (Hear, End) = if json {
        (Arc::new(|news| json::hear(&news)), Box::new(json::end))
    } else {
        let manner = if std::io::stderr().is_terminal() { Manner::Bar } else { Manner::Lines };
        let terminal = Arc::new(Terminal::new(manner));
        let hears = Arc::clone(&terminal);
        (Arc::new(move |news| hears.hear(news)), Box::new(move |ending| terminal.end(ending)))
    };
    let ending = upload(&order, hear, stopped()?).await.map_err(told)?;
    end(&ending);
    Ok(match ending.how {
        How::Stopped => STOPPED,
        How::SignedOut => NOT_BEGUN,
        _ if ending.is_good() => 0,
        _ => SOME_FAILED,
    })
}

fn ordered(arguments: UploadArguments) -> Result<Order, Failure> {
    let state = match arguments.state {
        Some(state) => state,
        None => state_folder().ok_or("there is no home folder; name one for what is kept with --state")?,
    };
    Ok(Order {
        server: arguments.url,
        token: arguments.token,
        folder: arguments.folder,
        project: arguments.project,
        batch: arguments.batch,
        before: if arguments.new { Before::Anew } else { Before::GoOn },
        grant: None,
        duplicates: arguments.duplicates.into(),
        rest: if arguments.give_up { Rest::GiveUp } else { Rest::Keep },
        parallel: arguments.parallel,
        limit: arguments.limit.map(|Amount(bytes)| bytes),
        state,
    })
}

/// XDG Base Directory Specification: what must outlive a restart and is worth no backup.
fn state_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = folder("XDG_STATE_HOME").filter(|path| path.is_absolute());
    Some(state.or_else(|| Some(folder("HOME")?.join(".local/state")))?.join("sluice"))
}

/// An error with what to do about it.
fn told(error: UploadError) -> Failure {
    match error {
        UploadError::Api(ApiError::Unreachable { .. }) => {
            format!("{error}. Is --url (SLUICE_URL) right? Nothing was sent.").into()
        }
        error => error.into(),
    }
}

fn is_good(plan: &Plan) -> bool {
    plan.files.iter().all(|(_, refusal)| refusal.is_none())
        && !plan.left_out.iter().any(|left| left.why.is_missed())
}

//! The command line.

mod batch;
mod config;
mod doctor;
mod faults;
mod health;
mod import;
mod migrate;
mod print;
mod project;
mod serve;
mod setup;
mod stop;
mod store;
mod sweep;
mod token;
mod upload;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Loaded};
use crate::log;

pub(crate) use print::say;

/// Takes thousands of photographs from people's browsers into your own S3 bucket.
#[derive(Debug, Parser)]
#[command(name = "sluice", version)]
pub struct Cli {
    /// A TOML file with settings (see `sluice config`); SLUICE_CONFIG names one, too.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the server; with no bucket configured, an embedded store too.
    Serve(serve::ServeArguments),
    /// Starts only the embedded store, for any S3 client; prints its endpoint, keys and role.
    Store(store::StoreArguments),
    /// Shows every setting, what holds, and where it comes from.
    Config(config::ConfigArguments),
    /// Asks the bucket whether it does what Sluice needs; says what to do where it does not.
    Doctor(doctor::DoctorArguments),
    /// Prints what a bucket or a role must be set up with: CORS, lifecycle, policies, trust.
    Setup(setup::SetupArguments),
    /// People who may sign in.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Projects: where uploads go, what they take, and who may use them.
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Batches: what came in, whether it is there still, and taking it back.
    #[command(subcommand)]
    Batch(batch::BatchCommand),
    /// Records the batches that the bucket holds and the database does not know, after it was lost or set back.
    Import(import::ImportArguments),
    /// Tokens for the JSON API.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Sends a folder into a project, from this machine, with an API token.
    Upload(Box<upload::UploadArguments>),
    /// Does once what a server does all the time beside requests: closes abandoned batches, delivers webhooks, and more.
    Sweep,
    /// Brings the database's schema up to date, as every start does too.
    Migrate,
    /// Asks the server on this machine whether it is well; for health checks.
    Health,
}

/// Why a command failed, in a sentence.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a command.
pub async fn run(mut cli: Cli) -> ExitCode {
    // Of a client: it reads none of the server's settings, and its status says more.
    cli.command = match cli.command {
        Command::Upload(arguments) => return upload::run(*arguments).await,
        other => other,
    };
    match dispatch(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print::complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> Result<(), Failure> {
    let loaded = Loaded::of_process(cli.config.as_deref())?;
    if let Command::Config(arguments) = &cli.command {
        return config::run(arguments, &loaded);
    }
    let config = settle(&loaded);
    match cli.command {
        Command::Serve(arguments) => serve::run(arguments, config).await,
        Command::Store(arguments) => store::run(arguments, &config).await,
        Command::Config(_) | Command::Upload(_) => Ok(()),
        Command::Doctor(arguments) => doctor::run(arguments, &config).await,
        Command::Setup(arguments) => setup::run(arguments, &config).await,
        Command::User(command) => user::run(command, &config).await,
        Command::Project(command) => project::run(command, &config).await,
        Command::Batch(command) => batch::run(command, &config).await,
        Command::Import(arguments) => import::run(arguments, &config).await,
        Command::Token(command) => token::run(command, &config).await,
        Command::Sweep => sweep::run(&config).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Health => health::run(&config).await,
    }
}

/// Starts the log, and warns of what looks like a mistake.
fn settle(loaded: &Loaded) -> Config {
    let config = loaded.config();
    log::start(&config.log);
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    config
}

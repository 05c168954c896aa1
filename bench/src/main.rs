//! Side-by-side measurements: each prints its figures with those of its peers, from one run on one machine.
//!
//! `cargo xtask bench` prepares what they need and starts them. Nothing here is compiled otherwise.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "talking to the terminal is what it does")]

mod ledger;
mod store;
mod upload;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What goes wrong ends the run.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The embedded store: speed beside Ceph, and memory.
    Store(store::Options),
    /// The ledger with a million items: lists, searches, totals.
    Ledger(ledger::Options),
    /// `sluice upload` beside rclone, the AWS CLI and s5cmd.
    Upload(upload::Options),
    /// Runs a program, and writes down what it took. Used by `upload`.
    #[command(hide = true)]
    Account(upload::account::Options),
}

/// One thread: the client should take little from the servers that share the machine.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Store(options) => store::run(&options).await,
        What::Ledger(options) => ledger::run(&options).await,
        What::Upload(options) => upload::run(&options).await,
        What::Account(options) => upload::account::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

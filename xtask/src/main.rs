//! Every task of the repository, so that a machine with Rust needs no other tool to start.
//!
//! - [`run`], [`dev`], [`test`], [`check`], [`size`], [`bench`]: the tasks.
//! - [`site`], [`binary`]: what they build: page and worker, and the server.
//! - [`toolchain`], [`packages`], [`tools`]: what that needs on the machine; found, or installed.
//! - [`fuzz`]: the embedded store's readers against random bytes; [`schema`]: the JSON API against its description.
//! - [`ceph`], [`postgres`]: an independent S3 + STS server, and a database server, for the tests.
//! - [`process`], [`failure`], [`progress`]: how commands are run, and how it is told.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "talking to the terminal is what tasks do")]

mod bench;
mod binary;
mod ceph;
mod check;
mod dev;
mod failure;
mod fuzz;
mod packages;
mod postgres;
mod process;
mod progress;
mod run;
mod schema;
mod site;
mod size;
mod test;
mod toolchain;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::binary::Profile;
use crate::failure::Result;

/// The tasks of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Prepare what is missing, build in release mode, and start.
    Run {
        /// Passed on to `sluice serve`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Prepare what is missing and run every test, browser tests included.
    Test {
        /// Only these parts; all of them if none is named.
        parts: Vec<test::Part>,
    },
    /// Build for development, start, and rebuild on change.
    Dev,
    /// Formatting, lints for both sides, licences and advisories, unused dependencies.
    Check,
    /// Fuzz the embedded store's readers of what strangers send.
    Fuzz {
        /// For how long, each of them.
        #[arg(default_value_t = 60)]
        seconds: u32,
        /// Only these; all of them if none is named.
        targets: Vec<fuzz::Target>,
    },
    /// Send the JSON API thousands of requests, good and bad, and hold its answers against the OpenAPI document.
    Schema {
        /// Passed on to schemathesis, such as `--max-examples 500`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Sizes of what a browser loads.
    Size,
    /// Measure, with the peers beside it.
    Bench {
        /// What.
        what: bench::Subject,
        /// Passed on, such as `--large-mib 1024`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build page and worker into target/site.
    Site {
        /// How much to optimise.
        #[arg(long, value_enum, default_value_t = Profile::Release)]
        profile: Profile,
    },
    /// Build the server and the site without starting them (for the Dockerfile).
    Build,
    /// Start or stop a single-node Ceph on loopback, or print how tests reach it.
    Ceph {
        /// What to do.
        #[command(subcommand)]
        what: ceph::What,
    },
    /// Start or stop a PostgreSQL on loopback, or print how tests reach it.
    Postgres {
        /// What to do.
        #[command(subcommand)]
        what: postgres::What,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    match task {
        Task::Run { arguments } => run::run(&arguments),
        Task::Test { parts } => test::test(&parts),
        Task::Dev => dev::dev(),
        Task::Check => check::check(),
        Task::Fuzz { seconds, targets } => fuzz::fuzz(seconds, &targets),
        Task::Schema { arguments } => schema::schema(&arguments),
        Task::Size => size::size(),
        Task::Bench { what, arguments } => bench::bench(what, &arguments),
        Task::Site { profile } => site::build(profile),
        Task::Build => run::build(),
        Task::Ceph { what } => ceph::perform(&what),
        Task::Postgres { what } => postgres::perform(&what),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}

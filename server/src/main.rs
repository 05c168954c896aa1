//! The `sluice` binary.

use std::process::ExitCode;

use clap::Parser;
use server::command::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    run(Cli::parse()).await
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use server::command::Cli;

    #[test]
    fn verify_cli() {
        Cli::command().debug_assert();
    }
}

//! The `sluice` binary.

use std::process::ExitCode;

use clap::Parser;
use server::command::{Cli, run};
use server::lambda;

#[tokio::main]
async fn main() -> ExitCode {
    run(Cli::parse_from(lambda::arguments())).await
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

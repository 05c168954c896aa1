//! `sluice config`

use clap::Args;

use super::{Failure, say};
use crate::config::{Loaded, markdown, shown};

#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    /// Writes the documentation, docs/configuration.md.
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(arguments: &ConfigArguments, loaded: &Loaded) -> Result<(), Failure> {
    if arguments.markdown {
        say(markdown().trim_end());
        return Ok(());
    }
    say(shown(loaded, |name| std::env::var_os(name).is_some()).trim_end());
    for warning in &loaded.warnings {
        say(&format!("\nWarning: {warning}"));
    }
    Ok(())
}

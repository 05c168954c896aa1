//! `--faults`, of the commands that start an embedded store.

use std::path::PathBuf;

use clap::Args;
use devstore::FaultPlan;

use super::Failure;

#[derive(Debug, Args)]
pub(super) struct FaultsOption {
    /// For tests only: a TOML file with faults that the embedded store makes on purpose (docs/store.md). Rules may
    /// change while it runs, and every request is logged, at the address that is printed.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

impl FaultsOption {
    /// The plan; none without the option.
    ///
    /// # Errors
    /// If the file cannot be read, or is no plan.
    pub(super) fn read(&self) -> Result<Option<FaultPlan>, Failure> {
        let Some(path) = &self.faults else { return Ok(None) };
        let shown = path.display();
        let text =
            std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        toml::from_str(&text)
            .map(Some)
            .map_err(|error| format!("{shown} is no plan of faults: {error}").into())
    }
}

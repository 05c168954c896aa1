//! `sluice migrate`

use super::{Failure, say};
use crate::config::Config;
use crate::server::open_ledger;

/// Opening is all it takes.
pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    open_ledger(config).await?.close().await?;
    say("The database is up to date.");
    Ok(())
}

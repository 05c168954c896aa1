//! `sluice sweep`

use super::{Failure, batch, say};
use crate::config::Config;
use crate::round::{Deadline, Round};
use crate::server::open_ledger;

/// For where no server runs all the time; beside one it does no harm.
pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    if config.store.is_none() {
        return Err("No bucket is configured, and the embedded store belongs to the server that runs. That server sweeps by itself.".into());
    }
    let state = batch::state(config, open_ledger(config).await?).await?;
    let round = Round::run(&state, Deadline::NONE).await;
    state.ledger.close().await?;
    let Round { deliveries, sessions, batches, left, failed, .. } = round;
    say(&format!("abandoned batches closed\t{batches}"));
    say(&format!("attempts to deliver a webhook\t{deliveries}"));
    say(&format!("ended sessions forgotten\t{sessions}"));
    if left > 0 {
        return Err(format!(
            "{left} abandoned batches could not be closed. The log says why; they may be tried again in half an hour."
        )
        .into());
    }
    if failed { Err("not all of it worked; the log says what did not".into()) } else { Ok(()) }
}

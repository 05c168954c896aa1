//! Logging, to standard error: standard output is for what a person asked for.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Libraries that warn of what is everyday here: a cookie whose session has ended, a step of the schema. Who wants to
/// hear them names them in `SLUICE_LOG`. The embedded store's protocol library reports every request that it refuses as
/// an error, with the key.
const QUIET: &str =
    "axum_login=error,s3s=off,tower_sessions=error,tower_sessions_core=error,sea_orm_migration=warn";

/// Starts logging for the process; the first call counts.
pub fn start(config: &LogConfig) {
    let filter =
        EnvFilter::try_new(format!("{QUIET},{}", config.filter)).unwrap_or_else(|_| EnvFilter::new(QUIET));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second subscriber in the same process is a test's; the first one stays.
    let _ = match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

//! The end of a command that goes on until it is told.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Ends when this process is asked to stop.
pub(super) fn stopped() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

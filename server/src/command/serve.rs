//! `sluice serve`

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, say};
use crate::config::{Config, PublicUrl};
use crate::server::Server;

pub(super) async fn run(config: Config) -> Result<(), Failure> {
    let data_dir = config.data_dir.display().to_string();
    let server = Server::start(config).await?;
    if let Some(embedded) = &server.embedded {
        let url = PublicUrl::of(embedded.address);
        say(&format!("Embedded store: {url} (no bucket is configured; photographs are kept in {data_dir})"));
    }
    if let Some(link) = &server.first_sign_in {
        say(&format!("First sign-in (once, 24 h): {link}"));
    }
    say(&format!("Sluice is ready: {}", server.state.public_url));
    Ok(server.run(stopped()?).await?)
}

/// Ends when this process is asked to stop.
fn stopped() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

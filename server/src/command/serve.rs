//! `sluice serve`

use std::sync::Arc;

use clap::Args;

use super::faults::FaultsOption;
use super::stop::stopped;
use super::{Failure, say};
use crate::config::{Config, PublicUrl};
use crate::doctor::{Doctor, PATIENCE};
use crate::lambda;
use crate::server::Server;

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    faults: FaultsOption,
}

pub(super) async fn run(arguments: ServeArguments, mut config: Config) -> Result<(), Failure> {
    config.embedded.faults = arguments.faults.read()?;
    if config.embedded.faults.is_some() && config.store.is_some() {
        return Err("--faults is for the embedded store, and a bucket is configured".into());
    }
    if lambda::is_here() {
        return Ok(lambda::run(config).await?);
    }
    let data_dir = config.data_dir.display().to_string();
    let configured = config.store.is_some();
    let server = Server::start(config).await?;
    if configured {
        let state = &server.state;
        let doctor =
            Doctor::new(Arc::clone(&state.grants), state.public_url.clone(), state.config.grants.session)?;
        doctor.admit(&PATIENCE).await?;
    }
    if let Some(embedded) = &server.embedded {
        let url = PublicUrl::of(embedded.address);
        say(&format!("Embedded store: {url} (no bucket is configured; photographs are kept in {data_dir})"));
        if let Some(control) = &embedded.control {
            say(&format!("Faults for tests: {control}"));
        }
    }
    if let Some(link) = &server.first_sign_in {
        say(&format!("First sign-in (once, 24 h): {link}"));
    }
    say(&format!("Sluice is ready: {}", server.state.public_url));
    Ok(server.run(stopped()?).await?)
}

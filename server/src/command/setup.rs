//! `sluice setup`

use clap::Args;

use super::{Failure, say};
use crate::bucket::Bucket;
use crate::config::{Config, PublicUrl};
use crate::setup::{Document, Names};

#[derive(Debug, Args)]
pub(super) struct SetupArguments {
    /// Which document.
    document: Document,
    /// The server's own role or user, if it is known; `sluice doctor` finds it out.
    #[arg(long, value_name = "ARN")]
    server: Option<String>,
}

pub(super) async fn run(arguments: SetupArguments, config: &Config) -> Result<(), Failure> {
    let store = config.store.as_ref().ok_or(
        "The embedded store needs no setting up. For a bucket of your own, say which with SLUICE_BUCKET.",
    )?;
    let bucket = Bucket::connect(store).await?;
    let page = config.listen.public_url.clone().unwrap_or_else(|| PublicUrl::of(config.listen.address));
    let names = Names::known(&bucket, &page, arguments.server.as_deref());
    say(arguments.document.text(&names).trim_end());
    Ok(())
}

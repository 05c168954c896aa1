//! `cargo xtask run`: from nothing to the page.

use std::time::Instant;

use crate::binary::{self, Profile};
use crate::failure::Result;
use crate::{progress, site};

/// Builds site and server in release mode, and starts.
///
/// # Errors
/// If something cannot be built or started.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    build()?;
    let mut sluice = binary::serve(Profile::Release);
    sluice.args(arguments);
    // Replaced, not waited for: signals reach the server, and its status is ours.
    Err(std::os::unix::process::CommandExt::exec(&mut sluice).into())
}

/// Builds site and server in release mode, side by side: the page's last link takes a minute of one core.
///
/// # Errors
/// If something cannot be built.
pub(crate) fn build() -> Result<()> {
    let begun = Instant::now();
    progress::side_by_side(vec![
        ("page", Box::new(|reporter| site::build_quietly(Profile::Release, reporter))),
        ("server", Box::new(|reporter| binary::build(Profile::Release, reporter))),
    ])?;
    if begun.elapsed().as_secs() >= 5 {
        println!("  built in {}", progress::seconds(begun.elapsed()));
    }
    Ok(())
}

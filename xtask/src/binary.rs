//! The server's binary.

use std::path::PathBuf;
use std::process::Command;

use clap::ValueEnum;

use crate::failure::Result;
use crate::progress::Reporter;
use crate::{process, toolchain, workspace};

/// How much to optimise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Builds fast.
    Dev,
    /// Runs fast.
    Release,
}

/// Where the binary is once it is built.
pub(crate) fn path(profile: Profile) -> PathBuf {
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    workspace::target().join(folder).join("sluice")
}

/// Builds it.
///
/// # Errors
/// With what the compiler said.
pub(crate) fn build(profile: Profile, reporter: &Reporter) -> Result<()> {
    let mut cargo = process::cargo();
    cargo.args(["build", "--locked", "--package", "server", "--bin", "sluice"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    reporter.cargo(&mut cargo)
}

/// The command that starts it, with the site that was built here unless another one is named.
pub(crate) fn serve(profile: Profile) -> Command {
    let mut sluice = process::command(path(profile));
    sluice.arg("serve").env_remove(toolchain::FORCE_DEBIAN);
    if std::env::var_os("SLUICE_SITE_ROOT").is_none() {
        sluice.env("SLUICE_SITE_ROOT", workspace::site());
    }
    sluice
}

//! Debian packages: found, installed as root, or asked for.

use std::path::Path;
use std::sync::OnceLock;

use crate::failure::{Failure, Result};
use crate::process;

/// A file or program that a task needs, and the Debian packages that bring it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// What is looked for: a program on PATH, or a file by its absolute path.
    pub(crate) probe: &'static str,
    /// Packages of Debian 12.
    pub(crate) packages: &'static [&'static str],
}

impl Need {
    /// Whether it is there.
    pub(crate) fn is_met(&self) -> bool {
        if self.probe.starts_with('/') {
            Path::new(self.probe).exists()
        } else {
            process::find(self.probe).is_some()
        }
    }
}

/// Installs what is missing, if this is root on a machine with apt.
///
/// # Errors
/// With the very command to run, if this is not root or there is no apt.
pub(crate) fn require(purpose: &str, needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> =
        needs.iter().filter(|need| !need.is_met()).flat_map(|need| need.packages.iter().copied()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let by_hand = format!("apt-get update && apt-get install -y --no-install-recommends {list}");
    if process::find("apt-get").is_none() {
        return Err(Failure::new(format!(
            "Not here yet, for {purpose}: programs that Debian has in these packages: {list}.\n\
             This machine has no apt-get: install the same programs its own way, then run this again."
        )));
    }
    if !is_root() {
        return Err(Failure::new(format!(
            "Debian packages are missing for {purpose}. Run this, then try again:\n\n  sudo sh -c '{by_hand}'\n"
        )));
    }
    println!("Installing Debian packages for {purpose}: {list}");
    update()?;
    let mut install = process::command("apt-get");
    install
        .args(["install", "-y", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive");
    process::read(&mut install)?;
    Ok(())
}

/// Reads the lists of packages, once in a run.
fn update() -> Result<()> {
    static DONE: OnceLock<()> = OnceLock::new();
    if DONE.get().is_none() {
        process::read(process::command("apt-get").args(["update", "-qq"]))?;
        let _ = DONE.set(());
    }
    Ok(())
}

/// Whether this runs as root.
pub(crate) fn is_root() -> bool {
    process::read(process::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

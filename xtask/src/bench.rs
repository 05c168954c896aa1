//! `cargo xtask bench`: figures, each with those of its peers beside it.

use clap::ValueEnum;

use crate::binary::{self, Profile};
use crate::ceph::Ceph;
use crate::failure::{Context, Result};
use crate::{process, progress, workspace};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// The embedded store beside Ceph, and its memory.
    Store,
}

/// Builds the server and the bench, starts the peers, and measures; `arguments` go to the bench.
///
/// # Errors
/// If something cannot be built or started, or the bench fails.
pub(crate) fn bench(subject: Subject, arguments: &[String]) -> Result<()> {
    progress::side_by_side(vec![(
        "server and bench",
        Box::new(|reporter| {
            binary::build(Profile::Release, reporter)?;
            let mut cargo = process::cargo();
            reporter.cargo(cargo.args(["build", "--locked", "--release", "--package", "bench"]))
        }),
    )])?;
    match subject {
        Subject::Store => store(arguments),
    }
}

fn store(arguments: &[String]) -> Result<()> {
    let ceph = Ceph::start(&workspace::target().join("ceph")).context("starting Ceph")?;
    let mut bench = process::command(workspace::target().join("release").join("bench"));
    bench
        .arg("store")
        .arg("--sluice")
        .arg(binary::path(Profile::Release))
        .arg("--folder")
        .arg(workspace::target().join("bench"))
        .args(arguments)
        .envs(ceph.environment());
    let measured = process::execute(&mut bench);
    ceph.stop().context("stopping Ceph")?;
    measured
}

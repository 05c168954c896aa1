//! `cargo xtask bench`: figures, each with those of its peers beside it.

use clap::ValueEnum;

use crate::binary::{self, Profile};
use crate::ceph::Ceph;
use crate::failure::{Context, Result};
use crate::{process, progress, run, tools, workspace};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// The embedded store beside Ceph, and its memory.
    Store,
    /// Uploads beside Uppy and bare loops in Chromium, over links of several round trips.
    Browser,
    /// The gallery of a project with 100,000 images: frames while scrolling, pictures after a jump.
    Scroll,
    /// The ledger with 10,000 batches and 1,000,000 items: lists, searches, totals.
    Ledger,
    /// `sluice upload` beside rclone, the AWS CLI and s5cmd, as far as they are installed.
    Upload,
    /// The engine alone in the worker's WASM, with a network that answers at once.
    Engine,
}

/// Builds what is measured, starts the peers, and measures; `arguments` go to the bench.
///
/// # Errors
/// If something cannot be built or started, or the bench fails.
pub(crate) fn bench(subject: Subject, arguments: &[String]) -> Result<()> {
    match subject {
        Subject::Store => store(arguments),
        Subject::Browser => browser(arguments),
        Subject::Scroll => scroll(arguments),
        Subject::Ledger => ledger(arguments),
        Subject::Upload => upload(arguments),
        Subject::Engine => engine(arguments),
    }
}

fn store(arguments: &[String]) -> Result<()> {
    server_and_bench()?;
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

fn upload(arguments: &[String]) -> Result<()> {
    server_and_bench()?;
    let mut bench = process::command(workspace::target().join("release").join("bench"));
    bench
        .arg("upload")
        .arg("--sluice")
        .arg(binary::path(Profile::Release))
        .arg("--folder")
        .arg(workspace::target().join("bench"));
    process::execute(bench.args(arguments))
}

fn server_and_bench() -> Result<()> {
    progress::side_by_side(vec![(
        "server and bench",
        Box::new(|reporter| {
            binary::build(Profile::Release, reporter)?;
            let mut cargo = process::cargo();
            reporter.cargo(cargo.args(["build", "--locked", "--release", "--package", "bench"]))
        }),
    )])
}

fn ledger(arguments: &[String]) -> Result<()> {
    progress::side_by_side(vec![(
        "bench",
        Box::new(|reporter| {
            let mut cargo = process::cargo();
            reporter.cargo(cargo.args(["build", "--locked", "--release", "--package", "bench"]))
        }),
    )])?;
    let mut bench = process::command(workspace::target().join("release").join("bench"));
    bench.arg("ledger").arg("--folder").arg(workspace::target().join("bench"));
    process::execute(bench.args(arguments))
}

/// The workloads of the browser bench: files, bytes of each, milliseconds of round trip. The one of 256 KiB is a fifth of
/// what awslabs measure with, `-- --files=10000 --size=262144 --rtt=0` is all of it.
const WORKLOADS: &[(u32, u32, u32)] = &[
    (1_000, 100_000, 0),
    (1_000, 100_000, 50),
    (1_000, 100_000, 150),
    (5_000, 20_000, 20),
    (2_000, 262_144, 0),
    (1, 1 << 30, 0),
];

fn engine(arguments: &[String]) -> Result<()> {
    run::build()?;
    tools::browser_bench()?;
    let mut bench = process::command("node");
    bench.arg(workspace::root().join("bench/browser/engine.mjs")).env("SLUICE_SITE_ROOT", workspace::site());
    process::execute(bench.args(arguments))
}

fn scroll(arguments: &[String]) -> Result<()> {
    run::build()?;
    tools::browser_bench()?;
    let mut bench = process::command("node");
    bench
        .arg(workspace::root().join("bench/browser/scroll.mjs"))
        .env("SLUICE_BIN", binary::path(Profile::Release))
        .env("SLUICE_SITE_ROOT", workspace::site());
    process::execute(bench.args(arguments))
}

fn browser(arguments: &[String]) -> Result<()> {
    run::build()?;
    tools::browser_bench()?;
    let bench = || {
        let mut bench = process::command("node");
        bench
            .arg(workspace::root().join("bench/browser/run.mjs"))
            .env("SLUICE_BIN", binary::path(Profile::Release))
            .env("SLUICE_SITE_ROOT", workspace::site());
        bench
    };
    if !arguments.is_empty() {
        return process::execute(bench().args(arguments));
    }
    for (files, size, rtt) in WORKLOADS {
        process::execute(bench().args([
            format!("--files={files}"),
            format!("--size={size}"),
            format!("--rtt={rtt}"),
        ]))?;
    }
    Ok(())
}

//! What a program took: wall clock, CPU, memory.
//!
//! The kernel counts the CPU and the largest memory of the children of a process that have ended, and never starts
//! again. So each run has a process of its own between: this program, which starts the other and writes down what it
//! was told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use crate::Result;

/// What a program took, with the programs that it started and waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    /// Seconds from its start to its end.
    pub(super) seconds: f64,
    /// Seconds of CPU, of all threads, in itself and in the kernel.
    pub(super) cpu_seconds: f64,
    /// Its largest resident memory, in MiB; of several processes that of the largest.
    pub(super) peak_mib: f64,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where to write it down.
    #[arg(long)]
    into: PathBuf,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    program: Vec<String>,
}

/// Runs the program to its end.
///
/// # Errors
/// If it cannot be started, or fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (program, arguments) = options.program.split_first().ok_or("no program")?;
    let begun = Instant::now();
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).status()?;
    let seconds = begun.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{program}: {status}").into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time() + usage.system_time();
    // `ru_maxrss` is in KiB on Linux.
    fs::write(&options.into, format!("{seconds} {} {}", cpu.num_microseconds(), usage.max_rss()))?;
    Ok(())
}

impl Account {
    /// What was written down.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)?;
        let figures = text.split(' ').map(str::parse).collect::<std::result::Result<Vec<f64>, _>>()?;
        let [seconds, cpu_micros, peak_kib] = figures[..] else { return Err("no account".into()) };
        Ok(Self { seconds, cpu_seconds: cpu_micros / 1e6, peak_mib: peak_kib / 1024.0 })
    }

    /// The middle of each figure.
    pub(super) fn median(accounts: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = accounts.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Self {
            seconds: middle(|one| one.seconds),
            cpu_seconds: middle(|one| one.cpu_seconds),
            peak_mib: middle(|one| one.peak_mib),
        }
    }
}

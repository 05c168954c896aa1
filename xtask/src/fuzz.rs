//! Fuzzing of the embedded store, for as long as one likes.

use clap::ValueEnum;

use crate::failure::{Context, Result};
use crate::packages::{self, Need};
use crate::{process, tools, workspace};

const CARGO_FUZZ: &str = "0.13.2";
/// libFuzzer is compiled from source.
const COMPILER: Need = Need { probe: "c++", packages: &["g++"] };

/// What is fuzzed: a file of `crates/devstore/fuzz/fuzz_targets`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Target {
    /// The evaluator of policies.
    Policy,
    /// The reader of POST forms.
    Form,
    /// Keys, in URLs and policies.
    Key,
}

impl Target {
    const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Form => "form",
            Self::Key => "key",
        }
    }
}

/// Runs each target for some seconds, all of them if none is named.
///
/// # Errors
/// At the first input that breaks a promise; libFuzzer prints it, and keeps it in `fuzz/artifacts`. Put it into
/// `fuzz/seeds`, where the crate's tests run it for ever.
pub(crate) fn fuzz(seconds: u32, targets: &[Target]) -> Result<()> {
    packages::require("fuzzing", &[COMPILER])?;
    let program = tools::cargo_tool("cargo-fuzz", CARGO_FUZZ)?;
    let home = workspace::root().join("crates/devstore/fuzz");
    let targets = if targets.is_empty() { Target::value_variants() } else { targets };
    for target in targets.iter().map(|target| target.name()) {
        let corpus = workspace::target().join("fuzz").join(target);
        std::fs::create_dir_all(&corpus).context(corpus.display())?;
        // No sanitizer: those need a nightly compiler, and there is no unsafe code to watch.
        let mut run = process::command(&program);
        run.args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir"])
            .arg(&home)
            .arg(target)
            .args([corpus, home.join("seeds").join(target)])
            .args(["--", "-print_final_stats=1"])
            .arg(format!("-max_total_time={seconds}"));
        process::execute(&mut run)?;
    }
    Ok(())
}

//! `cargo xtask check`: what must hold before a change lands.

use crate::failure::{Failure, Result};
use crate::progress::{self, Reporter};
use crate::toolchain::Wasm;
use crate::{process, tools};

/// Crates that are compiled for the server's machine.
///
/// All at once: each other selection of crates would compile the dependencies once more, with other features.
const NATIVE: &[&str] =
    &["app", "bench", "devstore", "lane", "ledger", "server", "sigv4", "transfer", "uploader", "xtask"];

/// Crates that are compiled for the browser.
const BROWSER: &[&str] = &["frontend", "worker"];

/// Formatting, lints for both sides, licences and advisories, unused dependencies, deployment files.
///
/// # Errors
/// The first that does not hold.
pub(crate) fn check() -> Result<()> {
    println!("Formatting");
    process::execute(process::cargo().args(["fmt", "--all", "--check"]))
        .map_err(|_| Failure::new("Run `cargo fmt --all`."))?;
    println!("Unused dependencies");
    process::execute(&mut process::command(tools::cargo_tool("cargo-machete", "0.9.2")?))?;
    println!("Licences, sources and banned crates");
    let mut deny = process::command(tools::cargo_tool("cargo-deny", "0.20.2")?);
    process::execute(deny.args([
        "--log-level",
        "error",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))?;
    println!("Deployment files");
    deployment()?;
    println!("Lints, server side and browser side");
    progress::side_by_side(vec![("lints", Box::new(lint))])?;
    println!("All checks hold.");
    Ok(())
}

/// What looks at the files of `deploy/`, where it is installed. The server's tests parse them everywhere.
const DEPLOYMENT: &[(&str, &[&str])] = &[
    ("terraform", &["fmt", "-check", "-diff", "-recursive", "deploy/terraform"]),
    // Copilot passes its parameters whether they are used or not.
    (
        "cfn-lint",
        &[
            "--ignore-checks",
            "W2001",
            "--",
            "deploy/copilot/sluice/addons/upload.yml",
            "deploy/copilot/sluice/addons/database.yml",
        ],
    ),
];

fn deployment() -> Result<()> {
    for (tool, arguments) in DEPLOYMENT {
        match process::find(tool) {
            Some(path) => process::execute(process::command(path).args(*arguments))?,
            None => println!("  {tool} is not here, and its look at deploy/ is left out."),
        }
    }
    Ok(())
}

fn lint(reporter: &Reporter) -> Result<()> {
    let mut native = process::cargo();
    native.args(["clippy", "--locked", "--all-targets"]);
    for package in NATIVE {
        native.args(["--package", package]);
    }
    reporter.cargo(native.args(["--", "-D", "warnings"]))?;
    let mut browser = Wasm::prepare(reporter)?.cargo("clippy")?;
    browser.args(["--locked", "--lib"]);
    for package in BROWSER {
        browser.args(["--package", package]);
    }
    reporter.cargo(browser.args(["--", "-D", "warnings"]))
}

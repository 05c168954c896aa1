//! Sizes of what a browser loads, against the budgets.

use std::fs;

use crate::binary::Profile;
use crate::failure::{Context, Failure, Result};
use crate::{site, workspace};

/// A part of the site with its budget, in bytes after brotli.
const PARTS: &[(&str, &[&str], usize)] = &[
    ("page (WASM + JS)", &["sluice.wasm", "sluice.js"], 190_000),
    ("worker (WASM + JS)", &["worker_bg.wasm", "worker.js"], 70_000),
    ("style", &["sluice.css"], 15_000),
];

/// Builds the site and prints a table.
///
/// # Errors
/// If a part is over its budget.
pub(crate) fn size() -> Result<()> {
    site::build(Profile::Release)?;
    let pkg = workspace::site().join("pkg");
    println!("{:<22}{:>12}{:>12}{:>12}", "", "raw", "brotli", "budget");
    let mut over = Vec::new();
    for (name, files, budget) in PARTS {
        let (mut raw, mut small) = (0, 0);
        for file in *files {
            raw += fs::read(pkg.join(file)).context(file)?.len();
            small += fs::read(pkg.join(format!("{file}.br"))).context(file)?.len();
        }
        println!("{name:<22}{:>12}{:>12}{:>12}", kilobytes(raw), kilobytes(small), kilobytes(*budget));
        if small > *budget {
            over.push(*name);
        }
    }
    if over.is_empty() { Ok(()) } else { Err(Failure::new(format!("over budget: {}", over.join(", ")))) }
}

fn kilobytes(bytes: usize) -> String {
    format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100)
}

//! `cargo xtask test`: every test of the repository.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::binary::{self, Profile};
use crate::ceph::Ceph;
use crate::failure::{Context, Failure, Result};
use crate::postgres::Postgres;
use crate::progress::{self, Reporter};
use crate::{process, site, tools, workspace};

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Rust tests: engine, signer, ledger, store, server.
    Native,
    /// Tests in Chromium.
    Browser,
}

/// Crates with native tests.
///
/// All at once, for the browser tests' server too: each other selection of crates would compile the dependencies once
/// more, with other features.
///
/// Those of [`ON_POSTGRES`] run twice: on SQLite, and on PostgreSQL.
const PACKAGES: &[&str] =
    &["devstore", "lane", "ledger", "server", "sigv4", "transfer", "uploader", "worker", "xtask"];

/// Crates whose tests ask a database.
const ON_POSTGRES: &[&str] = &["ledger", "server"];

/// Browser tests of pages that show what a database holds.
const PAGES_ON_POSTGRES: &[&str] = &["batches", "desk", "gallery", "webhooks"];

/// How npm is asked for some files of the browser tests.
const AGAIN: &[&str] = &["run", "again", "--silent", "--"];

/// Tests that passed and failed.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Prepares what is missing and runs the tests; ends with a line of counts.
///
/// # Errors
/// If something cannot be prepared, or a test fails.
pub(crate) fn test(parts: &[Part]) -> Result<()> {
    let mut tally = Tally::default();
    let ceph = Ceph::start(&workspace::target().join("ceph")).context("starting Ceph")?;
    let ran = each(parts, &ceph, &mut tally);
    ceph.stop().context("stopping Ceph")?;
    ran?;
    println!("\n{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    if tally.failed == 0 && tally.passed > 0 { Ok(()) } else { Err(Failure::new("Not every test passed.")) }
}

fn each(parts: &[Part], ceph: &Ceph, tally: &mut Tally) -> Result<()> {
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    if wanted(Part::Native) {
        native(ceph, tally)?;
    }
    if wanted(Part::Browser) {
        browser(ceph, tally)?;
    }
    Ok(())
}

fn native(ceph: &Ceph, tally: &mut Tally) -> Result<()> {
    println!("Rust tests");
    progress::side_by_side(vec![("tests", Box::new(build))])?;
    let with_nextest = process::find("cargo-nextest").is_some();
    let mut cargo = process::cargo();
    if with_nextest {
        cargo.args(["nextest", "run", "--no-fail-fast", "--color", "never"]);
    } else {
        cargo.args(["test", "--no-fail-fast", "--color", "never"]);
    }
    count(select(&mut cargo).envs(ceph.environment()), tally, |_| ())?;
    on_postgres(with_nextest, ceph, tally)
}

/// The tests that ask a database, once more. The selection of crates stays as it is, so nothing is compiled again.
fn on_postgres(with_nextest: bool, ceph: &Ceph, tally: &mut Tally) -> Result<()> {
    println!("Rust tests on PostgreSQL");
    let postgres = Postgres::start().context("starting PostgreSQL")?;
    let mut cargo = process::cargo();
    if with_nextest {
        let filter = ON_POSTGRES.iter().map(|name| format!("binary_id({name}::integration)"));
        let filter = filter.collect::<Vec<_>>().join(" + ");
        cargo.args(["nextest", "run", "--no-fail-fast", "--color", "never", "--filterset", &filter]);
    } else {
        cargo.args(["test", "--no-fail-fast", "--color", "never", "--test", "integration"]);
    }
    select(&mut cargo).envs(ceph.environment()).envs([postgres.environment()]);
    let counted = count(&mut cargo, tally, |_| ());
    postgres.stop().context("stopping PostgreSQL")?;
    counted
}

/// Builds the tests and the server that they start.
fn build(reporter: &Reporter) -> Result<()> {
    reporter.cargo(select(process::cargo().args(["build", "--tests", "--bins"])))
}

fn select(cargo: &mut Command) -> &mut Command {
    cargo.arg("--locked");
    for package in PACKAGES {
        cargo.args(["--package", package]);
    }
    cargo
}

fn browser(ceph: &Ceph, tally: &mut Tally) -> Result<()> {
    println!("Browser tests");
    tools::browser_tests()?;
    progress::side_by_side(vec![
        ("page", Box::new(|reporter| site::build_quietly(Profile::Release, reporter))),
        ("server", Box::new(build)),
    ])?;
    in_chromium(&["test", "--silent"], &BTreeSet::new(), &ceph.environment(), tally)?;
    browser_on_postgres(tally)
}

/// The pages whose every list and total comes from the ledger, once more.
fn browser_on_postgres(tally: &mut Tally) -> Result<()> {
    println!("Browser tests on PostgreSQL");
    let postgres = Postgres::start().context("starting PostgreSQL")?;
    let files = PAGES_ON_POSTGRES.iter().map(|name| format!("tests/{name}.test.mjs")).collect();
    let counted = in_chromium(AGAIN, &files, &postgres.for_browser_tests(), tally);
    postgres.stop().context("stopping PostgreSQL")?;
    counted
}

/// Runs browser tests, and once more the files in which one failed.
fn in_chromium(
    arguments: &[&str],
    files: &BTreeSet<String>,
    environment: &[(String, String)],
    tally: &mut Tally,
) -> Result<()> {
    let npm = |arguments: &[&str], files: &BTreeSet<String>| {
        let mut npm = process::command("npm");
        npm.args(arguments)
            .args(files)
            .current_dir(workspace::root().join("end2end"))
            .envs(environment.iter().cloned())
            .env("SLUICE_BIN", binary::path(Profile::Dev))
            .env("SLUICE_SITE_ROOT", workspace::site());
        npm
    };
    let mut suspects = BTreeSet::new();
    let mut first = Tally::default();
    count(&mut npm(arguments, files), &mut first, |line| suspects.extend(test_file(line)))?;
    if first.failed > 0 && !suspects.is_empty() {
        println!("\nOnce more, because a test of theirs failed: {suspects:?}");
        let mut second = Tally::default();
        count(&mut npm(AGAIN, &suspects), &mut second, |_| ())?;
        if second.failed == 0 && second.passed > 0 {
            println!("\nFLAKY: {} failed first and passed then: {suspects:?}", first.failed);
            first = Tally { passed: first.passed + first.failed, failed: 0, ..first };
        }
    }
    tally.passed += first.passed;
    tally.failed += first.failed;
    tally.skipped += first.skipped;
    Ok(())
}

/// The file of browser tests that a line names with a place in it: only failures do.
fn test_file(line: &str) -> Option<String> {
    const END: &str = ".test.mjs";
    let (before, _) = line.split_once(".test.mjs:")?;
    let start = before.rfind("tests/")?;
    Some(format!("{}{END}", &before[start..]))
}

/// Runs a test runner, shows what it prints line by line, to `watch` as well, and adds up the counts in it.
fn count(command: &mut Command, tally: &mut Tally, mut watch: impl FnMut(&str)) -> Result<()> {
    // Runners write to both streams; a shell joins them, so that the order stays.
    let mut joined = process::command("sh");
    joined.args(["-c", "exec \"$@\" 2>&1", "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => joined.env(name, value),
            None => joined.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        joined.current_dir(folder);
    }
    let mut child =
        joined.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("starting the tests")?;
    let before = *tally;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.context("reading from the tests")?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            add(&line, tally);
            watch(&line);
        }
    }
    let status = child.wait().context("waiting for the tests")?;
    if !status.success() && tally.failed == before.failed {
        tally.failed += 1;
    }
    Ok(())
}

/// Adds the counts of a runner's closing line: nextest's, cargo's, or node's.
fn add(line: &str, tally: &mut Tally) {
    let line = line.trim();
    let words: Vec<&str> = line.split_whitespace().collect();
    let number_before = |name: &str| {
        words
            .iter()
            .position(|word| word.trim_end_matches([',', ';']) == name)
            .and_then(|at| words.get(at.checked_sub(1)?)?.trim_start_matches('(').parse::<u64>().ok())
            .unwrap_or(0)
    };
    if line.starts_with("Summary [") || line.starts_with("test result:") {
        tally.passed += number_before("passed");
        tally.failed += number_before("failed") + number_before("timed");
        tally.skipped += number_before("skipped") + number_before("ignored");
    } else if let [mark, name, number] = words[..]
        && (mark == "#" || mark == "ℹ")
    {
        let number = number.parse().unwrap_or(0);
        match name {
            "pass" => tally.passed += number,
            "fail" | "cancelled" => tally.failed += number,
            "skipped" | "todo" => tally.skipped += number,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, add, test_file};

    #[test]
    fn names_the_file_of_a_failure() {
        let file = Some("tests/order.test.mjs".to_owned());
        assert_eq!(test_file("  location: '/somewhere/end2end/tests/order.test.mjs:107:1'"), file);
        assert_eq!(test_file("test at tests/order.test.mjs:107:1"), file);
        assert_eq!(test_file("# Subtest: a list is put in order"), None);
    }

    #[test]
    fn counts_what_the_runners_print() {
        let mut tally = Tally::default();
        for line in [
            "     Summary [   0.018s] 5 tests run: 3 passed (1 slow), 2 failed, 4 skipped",
            "test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "ℹ pass 7",
            "# fail 1",
            "a line with 9 passed in it",
        ] {
            add(line, &mut tally);
        }
        assert_eq!((tally.passed, tally.failed, tally.skipped), (12, 4, 5));
    }
}

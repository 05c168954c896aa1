//! Several long builds at once, told in one line every few seconds.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Result};

/// Lines kept to be shown if a build fails.
const KEPT_LINES: usize = 400;

/// How often the jobs are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What takes less long goes without a word.
const WORTH_TELLING: Duration = Duration::from_secs(3);

/// A build that is under way.
#[derive(Debug, Default)]
struct Build {
    name: &'static str,
    crates: u32,
    latest: String,
    lines: VecDeque<String>,
}

type Shared = Arc<Mutex<Build>>;

/// Something to do, with its name.
pub(crate) type Job = (&'static str, Box<dyn FnOnce(&Reporter) -> Result<()> + Send>);

/// Does several things side by side and tells how they go; each closure gets a [`Reporter`].
///
/// # Errors
/// The first failure, after all have ended.
pub(crate) fn side_by_side(jobs: Vec<Job>) -> Result<()> {
    let begun = Instant::now();
    let mut running: Vec<(Shared, JoinHandle<Result<()>>)> = Vec::new();
    for (name, job) in jobs {
        let build = Shared::new(Mutex::new(Build { name, ..Build::default() }));
        let reporter = Reporter { build: Arc::clone(&build) };
        running.push((build, thread::spawn(move || job(&reporter))));
    }
    let mut failure = None;
    let mut told = Instant::now();
    while !running.is_empty() {
        thread::sleep(LOOK_EVERY);
        let (ended, rest): (Vec<_>, Vec<_>) =
            running.into_iter().partition(|(_, thread)| thread.is_finished());
        running = rest;
        for (build, thread) in ended {
            let result = thread.join().unwrap_or_else(|_| Err(Failure::new("a build thread panicked")));
            let how = if result.is_ok() { "ready" } else { "failed" };
            if begun.elapsed() > WORTH_TELLING {
                clear_line();
                println!("  {}: {how} after {}", lock(&build).name, seconds(begun.elapsed()));
            }
            failure = failure.or(result.err());
        }
        if told.elapsed() >= pace() && begun.elapsed() > WORTH_TELLING {
            told = Instant::now();
            tell(begun, running.iter().map(|(build, _)| build));
        }
    }
    clear_line();
    failure.map_or(Ok(()), Err)
}

/// How a job tells how it goes.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    build: Shared,
}

impl Reporter {
    /// Says what is being done now.
    pub(crate) fn step(&self, doing: &str) {
        doing.clone_into(&mut lock(&self.build).latest);
    }

    /// Runs a cargo command and counts the crates that it compiles.
    ///
    /// # Errors
    /// With the last lines that it printed, if it fails.
    pub(crate) fn cargo(&self, command: &mut Command) -> Result<()> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().context("could not start cargo")?;
        if let Some(stderr) = child.stderr.take() {
            for line in BufReader::new(stderr).lines() {
                let Ok(line) = line else { break };
                let mut build = lock(&self.build);
                if let Some(what) = compiled(&line) {
                    build.crates += 1;
                    what.split(" (").next().unwrap_or(what).clone_into(&mut build.latest);
                }
                if build.lines.len() == KEPT_LINES {
                    build.lines.pop_front();
                }
                build.lines.push_back(line);
            }
        }
        if child.wait().context("waiting for cargo")?.success() {
            return Ok(());
        }
        let build = lock(&self.build);
        let lines: Vec<&str> =
            build.lines.iter().map(String::as_str).filter(|line| compiled(line).is_none()).collect();
        Err(Failure::new(format!("{} could not be built:\n{}", build.name, lines.join("\n"))))
    }
}

/// The crate that a line of cargo's says is being compiled or checked.
fn compiled(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("Compiling ").or_else(|| line.strip_prefix("Checking "))
}

fn lock(build: &Shared) -> std::sync::MutexGuard<'_, Build> {
    build.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn tell<'a>(begun: Instant, builds: impl Iterator<Item = &'a Shared>) {
    let mut line = format!("  {:>7}", seconds(begun.elapsed()));
    for build in builds {
        let build = lock(build);
        line.push_str(&match build.crates {
            0 => format!("   {}: {}", build.name, build.latest),
            count => format!("   {}: {count} crates, {}", build.name, build.latest),
        });
    }
    clear_line();
    if std::io::stdout().is_terminal() {
        print!("{line}");
        let _ = std::io::stdout().flush();
    } else {
        println!("{line}");
    }
}

/// How often the line is renewed.
fn pace() -> Duration {
    if std::io::stdout().is_terminal() { Duration::from_millis(500) } else { Duration::from_secs(20) }
}

fn clear_line() {
    if std::io::stdout().is_terminal() {
        print!("\r\x1b[2K");
        let _ = std::io::stdout().flush();
    }
}

/// A duration as people say it.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 { format!("{whole} s") } else { format!("{} min {:02} s", whole / 60, whole % 60) }
}

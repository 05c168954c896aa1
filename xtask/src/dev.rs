//! `cargo xtask dev`: rebuild and restart on change.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::binary::{self, Profile};
use crate::failure::Result;
use crate::{process, progress, site, workspace};

/// Folders whose files are watched, and whether a change there concerns the server.
const WATCHED: &[&str] = &["app", "crates", "frontend", "public", "server", "style"];

/// How often the files' times are compared. Asking again is a few milliseconds, and needs no library.
const LOOK_EVERY: Duration = Duration::from_millis(700);

/// Builds, starts, and does so again whenever a file changes, until it is stopped.
///
/// # Errors
/// If the server cannot be started at all.
pub(crate) fn dev() -> Result<()> {
    let mut seen = newest();
    let mut server: Option<Child> = None;
    loop {
        let built = progress::side_by_side(vec![
            ("page", Box::new(|reporter| site::build_quietly(Profile::Dev, reporter))),
            ("server", Box::new(|reporter| binary::build(Profile::Dev, reporter))),
        ]);
        match built {
            Ok(()) => {
                stop(server.take());
                server = Some(binary::serve(Profile::Dev).spawn()?);
            }
            Err(failure) => eprintln!("{failure}\n\nWaiting for a change."),
        }
        while newest() == seen {
            thread::sleep(LOOK_EVERY);
        }
        seen = newest();
    }
}

/// Asks the server to end, and waits for it.
fn stop(server: Option<Child>) {
    let Some(mut server) = server else { return };
    let asked = process::read(process::command("kill").arg(server.id().to_string()));
    if asked.is_err() {
        let _ = server.kill();
    }
    let _ = server.wait();
}

fn newest() -> SystemTime {
    WATCHED
        .iter()
        .map(|folder| newest_below(&workspace::root().join(folder)))
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn newest_below(folder: &Path) -> SystemTime {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let time = match entry.file_type() {
            Ok(kind) if kind.is_dir() => newest_below(&entry.path()),
            _ => entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH),
        };
        newest = newest.max(time);
    }
    newest
}

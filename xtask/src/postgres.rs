//! A PostgreSQL server on loopback, for the tests.
//!
//! Nothing of it is kept: its data is in the temporary folder, without syncing. PostgreSQL does not run as root, so as
//! root it runs as the user that Debian's package brings.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Subcommand;

use crate::failure::{Context, Failure, Result};
use crate::packages::{self, Need};
use crate::{process, workspace};

/// Where Debian keeps each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Its user, in the database and, if root starts it, on the machine.
const USER: &str = "postgres";

/// What to do with it.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Start it, or find it running; prints how to reach it.
    Start,
    /// Stop it.
    Stop,
    /// Print the variable that tests read.
    Env,
}

/// Does it, with the PostgreSQL of this clone.
///
/// # Errors
/// If it cannot be started or stopped, or is to tell of itself and does not run.
pub(crate) fn perform(what: &What) -> Result<()> {
    match what {
        What::Start => print(&Postgres::start()?),
        What::Stop => {
            if let Some(running) = Postgres::find() {
                running.stop()?;
            }
        }
        What::Env => match Postgres::find() {
            Some(running) => print(&running),
            None => {
                let how = "PostgreSQL does not run here. Start it with: cargo xtask postgres start";
                return Err(Failure::new(how));
            }
        },
    }
    Ok(())
}

fn print(running: &Postgres) {
    let (name, value) = running.environment();
    println!("export {name}='{value}'");
}

/// A running PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Installs the package if need be and starts it, or finds it running.
    ///
    /// # Errors
    /// If the package is missing and cannot be installed, or the server does not come up.
    pub(crate) fn start() -> Result<Self> {
        if let Some(running) = Self::find() {
            return Ok(running);
        }
        if programs().is_none() {
            let need = Need { probe: "/usr/lib/postgresql/15/bin/initdb", packages: &["postgresql-15"] };
            packages::require("the tests against PostgreSQL", &[need])?;
        }
        let programs = programs().ok_or_else(|| Failure::new("PostgreSQL's `initdb` is nowhere"))?;
        let folder = folder();
        if folder.exists() {
            fs::remove_dir_all(&folder).context(format_args!("removing {}", folder.display()))?;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
        let port = listener.local_addr()?.port();
        drop(listener);

        let running = Self { folder, programs, port };
        let mut make = running.program("initdb");
        // Byte order, as SQLite sorts: the tests look at lists.
        make.args(["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username", USER]);
        process::read(make.arg("--pgdata").arg(&running.folder))?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 \
             -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        );
        let mut start = running.control("start");
        // What it writes must not keep our pipes open.
        start
            .arg("--log")
            .arg(running.folder.join("log"))
            .args(["--options", &options])
            .stdout(Stdio::null());
        process::execute(&mut start)?;
        fs::write(running.port_file(), port.to_string()).context("noting PostgreSQL's port")?;
        Ok(running)
    }

    /// One that is up.
    fn find() -> Option<Self> {
        let folder = folder();
        let port = fs::read_to_string(folder.join("sluice-port")).ok()?.parse().ok()?;
        let running = Self { folder, programs: programs()?, port };
        process::read(&mut running.control("status")).ok().map(|_| running)
    }

    /// What tests read.
    pub(crate) fn environment(&self) -> (&'static str, String) {
        let url = format!("postgres://{USER}@127.0.0.1:{}/postgres?sslmode=disable", self.port);
        ("SLUICE_TEST_POSTGRES_URL", url)
    }

    /// What browser tests read: the same, and `psql` where they look for it.
    pub(crate) fn for_browser_tests(&self) -> Vec<(String, String)> {
        let (name, url) = self.environment();
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.programs.display());
        vec![(name.to_owned(), url), ("PATH".to_owned(), path)]
    }

    /// Stops it and forgets what it held.
    ///
    /// # Errors
    /// If it does not end, or its files cannot be removed.
    pub(crate) fn stop(self) -> Result<()> {
        process::read(self.control("stop").args(["--mode", "immediate"]))?;
        fs::remove_dir_all(&self.folder).context(format_args!("removing {}", self.folder.display()))
    }

    fn port_file(&self) -> PathBuf {
        self.folder.join("sluice-port")
    }

    fn control(&self, what: &str) -> Command {
        let mut command = self.program("pg_ctl");
        command.args([what, "--wait", "--pgdata"]).arg(&self.folder);
        command
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if packages::is_root() {
            let mut other = process::command("runuser");
            other.args(["-u", USER, "--"]).arg(program);
            other
        } else {
            process::command(program)
        };
        // It complains of a folder that its user cannot enter.
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

/// Where the data is: reachable by another user, and another one for each clone.
fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    workspace::target().hash(&mut hasher);
    std::env::temp_dir().join(format!("sluice-postgres-{:016x}", hasher.finish()))
}

/// The folder of the newest version's programs: Debian's, or where PATH leads.
fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(|path| version(path))
        .map(|path| path.join("bin"));
    debian.or_else(|| Some(process::find("initdb")?.parent()?.to_path_buf()))
}

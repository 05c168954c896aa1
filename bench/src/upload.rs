//! `sluice upload` beside rclone, the AWS CLI and s5cmd: the same files to the same store, each as a process of its own.
//!
//! What is timed is the whole process, and after each run the store is asked whether it holds all of the files.
//! `sluice upload` has more to do than its peers: it asks the server for a batch and a grant, announces, reports, and has
//! the server compare the store with what was announced. So the server's CPU counts as its own.
//!
//! Each round has a store and a server of its own, and each program is once the first of a round, as far as there are
//! rounds. Between two runs the disk comes to rest.

pub(crate) mod account;
mod peer;
mod server;

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use memchr::memmem;
use sigv4::Method;
use tempfile::TempDir;
use tokio::process::Command;

use self::account::Account;
use self::peer::Peer;
use self::server::Server;
use crate::Result;
use crate::store::client::{Connection, Endpoint};
use crate::store::process::{Durability, Store};

/// Files, and bytes of each.
const WORKLOADS: [(usize, usize); 3] = [(1_000, 100_000), (5_000, 20_000), (1, 1 << 30)];

/// Bytes that are made and written at once.
const CHUNK: usize = 1 << 20;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The binary, built in release mode.
    #[arg(long)]
    sluice: PathBuf,
    /// Where the files and the embedded store's data go for the run; 8 GB are enough.
    #[arg(long)]
    folder: PathBuf,
    /// Files of a single workload instead of all of them; with --size.
    #[arg(long, requires = "size")]
    files: Option<usize>,
    /// Bytes of each.
    #[arg(long, requires = "files")]
    size: Option<usize>,
    /// How often each program runs; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Files at once of rclone, and requests of the AWS CLI. `sluice upload` keeps its own 16, s5cmd its 256.
    #[arg(long, default_value_t = 32)]
    parallel: usize,
    /// What an acknowledged write survives. With `power-cut` the disk decides more than the programs.
    #[arg(long, value_enum, default_value = "process-kill")]
    durability: Durability,
    /// rclone.
    #[arg(long, default_value = "rclone")]
    rclone: PathBuf,
    /// The AWS CLI. Where it is a script that looks for another, name that one.
    #[arg(long, default_value = "aws")]
    aws: PathBuf,
    /// s5cmd.
    #[arg(long, default_value = "s5cmd")]
    s5cmd: PathBuf,
}

/// A program to measure: `sluice upload`, or one of its peers.
#[derive(Debug, Clone, Copy)]
enum Contender<'a> {
    Sluice,
    Peer(&'a Peer),
}

impl Contender<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Sluice => "sluice upload",
            Self::Peer(peer) => peer.name,
        }
    }

    fn checks(self) -> &'static str {
        match self {
            Self::Sluice => "CRC64NVME; the server lists the batch",
            Self::Peer(peer) => peer.checks,
        }
    }
}

/// Measures, and prints a table for each workload.
///
/// # Errors
/// If a program fails or does not bring all files, or store or server do not start.
pub(crate) async fn run(options: &Options) -> Result<()> {
    fs::create_dir_all(&options.folder)?;
    let peers = Peer::installed(options).await;
    let contenders: Vec<Contender<'_>> =
        [Contender::Sluice].into_iter().chain(peers.iter().map(Contender::Peer)).collect();
    println!("\nThe median of {} rounds; one machine has them and the store.", options.rounds);
    let own = options.files.zip(options.size).map(|workload| vec![workload]);
    for workload in own.unwrap_or_else(|| WORKLOADS.to_vec()) {
        let accounts = measure(options, &contenders, workload).await?;
        table(&contenders, &accounts, workload);
    }
    Ok(())
}

/// What each took, in their order.
async fn measure(
    options: &Options,
    contenders: &[Contender<'_>],
    (files, size): (usize, usize),
) -> Result<Vec<Account>> {
    let data = TempDir::new_in(&options.folder)?;
    let folder = data.path().join("files");
    write_files(&folder, files, size)?;
    let mut accounts = vec![Vec::new(); contenders.len()];
    for round in 0..options.rounds {
        let store = Store::start(&options.sluice, &options.folder, options.durability).await?;
        let scene = TempDir::new_in(&options.folder)?;
        let server = Server::start(&options.sluice, scene.path(), &store).await?;
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            let contender = contenders[at];
            let (order, environment) = match contender {
                Contender::Sluice => {
                    let words = [&options.sluice, &PathBuf::from("upload"), &folder];
                    (words.map(|word| word.display().to_string()).to_vec(), server.environment())
                }
                Contender::Peer(peer) => {
                    let prefix = format!("peer-{at}");
                    peer.order(&store.endpoint, &folder, &prefix, scene.path(), options.parallel)?
                }
            };
            let account = take(&order, environment, &server, scene.path()).await?;
            let held = held(&store.endpoint).await?;
            if held != files * (turn + 1) {
                let name = contender.name();
                return Err(
                    format!("{name}: the store holds {held} files, not {}", files * (turn + 1)).into()
                );
            }
            eprintln!("{files} × {size} bytes, round {round}: {} {account:.2?}", contender.name());
            accounts[at].push(account);
        }
    }
    Ok(accounts.iter().map(|accounts| Account::median(accounts)).collect())
}

/// Runs a program once the disk is at rest; the server's CPU counts as its own.
async fn take(
    order: &[String],
    environment: Vec<(&'static str, String)>,
    server: &Server,
    scene: &Path,
) -> Result<Account> {
    Command::new("sync").status().await?;
    let into = scene.join("account");
    let before = server.cpu_seconds()?;
    let mut command = Command::new(env::current_exe()?);
    command.args(["account", "--into"]).arg(&into).arg("--").args(order).envs(environment);
    let output = command.kill_on_drop(true).output().await?;
    if !output.status.success() {
        let (said, also) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        return Err(format!("{}: {said}{also}", order.join(" ")).into());
    }
    let account = Account::read(&into)?;
    Ok(Account { cpu_seconds: account.cpu_seconds + server.cpu_seconds()? - before, ..account })
}

/// Objects in the bucket, but for what the server's own questions at its start left.
async fn held(endpoint: &Endpoint) -> Result<usize> {
    let mut connection = Connection::open(endpoint).await?;
    let (mut held, mut after) = (0, String::new());
    loop {
        let query = [("list-type", "2"), ("start-after", after.as_str())];
        let (_, page) = connection.ask(Method::Get, "", &query, Bytes::new()).await?;
        let page = String::from_utf8(page.to_vec())?;
        let keys = page.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        held += keys.clone().filter(|key| !key.starts_with("sluice-doctor/")).count();
        match keys.last() {
            Some(last) if memmem::find(page.as_bytes(), b"<IsTruncated>true").is_some() => {
                after = last.to_owned();
            }
            _ => return Ok(held),
        }
    }
}

/// Bytes that no disk and no line can make smaller, and no two files alike.
fn write_files(folder: &Path, files: usize, size: usize) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut chunk = Vec::with_capacity(CHUNK);
    for file in 0..files {
        let mut to = fs::File::create(folder.join(format!("{file:05}.jpg")))?;
        let mut left = size;
        while left > 0 {
            chunk.clear();
            while chunk.len() < left.min(CHUNK) {
                // xorshift64*: quick.
                state ^= state >> 12;
                state ^= state << 25;
                state ^= state >> 27;
                chunk.extend_from_slice(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
            }
            chunk.truncate(left);
            to.write_all(&chunk)?;
            left -= chunk.len();
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "for a person to read")]
fn table(contenders: &[Contender<'_>], accounts: &[Account], (files, size): (usize, usize)) {
    let Some(own) = accounts.first() else { return };
    let what = if size >= 1 << 30 {
        format!("{files} × {} GiB", size >> 30)
    } else {
        format!("{files} × {} kB", size / 1_000)
    };
    println!(
        "\n| {what} | files/s | MB/s | CPU s | peak memory | `sluice upload`: times the speed | the CPU | the memory | checks |\n|---|---|---|---|---|---|---|---|---|"
    );
    for (contender, account) in contenders.iter().zip(accounts) {
        let Account { seconds, cpu_seconds, peak_mib } = account;
        println!(
            "| {} | {:.0} | {:.1} | {cpu_seconds:.2} | {peak_mib:.0} MiB | {:.2} | {:.2} | {:.2} | {} |",
            contender.name(),
            files as f64 / seconds,
            (files * size) as f64 / seconds / 1e6,
            seconds / own.seconds,
            own.cpu_seconds / cpu_seconds,
            own.peak_mib / peak_mib,
            contender.checks(),
        );
    }
}

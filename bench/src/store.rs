//! The embedded store beside Ceph with its objects in memory, and its own memory.

pub(crate) mod client;
mod load;
mod memory;
pub(crate) mod process;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::client::Endpoint;
use self::process::{Durability, Store};
use crate::Result;

/// Connections at once: what a browser opens to one host name, and more.
const CONNECTIONS: [usize; 3] = [6, 16, 32];
/// A photograph on a phone's screen.
const SMALL: usize = 100_000;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The binary, built in release mode.
    #[arg(long)]
    sluice: PathBuf,
    /// Where the store's data goes for the run; on a disk with room for two of the large object.
    #[arg(long)]
    folder: PathBuf,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// How often each is made, in turns; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// MiB of the object that is sent in parts.
    #[arg(long, default_value_t = 512)]
    parts_mib: u64,
    /// MiB of the object that memory is measured with.
    #[arg(long, default_value_t = 5 * 1024)]
    large_mib: u64,
}

/// A row: a figure of each of the three.
struct Row {
    what: String,
    unit: &'static str,
    figures: [f64; 3],
}

/// Measures, and prints two tables.
///
/// # Errors
/// If a store refuses, or does not start.
pub(crate) async fn run(options: &Options) -> Result<()> {
    let ceph = Endpoint::of_ceph()?;
    ceph.make_bucket().await?;
    let quick = Store::start(&options.sluice, &options.folder, Durability::ProcessKill).await?;
    let safe = Store::start(&options.sluice, &options.folder, Durability::PowerCut).await?;
    let peers = [&ceph, &quick.endpoint, &safe.endpoint];

    let mut rows = Vec::new();
    for connections in CONNECTIONS {
        let what = format!("PUT of 100 kB, {connections} connections");
        let mut rounds = Rounds::default();
        for round in 0..options.rounds {
            for (peer, endpoint) in peers.iter().enumerate() {
                let prefix = format!("{connections}-{round}");
                let time = Duration::from_secs(options.seconds);
                rounds.add(peer, load::puts(endpoint, &prefix, connections, SMALL, time).await?);
            }
        }
        rows.push(Row { what, unit: "/s", figures: rounds.medians() });
        show_last(&rows);
    }
    let (mut up, mut down) = (Rounds::default(), Rounds::default());
    for _ in 0..options.rounds {
        for (peer, endpoint) in peers.iter().enumerate() {
            up.add(peer, load::multipart(endpoint, "parts", options.parts_mib).await?);
            down.add(peer, load::get(endpoint, "parts", options.parts_mib).await?);
        }
    }
    let mib = options.parts_mib;
    rows.push(Row {
        what: format!("{mib} MiB in parts of 8 MiB, 4 connections"),
        unit: "MiB/s",
        figures: up.medians(),
    });
    show_last(&rows);
    rows.push(Row {
        what: format!("GET of {mib} MiB, 1 connection"),
        unit: "MiB/s",
        figures: down.medians(),
    });
    show_last(&rows);
    drop((quick, safe));

    println!(
        "\n| what | Ceph, in memory | embedded, process-kill | ratio | embedded, power-cut | ratio |\n|---|---|---|---|---|---|"
    );
    for Row { what, unit, figures: [ceph, quick, safe] } in &rows {
        println!(
            "| {what} | {ceph:.0} {unit} | {quick:.0} {unit} | {:.2} | {safe:.0} {unit} | {:.2} |",
            quick / ceph,
            safe / ceph
        );
    }
    memory::measure(options).await
}

/// What was just measured, for those who wait.
fn show_last(rows: &[Row]) {
    if let Some(Row { what, unit, figures }) = rows.last() {
        let [ceph, quick, safe] = figures;
        eprintln!("{what}: Ceph {ceph:.0}, process-kill {quick:.0}, power-cut {safe:.0} {unit}");
    }
}

/// Figures of each peer, round by round.
#[derive(Default)]
struct Rounds([Vec<f64>; 3]);

impl Rounds {
    fn add(&mut self, peer: usize, figure: f64) {
        self.0[peer].push(figure);
    }

    fn medians(mut self) -> [f64; 3] {
        for figures in &mut self.0 {
            figures.sort_by(f64::total_cmp);
        }
        self.0.map(|figures| figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN))
    }
}

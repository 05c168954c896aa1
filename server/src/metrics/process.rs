//! What the kernel says of this process, under the names that Prometheus' own clients use. Nothing where there is no
//! `/proc`.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// The kernel tells CPU in hundredths of a second to programs, whatever it counts in (`USER_HZ`, proc(5)).
const TICKS: f64 = 100.0;

/// Asks at each scrape.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut tell = |name: &str, help: &str, metric: &dyn Tell| metric.tell(&mut encoder, name, help);
        if let Some(seconds) = cpu_seconds() {
            tell(
                "process_cpu_seconds",
                "CPU of the process, in itself and in the kernel.",
                &ConstCounter::new(seconds),
            )?;
        }
        if let Some(bytes) = resident_bytes() {
            tell(
                "process_resident_memory_bytes",
                "Resident memory of the process.",
                &ConstGauge::new(bytes),
            )?;
        }
        if let Some(count) = open_files() {
            tell("process_open_fds", "Open files and sockets of the process.", &ConstGauge::new(count))?;
        }
        Ok(())
    }
}

/// A metric with its name.
trait Tell {
    fn tell(&self, encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str) -> fmt::Result;
}

impl<M: EncodeMetric> Tell for M {
    fn tell(&self, encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str) -> fmt::Result {
        self.encode(encoder.encode_descriptor(name, help, None, self.metric_type())?)
    }
}

fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may have spaces: the fields from the third on (proc_pid_stat(5)).
    let (_, fields) = text.rsplit_once(") ")?;
    let ticks = |field: usize| fields.split(' ').nth(field - 3)?.parse::<f64>().ok();
    Some((ticks(14)? + ticks(15)?) / TICKS)
}

fn resident_bytes() -> Option<i64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<i64>().ok()? * 1024)
}

fn open_files() -> Option<i64> {
    i64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}

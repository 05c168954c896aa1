//! Ceph's daemons: started in the background, known by a file with their process id.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Result};
use crate::process;

use super::layout::Layout;

/// How long a daemon may take to come up or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A program of Ceph.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Daemon {
    program: &'static str,
    arguments: &'static [&'static str],
}

pub(crate) const MONITOR: Daemon = Daemon { program: "ceph-mon", arguments: &["-i", "a", "-f"] };
pub(crate) const OSD: Daemon = Daemon { program: "ceph-osd", arguments: &["-i", "0", "-f"] };
pub(crate) const GATEWAY: Daemon = Daemon { program: "radosgw", arguments: &["-n", "client.rgw", "-f"] };

/// All of them, in the order in which they start.
pub(crate) const ALL: [Daemon; 3] = [MONITOR, OSD, GATEWAY];

impl Daemon {
    /// Starts it in a process group of its own, so that an interrupt at the terminal leaves its files whole.
    pub(crate) fn spawn(self, layout: &Layout) -> Result<()> {
        let log = File::create(layout.log_file(self.program))?;
        let child = process::command(self.program)
            .arg("-c")
            .arg(layout.configuration())
            .args(self.arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .context(format_args!("could not start {}", self.program))?;
        fs::write(layout.pid_file(self.program), child.id().to_string())
            .context(format_args!("noting the process of {}", self.program))
    }

    /// Waits until it answers.
    pub(crate) fn wait(self, layout: &Layout, mut answers: impl FnMut() -> bool) -> Result<()> {
        let begun = Instant::now();
        while !answers() {
            let log = layout.log_file(self.program);
            if self.pid(layout).is_none() {
                let said = fs::read_to_string(&log).unwrap_or_default();
                return Err(Failure::new(format!("{} ended:\n{said}", self.program)));
            }
            if begun.elapsed() > PATIENCE {
                return Err(Failure::new(format!("{} does not answer; see {}", self.program, log.display())));
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    pub(crate) fn is_alive(self, layout: &Layout) -> bool {
        self.pid(layout).is_some()
    }

    /// Asks it to end, and makes it end if it does not.
    pub(crate) fn stop(self, layout: &Layout) -> Result<()> {
        let begun = Instant::now();
        let mut signal = "TERM";
        while let Some(pid) = self.pid(layout) {
            if begun.elapsed() > PATIENCE {
                return Err(Failure::new(format!("{} (process {pid}) does not end", self.program)));
            }
            // The shell's own `kill`: a bare Debian has no program of that name. It may have ended meanwhile.
            let _ = process::read(process::command("sh").args(["-c", &format!("kill -{signal} {pid}")]));
            for _ in 0..100 {
                if !self.is_alive(layout) {
                    break;
                }
                thread::sleep(LOOK_EVERY);
            }
            signal = "KILL";
        }
        Ok(())
    }

    /// Its process, if that is there and is still ours: the system uses the numbers again.
    fn pid(self, layout: &Layout) -> Option<u32> {
        let pid: u32 = fs::read_to_string(layout.pid_file(self.program)).ok()?.trim().parse().ok()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        if stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with(['Z', 'X'])) {
            return None;
        }
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line);
        let mut words = line.split('\0');
        // For a moment after it was spawned it has no command line at all.
        let ours = line.is_empty()
            || words.next()?.ends_with(self.program)
                && words.any(|word| layout.configuration().as_os_str() == word);
        ours.then_some(pid)
    }
}

/// Stops all of them, last things first.
pub(crate) fn stop_all(layout: &Layout) -> Result<()> {
    ALL.iter().rev().try_for_each(|daemon| daemon.stop(layout))
}

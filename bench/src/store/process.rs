//! The embedded store in a process of its own.

use std::path::Path;
use std::process::Stdio;

use clap::ValueEnum;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::client::Endpoint;
use crate::Result;

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Durability {
    /// A power cut: every write is synced.
    PowerCut,
    /// A killed process.
    ProcessKill,
}

/// Ends with this value, and takes its data with it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) endpoint: Endpoint,
    /// The role that sessions are made of.
    pub(crate) role_arn: String,
    child: Child,
    _data: TempDir,
}

impl Store {
    pub(crate) async fn start(sluice: &Path, folder: &Path, durability: Durability) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let data = TempDir::new_in(folder)?;
        let durability = match durability {
            Durability::PowerCut => "power-cut",
            Durability::ProcessKill => "process-kill",
        };
        let mut child = Command::new(sluice)
            .args(["store", "--listen", "127.0.0.1:0", "--durability", durability, "--data"])
            .arg(data.path())
            .env("SLUICE_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", sluice.display()))?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut told = std::collections::BTreeMap::new();
        while let Some(line) = lines.next_line().await? {
            if let Some((_, role)) = line.split_once("Role for AssumeRole: ") {
                told.insert("ROLE_ARN".to_owned(), role.to_owned());
            }
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('=')) {
                told.insert(name.to_owned(), value.trim_matches('\'').to_owned());
            }
            // The last line.
            if told.contains_key("AWS_SECRET_ACCESS_KEY") {
                break;
            }
        }
        let mut take = |name: &str| told.remove(name).ok_or_else(|| format!("the store did not say {name}"));
        let endpoint = Endpoint {
            url: take("AWS_ENDPOINT_URL")?,
            region: take("AWS_REGION")?,
            bucket: "sluice".to_owned(),
            access_key_id: take("AWS_ACCESS_KEY_ID")?,
            secret_access_key: take("AWS_SECRET_ACCESS_KEY")?,
        };
        Ok(Self { endpoint, role_arn: take("ROLE_ARN")?, child, _data: data })
    }

    /// The process, for those who look at its memory.
    pub(crate) fn id(&self) -> Result<u32> {
        Ok(self.child.id().ok_or("the store has ended")?)
    }
}

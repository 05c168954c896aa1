//! A server for that store, with one person and a token.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::Result;
use crate::store::process::Store;

/// How often it is asked whether it is there, ten times a second.
const PATIENCE: u32 = 300;

/// The kernel tells CPU in hundredths of a second to programs, whatever it counts in (`USER_HZ`).
const TICKS: f64 = 100.0;

/// Ends with this value.
#[derive(Debug)]
pub(super) struct Server {
    address: String,
    token: String,
    state: PathBuf,
    child: Child,
}

impl Server {
    pub(super) async fn start(sluice: &Path, data: &Path, store: &Store) -> Result<Self> {
        // Free a moment ago, which is as good as it gets.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let endpoint = &store.endpoint;
        let command = |arguments: &[&str]| {
            let mut command = Command::new(sluice);
            command
                .args(arguments)
                .env("SLUICE_DATA_DIR", data.join("server"))
                .env("SLUICE_LISTEN", &address)
                .env("SLUICE_BUCKET", &endpoint.bucket)
                .env("SLUICE_REGION", &endpoint.region)
                .env("SLUICE_ENDPOINT", &endpoint.url)
                .env("SLUICE_ROLE_ARN", &store.role_arn)
                .env("AWS_ACCESS_KEY_ID", &endpoint.access_key_id)
                .env("AWS_SECRET_ACCESS_KEY", &endpoint.secret_access_key)
                .env("SLUICE_LOG", "warn")
                .stdin(Stdio::null())
                .kill_on_drop(true);
            command
        };
        said(command(&["user", "add", "bench"])).await?;
        let token = said(command(&["token", "create", "--person", "bench"])).await?;
        let child = command(&["serve"]).stdout(Stdio::null()).spawn()?;
        for _ in 0..PATIENCE {
            if TcpStream::connect(&address).await.is_ok() {
                return Ok(Self { address, token, state: data.join("state"), child });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err("the server does not start".into())
    }

    /// What `sluice upload` must know of it.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("SLUICE_URL", format!("http://{}", self.address)),
            ("SLUICE_TOKEN", self.token.clone()),
            ("SLUICE_STATE_DIR", self.state.display().to_string()),
        ]
    }

    /// Seconds of CPU that it took so far.
    pub(super) fn cpu_seconds(&self) -> Result<f64> {
        let process = self.child.id().ok_or("the server has ended")?;
        let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
        // Behind the name, which may have spaces: the fields from the third on. proc_pid_stat(5).
        let (_, fields) = text.rsplit_once(") ").ok_or("no such fields")?;
        let ticks = |at: usize| fields.split(' ').nth(at - 3).and_then(|field| field.parse::<f64>().ok());
        Ok((ticks(14).ok_or("no utime")? + ticks(15).ok_or("no stime")?) / TICKS)
    }
}

/// The last line of what a command says.
async fn said(mut command: Command) -> Result<String> {
    let output = command.output().await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.lines().last().unwrap_or_default().to_owned())
}

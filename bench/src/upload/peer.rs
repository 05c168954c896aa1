//! The programs beside it, as far as they are installed, each with what its own documentation recommends.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::Options;
use crate::Result;
use crate::store::client::Endpoint;

/// Parts of a file at once: as many as `sluice upload` has connections. More cost memory and bring nothing here.
const PARTS: &str = "16";

/// A program that copies folders into buckets, with its settings.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// How it knows that a file arrived as it was.
    pub(super) checks: &'static str,
    manner: Manner,
    program: PathBuf,
}

/// A program with its arguments, and its environment.
pub(super) type Order = (Vec<String>, Vec<(&'static str, String)>);

#[derive(Debug, Clone, Copy)]
enum Manner {
    Rclone,
    RcloneWithoutHead,
    Aws,
    S5cmd,
}

impl Peer {
    /// Those that answer when they are asked for their version; the others are said.
    pub(super) async fn installed(options: &Options) -> Vec<Self> {
        let all = [
            (Manner::Rclone, "rclone", "MD5; a HEAD for each file", &options.rclone),
            (Manner::RcloneWithoutHead, "rclone --s3-no-head", "MD5", &options.rclone),
            (Manner::Aws, "AWS CLI", "CRC", &options.aws),
            (Manner::S5cmd, "s5cmd", "SHA-256 of the payload, as it is signed, over HTTP", &options.s5cmd),
        ];
        let mut found = Vec::new();
        for (manner, name, checks, program) in all {
            let version = if matches!(manner, Manner::Aws) { "--version" } else { "version" };
            match Command::new(program).arg(version).output().await {
                Ok(output) if output.status.success() => {
                    let said = String::from_utf8_lossy(&output.stdout);
                    println!("- {name}: {}; {checks}", said.lines().next().unwrap_or_default());
                    found.push(Self { name, checks, manner, program: program.clone() });
                }
                _ => println!("- {name}: not installed, left out"),
            }
        }
        found
    }

    /// The program with its arguments, and its environment: copies a folder to a prefix.
    ///
    /// Parts are of 16 MiB for all. rclone and the AWS CLI send 4 and 10 files at once by themselves and are told to
    /// send more, and not to look for the bucket first; s5cmd sends 256.
    ///
    /// # Errors
    /// If the AWS CLI's settings cannot be written.
    pub(super) fn order(
        &self,
        endpoint: &Endpoint,
        folder: &Path,
        prefix: &str,
        data: &Path,
        parallel: usize,
    ) -> Result<Order> {
        let (from, to) = (folder.display().to_string(), format!("{}/{prefix}", endpoint.bucket));
        let parallel = parallel.to_string();
        let mut environment = vec![
            ("AWS_ACCESS_KEY_ID", endpoint.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", endpoint.secret_access_key.clone()),
            ("AWS_DEFAULT_REGION", endpoint.region.clone()),
            ("AWS_REGION", endpoint.region.clone()),
        ];
        let mut order = vec![self.program.display().to_string()];
        let mut say = |words: &[&str]| order.extend(words.iter().map(|&word| word.to_owned()));
        match self.manner {
            Manner::Rclone | Manner::RcloneWithoutHead => {
                say(&["copy", "--config", "", "--transfers", &parallel, "--checkers", &parallel]);
                say(&["--s3-upload-concurrency", PARTS, "--s3-chunk-size", "16M"]);
                say(&["--s3-no-check-bucket", "--no-traverse"]);
                if matches!(self.manner, Manner::RcloneWithoutHead) {
                    say(&["--s3-no-head"]);
                }
                say(&[&from, &format!(":s3:{to}")]);
                environment.push(("RCLONE_S3_PROVIDER", "Other".to_owned()));
                environment.push(("RCLONE_S3_ENDPOINT", endpoint.url.clone()));
                environment.push(("RCLONE_S3_REGION", endpoint.region.clone()));
                environment.push(("RCLONE_S3_ENV_AUTH", "true".to_owned()));
            }
            Manner::Aws => {
                let config = data.join("aws-config");
                let settings = format!(
                    "[default]\ns3 =\n  max_concurrent_requests = {parallel}\n  max_queue_size = 10000\n  multipart_chunksize = 16MB\n"
                );
                fs::write(&config, settings)?;
                say(&["s3", "cp", "--recursive", "--only-show-errors"]);
                say(&["--endpoint-url", &endpoint.url, &from, &format!("s3://{to}/")]);
                environment.push(("AWS_CONFIG_FILE", config.display().to_string()));
            }
            Manner::S5cmd => {
                say(&["--endpoint-url", &endpoint.url, "--log", "error", "cp"]);
                say(&["--part-size", "16", "--concurrency", PARTS]);
                say(&[&format!("{from}/"), &format!("s3://{to}/")]);
            }
        }
        Ok((order, environment))
    }
}

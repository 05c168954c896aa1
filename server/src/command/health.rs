//! `sluice health`

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Failure, say};
use crate::config::{Config, PublicUrl};

/// Health checks of containers are given some seconds.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let url = PublicUrl::of(config.listen.address);
    let host = url.as_str().trim_start_matches("http://");
    let answered = tokio::time::timeout(PATIENCE, status(host)).await;
    match answered {
        Ok(Ok(200)) => {
            say("ok");
            Ok(())
        }
        Ok(Ok(status)) => Err(format!("the server at {url} answered {status}").into()),
        Ok(Err(error)) => Err(format!("no server answers at {url}: {error}").into()),
        Err(_) => Err(format!("the server at {url} does not answer in time").into()),
    }
}

/// The status of `/healthz`. An HTTP client would be the largest part of this program's dependencies for one line.
async fn status(host: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64).read_to_end(&mut answer).await?;
    let line = String::from_utf8_lossy(&answer);
    Ok(line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0))
}

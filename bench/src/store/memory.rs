//! What the store's memory grows by while a large object passes through it.

use std::convert::Infallible;
use std::fs;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use sigv4::Method;

use super::Options;
use super::client::{Body, Connection, refused};
use super::load::{get, pattern};
use super::process::{Durability, Store};
use crate::Result;

const MIB: u64 = 1024 * 1024;
/// What it may grow by.
const BUDGET: u64 = 64;

/// Puts, reads and copies one object, and prints by how much the store's resident memory grew at most.
pub(super) async fn measure(options: &Options) -> Result<()> {
    let store = Store::start(&options.sluice, &options.folder, Durability::ProcessKill).await?;
    let size = options.large_mib;
    println!("\n| {size} MiB | resident before | grew by at most | budget | took |\n|---|---|---|---|---|");
    for what in ["PUT", "GET", "copy"] {
        // A new one each time: the store closes those that are idle for half a minute.
        let mut connection = Connection::open(&store.endpoint).await?;
        let before = forget_peak(store.id()?)?;
        let begun = Instant::now();
        match what {
            "PUT" => {
                let sent = connection.send(Method::Put, "large", &[], made(size), size * MIB).await?;
                expect(what, sent.0)?;
                sent.2.collect().await?;
            }
            "GET" => drop(get(&store.endpoint, "large", size).await?),
            _ => {
                let source = format!("{}/large", store.endpoint.bucket);
                let headers = [("x-amz-copy-source", source.as_str())];
                let nothing = (super::client::empty(), 0);
                let sent = connection.send_with(Method::Put, "copy", &[], &headers, nothing).await?;
                if sent.0.as_u16() == 501 {
                    println!("| copy | not implemented | | | |");
                    continue;
                }
                expect(what, sent.0)?;
                sent.2.collect().await?;
            }
        }
        let grew = peak(store.id()?)?.saturating_sub(before) / 1024;
        let took = begun.elapsed().as_secs_f64();
        println!("| {what} | {} MiB | {grew} MiB | {BUDGET} MiB | {took:.1} s |", before / 1024);
    }
    Ok(())
}

fn expect(what: &str, status: http::StatusCode) -> Result<()> {
    if status.is_success() { Ok(()) } else { Err(refused(what, status)) }
}

/// Sets the highest resident size back to the present one; answers that in KiB.
fn forget_peak(process: u32) -> Result<u64> {
    fs::write(format!("/proc/{process}/clear_refs"), "5")?;
    field(process, "VmRSS:")
}

/// The highest resident size since then, in KiB.
fn peak(process: u32) -> Result<u64> {
    field(process, "VmHWM:")
}

fn field(process: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such field")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// A body of that many MiB, made as it is sent.
fn made(mebibytes: u64) -> Body {
    Long { chunk: Bytes::from(pattern(64 * 1024)), left: mebibytes * MIB }.boxed()
}

struct Long {
    chunk: Bytes,
    left: u64,
}

impl hyper::body::Body for Long {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left = self.left.saturating_sub(self.chunk.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

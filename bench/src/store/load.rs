//! What is asked of every peer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use memchr::memmem;
use sigv4::Method;
use tokio::task::JoinSet;

use super::client::{Connection, Endpoint, empty, refused};
use crate::Result;

const MIB: u64 = 1024 * 1024;
/// Bytes of a part.
const PART: u64 = 8 * MIB;
/// Parts on their way at once.
const LANES: usize = 4;

/// New objects of `size` bytes a second.
pub(super) async fn puts(
    endpoint: &Endpoint,
    prefix: &str,
    connections: usize,
    size: usize,
    time: Duration,
) -> Result<f64> {
    let body = Bytes::from(pattern(size));
    let number = Arc::new(AtomicU64::new(0));
    let mut lanes = Vec::new();
    for _ in 0..connections {
        lanes.push(Connection::open(endpoint).await?);
    }
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for mut connection in lanes {
        let (body, number, prefix) = (body.clone(), Arc::clone(&number), prefix.to_owned());
        tasks.spawn(async move {
            let mut done = 0_u32;
            while begun.elapsed() < time {
                let key = format!("bench/{prefix}/{}", number.fetch_add(1, Ordering::Relaxed));
                connection.ask(Method::Put, &key, &[], body.clone()).await?;
                done += 1;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(done)
        });
    }
    let mut done = 0;
    while let Some(lane) = tasks.join_next().await {
        done += lane??;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

/// MiB a second of an object in parts, from its creation to its completion.
pub(super) async fn multipart(endpoint: &Endpoint, key: &'static str, mebibytes: u64) -> Result<f64> {
    let body = Bytes::from(pattern(usize::try_from(PART)?));
    let begun = Instant::now();
    let mut connection = Connection::open(endpoint).await?;
    let (_, made) = connection.ask(Method::Post, key, &[("uploads", "")], Bytes::new()).await?;
    let id: Arc<str> = between(&made, b"<UploadId>", b"</UploadId>").ok_or("no upload id")?.into();
    let parts = mebibytes * MIB / PART;
    let next = Arc::new(AtomicU64::new(1));
    let mut tasks = JoinSet::new();
    for _ in 0..LANES {
        let mut connection = Connection::open(endpoint).await?;
        let (body, id, next) = (body.clone(), Arc::clone(&id), Arc::clone(&next));
        tasks.spawn(async move {
            let mut etags = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number > parts {
                    return Ok::<_, Box<dyn std::error::Error + Send + Sync>>(etags);
                }
                let text = number.to_string();
                let query = [("partNumber", text.as_str()), ("uploadId", &id)];
                etags.push((number, connection.ask(Method::Put, key, &query, body.clone()).await?.0));
            }
        });
    }
    let mut etags = Vec::new();
    while let Some(lane) = tasks.join_next().await {
        etags.extend(lane??);
    }
    etags.sort_unstable();
    let mut list = String::from("<CompleteMultipartUpload>");
    for (number, etag) in etags {
        list.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    }
    list.push_str("</CompleteMultipartUpload>");
    connection.ask(Method::Post, key, &[("uploadId", &id)], list.into()).await?;
    #[expect(clippy::cast_precision_loss, reason = "for a person to read")]
    Ok(mebibytes as f64 / begun.elapsed().as_secs_f64())
}

/// MiB a second of an object that is read and thrown away.
pub(super) async fn get(endpoint: &Endpoint, key: &str, mebibytes: u64) -> Result<f64> {
    let begun = Instant::now();
    let mut connection = Connection::open(endpoint).await?;
    let (status, _, mut body) = connection.send(Method::Get, key, &[], empty(), 0).await?;
    if !status.is_success() {
        return Err(refused(key, status));
    }
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
    }
    if bytes != mebibytes * MIB {
        return Err(format!("{key}: {bytes} bytes came").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "for a person to read")]
    Ok(mebibytes as f64 / begun.elapsed().as_secs_f64())
}

/// Bytes that no store can make smaller by chance.
pub(super) fn pattern(size: usize) -> Vec<u8> {
    let words = (1_u64..).map(|word| word.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    words.flat_map(u64::to_le_bytes).take(size).collect()
}

fn between(text: &[u8], open: &[u8], close: &[u8]) -> Option<String> {
    let rest = &text[memmem::find(text, open)? + open.len()..];
    Some(String::from_utf8_lossy(&rest[..memmem::find(rest, close)?]).into_owned())
}

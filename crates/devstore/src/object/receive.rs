//! Bodies on their way to the disk.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::StatusCode;
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders};

use super::{Objects, refuse};
use crate::blob::{Incoming, Sealed};
use crate::checksum::{Algorithm, Promise};
use crate::error::StoreError;

/// The most that a PUT or a part may hold: 5 GiB, as S3 has it.
const MAX_BODY: u64 = 5 * 1024 * 1024 * 1024;
/// Bytes that are gathered before they are written: one hop to a blocking thread for each.
const BUFFER: usize = 512 * 1024;
/// A sender that is silent for this long is gone.
const IDLE: Duration = Duration::from_secs(60);

/// A body and what was said about it.
pub(crate) struct Body<S> {
    pub(crate) stream: S,
    pub(crate) length: Length,
    pub(crate) promise: Promise,
    /// Made even if the client did not promise one.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) trailers: Option<TrailingHeaders>,
}

/// How many bytes a body may have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// As its header says, after `aws-chunked` is taken off; `None` when there is no header.
    Said(Option<i64>),
    /// Any number in this range, ends included.
    Within(u64, u64),
}

impl Length {
    fn range(self) -> S3Result<(u64, u64)> {
        let (min, max) = match self {
            Self::Within(min, max) => (min, max.min(MAX_BODY)),
            Self::Said(said) => {
                let said = said.and_then(|length| u64::try_from(length).ok()).ok_or_else(|| {
                    refuse(
                        S3ErrorCode::MissingContentLength,
                        "You must provide the Content-Length HTTP header.",
                    )
                })?;
                (said, said)
            }
        };
        if min > MAX_BODY { Err(too_large()) } else { Ok((min, max)) }
    }

    fn too_short(self) -> S3Error {
        match self {
            Self::Said(_) => incomplete(),
            Self::Within(..) => refuse(
                S3ErrorCode::EntityTooSmall,
                "Your proposed upload is smaller than the minimum allowed size",
            ),
        }
    }
}

impl Objects {
    /// Writes the whole body to disk and checks it against everything the client said.
    pub(super) async fn receive<S, E>(&self, mut body: Body<S>) -> S3Result<Sealed>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
        E: Display,
    {
        let (min, max) = body.length.range()?;
        let promised = body.promise.checksum.as_ref().map(|promised| promised.algorithm);
        let mut incoming = self.blobs.begin(promised.or(body.algorithm));
        let (mut waiting, mut gathered, mut received) = (Vec::new(), 0, 0);
        while let Some(chunk) = tokio::time::timeout(IDLE, body.stream.next()).await.map_err(|_| silent())? {
            let chunk = chunk.map_err(|error| body_error(&error.to_string()))?;
            gathered += chunk.len();
            received += chunk.len() as u64;
            if received > max {
                return Err(too_large());
            }
            waiting.push(chunk);
            if gathered >= BUFFER {
                incoming = absorb(incoming, std::mem::take(&mut waiting)).await?;
                gathered = 0;
            }
        }
        if received < min {
            return Err(body.length.too_short());
        }
        let sealed = blocking(move || {
            incoming.absorb(&waiting)?;
            incoming.seal()
        })
        .await?;
        body.promise.check(sealed.md5, sealed.checksum.as_ref(), body.trailers.as_ref())?;
        Ok(sealed)
    }
}

async fn absorb(mut incoming: Incoming, chunks: Vec<Bytes>) -> Result<Incoming, StoreError> {
    blocking(move || {
        incoming.absorb(&chunks)?;
        Ok(incoming)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)??)
}

/// What broke a body off. The types of `s3s` are private, their texts are all there is to go by.
fn body_error(text: &str) -> S3Error {
    if text.contains("Sha256Mismatch") {
        let mut error = refuse(
            S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        error
    } else if text.contains("SignatureMismatch") {
        refuse(S3ErrorCode::SignatureDoesNotMatch, "The signature of a chunk does not match.")
    } else {
        incomplete()
    }
}

fn too_large() -> S3Error {
    refuse(S3ErrorCode::EntityTooLarge, "Your proposed upload exceeds the maximum allowed size")
}

fn silent() -> S3Error {
    refuse(
        S3ErrorCode::RequestTimeout,
        "Your socket connection to the server was not read from or written to within the timeout period.",
    )
}

fn incomplete() -> S3Error {
    refuse(
        S3ErrorCode::IncompleteBody,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

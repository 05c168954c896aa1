//! Bodies on their way to the disk.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use http::StatusCode;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, StdError, TrailingHeaders};

use super::{Objects, refuse};
use crate::blob::{Incoming, Sealed};
use crate::checksum::Promise;
use crate::error::StoreError;

/// The most that a PUT or a part may hold: 5 GiB, as S3 has it.
const MAX_BODY: u64 = 5 * 1024 * 1024 * 1024;
/// Bytes that are gathered before they are written: one hop to a blocking thread for each.
const BUFFER: usize = 512 * 1024;
/// A sender that is silent for this long is gone.
const IDLE: Duration = Duration::from_secs(60);

/// A body and what was said about it.
pub(super) struct Body {
    pub(super) stream: Option<StreamingBlob>,
    /// Bytes, after `aws-chunked` is taken off.
    pub(super) length: Option<i64>,
    pub(super) promise: Promise,
    pub(super) trailers: Option<TrailingHeaders>,
}

impl Objects {
    /// Writes the whole body to disk and checks it against everything the client said.
    pub(super) async fn receive(&self, body: Body) -> S3Result<Sealed> {
        let length = body.length.and_then(|length| u64::try_from(length).ok()).ok_or_else(|| {
            refuse(S3ErrorCode::MissingContentLength, "You must provide the Content-Length HTTP header.")
        })?;
        if length > MAX_BODY {
            return Err(too_large());
        }
        let algorithm = body.promise.checksum.as_ref().map(|promised| promised.algorithm);
        let mut incoming = self.blobs.begin(algorithm);
        let (mut waiting, mut gathered, mut received) = (Vec::new(), 0, 0);
        if let Some(mut stream) = body.stream {
            while let Some(chunk) = tokio::time::timeout(IDLE, stream.next()).await.map_err(|_| silent())? {
                let chunk = chunk.map_err(|error| body_error(&error))?;
                gathered += chunk.len();
                received += chunk.len() as u64;
                if received > length {
                    return Err(refuse(
                        S3ErrorCode::InvalidRequest,
                        "The body is longer than its Content-Length.",
                    ));
                }
                waiting.push(chunk);
                if gathered >= BUFFER {
                    incoming = absorb(incoming, std::mem::take(&mut waiting)).await?;
                    gathered = 0;
                }
            }
        }
        if received < length {
            return Err(incomplete());
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
fn body_error(error: &StdError) -> S3Error {
    let text = error.to_string();
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

//! The way through the server: a browser sends it a file, and it streams the file to the store.
//!
//! Off by default, and only where a network or a CORS rule lets browsers reach none of the store's host names. All that
//! holds for a presigned PUT holds here: the batch is the caller's and open, the item was announced under the rules and
//! quotas, and what arrives is exactly as long as was announced. It is stored with what such URLs are signed with, so the
//! server needs no further right. Memory stays the same whatever the size: pieces pass one by one, and the last one
//! only when all of them are known to be right, so that nothing else is ever stored.

mod pipe;
mod slots;

use std::pin::pin;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, ETAG};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use transfer::crc64::Crc64;
use transfer::engine::Support;
use transfer::wire::{BatchId, ItemIndex, Relay};

use super::{BatchError, access};
use crate::bucket::FaultKind;
use crate::caller::Caller;
use crate::grant::{BatchPrefix, NewObject};
use crate::state::AppState;

pub use pipe::Broken;
pub use slots::Relays;

/// The checksum that may come along, as S3 has it.
const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-crc64nvme");

/// How long the store may take to answer when all has left: as long as the engine waits for it.
const ANSWER: Duration = Duration::from_secs(120);

/// A file that went through the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relayed {
    /// The ETag, as the store wrote it.
    pub etag: Option<String>,
}

/// Streams the body of an announced item to the store. `headers` say how long it is, and may say its checksum.
///
/// # Errors
/// `NoSuchBatch`, `Over`, `NotRelayed`, `NoSuchItem`; `Busy` where as many as may be are under way; a body that is not
/// what was announced, of which nothing is stored; what the store says.
pub async fn relay(
    state: &AppState,
    caller: &Caller,
    (batch, index): (&BatchId, ItemIndex),
    headers: &HeaderMap,
    body: Body,
) -> Result<Relayed, BatchError> {
    let batch = access::own_open(state, caller, batch).await?;
    let project = access::project(state, caller, &batch.project).await?;
    if project.relay == Relay::Never {
        return Err(BatchError::NotRelayed);
    }
    let found = state.ledger.items().by_index(&batch.id, &[index]).await?;
    let item = found.first().ok_or(BatchError::NoSuchItem)?;
    if item.size > Relay::MOST {
        return Err(BatchError::TooLargeToRelay);
    }
    if length(headers) != Some(item.size) {
        return Err(Broken::Length { announced: item.size }.into());
    }
    let told = checksum(headers)?;
    let _slot = state.relays.slot().ok_or(BatchError::Busy)?;

    let prefix: BatchPrefix = batch.prefix.parse()?;
    let checksums = state.relays.checksums();
    let object = NewObject {
        key: &item.key,
        size: item.size,
        media_type: &item.media_type,
        checksum: told.filter(|_| checksums != Support::No),
    };
    let (inlet, outlet) = pipe::pipe(item.size);
    let stream = ByteStream::from_body_1_x(outlet);
    let project = prefix.project();
    let mut put = pin!(state.grants.put(&project, object, stream));
    let passing = async {
        let last = inlet.pass(body, told).await?;
        // It may have been closed or revoked meanwhile, and then nothing more goes in.
        access::own_open(state, caller, &batch.id).await?;
        Ok::<_, BatchError>(last.pass().await?)
    };
    let stored = tokio::select! {
        // The store said no before it had all of it. That it has all of it cannot be known any sooner than here.
        biased;
        stored = &mut put => stored,
        passed = passing => {
            passed?;
            tokio::time::timeout(ANSWER, put).await.map_err(|_| BatchError::Broken(Broken::Store))?
        }
    };
    match stored {
        Ok(stored) => {
            if object.checksum.is_some() {
                state.relays.learn(Support::Yes);
            }
            state.metrics.relayed(item.size);
            state.ledger.batches().note_relayed(&batch.id).await?;
            Ok(Relayed { etag: stored.etag })
        }
        Err(fault) => {
            let refused = fault.kind() == FaultKind::Refused;
            let unknown = object.checksum.is_some() && checksums == Support::Unknown;
            if refused && unknown && fault.code() != "AccessDenied" {
                // Perhaps for the header alone. The next try goes without: what arrives here is compared here.
                state.relays.learn(Support::No);
                return Err(BatchError::Busy);
            }
            Err(if refused { BatchError::Refused(fault) } else { fault.into() })
        }
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn checksum(headers: &HeaderMap) -> Result<Option<Crc64>, BatchError> {
    let Some(value) = headers.get(CHECKSUM) else { return Ok(None) };
    let told = value.to_str().ok().and_then(Crc64::from_base64);
    told.map(Some).ok_or(BatchError::Broken(Broken::Checksum))
}

/// As S3 answers a PUT.
impl IntoResponse for Relayed {
    fn into_response(self) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if let Some(etag) = self.etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
            response.headers_mut().insert(ETAG, etag);
        }
        response
    }
}

//! A request body that can be taken back from whoever stopped reading it.
//!
//! A server that answers and closes while the client still sends makes the client see a reset
//! connection instead of the answer. So what is left of a refused body is read and thrown away,
//! up to a limit.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, SizeHint};
use s3s::{Body, StdError};

/// The most that is thrown away for one refusal. A larger body is cut.
const MAX_DRAINED: usize = 64 * 1024 * 1024;
const MAX_WAIT: Duration = Duration::from_secs(30);

type Slot = Arc<Mutex<Option<Body>>>;

/// The body as it is handed on.
#[derive(Debug)]
pub(super) struct Tap {
    body: Option<Body>,
    slot: Slot,
}

/// What is left of it once the tap is dropped.
#[derive(Debug)]
pub(super) struct Rest(Slot);

impl Tap {
    pub(super) fn new(body: Body) -> (Self, Rest) {
        let slot = Slot::default();
        (Self { body: Some(body), slot: Arc::clone(&slot) }, Rest(slot))
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) =
            self.body.take().filter(|body| !body.is_end_stream());
    }
}

impl hyper::body::Body for Tap {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(hyper::body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, hyper::body::Body::size_hint)
    }
}

impl Rest {
    /// Reads what is left, within limits.
    pub(super) async fn drain(self) {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut body) = left else { return };
        let read = async {
            let mut drained = 0;
            while let Some(Ok(frame)) = body.frame().await {
                drained += frame.data_ref().map_or(0, Bytes::len);
                if drained > MAX_DRAINED {
                    return;
                }
            }
        };
        // Either way the answer goes out next.
        let _ = tokio::time::timeout(MAX_WAIT, read).await;
    }
}

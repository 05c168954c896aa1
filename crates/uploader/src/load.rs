//! The body of a request: bytes, and what a file holds between them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// What a file holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// Nothing, or nothing more.
    None,
    /// All of it in memory.
    Held(Bytes),
    /// So many bytes, a piece at a time.
    Fed(u64, mpsc::Receiver<io::Result<Bytes>>),
}

/// A body.
#[derive(Debug)]
pub(crate) struct Load {
    head: Bytes,
    content: Content,
    tail: Bytes,
    /// Bytes of the content that have left.
    sent: Arc<AtomicU64>,
}

impl Load {
    /// Bytes.
    pub(crate) fn of(bytes: impl Into<Bytes>) -> Self {
        Self::new(bytes.into(), Content::None, Bytes::new(), Arc::default())
    }

    /// A file's content between bytes; counts how much of it has left.
    pub(crate) fn new(head: Bytes, content: Content, tail: Bytes, sent: Arc<AtomicU64>) -> Self {
        let content = match content {
            Content::Held(bytes) if bytes.is_empty() => Content::None,
            Content::Fed(0, _) => Content::None,
            content => content,
        };
        Self { head, content, tail, sent }
    }

    fn left(&self) -> u64 {
        let content = match &self.content {
            Content::None => 0,
            Content::Held(bytes) => bytes.len() as u64,
            Content::Fed(left, _) => *left,
        };
        self.head.len() as u64 + content + self.tail.len() as u64
    }

    fn count(&self, bytes: &Bytes) {
        self.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
}

impl Body for Load {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if !self.head.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.head)))));
        }
        match &mut self.content {
            Content::None => {}
            Content::Held(bytes) => {
                let bytes = std::mem::take(bytes);
                self.content = Content::None;
                self.count(&bytes);
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            Content::Fed(left, pieces) => {
                let piece = ready!(pieces.poll_recv(context));
                let short = || io::Error::new(io::ErrorKind::UnexpectedEof, "the file ended early");
                let piece = piece.unwrap_or_else(|| Err(short()))?;
                *left = left.saturating_sub(piece.len() as u64);
                if *left == 0 {
                    self.content = Content::None;
                }
                self.count(&piece);
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
        }
        let tail = std::mem::take(&mut self.tail);
        Poll::Ready((!tail.is_empty()).then(|| Ok(Frame::data(tail))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

//! A pipe from one request's body into another's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use transfer::crc64::Crc64;

/// How long nothing may come, or the store take nothing: as long as the engine waits.
const STALL: Duration = Duration::from_secs(30);

/// Bytes a second below which a body counts as stalled, however steadily it comes: the engine's measure. Without it, a
/// byte now and then would hold a slot for ever.
const SLOWEST: u64 = 16_000;

/// Why a body did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It is longer or shorter than announced, or does not say how long it is.
    #[error("not as long as announced")]
    Length {
        /// Bytes that were announced.
        announced: u64,
    },
    /// Its checksum is another, or none.
    #[error("not the checksum that came along")]
    Checksum,
    /// It came too slowly, or broke off.
    #[error("the body stalled or broke off")]
    Stalled,
    /// The store took nothing more, or did not answer.
    #[error("the store stalled")]
    Store,
}

/// Where a body comes in.
#[derive(Debug)]
pub(super) struct Inlet {
    size: u64,
    /// How long it waits for a piece, or for somebody to take one.
    stall: Duration,
    pieces: mpsc::Sender<Bytes>,
}

/// A body that has passed but for its last piece, and is right.
#[derive(Debug)]
pub(super) struct Last {
    inlet: Inlet,
    piece: Bytes,
}

/// Where it goes out. It fails if it ends too soon, so that nothing is stored of it.
#[derive(Debug)]
pub(super) struct Outlet {
    left: u64,
    pieces: mpsc::Receiver<Bytes>,
}

/// A pipe for so many bytes. At most three pieces are in it: one that waits to be taken, one behind it, and the last that
/// came.
pub(super) fn pipe(size: u64) -> (Inlet, Outlet) {
    let (into, from) = mpsc::channel(1);
    (Inlet { size, stall: STALL, pieces: into }, Outlet { left: size, pieces: from })
}

impl Inlet {
    /// Passes a body on but for its last piece. That is answered when the whole is known to have the right length, and the
    /// checksum that came along, if one did.
    pub(super) async fn pass(self, mut body: Body, told: Option<Crc64>) -> Result<Last, Broken> {
        let wrong = Broken::Length { announced: self.size };
        let end = Instant::now() + self.stall + Duration::from_secs(self.size / SLOWEST);
        let (mut left, mut sum) = (self.size, Crc64::EMPTY);
        let mut held = Bytes::new();
        loop {
            let late = end.min(Instant::now() + self.stall);
            let next = timeout_at(late, body.frame()).await.map_err(|_| Broken::Stalled)?;
            let Some(next) = next else { break };
            let Ok(piece) = next.map_err(|_| Broken::Stalled)?.into_data() else { continue };
            left = left.checked_sub(piece.len() as u64).ok_or(wrong)?;
            sum = sum.and(&piece);
            self.send(std::mem::replace(&mut held, piece)).await?;
        }
        if left > 0 {
            return Err(wrong);
        }
        if told.is_some_and(|told| told != sum) {
            return Err(Broken::Checksum);
        }
        Ok(Last { inlet: self, piece: held })
    }

    async fn send(&self, piece: Bytes) -> Result<(), Broken> {
        if piece.is_empty() {
            return Ok(());
        }
        let taken = async {
            if self.pieces.send(piece).await.is_err() {
                // Nobody takes any more, and whoever did is about to say why.
                std::future::pending::<()>().await;
            }
        };
        timeout(self.stall, taken).await.map_err(|_| Broken::Store)
    }
}

impl Last {
    /// Passes it on.
    pub(super) async fn pass(self) -> Result<(), Broken> {
        self.inlet.send(self.piece).await
    }
}

impl HttpBody for Outlet {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match ready!(this.pieces.poll_recv(context)) {
            Some(piece) => {
                this.left = this.left.saturating_sub(piece.len() as u64);
                Ok(Frame::data(piece))
            }
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use super::*;

    /// What comes out of a pipe for four bytes, and what became of the body that came in.
    async fn out(body: &'static [u8], told: Option<Crc64>) -> (Result<Bytes, ()>, Result<(), Broken>) {
        let (inlet, outlet) = pipe(4);
        // Byte by byte, as a network might.
        let passing = async { inlet.pass(trickle(body), told).await?.pass().await };
        let (passed, out) = tokio::join!(passing, outlet.collect());
        (out.map(http_body_util::Collected::to_bytes).map_err(drop), passed)
    }

    fn trickle(body: &'static [u8]) -> Body {
        let (into, from) = mpsc::channel(body.len().max(1));
        for byte in body.chunks(1) {
            into.try_send(Bytes::from_static(byte)).unwrap();
        }
        Body::new(Trickle(from))
    }

    #[derive(Debug)]
    struct Trickle(mpsc::Receiver<Bytes>);

    impl HttpBody for Trickle {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
        }
    }

    #[tokio::test]
    async fn only_what_was_announced_comes_out_whole() {
        let right = Some(Crc64::of(b"1234"));
        assert_eq!(out(b"1234", right).await, (Ok(Bytes::from_static(b"1234")), Ok(())));
        assert_eq!(out(b"1234", None).await, (Ok(Bytes::from_static(b"1234")), Ok(())));
        let length = Err(Broken::Length { announced: 4 });
        for (body, told, why) in
            [(&b"123"[..], None, length), (b"12345", None, length), (b"1235", right, Err(Broken::Checksum))]
        {
            assert_eq!(out(body, told).await, (Err(()), why), "{body:?}");
        }
    }

    #[tokio::test]
    async fn what_stalls_is_cut_on_either_side() {
        let stall = Duration::from_millis(20);
        let (into, from) = mpsc::channel(8);
        let (inlet, _outlet) = pipe(4);
        let inlet = Inlet { stall, ..inlet };
        into.try_send(Bytes::from_static(b"1")).unwrap();
        assert_eq!(inlet.pass(Body::new(Trickle(from)), None).await.map(drop), Err(Broken::Stalled));

        let (inlet, _outlet) = pipe(4);
        let inlet = Inlet { stall, ..inlet };
        assert_eq!(inlet.pass(trickle(b"1234"), None).await.map(drop), Err(Broken::Store), "nobody reads");
    }

    #[tokio::test]
    async fn it_takes_in_no_more_than_three_pieces() {
        let (into, from) = mpsc::channel(1_000);
        for _ in 0..1_000 {
            into.try_send(Bytes::from_static(b"1")).unwrap();
        }
        let (inlet, _outlet) = pipe(1_000);
        let passing = tokio::spawn(inlet.pass(Body::new(Trickle(from)), None));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(into.capacity(), 3);
        passing.abort();
    }
}

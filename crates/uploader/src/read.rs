//! Reading files: once for the checksum, and once more to send what is too large to be held.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;
use transfer::crc64::Crc64;
use transfer::port::FailureClass;
use transfer::wire::UnixMillis;

use crate::folder;
use crate::limit::Limit;
use crate::load::Content;

/// What is no larger is held in memory from the checksum to the sending: with 32 connections, 64 MiB.
const HELD: u64 = 2 << 20;

/// Bytes that are read at once.
const WINDOW: usize = 256 << 10;

/// Pieces that are read ahead of a connection.
const AHEAD: usize = 4;

/// A file, or part of it, that was read and hashed.
#[derive(Debug)]
pub(crate) struct Hashed {
    pub(crate) checksum: Crc64,
    bytes: Bytes,
    file: Arc<File>,
    range: (u64, u64),
}

/// Why a file cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) class: FailureClass,
    /// What the system says.
    pub(crate) why: Option<String>,
}

impl Unreadable {
    fn changed() -> Self {
        Self { class: FailureClass::FileChanged, why: None }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::changed(),
            _ => Self { class: FailureClass::FileGone, why: Some(error.to_string()) },
        }
    }
}

/// Reads a range of a file that must be as it was, and computes its checksum. `still_wanted` is asked now and then; if
/// not, what comes out is worth nothing.
pub(crate) fn hash(
    place: &Path,
    (size, modified): (u64, UnixMillis),
    range: (u64, u64),
    still_wanted: impl Fn() -> bool,
) -> Result<Hashed, Unreadable> {
    let file = File::open(place)?;
    let about = file.metadata()?;
    if about.len() != size || folder::modified(&about) != modified {
        return Err(Unreadable::changed());
    }
    let (from, to) = range;
    let length = to.saturating_sub(from);
    let (mut checksum, mut bytes) = (Crc64::EMPTY, Vec::new());
    if length <= HELD {
        bytes.resize(usize::try_from(length).unwrap_or_default(), 0);
        file.read_exact_at(&mut bytes, from)?;
        checksum = Crc64::of(&bytes);
    } else {
        let mut window = vec![0; WINDOW];
        let mut at = from;
        while at < to && still_wanted() {
            let piece = &mut window[..piece_of(to - at, WINDOW)];
            file.read_exact_at(piece, at)?;
            checksum = checksum.and(piece);
            at += piece.len() as u64;
        }
    }
    Ok(Hashed { checksum, bytes: bytes.into(), file: Arc::new(file), range })
}

impl Hashed {
    /// What is sent, no faster than the limit. `broken` says afterwards whether the file could not be read again.
    pub(crate) fn content(self, limit: Option<Arc<Limit>>, broken: &Arc<AtomicBool>) -> Content {
        let (from, to) = self.range;
        let length = to.saturating_sub(from);
        let held = length <= HELD;
        if held && limit.is_none() {
            return Content::Held(self.bytes);
        }
        let (sender, receiver) = mpsc::channel(AHEAD);
        let broken = Arc::clone(broken);
        let most = limit.as_ref().map_or(WINDOW, |limit| limit.chunk());
        tokio::task::spawn_blocking(move || {
            let mut at = from;
            while at < to {
                let size = piece_of(to - at, most);
                let piece = if held {
                    // Below HELD.
                    let start = (at - from) as usize;
                    Ok(self.bytes.slice(start..start + size))
                } else {
                    let mut piece = vec![0; size];
                    self.file.read_exact_at(&mut piece, at).map(|()| Bytes::from(piece))
                };
                broken.fetch_or(piece.is_err(), Ordering::Relaxed);
                if let Some(limit) = &limit {
                    std::thread::sleep(limit.wait(size, Instant::now()));
                }
                let over = piece.is_err();
                // Nobody takes it any more once the request is cut.
                if sender.blocking_send(piece).is_err() || over {
                    return;
                }
                at += size as u64;
            }
        });
        Content::Fed(length, receiver)
    }
}

fn piece_of(left: u64, most: usize) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(most)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use super::*;

    #[tokio::test]
    async fn a_large_range_is_hashed_and_sent_in_pieces() {
        let data = tempfile::tempdir().unwrap();
        let place = data.path().join("a");
        let bytes: Vec<u8> = (0..HELD + 1_000).map(|at| (at % 251) as u8).collect();
        std::fs::write(&place, &bytes).unwrap();
        let about = std::fs::metadata(&place).unwrap();
        let known = (about.len(), folder::modified(&about));
        for range in [(0, HELD + 1_000), (7, 100), (5, 5)] {
            let wanted = &bytes[range.0 as usize..range.1 as usize];
            let hashed = hash(&place, known, range, || true).unwrap();
            assert_eq!(hashed.checksum, Crc64::of(wanted));
            let got = match hashed.content(None, &Arc::default()) {
                Content::None => Vec::new(),
                Content::Held(bytes) => bytes.to_vec(),
                Content::Fed(_, mut pieces) => {
                    let mut all = Vec::new();
                    while let Some(piece) = pieces.recv().await {
                        all.extend_from_slice(&piece.unwrap());
                    }
                    all
                }
            };
            assert!(got == wanted, "{range:?}");
        }
    }

    #[test]
    fn a_file_that_changed_or_is_gone_is_said() {
        let data = tempfile::tempdir().unwrap();
        let place = data.path().join("a");
        std::fs::write(&place, "12345").unwrap();
        let about = std::fs::metadata(&place).unwrap();
        let modified = folder::modified(&about);
        let class = |size, modified| hash(&place, (size, modified), (0, size), || true).unwrap_err().class;
        assert_eq!(class(4, modified), FailureClass::FileChanged);
        assert_eq!(class(5, UnixMillis(modified.0 + 1)), FailureClass::FileChanged);
        std::fs::remove_file(&place).unwrap();
        assert_eq!(class(5, modified), FailureClass::FileGone);
    }
}

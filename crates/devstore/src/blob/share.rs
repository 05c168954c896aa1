//! One body under two names: how copies cost neither time nor space.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::sync::Arc;

use md5::{Digest as _, Md5};
use uuid::Uuid;

use super::{BlobId, Blobs, Temporary, Unplaced};
use crate::checksum::{Algorithm, Checksum};
use crate::config::Durability;

/// Bytes read at once to hash a copy.
const READ_BUFFER: usize = 256 * 1024;

impl Blobs {
    /// Gives a blob's bytes a second name, by a hard link; where there are none, by a copy. Blocks.
    ///
    /// # Errors
    /// `NotFound` when the blob went away in the meantime.
    pub(crate) fn share(self: &Arc<Self>, id: BlobId) -> io::Result<Unplaced> {
        let mut file = Temporary { blobs: Arc::clone(self), id: BlobId(Uuid::new_v4()), on_disk: false };
        let (from, to) = (self.path(id), file.path());
        match fs::hard_link(&from, &to) {
            Ok(()) => file.on_disk = true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
            // A file system without links, or a file with as many as it can have.
            Err(_) => {
                file.on_disk = true;
                fs::copy(&from, &to)?;
                if self.durability == Durability::PowerCut {
                    File::open(&to)?.sync_all()?;
                }
            }
        }
        Ok(Unplaced(file))
    }
}

/// MD5 and checksum of the bytes of `bodies`, one after the other. Blocks.
pub(crate) fn digest(
    bodies: &[(Unplaced, u64)],
    algorithm: Option<Algorithm>,
) -> io::Result<([u8; 16], Option<Checksum>)> {
    let mut md5 = Md5::new();
    let mut hasher = algorithm.map(|algorithm| (algorithm, algorithm.hasher()));
    let mut buffer = vec![0; READ_BUFFER];
    for (body, _) in bodies {
        let mut file = File::open(body.0.path())?;
        loop {
            let read = file.read(&mut buffer)?;
            let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
            md5.update(chunk);
            if let Some((_, hasher)) = &mut hasher {
                hasher.update(chunk);
            }
        }
    }
    Ok((md5.finalize().into(), hasher.and_then(|(algorithm, hasher)| algorithm.finish(hasher))))
}

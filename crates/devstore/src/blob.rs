//! The bytes of objects: files named by a random id, outside the key space.
//!
//! A body is written to `incoming/`, synced, and renamed to `blobs/xx/` by the index's
//! writer thread just before the row that names it is committed. What a crash leaves in
//! between is named by no row, and swept when the store opens; what a failed removal leaves, an
//! hour later.

mod share;

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use md5::{Digest as _, Md5};
use s3s::checksum::ChecksumHasher;
pub(crate) use share::digest;
use uuid::Uuid;

use crate::checksum::{Algorithm, Checksum};
use crate::config::Durability;

/// The name of a blob: 16 random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BlobId(Uuid);

impl BlobId {
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The folder it is in: its first byte.
    pub(crate) fn shard(self) -> u8 {
        self.as_bytes()[0]
    }
}

/// The folders that blobs live in.
#[derive(Debug)]
pub(crate) struct Blobs {
    root: PathBuf,
    incoming: PathBuf,
    durability: Durability,
}

impl Blobs {
    /// Makes the folders and removes what an earlier process was still receiving.
    pub(crate) fn open(data_dir: &Path, durability: Durability) -> io::Result<Self> {
        let this = Self { root: data_dir.join("blobs"), incoming: data_dir.join("incoming"), durability };
        fs::create_dir_all(&this.root)?;
        fs::create_dir_all(&this.incoming)?;
        for entry in fs::read_dir(&this.incoming)? {
            fs::remove_file(entry?.path())?;
        }
        for shard in 0..=u8::MAX {
            match fs::create_dir(this.shard_dir(shard)) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        for dir in [&this.root, data_dir] {
            File::open(dir)?.sync_all()?;
        }
        Ok(this)
    }

    /// Removes every blob that was placed before `placed_before` and that `known` does not name;
    /// answers how many.
    pub(crate) fn sweep(&self, known: &HashSet<BlobId>, placed_before: SystemTime) -> io::Result<usize> {
        let mut swept = 0;
        for shard in 0..=u8::MAX {
            for entry in fs::read_dir(self.shard_dir(shard))? {
                let entry = entry?;
                let name = entry.file_name();
                let id = name.to_str().and_then(|name| Uuid::try_parse(name).ok()).map(BlobId);
                if id.is_some_and(|id| known.contains(&id)) {
                    continue;
                }
                match entry.metadata() {
                    Ok(metadata) if placed_at(&metadata)? >= placed_before => {}
                    Ok(_) => {
                        fs::remove_file(entry.path())?;
                        swept += 1;
                    }
                    // Removed while we looked, by a delete.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(swept)
    }

    /// A new body; nothing touches the disk before its first byte.
    pub(crate) fn begin(self: &Arc<Self>, algorithm: Option<Algorithm>) -> Incoming {
        Incoming {
            temporary: Temporary { blobs: Arc::clone(self), id: BlobId(Uuid::new_v4()), on_disk: false },
            file: None,
            length: 0,
            md5: Md5::new(),
            checksum: algorithm.map(|algorithm| (algorithm, algorithm.hasher())),
        }
    }

    pub(crate) fn path(&self, id: BlobId) -> PathBuf {
        self.shard_dir(id.shard()).join(id.0.simple().to_string())
    }

    /// Removes a blob that no row names any more. A failure only costs space until the next open.
    pub(crate) fn remove(&self, id: BlobId) {
        if let Err(error) = fs::remove_file(self.path(id)) {
            tracing::warn!(blob = %id.0, error = &error as &dyn std::error::Error, "a blob stays behind");
        }
    }

    /// Makes renames into that folder last through a power cut.
    pub(crate) fn sync_shard(&self, shard: u8) -> io::Result<()> {
        match self.durability {
            Durability::PowerCut => File::open(self.shard_dir(shard))?.sync_all(),
            Durability::ProcessKill => Ok(()),
        }
    }

    fn shard_dir(&self, shard: u8) -> PathBuf {
        self.root.join(format!("{shard:02x}"))
    }
}

/// When a file was given its name, which for some is long after its bytes were written.
fn placed_at(metadata: &fs::Metadata) -> io::Result<SystemTime> {
    #[cfg(unix)]
    {
        let seconds = u64::try_from(std::os::unix::fs::MetadataExt::ctime(metadata)).unwrap_or(0);
        Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }
    #[cfg(not(unix))]
    metadata.modified()
}

/// A body that waits in `incoming/` for its place; an empty one has no file.
#[derive(Debug)]
pub(crate) struct Unplaced(Temporary);

impl Unplaced {
    /// Moves the file to its place. Blocks for a rename.
    pub(crate) fn place(mut self) -> io::Result<Option<BlobId>> {
        let file = &mut self.0;
        if !file.on_disk {
            return Ok(None);
        }
        fs::rename(file.path(), file.blobs.path(file.id))?;
        file.on_disk = false;
        Ok(Some(file.id))
    }
}

impl From<Sealed> for Unplaced {
    fn from(sealed: Sealed) -> Self {
        Self(sealed.temporary)
    }
}

/// A file in `incoming/` that goes away with this value unless it was placed.
#[derive(Debug)]
struct Temporary {
    blobs: Arc<Blobs>,
    id: BlobId,
    on_disk: bool,
}

impl Temporary {
    fn path(&self) -> PathBuf {
        self.blobs.incoming.join(self.id.0.simple().to_string())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.on_disk {
            let _ = fs::remove_file(self.path());
        }
    }
}

/// A body under way. Dropped before it is sealed and placed, it leaves nothing.
pub(crate) struct Incoming {
    temporary: Temporary,
    file: Option<File>,
    length: u64,
    md5: Md5,
    checksum: Option<(Algorithm, ChecksumHasher)>,
}

impl Incoming {
    /// Writes and hashes the next bytes. Blocks.
    pub(crate) fn absorb(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
            let file = match &mut self.file {
                Some(file) => file,
                None => {
                    let file = OpenOptions::new().write(true).create_new(true).open(self.temporary.path())?;
                    self.temporary.on_disk = true;
                    self.file.insert(file)
                }
            };
            file.write_all(chunk)?;
            self.md5.update(chunk);
            if let Some((_, hasher)) = &mut self.checksum {
                hasher.update(chunk);
            }
            self.length += chunk.len() as u64;
        }
        Ok(())
    }

    /// Syncs the file and finishes the hashes. Blocks.
    pub(crate) fn seal(self) -> io::Result<Sealed> {
        if let (Some(file), Durability::PowerCut) = (&self.file, self.temporary.blobs.durability) {
            file.sync_data()?;
        }
        Ok(Sealed {
            temporary: self.temporary,
            length: self.length,
            md5: self.md5.finalize().into(),
            checksum: self.checksum.and_then(|(algorithm, hasher)| algorithm.finish(hasher)),
        })
    }
}

/// A whole body, hashed and synced, not yet in its place.
#[derive(Debug)]
pub(crate) struct Sealed {
    temporary: Temporary,
    /// Bytes.
    pub(crate) length: u64,
    pub(crate) md5: [u8; 16],
    /// Present when the client promised one.
    pub(crate) checksum: Option<Checksum>,
}

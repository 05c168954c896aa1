//! What another run must know: the engine's own log, one file for each batch that is not over.
//!
//! Lines are written as they come up, so a killed process loses none; they are synced behind that, as often as the disk
//! is done with the time before, so a power cut costs what came up during one sync. A batch is locked while it is sent;
//! the lock ends with the process, however that ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{SystemTime, UNIX_EPOCH};

use transfer::engine::Persist;
use transfer::wire::BatchId;

/// Batches that nobody came back to for this long are forgotten: 30 days, in seconds.
const FORGOTTEN: u64 = 30 * 86_400;

/// What a batch is of: the same again means the same batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The server.
    pub server: String,
    /// The project.
    pub project: String,
    /// The folder, in full.
    pub folder: String,
}

/// The logs of this machine.
#[derive(Debug, Clone)]
pub struct Logs(PathBuf);

/// The log of an earlier run.
#[derive(Debug)]
pub struct Left {
    /// The batch.
    pub batch: BatchId,
    /// Whose it is.
    pub owner: Owner,
    /// Its lines.
    pub text: String,
    since: u64,
}

/// The log of this run.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    head: String,
    file: Arc<File>,
    sync: SyncSender<Arc<File>>,
    /// Held as long as the batch is sent.
    _lock: File,
}

/// Why a batch cannot be sent by this process.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another one does.
    #[error("batch {0} is being sent by another process")]
    Busy(BatchId),
    /// The folder of the logs.
    #[error("{path} cannot be used: {error}. Choose another folder with --state.", path = .path.display())]
    Folder {
        /// The folder, or a file in it.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl Logs {
    /// The logs in that folder; it is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        // File names are nobody else's business.
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let failed = |error| LogError::Folder { path: folder.to_owned(), error };
        builder.create(folder).map_err(failed)?;
        Ok(Self(folder.to_owned()))
    }

    /// The newest batch of that owner. What nobody came back to is thrown away.
    #[must_use]
    pub fn find(&self, owner: &Owner) -> Option<Left> {
        let entries = fs::read_dir(&self.0).ok()?;
        let batches = entries.filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_suffix(".log")?.parse().ok()
        });
        let mut found: Option<Left> = None;
        for left in batches.filter_map(|batch: BatchId| self.read(&batch)) {
            if now().saturating_sub(left.since) > FORGOTTEN {
                self.forget(&left.batch);
            } else if left.owner == *owner && found.as_ref().is_none_or(|one| one.since <= left.since) {
                found = Some(left);
            }
        }
        found
    }

    /// The log of a batch, if there is one.
    #[must_use]
    pub fn read(&self, batch: &BatchId) -> Option<Left> {
        let text = fs::read(self.path(batch, "log")).ok()?;
        // A crash of the machine may leave anything at the end.
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, text) = text.split_once('\n')?;
        let mut fields = head.strip_prefix("sluice\t")?.split('\t').map(unescaped);
        let since = fields.next()?.parse().ok()?;
        let owner = Owner { server: fields.next()?, project: fields.next()?, folder: fields.next()? };
        Some(Left { batch: batch.clone(), owner, text: text.to_owned(), since })
    }

    /// Throws the log of a batch away.
    pub fn forget(&self, batch: &BatchId) {
        // What is left of it is found to be over the next time.
        let _ = fs::remove_file(self.path(batch, "log"));
        let _ = fs::remove_file(self.path(batch, "lock"));
    }

    /// Locks a batch and begins its log; what there was of it stays until the engine replaces it.
    ///
    /// # Errors
    /// If another process sends it, or the folder cannot be written.
    pub fn begin(&self, batch: &BatchId, owner: &Owner) -> Result<Log, LogError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| LogError::Folder { path, error }
        };
        let lock_path = self.path(batch, "lock");
        let lock = File::create(&lock_path).map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::Busy(batch.clone())),
            Err(TryLockError::Error(error)) => return Err(failed(&lock_path)(error)),
        }
        let path = self.path(batch, "log");
        let since = self.read(batch).map_or_else(now, |left| left.since);
        let head = format!(
            "sluice\t{since}\t{}\t{}\t{}\n",
            escaped(&owner.server),
            escaped(&owner.project),
            escaped(&owner.folder)
        );
        let open = || {
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            if file.metadata()?.len() == 0 {
                file.write_all(head.as_bytes())?;
            }
            Ok(Arc::new(file))
        };
        let file = open().map_err(failed(&path))?;
        let (sync, wanted) = sync_channel::<Arc<File>>(1);
        std::thread::spawn(move || {
            for file in wanted {
                // A disk that does not sync is not told by a log; the store has the files.
                let _ = file.sync_data();
            }
        });
        Ok(Log { path, head, file, sync, _lock: lock })
    }

    fn path(&self, batch: &BatchId, kind: &str) -> PathBuf {
        self.0.join(format!("{batch}.{kind}"))
    }
}

impl Log {
    /// Keeps what the engine asks to keep.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn persist(&mut self, persist: Persist) -> io::Result<()> {
        match persist {
            Persist::Append(text) => {
                (&*self.file).write_all(text.as_bytes())?;
                // If one is waiting already, it will sync this, too.
                let _ = self.sync.try_send(Arc::clone(&self.file));
                Ok(())
            }
            Persist::Replace(text) => self.replace(&text),
            Persist::Forget => {
                fs::remove_file(&self.path)?;
                let _ = fs::remove_file(self.path.with_extension("lock"));
                Ok(())
            }
        }
    }

    /// Never half of the old and half of the new.
    fn replace(&mut self, text: &str) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(self.head.as_bytes())?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        self.file = Arc::new(OpenOptions::new().append(true).open(&self.path)?);
        Ok(())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = self.file.sync_data();
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        out.push(match c {
            '\\' => match rest.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some(other) => other,
                None => break,
            },
            c => c,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

    use super::*;

    fn owner(folder: &str) -> Owner {
        let (server, project) = ("http://x".to_owned(), "p".to_owned());
        Owner { server, project, folder: folder.to_owned() }
    }

    #[test]
    fn the_same_folder_finds_its_batch_and_no_other_does() {
        let data = tempfile::tempdir().unwrap();
        let logs = Logs::open(&data.path().join("state")).unwrap();
        let batch: BatchId = "b1".parse().unwrap();
        let mine = owner("/nas/a\tb\n\\c");
        let mut log = logs.begin(&batch, &mine).unwrap();
        log.persist(Persist::Append("A\n".to_owned())).unwrap();
        log.persist(Persist::Replace("B\n".to_owned())).unwrap();
        log.persist(Persist::Append("C\n".to_owned())).unwrap();
        assert!(matches!(logs.begin(&batch, &mine), Err(LogError::Busy(_))));
        drop(log);
        let left = logs.find(&mine).unwrap();
        assert_eq!((left.batch, left.text.as_str()), (batch.clone(), "B\nC\n"));
        assert!(logs.find(&owner("/nas/other")).is_none());

        let mut again = logs.begin(&batch, &mine).unwrap();
        again.persist(Persist::Append("D\n".to_owned())).unwrap();
        assert_eq!(logs.find(&mine).unwrap().text, "B\nC\nD\n");
        again.persist(Persist::Forget).unwrap();
        assert!(logs.find(&mine).is_none());
    }

    #[test]
    fn what_is_no_log_is_no_harm() {
        let data = tempfile::tempdir().unwrap();
        let logs = Logs::open(data.path()).unwrap();
        for text in ["", "sluice", "sluice\tx\ty\n", "\u{0}\u{0}"] {
            fs::write(data.path().join("b.log"), text).unwrap();
            assert!(logs.find(&owner("/")).is_none());
        }
    }
}

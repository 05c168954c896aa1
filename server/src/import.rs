//! Importing: batches that the bucket holds and the ledger does not know, after the ledger was lost or set back.
//!
//! A project's prefix is listed once. A key `<project prefix>/<batch id>/<path>` says all that is needed: batch ids are
//! UUIDs of version 7, which carry the time when the batch was opened, and the path is that of the file (as far as
//! [`object_path`](crate::batch::object_path) left it). The listing gives size, ETag and time. What it does not give is
//! lost: who sent a batch, what was announced and never arrived, checksums, and which thumbnail is whose: those are named
//! by an item's number, so an imported batch has none, and galleries show its originals.
//!
//! Under a project's key template, too, the path is what the key says: for `{uuid}.{ext}` the names that files had are
//! lost with the ledger.
//!
//! Nothing is written to the bucket. A batch is recorded as a whole or not at all, and one that the ledger knows is left
//! alone; so an import may be stopped, and run again, at any time.

use ledger::{AnnouncedItem, Deed, FoundItem, Ledger, LedgerError, NewBatch, PersonId, ProjectRecord};
use transfer::wire::{BatchId, GrantKind, ItemIndex, KeyTemplate, UnixMillis, media_type_of, thumbnail};
use uuid::Uuid;

use crate::bucket::{Bucket, StoreFault, StoredObject};
use crate::clock;
use crate::desk::operator;
use crate::grant::{InvalidPrefix, ProjectPrefix};

/// Whether anything is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Batches are recorded.
    Record,
    /// It is only said what would be.
    DryRun,
}

/// A batch in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundBatch {
    /// Its id.
    pub id: BatchId,
    /// When it was opened, as its id says.
    pub opened_at: UnixMillis,
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What is known of it.
    pub known: Known,
}

/// What the ledger knows of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is recorded, or would be.
    Nothing,
    /// The batch; and all but so many of the objects in its place. They are left alone.
    AllBut(usize),
}

/// What was found below a project's prefix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Batches that were recorded, or would be.
    pub batches: u64,
    /// Their files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Batches that the ledger knows.
    pub known: u64,
    /// Objects of those that nobody announced.
    pub unknown_objects: u64,
    /// Objects that belong to no batch.
    pub strangers: u64,
}

/// Why an import ends early. What was recorded until then stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The project's prefix.
    #[error(transparent)]
    Prefix(#[from] InvalidPrefix),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The store.
    #[error("the bucket cannot be listed: {}. `sluice doctor` says more.", .0.detail())]
    Store(#[from] StoreFault),
}

/// Imports what a project's prefix holds, for that person; tells each batch as it is found.
///
/// # Errors
/// Of the store and of the ledger.
pub async fn import(
    (bucket, ledger): (&Bucket, &Ledger),
    project: &ProjectRecord,
    person: PersonId,
    manner: Manner,
    mut tell: impl FnMut(&FoundBatch),
) -> Result<Summary, ImportError> {
    let prefix: ProjectPrefix = project.prefix.parse()?;
    let mut import = Import { ledger, project, prefix: &prefix, person, manner, summary: Summary::default() };
    let mut gathered: Option<Gathered> = None;
    let mut listing = bucket.list_project(&prefix);
    // Keys come sorted, so those of a batch come together.
    while let Some(objects) = listing.page().await? {
        for object in objects {
            let Some((id, opened_at, path)) = place(&prefix, &object.key) else {
                import.summary.strangers += 1;
                continue;
            };
            match &mut gathered {
                Some(gathered) if gathered.id == id => gathered.take(&path, object),
                _ => {
                    let mut next = Gathered { id, opened_at, items: Vec::new() };
                    next.take(&path, object);
                    if let Some(found) = import.settle(gathered.replace(next)).await? {
                        tell(&found);
                    }
                }
            }
        }
    }
    if let Some(found) = import.settle(gathered).await? {
        tell(&found);
    }
    Ok(import.summary)
}

impl Summary {
    fn add(&mut self, found: &FoundBatch) {
        match found.known {
            Known::Nothing => {
                self.batches += 1;
                self.files += found.files as u64;
                self.bytes = self.bytes.saturating_add(found.bytes);
            }
            Known::AllBut(unknown) => {
                self.known += 1;
                self.unknown_objects += unknown as u64;
            }
        }
    }
}

/// A batch whose objects are being listed.
struct Gathered {
    id: BatchId,
    opened_at: UnixMillis,
    items: Vec<FoundItem>,
}

impl Gathered {
    fn take(&mut self, path: &str, object: StoredObject) {
        if path.split('/').next() == Some(thumbnail::RESERVED) {
            return;
        }
        // Indexes are counted with 32 bits; no batch is announced with more.
        let Ok(index) = u32::try_from(self.items.len()) else { return };
        let item = AnnouncedItem {
            index: ItemIndex(index),
            path: path.to_owned(),
            size: object.size,
            modified: None,
            media_type: media_type_of(path, ""),
            key: object.key,
        };
        let stored_at = object.stored_at.unwrap_or(self.opened_at);
        self.items.push(FoundItem { item, etag: object.etag, stored_at });
    }
}

/// An import of one project.
struct Import<'a> {
    ledger: &'a Ledger,
    project: &'a ProjectRecord,
    prefix: &'a ProjectPrefix,
    person: PersonId,
    manner: Manner,
    summary: Summary,
}

impl Import<'_> {
    /// Records a batch of which all is gathered, if the ledger does not know it.
    async fn settle(&mut self, whole: Option<Gathered>) -> Result<Option<FoundBatch>, ImportError> {
        // Of a batch that was undone nothing may be left but a thumbnail.
        let Some(Gathered { id, opened_at, items }) = whole.filter(|whole| !whole.items.is_empty()) else {
            return Ok(None);
        };
        let known = self.known(&id, &items).await?;
        if known == Known::Nothing && self.manner == Manner::Record {
            let new = NewBatch {
                id: id.clone(),
                project: self.project.id.clone(),
                person: self.person,
                token: None,
                prefix: self.prefix.batch(&id).to_string(),
                key_template: KeyTemplate::default(),
                // Nobody holds a grant of it.
                grant: GrantKind::SignedUrls,
                opened_at,
            };
            let actor = operator();
            self.ledger.batches().import(Deed { by: &actor, at: clock::now() }, new, &items).await?;
        }
        let bytes = items.iter().fold(0, |sum: u64, found| sum.saturating_add(found.item.size));
        let found = FoundBatch { id, opened_at, files: items.len(), bytes, known };
        self.summary.add(&found);
        Ok(Some(found))
    }

    async fn known(&self, id: &BatchId, items: &[FoundItem]) -> Result<Known, ImportError> {
        if self.ledger.batches().get(id).await?.is_none() {
            return Ok(Known::Nothing);
        }
        let keys: Vec<String> = items.iter().map(|found| found.item.key.clone()).collect();
        let known = self.ledger.items().by_key(id, &keys).await?.len();
        Ok(Known::AllBut(keys.len().saturating_sub(known)))
    }
}

/// Which batch a key belongs to, when that was opened, and the file's path; nothing for what no batch has made.
fn place(prefix: &ProjectPrefix, key: &str) -> Option<(BatchId, UnixMillis, String)> {
    let (id, path) = key.strip_prefix(prefix.as_str())?.split_once('/')?;
    let uuid =
        Uuid::parse_str(id).ok().filter(|uuid| uuid.get_version_num() == 7 && uuid.to_string() == id)?;
    let (seconds, nanos) = uuid.get_timestamp()?.to_unix();
    let opened_at = UnixMillis(seconds.saturating_mul(1_000).saturating_add(u64::from(nanos / 1_000_000)));
    // What an announcement would refuse, a key may still say: others can write to the bucket, too, and the path is unpacked
    // on somebody's disk one day. An empty last part is a folder that a console made; PostgreSQL takes no NUL.
    let is_file = !path.contains('\0') && !path.split('/').any(|part| matches!(part, "" | "." | ".."));
    is_file.then_some((id.parse().ok()?, opened_at, path.to_owned()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_batch_and_when_it_was_opened() {
        let prefix: ProjectPrefix = "photos/2026".parse().unwrap();
        let at = |key: &str| place(&prefix, key);
        let (id, opened_at, path) =
            at("photos/2026/01890a5d-ac96-774b-bcce-b302099a8057/Sommer/a b.jpg").unwrap();
        assert_eq!((id.as_str(), path.as_str()), ("01890a5d-ac96-774b-bcce-b302099a8057", "Sommer/a b.jpg"));
        // RFC 9562, section 5.7: the first 48 bits are milliseconds.
        assert_eq!(opened_at, UnixMillis(0x0189_0a5d_ac96));
    }

    #[test]
    fn what_no_batch_has_made_is_left_alone() {
        let prefix: ProjectPrefix = "photos".parse().unwrap();
        for stranger in [
            "photos/readme.txt",
            "photos/2019/a.jpg",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057/",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057/folder/",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057/../a.jpg",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057/folder/../../a.jpg",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057/./a.jpg",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057//a.jpg",
            "photos/01890a5d-ac96-774b-bcce-b302099a8057/a\0.jpg",
            "photos/01890A5D-AC96-774B-BCCE-B302099A8057/a.jpg",
            "photos/01890a5dac96774bbcceb302099a8057/a.jpg",
            "photos/e4eaaaf2-d142-41e1-b1e0-4a9fb0a1bd6a/a.jpg",
            "elsewhere/01890a5d-ac96-774b-bcce-b302099a8057/a.jpg",
        ] {
            assert_eq!(place(&prefix, stranger), None, "{stranger}");
        }
    }
}

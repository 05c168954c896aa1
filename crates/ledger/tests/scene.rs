//! A ledger of its own for each test, with somebody and something in it.

use ledger::{Actor, AnnouncedItem, DatabaseUrl, Deed, Ledger, NewBatch, NewPerson, PersonRecord, Role, Via};
use tempfile::TempDir;
use transfer::wire::{BatchId, GrantKind, ItemIndex, ItemOutcome, ItemReport, UnixMillis};

/// When everything happens.
pub(crate) const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

/// A moment later.
pub(crate) fn later(millis: u64) -> UnixMillis {
    UnixMillis(NOW.0 + millis)
}

/// Something that a test does.
pub(crate) fn deed(at: UnixMillis) -> Deed<'static> {
    static TEST: std::sync::LazyLock<Actor> =
        std::sync::LazyLock::new(|| Actor { person: None, name: "test".to_owned(), via: Via::Command });
    Deed { by: &TEST, at }
}

/// A ledger of its own.
pub(crate) struct Scene {
    pub(crate) ledger: Ledger,
    pub(crate) database: DatabaseUrl,
    // Deleted with the test.
    _folder: TempDir,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let database = crate::database::fresh(folder.path()).await;
        let ledger = Ledger::open(&database).await.unwrap();
        Self { ledger, database, _folder: folder }
    }

    pub(crate) async fn person(&self, name: &str) -> PersonRecord {
        let person =
            NewPerson { name: name.to_owned(), role: Role::Uploader, password_hash: None, created_at: NOW };
        self.ledger.people().create(person).await.unwrap()
    }

    /// A scene with one open batch.
    pub(crate) async fn with_batch() -> (Self, BatchId) {
        let scene = Self::new().await;
        let ada = scene.person("Ada").await;
        let batch = scene.batch(&ada, "b1", NOW).await;
        (scene, batch)
    }

    pub(crate) async fn batch(&self, person: &PersonRecord, id: &str, opened_at: UnixMillis) -> BatchId {
        self.batch_under("{path}", person, id, opened_at).await
    }

    /// As [`batch`](Self::batch), with that key template.
    pub(crate) async fn batch_under(
        &self,
        template: &str,
        person: &PersonRecord,
        id: &str,
        opened_at: UnixMillis,
    ) -> BatchId {
        let batch: BatchId = id.parse().unwrap();
        let new = NewBatch {
            id: batch.clone(),
            project: "default".parse().unwrap(),
            person: person.id,
            token: None,
            prefix: format!("photos/{id}/"),
            key_template: template.parse().unwrap(),
            grant: GrantKind::Credentials,
            opened_at,
        };
        self.ledger.batches().open(new).await.unwrap();
        batch
    }
}

/// An item whose path says which one it is, of 100 bytes.
pub(crate) fn item(index: u32) -> AnnouncedItem {
    named(index, &format!("{index}.jpg"))
}

pub(crate) fn named(index: u32, path: &str) -> AnnouncedItem {
    AnnouncedItem {
        index: ItemIndex(index),
        path: path.to_owned(),
        key: format!("photos/b1/{path}"),
        size: 100,
        modified: Some(NOW),
        media_type: "image/jpeg".to_owned(),
    }
}

pub(crate) fn stored(index: u32, etag: Option<&str>) -> ItemReport {
    report(index, ItemOutcome::Stored { etag: etag.map(str::to_owned), checksum: None, replace: false })
}

pub(crate) fn report(index: u32, outcome: ItemOutcome) -> ItemReport {
    ItemReport { index: ItemIndex(index), outcome }
}

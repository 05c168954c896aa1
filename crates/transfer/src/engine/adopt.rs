//! A batch that was begun elsewhere: an engine from what the server knows of it.

use crate::port::FileFacts;
use crate::wire::{BatchId, GrantKind, ItemIndex, StoreAddress};

use super::journal::Journal;
use super::resume::write_head;
use super::{Engine, Moment, Settings};

/// What the server knows of an open batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedBatch {
    /// The batch.
    pub batch: BatchId,
    /// Where its objects go.
    pub prefix: String,
    /// The kind of grant that it gets.
    pub grant: GrantKind,
    /// The store.
    pub store: StoreAddress,
}

/// What the server knows of one of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedItem {
    /// Its place in the batch.
    pub index: ItemIndex,
    /// What was announced.
    pub facts: FileFacts,
    /// Its whole key.
    pub key: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an item elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Still to be sent, also if it was given up once.
    Waiting,
    /// Stored.
    Stored,
    /// Taken out.
    Cancelled,
}

impl AdoptedBatch {
    /// The log from which [`Engine::restore`] goes on with the batch; see [`Engine::adopt`]. Where nobody can say when a
    /// file was changed, `modified` is 0: then the file that is brought counts by its path and size.
    #[must_use]
    pub fn log(&self, items: impl IntoIterator<Item = AdoptedItem>) -> String {
        let mut log = Journal::default();
        write_head(&mut log, &self.batch, &self.prefix, self.grant, &self.store);
        let mut next = 0;
        for AdoptedItem { index, facts, key, fate } in items {
            while next < index.0 {
                log.line('A').number(0).number(0).field("").field("").end();
                settled(&mut log, 'C', next);
                next += 1;
            }
            log.line('A').number(facts.size).number(facts.modified.0);
            log.field(&facts.media_type).field(&facts.path).end();
            log.item('K', index.0).field(&key).end();
            match fate {
                Fate::Waiting => {}
                Fate::Stored => settled(&mut log, 'S', index.0),
                Fate::Cancelled => settled(&mut log, 'C', index.0),
            }
            next = index.0.saturating_add(1);
        }
        log.take().unwrap_or_default()
    }
}

impl Engine {
    /// An engine that goes on with a batch that was begun elsewhere; none if the store has no address. The items are in
    /// the order of their indexes. Places between them, of files that were refused there, count as taken out and have an
    /// empty path.
    ///
    /// As after [`restore`](Self::restore), the files have to be brought, and new ones can be added.
    #[must_use]
    pub fn adopt(
        seed: u64,
        settings: Settings,
        batch: &AdoptedBatch,
        items: impl IntoIterator<Item = AdoptedItem>,
        now: Moment,
    ) -> Option<Self> {
        Self::restore(seed, settings, &batch.log(items), now)
    }
}

/// The server knows it already.
fn settled(log: &mut Journal, letter: char, item: u32) {
    log.item(letter, item).end();
    log.item('R', item).end();
}

//! Keys that are told apart: what a batch does about two items that its template gives one key.
//!
//! A batch whose keys are the paths refuses the second: it is the same file twice, but for what a key cannot carry. Under
//! any other template two files may well have one key, such as those of one name in two folders; then the later one's is
//! [marked] with its number, and so tells which file it is whatever came first elsewhere.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use transfer::wire::{BatchId, marked};

use super::{AnnouncedItem, CHUNK};
use crate::LedgerError;
use crate::entity::item;

/// What becomes of an item whose key another one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clash {
    /// It is refused.
    Refused,
    /// Its key is marked.
    Marked,
}

/// Which of these keys items of the batch have.
pub(super) async fn taken(
    db: &impl ConnectionTrait,
    batch: &BatchId,
    keys: impl Iterator<Item = &str>,
) -> Result<HashSet<String>, LedgerError> {
    found(db, batch, item::Column::Key, keys).await
}

/// Which of these paths items of the batch have.
pub(super) async fn announced(
    db: &impl ConnectionTrait,
    batch: &BatchId,
    paths: impl Iterator<Item = &str>,
) -> Result<HashSet<String>, LedgerError> {
    found(db, batch, item::Column::Path, paths).await
}

async fn found(
    db: &impl ConnectionTrait,
    batch: &BatchId,
    column: item::Column,
    texts: impl Iterator<Item = &str>,
) -> Result<HashSet<String>, LedgerError> {
    let texts: Vec<&str> = texts.collect();
    let mut found = HashSet::new();
    for chunk in texts.chunks(CHUNK) {
        let rows: Vec<String> = item::Entity::find()
            .select_only()
            .column(column)
            .filter(item::Column::BatchId.eq(batch.as_str()))
            .filter(column.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Gives each new item a key that no other of its batch has. One look into the ledger, and another one only for those
/// whose marked key is the name of some other file.
pub(super) async fn tell_apart(
    db: &impl ConnectionTrait,
    batch: &BatchId,
    items: &mut [AnnouncedItem],
    mut keys: HashSet<String>,
) -> Result<(), LedgerError> {
    let mut crowded: Vec<&mut AnnouncedItem> = Vec::new();
    for item in items {
        if !keys.insert(item.key.clone()) {
            crowded.push(item);
        }
    }
    let mut turn = 1;
    while !crowded.is_empty() {
        let wanted: Vec<String> =
            crowded.iter().map(|item| marked(&item.key, u64::from(item.index.0) + 1, turn)).collect();
        keys.extend(taken(db, batch, wanted.iter().map(String::as_str)).await?);
        let mut left = Vec::new();
        for (item, key) in crowded.into_iter().zip(wanted) {
            if keys.insert(key.clone()) {
                item.key = key;
            } else {
                left.push(item);
            }
        }
        crowded = left;
        turn += 1;
    }
    Ok(())
}

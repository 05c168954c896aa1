//! Rows of objects.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::{Batch, Millis, bucket};
use crate::blob::{BlobId, Sealed, Unplaced};
use crate::checksum::Checksum;
use crate::error::StoreError;
use crate::tags::Tags;

/// The headers that an object keeps and answers with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Headers {
    pub(crate) content_type: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// As the client wrote it.
    pub(crate) expires: Option<String>,
    /// `x-amz-meta-*` without the prefix.
    pub(crate) metadata: BTreeMap<String, String>,
    /// None for `STANDARD`, as answers have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) storage_class: Option<String>,
}

/// An object as a read answers it.
#[derive(Debug, Clone)]
pub(crate) struct ObjectRow {
    pub(crate) id: i64,
    /// Bytes.
    pub(crate) size: u64,
    /// Hex, without quotes.
    pub(crate) etag: String,
    pub(crate) modified: Millis,
    pub(crate) headers: Headers,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) tags: Tags,
    blob: Option<BlobId>,
}

/// A run of an object's bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) blob: BlobId,
    /// Bytes.
    pub(crate) size: u64,
}

/// What must hold for a write to happen.
#[derive(Debug, Clone, Default)]
pub(crate) enum Precondition {
    #[default]
    None,
    /// `If-None-Match: *`: nobody has written the key.
    Absent,
    /// `If-Match`: the object is still the one with this ETag.
    Etag(String),
}

/// An object to be written.
#[derive(Debug)]
pub(crate) struct NewObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) etag: String,
    pub(crate) now: Millis,
    pub(crate) headers: Headers,
    pub(crate) tags: Tags,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) precondition: Precondition,
}

impl ObjectRow {
    const COLUMNS: &'static str = "id, size, etag, modified_ms, blob, headers, checksum, tags";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            size: row.get(1)?,
            etag: row.get(2)?,
            modified: row.get(3)?,
            blob: row.get::<_, Option<[u8; 16]>>(4)?.map(BlobId::from_bytes),
            headers: from_json(row, 5)?,
            checksum: row.get::<_, Option<String>>(6)?.map(|_| from_json(row, 6)).transpose()?,
            tags: read_tags(row, 7)?,
        })
    }
}

/// The tags of a row that has some, or none.
pub(super) fn read_tags(row: &Row<'_>, column: usize) -> rusqlite::Result<Tags> {
    let said = row.get::<_, Option<String>>(column)?;
    Ok(said.map(|_| from_json(row, column)).transpose()?.unwrap_or_default())
}

/// What [`read_tags`] reads.
pub(super) fn tags_json(tags: &Tags) -> Result<Option<String>, StoreError> {
    (!tags.is_empty()).then(|| to_json(tags)).transpose()
}

/// Reads a JSON column that this store wrote.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// JSON of our own types; they have no maps with keys that JSON lacks.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Io(std::io::Error::other(error)))
}

/// The object of that key.
pub(crate) fn get(connection: &Connection, bucket: &str, key: &str) -> Result<ObjectRow, StoreError> {
    let found = connection
        .prepare_cached(&format!("SELECT {} FROM object WHERE bucket = ?1 AND key = ?2", ObjectRow::COLUMNS))?
        .query_row(params![bucket, key.as_bytes()], ObjectRow::read)
        .optional()?;
    match found {
        Some(row) => Ok(row),
        None => {
            bucket::require(connection, bucket)?;
            Err(StoreError::NoSuchKey)
        }
    }
}

/// Where its bytes are, in order.
pub(crate) fn pieces(connection: &Connection, object: &ObjectRow) -> Result<Vec<Piece>, StoreError> {
    if let Some(blob) = object.blob {
        return Ok(vec![Piece { blob, size: object.size }]);
    }
    let mut statement =
        connection.prepare_cached("SELECT blob, size FROM piece WHERE object = ?1 ORDER BY number")?;
    let rows = statement.query_map([object.id], |row| {
        Ok(Piece { blob: BlobId::from_bytes(row.get(0)?), size: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes an object whose bytes are one body, in the place of an older one.
pub(crate) fn put(batch: &mut Batch<'_>, new: &NewObject, body: Sealed) -> Result<(), StoreError> {
    replace(batch, new)?;
    let size = body.length;
    let blob = batch.place(body)?;
    insert(batch, new, size, blob)?;
    Ok(())
}

/// Writes an object whose bytes are several bodies in order, in the place of an older one.
pub(crate) fn put_pieces(
    batch: &mut Batch<'_>,
    new: &NewObject,
    bodies: Vec<(Unplaced, u64)>,
) -> Result<(), StoreError> {
    replace(batch, new)?;
    let size = bodies.iter().map(|(_, size)| size).sum();
    let object = insert(batch, new, size, None)?;
    for (number, (body, size)) in bodies.into_iter().enumerate() {
        if let Some(blob) = batch.place(body)? {
            batch
                .connection()
                .prepare_cached("INSERT INTO piece (object, number, blob, size) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![object, number, blob.as_bytes(), size])?;
        }
    }
    Ok(())
}

/// Gives the object of that key other tags.
pub(crate) fn set_tags(batch: &Batch<'_>, bucket: &str, key: &str, tags: &Tags) -> Result<(), StoreError> {
    let row = get(batch.connection(), bucket, key)?;
    batch
        .connection()
        .prepare_cached("UPDATE object SET tags = ?2 WHERE id = ?1")?
        .execute(params![row.id, tags_json(tags)?])?;
    Ok(())
}

/// Checks the precondition and forgets the older object.
pub(super) fn replace(batch: &mut Batch<'_>, new: &NewObject) -> Result<(), StoreError> {
    bucket::require(batch.connection(), &new.bucket)?;
    let old = match get(batch.connection(), &new.bucket, &new.key) {
        Ok(row) => Some(row),
        Err(StoreError::NoSuchKey) => None,
        Err(error) => return Err(error),
    };
    match (&new.precondition, &old) {
        (Precondition::Absent, Some(_)) => return Err(StoreError::PreconditionFailed),
        (Precondition::Etag(_), None) => return Err(StoreError::NoSuchKey),
        (Precondition::Etag(etag), Some(row)) if *etag != row.etag => {
            return Err(StoreError::PreconditionFailed);
        }
        _ => {}
    }
    if let Some(row) = old {
        forget(batch, &row)?;
    }
    Ok(())
}

pub(super) fn insert(
    batch: &Batch<'_>,
    new: &NewObject,
    size: u64,
    blob: Option<BlobId>,
) -> Result<i64, StoreError> {
    let connection = batch.connection();
    connection
        .prepare_cached(
            "INSERT INTO object (bucket, key, size, etag, modified_ms, blob, headers, checksum, tags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            new.bucket,
            new.key.as_bytes(),
            size,
            new.etag,
            new.now,
            blob.as_ref().map(BlobId::as_bytes),
            to_json(&new.headers)?,
            new.checksum.as_ref().map(to_json).transpose()?,
            tags_json(&new.tags)?,
        ])?;
    Ok(connection.last_insert_rowid())
}

/// Deletes the object of that key; one that is not there counts as deleted, as S3 has it.
pub(crate) fn delete(batch: &mut Batch<'_>, bucket: &str, key: &str) -> Result<(), StoreError> {
    match get(batch.connection(), bucket, key) {
        Ok(row) => forget(batch, &row),
        Err(StoreError::NoSuchKey) => Ok(()),
        Err(error) => Err(error),
    }
}

/// At most `limit` keys under `prefix` after that key, in order, whose objects were written before that time.
pub(crate) fn older(
    connection: &Connection,
    bucket: &str,
    prefix: &str,
    before: Millis,
    after: &[u8],
    limit: usize,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key FROM object
         WHERE bucket = ?1 AND key >= ?2 AND key > ?3 AND substr(key, 1, ?4) = ?2 AND modified_ms < ?5
         ORDER BY key LIMIT ?6",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![bucket, prefix.as_bytes(), after, prefix.len(), before, limit], |row| {
            row.get(0)
        })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes the objects of these keys, except those that were written anew since; answers how many.
pub(crate) fn delete_older(
    batch: &mut Batch<'_>,
    bucket: &str,
    keys: &[Vec<u8>],
    before: Millis,
) -> Result<usize, StoreError> {
    let mut deleted = 0;
    for key in keys {
        let found = batch
            .connection()
            .prepare_cached(&format!(
                "SELECT {} FROM object WHERE bucket = ?1 AND key = ?2 AND modified_ms < ?3",
                ObjectRow::COLUMNS
            ))?
            .query_row(params![bucket, key, before], ObjectRow::read)
            .optional()?;
        if let Some(row) = found {
            forget(batch, &row)?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

fn forget(batch: &mut Batch<'_>, row: &ObjectRow) -> Result<(), StoreError> {
    let pieces = pieces(batch.connection(), row)?;
    let connection = batch.connection();
    connection.prepare_cached("DELETE FROM object WHERE id = ?1")?.execute([row.id])?;
    connection.prepare_cached("DELETE FROM piece WHERE object = ?1")?.execute([row.id])?;
    batch.doom(pieces.into_iter().map(|piece| piece.blob));
    Ok(())
}

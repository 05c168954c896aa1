//! Rows of unfinished uploads and their parts.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::object::{from_json, read_tags, tags_json, to_json};
use super::{Batch, Headers, Millis, NewObject, bucket, list, object};
use crate::blob::{BlobId, Sealed};
use crate::checksum::{Checksum, PartsChecksum};
use crate::error::StoreError;
use crate::tags::Tags;

/// S3's smallest part, except for the last: 5 MiB.
const MIN_PART: u64 = 5 * 1024 * 1024;

/// An upload to be started.
#[derive(Debug)]
pub(crate) struct NewUpload {
    /// Random; it is no secret, rights are checked by key.
    pub(crate) id: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) now: Millis,
    pub(crate) headers: Headers,
    pub(crate) tags: Tags,
    pub(crate) checksum: Option<PartsChecksum>,
}

/// An upload under way.
#[derive(Debug, Clone)]
pub(crate) struct UploadRow {
    pub(crate) created: Millis,
    pub(crate) headers: Headers,
    pub(crate) tags: Tags,
    pub(crate) checksum: Option<PartsChecksum>,
}

/// An upload in a listing.
#[derive(Debug, Clone)]
pub(crate) struct ListedUpload {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) created: Millis,
    pub(crate) checksum: Option<PartsChecksum>,
}

/// A part that arrived.
#[derive(Debug, Clone)]
pub(crate) struct PartRow {
    /// 1 to 10,000.
    pub(crate) number: u16,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) modified: Millis,
    pub(crate) checksum: Option<Checksum>,
    blob: Option<BlobId>,
}

/// A part as the client names it to complete an upload.
#[derive(Debug, Clone)]
pub(crate) struct CompletePart {
    pub(crate) number: u16,
    pub(crate) etag: String,
    /// Base64, when the client repeats it.
    pub(crate) checksum: Option<String>,
}

pub(crate) fn create(batch: &Batch<'_>, new: &NewUpload) -> Result<(), StoreError> {
    bucket::require(batch.connection(), &new.bucket)?;
    batch
        .connection()
        .prepare_cached(
            "INSERT INTO upload (id, bucket, key, created_ms, headers, checksum, tags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            new.id,
            new.bucket,
            new.key.as_bytes(),
            new.now,
            to_json(&new.headers)?,
            new.checksum.map(PartsChecksum::to_text),
            tags_json(&new.tags)?,
        ])?;
    Ok(())
}

/// The upload of that id, if it is one of that key.
pub(crate) fn get(
    connection: &Connection,
    bucket: &str,
    key: &str,
    id: &str,
) -> Result<UploadRow, StoreError> {
    bucket::require(connection, bucket)?;
    connection
        .prepare_cached(
            "SELECT headers, checksum, created_ms, tags FROM upload WHERE id = ?1 AND bucket = ?2 AND key = ?3",
        )?
        .query_row(params![id, bucket, key.as_bytes()], |row| {
            Ok(UploadRow {
                headers: from_json(row, 0)?,
                checksum: row.get::<_, Option<String>>(1)?.as_deref().and_then(PartsChecksum::from_text),
                created: row.get(2)?,
                tags: read_tags(row, 3)?,
            })
        })
        .optional()?
        .ok_or(StoreError::NoSuchUpload)
}

/// Keeps a part, in the place of an older one of its number.
pub(crate) fn put_part(
    batch: &mut Batch<'_>,
    upload: (&str, &str, &str),
    part: (u16, &str, Millis),
    body: Sealed,
) -> Result<(), StoreError> {
    let (bucket, key, id) = upload;
    let (number, etag, now) = part;
    get(batch.connection(), bucket, key, id)?;
    let old: Option<Option<[u8; 16]>> = batch
        .connection()
        .prepare_cached("SELECT blob FROM part WHERE upload = ?1 AND number = ?2")?
        .query_row(params![id, number], |row| row.get(0))
        .optional()?;
    batch.doom(old.flatten().map(BlobId::from_bytes));
    let (size, checksum) = (body.length, body.checksum.as_ref().map(to_json).transpose()?);
    let blob = batch.place(body)?;
    batch
        .connection()
        .prepare_cached(
            "INSERT OR REPLACE INTO part (upload, number, blob, size, etag, checksum, modified_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![id, number, blob.as_ref().map(BlobId::as_bytes), size, etag, checksum, now])?;
    Ok(())
}

/// At most `limit` parts with numbers above `after`, in order.
pub(crate) fn parts(
    connection: &Connection,
    id: &str,
    after: u16,
    limit: usize,
) -> Result<Vec<PartRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, size, etag, modified_ms, checksum, blob FROM part
         WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![id, after, limit], read_part)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read_part(row: &Row<'_>) -> rusqlite::Result<PartRow> {
    Ok(PartRow {
        number: row.get(0)?,
        size: row.get(1)?,
        etag: row.get(2)?,
        modified: row.get(3)?,
        checksum: row.get::<_, Option<String>>(4)?.map(|_| from_json(row, 4)).transpose()?,
        blob: row.get::<_, Option<[u8; 16]>>(5)?.map(BlobId::from_bytes),
    })
}

/// Makes an object of the named parts without touching their bytes; `describe` derives ETag and
/// checksum from them. Parts that are not named go away.
pub(crate) fn complete(
    batch: &mut Batch<'_>,
    id: &str,
    named: &[CompletePart],
    describe: impl FnOnce(&[PartRow], &UploadRow) -> Result<NewObject, StoreError>,
    upload: (&str, &str),
) -> Result<NewObject, StoreError> {
    let (bucket, key) = upload;
    let row = get(batch.connection(), bucket, key, id)?;
    let (mut chosen, mut left) = (Vec::with_capacity(named.len()), Vec::new());
    let mut names = named.iter().peekable();
    for part in parts(batch.connection(), id, 0, usize::MAX)? {
        match names.next_if(|name| name.number == part.number) {
            None => left.extend(part.blob),
            Some(name) => {
                let same_checksum = name
                    .checksum
                    .as_ref()
                    .is_none_or(|value| part.checksum.as_ref().is_some_and(|kept| kept.base64 == *value));
                if name.etag != part.etag || !same_checksum {
                    return Err(StoreError::InvalidPart);
                }
                chosen.push(part);
            }
        }
    }
    if names.next().is_some() || chosen.is_empty() {
        return Err(StoreError::InvalidPart);
    }
    if chosen.iter().rev().skip(1).any(|part| part.size < MIN_PART) {
        return Err(StoreError::PartTooSmall);
    }
    let new = describe(&chosen, &row)?;
    object::replace(batch, &new)?;
    let object = object::insert(batch, &new, chosen.iter().map(|part| part.size).sum(), None)?;
    let connection = batch.connection();
    let mut statement = connection
        .prepare_cached("INSERT INTO piece (object, number, blob, size) VALUES (?1, ?2, ?3, ?4)")?;
    for part in &chosen {
        if let Some(blob) = part.blob {
            statement.execute(params![object, part.number, blob.as_bytes(), part.size])?;
        }
    }
    drop(statement);
    forget(batch, id)?;
    batch.doom(left);
    Ok(new)
}

/// Gives an upload and its parts up.
pub(crate) fn abort(batch: &mut Batch<'_>, bucket: &str, key: &str, id: &str) -> Result<(), StoreError> {
    get(batch.connection(), bucket, key, id)?;
    let parts = parts(batch.connection(), id, 0, usize::MAX)?;
    forget(batch, id)?;
    batch.doom(parts.into_iter().filter_map(|part| part.blob));
    Ok(())
}

/// Gives up what began under `prefix` before that time; answers how many uploads.
pub(crate) fn abort_older(
    batch: &mut Batch<'_>,
    bucket: &str,
    prefix: &str,
    before: Millis,
) -> Result<usize, StoreError> {
    let old: Vec<String> = batch
        .connection()
        .prepare_cached(
            "SELECT id FROM upload WHERE bucket = ?1 AND substr(key, 1, ?2) = ?3 AND created_ms < ?4",
        )?
        .query_map(params![bucket, prefix.len(), prefix.as_bytes(), before], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &old {
        let parts = parts(batch.connection(), id, 0, usize::MAX)?;
        forget(batch, id)?;
        batch.doom(parts.into_iter().filter_map(|part| part.blob));
    }
    Ok(old.len())
}

fn forget(batch: &Batch<'_>, id: &str) -> Result<(), StoreError> {
    batch.connection().execute("DELETE FROM part WHERE upload = ?1", [id])?;
    batch.connection().execute("DELETE FROM upload WHERE id = ?1", [id])?;
    Ok(())
}

/// At most `limit` uploads under `prefix` after that key and id, in the order of keys.
pub(crate) fn uploads(
    connection: &Connection,
    bucket: &str,
    prefix: &str,
    after: (&str, &str),
    limit: usize,
) -> Result<Vec<ListedUpload>, StoreError> {
    bucket::require(connection, bucket)?;
    let mut statement = connection.prepare_cached(
        "SELECT key, id, created_ms, checksum FROM upload
         WHERE bucket = ?1 AND substr(key, 1, ?2) = ?3 AND (key, id) > (?4, ?5) ORDER BY key, id LIMIT ?6",
    )?;
    let (after_key, after_id) = after;
    let mut rows = statement.query(params![
        bucket,
        prefix.len(),
        prefix.as_bytes(),
        after_key.as_bytes(),
        after_id,
        i64::try_from(limit).unwrap_or(i64::MAX)
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(ListedUpload {
            key: list::text(row.get(0)?)?,
            id: row.get(1)?,
            created: row.get(2)?,
            checksum: row.get::<_, Option<String>>(3)?.as_deref().and_then(PartsChecksum::from_text),
        });
    }
    Ok(found)
}

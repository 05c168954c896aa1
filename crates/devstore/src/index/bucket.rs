//! Rows of buckets.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Batch, Millis};
use crate::error::StoreError;

/// Whether the bucket exists.
pub(crate) fn exists(connection: &Connection, bucket: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM bucket WHERE name = ?1")?
        .query_row([bucket], |_| Ok(()))
        .optional()?
        .is_some())
}

/// Refuses when it does not.
pub(crate) fn require(connection: &Connection, bucket: &str) -> Result<(), StoreError> {
    if exists(connection, bucket)? { Ok(()) } else { Err(StoreError::NoSuchBucket) }
}

/// Names and times of creation, in the order of names.
pub(crate) fn all(connection: &Connection) -> Result<Vec<(String, Millis)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT name, created_ms FROM bucket ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes a bucket.
pub(crate) fn create(batch: &Batch<'_>, bucket: &str, now: Millis) -> Result<(), StoreError> {
    let made = batch
        .connection()
        .prepare_cached("INSERT INTO bucket (name, created_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![bucket, now])?;
    if made == 0 { Err(StoreError::BucketExists) } else { Ok(()) }
}

/// Removes a bucket that holds no object and no unfinished upload.
pub(crate) fn delete(batch: &Batch<'_>, bucket: &str) -> Result<(), StoreError> {
    let connection = batch.connection();
    require(connection, bucket)?;
    let used: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM object WHERE bucket = ?1) OR EXISTS (SELECT 1 FROM upload WHERE bucket = ?1)",
        [bucket],
        |row| row.get(0),
    )?;
    if used {
        return Err(StoreError::BucketNotEmpty);
    }
    connection.execute("DELETE FROM bucket WHERE name = ?1", [bucket])?;
    Ok(())
}

//! The tables.

use rusqlite::Connection;

use crate::config::Durability;

const VERSION: i64 = 1;

/// Keys are BLOBs, so that they compare byte by byte, which is S3's order, and are taken literally.
/// An object's bytes are one blob, or the pieces that a multipart upload left, in order.
const TABLES: &str = "
CREATE TABLE bucket (
    name       TEXT PRIMARY KEY,
    created_ms INTEGER NOT NULL,
    cors       TEXT,
    lifecycle  TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE object (
    id          INTEGER PRIMARY KEY,
    bucket      TEXT NOT NULL REFERENCES bucket (name),
    key         BLOB NOT NULL,
    size        INTEGER NOT NULL,
    etag        TEXT NOT NULL,
    modified_ms INTEGER NOT NULL,
    blob        BLOB,
    headers     TEXT NOT NULL,
    checksum    TEXT,
    tags        TEXT,
    UNIQUE (bucket, key)
) STRICT;

CREATE TABLE piece (
    object INTEGER NOT NULL,
    number INTEGER NOT NULL,
    blob   BLOB NOT NULL,
    size   INTEGER NOT NULL,
    PRIMARY KEY (object, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (
    id         TEXT PRIMARY KEY,
    bucket     TEXT NOT NULL REFERENCES bucket (name),
    key        BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    headers    TEXT NOT NULL,
    checksum   TEXT,
    tags       TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_by_key ON upload (bucket, key, id);

CREATE TABLE part (
    upload      TEXT NOT NULL,
    number      INTEGER NOT NULL,
    blob        BLOB,
    size        INTEGER NOT NULL,
    etag        TEXT NOT NULL,
    checksum    TEXT,
    modified_ms INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
";

/// Sets the connection up for writing and makes the tables of a new index.
pub(super) fn prepare(connection: &Connection, durability: Durability) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        // In WAL mode only FULL syncs the log at every commit.
        Durability::PowerCut => "FULL",
        Durability::ProcessKill => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => connection.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")),
        VERSION => Ok(()),
        // A newer store wrote it; guessing would lose objects.
        _ => Err(rusqlite::Error::IntegralValueOutOfRange(0, version)),
    }
}

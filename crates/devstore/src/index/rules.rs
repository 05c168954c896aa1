//! What owners of buckets set for them. Every bucket's rules are in memory too: each answer to a
//! browser looks at them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::object::{from_json, to_json};
use super::{Batch, bucket};
use crate::error::StoreError;

/// One rule of a bucket's CORS, its words checked when it was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CorsRule {
    pub(crate) id: Option<String>,
    /// With at most one `*` each; at least one.
    pub(crate) allowed_origins: Vec<String>,
    /// Of GET, PUT, HEAD, POST and DELETE; at least one.
    pub(crate) allowed_methods: Vec<String>,
    /// With at most one `*` each, in any case.
    pub(crate) allowed_headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    /// Seconds that a browser may keep a preflight.
    pub(crate) max_age: Option<u32>,
}

/// One rule of a bucket's lifecycle: uploads that nobody finished are given up, objects end, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LifecycleRule {
    pub(crate) id: String,
    /// Empty for all keys.
    pub(crate) prefix: String,
    pub(crate) enabled: bool,
    /// Days after an upload began that it is given up.
    #[serde(rename = "days", default, skip_serializing_if = "Option::is_none")]
    pub(crate) abort_days: Option<u32>,
    /// Days after an object was written that it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expire_days: Option<u32>,
}

/// The rules of one bucket.
#[derive(Debug, Clone, Default)]
pub(crate) struct BucketRules {
    /// `None` when nobody set any.
    pub(crate) cors: Option<Arc<[CorsRule]>>,
    /// `None` when nobody set any.
    pub(crate) lifecycle: Option<Arc<[LifecycleRule]>>,
}

/// The rules of all buckets, in memory.
#[derive(Debug, Default)]
pub(super) struct KnownRules(RwLock<HashMap<String, BucketRules>>);

impl KnownRules {
    /// Reads those of every bucket.
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut statement = connection.prepare("SELECT cors, lifecycle, name FROM bucket")?;
        let rows = statement.query_map([], |row| Ok((row.get(2)?, read(row)?)))?;
        Ok(Self(RwLock::new(rows.collect::<Result<_, _>>()?)))
    }

    pub(super) fn of(&self, bucket: &str) -> BucketRules {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned().unwrap_or_default()
    }

    pub(super) fn all(&self) -> Vec<(String, BucketRules)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(bucket, rules)| (bucket.clone(), rules.clone())).collect()
    }

    /// Reads those of one bucket again. Of two changes at once, whoever is last here sees both.
    pub(super) fn refresh(&self, connection: &Connection, bucket: &str) -> Result<(), StoreError> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let found = connection
            .prepare_cached("SELECT cors, lifecycle FROM bucket WHERE name = ?1")?
            .query_row([bucket], read)
            .optional()?;
        match found {
            Some(rules) => known.insert(bucket.to_owned(), rules),
            None => known.remove(bucket),
        };
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<BucketRules> {
    Ok(BucketRules { cors: list(row, 0)?, lifecycle: list(row, 1)? })
}

fn list<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Arc<[T]>>> {
    let said = row.get::<_, Option<String>>(column)?;
    said.map(|_| from_json::<Vec<T>>(row, column).map(Arc::from)).transpose()
}

/// Sets a bucket's CORS, or forgets it.
pub(super) fn set_cors(
    batch: &Batch<'_>,
    bucket: &str,
    rules: Option<&[CorsRule]>,
) -> Result<(), StoreError> {
    set(batch, bucket, "UPDATE bucket SET cors = ?2 WHERE name = ?1", rules)
}

/// Sets a bucket's lifecycle, or forgets it.
pub(super) fn set_lifecycle(
    batch: &Batch<'_>,
    bucket: &str,
    rules: Option<&[LifecycleRule]>,
) -> Result<(), StoreError> {
    set(batch, bucket, "UPDATE bucket SET lifecycle = ?2 WHERE name = ?1", rules)
}

fn set<T: Serialize>(
    batch: &Batch<'_>,
    bucket: &str,
    sql: &str,
    rules: Option<&[T]>,
) -> Result<(), StoreError> {
    bucket::require(batch.connection(), bucket)?;
    let json = rules.map(|rules| to_json(&rules)).transpose()?;
    batch.connection().prepare_cached(sql)?.execute(params![bucket, json])?;
    Ok(())
}

//! Listing keys in order, rolled up at a delimiter.

use rusqlite::{Connection, params};

use super::{Millis, bucket};
use crate::error::StoreError;

/// What to list.
#[derive(Debug, Clone)]
pub(crate) struct ListQuery {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    pub(crate) from: ListFrom,
    /// Keys and common prefixes together.
    pub(crate) limit: usize,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListFrom {
    Start,
    /// After that key.
    AfterKey(String),
    /// After every key that begins so.
    AfterPrefix(String),
}

/// A key in a listing.
#[derive(Debug, Clone)]
pub(crate) struct ListedObject {
    pub(crate) key: String,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) modified: Millis,
    /// None for `STANDARD`.
    pub(crate) storage_class: Option<String>,
}

/// One page.
#[derive(Debug, Default)]
pub(crate) struct ListPage {
    pub(crate) objects: Vec<ListedObject>,
    pub(crate) common_prefixes: Vec<String>,
    /// Where the next page begins; `None` on the last.
    pub(crate) next: Option<ListFrom>,
}

/// The smallest byte string that begins with none of what `prefix` begins; `None` when there is none.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = prefix.to_vec();
    while let Some(last) = bytes.pop() {
        if last < u8::MAX {
            bytes.push(last + 1);
            return Some(bytes);
        }
    }
    None
}

/// The next page. A common prefix costs one seek, however many keys it holds.
pub(crate) fn page(connection: &Connection, query: &ListQuery) -> Result<ListPage, StoreError> {
    bucket::require(connection, &query.bucket)?;
    let mut page = ListPage::default();
    if query.limit == 0 {
        return Ok(page);
    }
    let prefix = query.prefix.as_bytes();
    // Every key of the listing is below this; no UTF-8 text reaches 0xff.
    let end = after_prefix(prefix).unwrap_or_else(|| vec![u8::MAX]);
    let mut from = match &query.from {
        ListFrom::Start => prefix.to_vec(),
        // The successor of a key is the key with a zero byte.
        ListFrom::AfterKey(key) => [key.as_bytes(), &[0]].concat(),
        ListFrom::AfterPrefix(seen) => after_prefix(seen.as_bytes()).unwrap_or_else(|| end.clone()),
    };
    if from.as_slice() < prefix {
        from = prefix.to_vec();
    }
    let mut statement = connection.prepare_cached(
        "SELECT key, size, etag, modified_ms, json_extract(headers, '$.storage_class') FROM object
         WHERE bucket = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4",
    )?;
    'seek: loop {
        let wanted = i64::try_from(query.limit - page.count() + 1).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![query.bucket, from, end, wanted])?;
        while let Some(row) = rows.next()? {
            let key = text(row.get(0)?)?;
            let common = query.delimiter.as_deref().and_then(|delimiter| {
                let found = key.get(query.prefix.len()..)?.find(delimiter)?;
                key.get(..query.prefix.len() + found + delimiter.len()).map(str::to_owned)
            });
            if page.count() == query.limit {
                page.next = Some(match (page.common_prefixes.last(), page.objects.last()) {
                    (Some(common), Some(object)) if *common < object.key => {
                        ListFrom::AfterKey(object.key.clone())
                    }
                    (Some(common), _) => ListFrom::AfterPrefix(common.clone()),
                    (None, Some(object)) => ListFrom::AfterKey(object.key.clone()),
                    (None, None) => ListFrom::Start,
                });
                return Ok(page);
            }
            match common {
                None => page.objects.push(ListedObject {
                    key,
                    size: row.get(1)?,
                    etag: row.get(2)?,
                    modified: row.get(3)?,
                    storage_class: row.get(4)?,
                }),
                Some(common) => {
                    from = after_prefix(common.as_bytes()).unwrap_or_else(|| end.clone());
                    page.common_prefixes.push(common);
                    continue 'seek;
                }
            }
        }
        return Ok(page);
    }
}

impl ListPage {
    pub(crate) fn count(&self) -> usize {
        self.objects.len() + self.common_prefixes.len()
    }
}

/// Keys come from HTTP as UTF-8, so a row that is not is damage.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(|error| StoreError::Io(std::io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn the_end_of_a_prefix_is_its_successor() {
        assert_eq!(after_prefix(b"a/"), Some(b"a0".to_vec()));
        assert_eq!(after_prefix(b"a\xff"), Some(b"b".to_vec()));
        assert_eq!(after_prefix(b""), None);
        assert_eq!(after_prefix(b"\xff\xff"), None);
    }
}

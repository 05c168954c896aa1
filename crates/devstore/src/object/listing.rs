//! ListObjectsV2.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::{Objects, page, refuse, timestamp};
use crate::index::{self, ListFrom, ListQuery};

/// Entries on a page at most, and when the client does not say.
const PAGE: usize = 1_000;

impl Objects {
    pub(super) async fn list_v2(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        let limit = page(input.max_keys, PAGE, "max-keys")?;
        let encoding = Encoding::read(input.encoding_type.as_ref())?;
        let from = match (&input.continuation_token, &input.start_after) {
            (Some(token), _) => read_token(token)?,
            (None, Some(after)) => ListFrom::AfterKey(after.clone()),
            (None, None) => ListFrom::Start,
        };
        let query = ListQuery {
            bucket: input.bucket.clone(),
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().filter(|delimiter| !delimiter.is_empty()),
            from,
            limit,
        };
        let page = self.index.read(move |connection| index::list::page(connection, &query)).await?;
        let count = i32::try_from(page.count()).unwrap_or(i32::MAX);
        let contents = page.objects.into_iter().map(|listed| Object {
            key: Some(encoding.apply(listed.key)),
            size: Some(listed.size.cast_signed()),
            e_tag: Some(ETag::Strong(listed.etag)),
            last_modified: Some(timestamp(listed.modified)),
            storage_class: Some(listed.storage_class.map_or_else(
                || ObjectStorageClass::from_static(ObjectStorageClass::STANDARD),
                ObjectStorageClass::from,
            )),
            ..Object::default()
        });
        let common = page
            .common_prefixes
            .into_iter()
            .map(|prefix| CommonPrefix { prefix: Some(encoding.apply(prefix)) });
        Ok(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(encoding.apply(input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|text| encoding.apply(text)),
            start_after: input.start_after.map(|text| encoding.apply(text)),
            max_keys: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
            key_count: Some(count),
            continuation_token: input.continuation_token,
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.as_ref().map(write_token),
            contents: Some(contents.collect()),
            common_prefixes: Some(common.collect()),
            encoding_type: input.encoding_type,
            ..ListObjectsV2Output::default()
        })
    }
}

/// How keys are written into the answer.
#[derive(Clone, Copy)]
enum Encoding {
    Plain,
    /// Percent-encoded, for keys that XML cannot carry.
    Url,
}

impl Encoding {
    fn read(asked: Option<&EncodingType>) -> S3Result<Self> {
        match asked.map(EncodingType::as_str) {
            None => Ok(Self::Plain),
            Some(EncodingType::URL) => Ok(Self::Url),
            Some(_) => {
                Err(refuse(S3ErrorCode::InvalidArgument, "Invalid Encoding Method specified in Request"))
            }
        }
    }

    fn apply(self, text: String) -> String {
        use std::fmt::Write as _;
        match self {
            Self::Plain => text,
            Self::Url => text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
                if byte.is_ascii_alphanumeric() || b"-_.*/".contains(&byte) {
                    encoded.push(char::from(byte));
                } else {
                    let _ = write!(encoded, "%{byte:02X}");
                }
                encoded
            }),
        }
    }
}

fn write_token(from: &ListFrom) -> String {
    let (kind, text) = match from {
        ListFrom::Start => ("s", ""),
        ListFrom::AfterKey(key) => ("k", key.as_str()),
        ListFrom::AfterPrefix(prefix) => ("p", prefix.as_str()),
    };
    URL_SAFE_NO_PAD.encode(format!("{kind}{text}"))
}

fn read_token(token: &str) -> S3Result<ListFrom> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(bad_token)?;
    match (text.strip_prefix('k'), text.strip_prefix('p')) {
        (Some(key), _) => Ok(ListFrom::AfterKey(key.to_owned())),
        (_, Some(prefix)) => Ok(ListFrom::AfterPrefix(prefix.to_owned())),
        _ => Err(bad_token()),
    }
}

fn bad_token() -> S3Error {
    refuse(S3ErrorCode::InvalidArgument, "The continuation token provided is incorrect")
}

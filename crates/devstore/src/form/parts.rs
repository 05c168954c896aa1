//! `multipart/form-data`, read as it comes.

use std::fmt::Display;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use memchr::memmem;
use s3s::{S3Error, S3ErrorCode, S3Result};

/// The most that the headers of one part may have, in bytes.
const MAX_HEAD: usize = 4 * 1024;
/// A sender that is silent for this long is gone.
const IDLE: Duration = Duration::from_secs(60);

/// A form under way. Its buffer begins at a delimiter, or in the content of a part.
pub(super) struct FormBody<S> {
    source: S,
    buffer: BytesMut,
    /// `\r\n--` and the boundary.
    delimiter: Vec<u8>,
}

impl<S, E> FormBody<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
    E: Display,
{
    pub(super) fn new(source: S, boundary: &str) -> Self {
        let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
        // The first boundary has no line before it; with one it looks like all the others.
        Self { source, buffer: BytesMut::from(&b"\r\n"[..]), delimiter }
    }

    /// The next part, whose content comes next; `None` at the end of the form.
    pub(super) async fn next_part(&mut self) -> S3Result<Option<PartName>> {
        while self.buffer.len() < self.delimiter.len() + 2 {
            self.fill().await?;
        }
        if !self.buffer.starts_with(&self.delimiter) {
            return Err(malformed());
        }
        let _ = self.buffer.split_to(self.delimiter.len());
        match self.buffer.split_to(2).as_ref() {
            b"--" => return Ok(None),
            b"\r\n" => {}
            _ => return Err(malformed()),
        }
        let end = loop {
            match memmem::find(&self.buffer, b"\r\n\r\n") {
                Some(end) if end <= MAX_HEAD => break end,
                None if self.buffer.len() < MAX_HEAD + 4 => self.fill().await?,
                // However much of it has come already.
                _ => return Err(malformed()),
            }
        };
        let head = self.buffer.split_to(end + 4);
        let head = std::str::from_utf8(&head).map_err(|_| malformed())?;
        head.lines().find_map(PartName::read).map(Some).ok_or_else(malformed)
    }

    /// The content of a part that is a field, of at most `limit` bytes.
    pub(super) async fn text(&mut self, limit: usize) -> S3Result<String> {
        let end = loop {
            if let Some(end) = memmem::find(&self.buffer, &self.delimiter) {
                break end;
            }
            if self.buffer.len() > limit + self.delimiter.len() {
                return Err(too_long());
            }
            self.fill().await?;
        };
        if end > limit {
            return Err(too_long());
        }
        String::from_utf8(self.buffer.split_to(end).to_vec()).map_err(|_| malformed())
    }

    /// The content of the part that is the file. What comes after it is not read.
    pub(super) fn into_file(self) -> impl Stream<Item = Result<Bytes, String>> + Send {
        stream::try_unfold(Some(self), |form| async move {
            let Some(mut form) = form else { return Ok(None) };
            loop {
                if let Some(end) = memmem::find(&form.buffer, &form.delimiter) {
                    return Ok(Some((form.buffer.split_to(end).freeze(), None)));
                }
                // The last bytes may be the beginning of a delimiter.
                let sure = form.buffer.len().saturating_sub(form.delimiter.len() - 1);
                if sure > 0 {
                    return Ok(Some((form.buffer.split_to(sure).freeze(), Some(form))));
                }
                form.fill().await.map_err(|error| error.to_string())?;
            }
        })
    }

    async fn fill(&mut self) -> S3Result<()> {
        match tokio::time::timeout(IDLE, self.source.next()).await {
            Ok(Some(Ok(chunk))) => {
                self.buffer.extend_from_slice(&chunk);
                Ok(())
            }
            _ => Err(S3Error::with_message(
                S3ErrorCode::IncompleteBody,
                "The form ends before its last boundary.",
            )),
        }
    }
}

/// What a part's `Content-Disposition` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartName {
    /// In lower case.
    pub(super) field: String,
    /// Of a file; the last part of its path only.
    pub(super) file: Option<String>,
}

impl PartName {
    /// Reads that line; `None` for any other, and for one without a name.
    fn read(line: &str) -> Option<Self> {
        let (header, value) = line.split_once(':')?;
        if !header.trim().eq_ignore_ascii_case("content-disposition") {
            return None;
        }
        let (mut field, mut file) = (None, None);
        let (_, mut rest) = value.split_once(';')?;
        while let Some((name, after)) = rest.split_once('=') {
            let (text, next) = match after.trim_start().strip_prefix('"') {
                Some(quoted) => {
                    let (text, next) = quoted.split_once('"')?;
                    (text, next.split_once(';').map_or("", |(_, next)| next))
                }
                None => after.split_once(';').unwrap_or((after, "")),
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "name" if field.is_none() => field = Some(text.trim().to_ascii_lowercase()),
                // Some send the whole path.
                "filename" if file.is_none() => file = text.rsplit(['/', '\\']).next().map(str::to_owned),
                _ => {}
            }
            rest = next;
        }
        Some(Self { field: field?, file })
    }
}

fn malformed() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::MalformedPOSTRequest,
        "The body of your POST request is not well-formed multipart/form-data.",
    )
}

fn too_long() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::MaxPostPreDataLengthExceededError,
        "Your POST request fields preceding the upload file were too large.",
    )
}

#[cfg(test)]
mod tests {
    use super::PartName;

    fn read(line: &str) -> Option<(String, Option<String>)> {
        PartName::read(line).map(|part| (part.field, part.file))
    }

    #[test]
    fn a_part_has_a_name_and_perhaps_a_file() {
        let some = |field: &str, file: Option<&str>| Some((field.to_owned(), file.map(str::to_owned)));
        assert_eq!(read("Content-Disposition: form-data; name=\"Key\""), some("key", None));
        assert_eq!(read("content-disposition: form-data;name=key"), some("key", None));
        assert_eq!(
            read("Content-Disposition: form-data; name=\"file\"; filename=\"a;name=b.jpg\""),
            some("file", Some("a;name=b.jpg"))
        );
        assert_eq!(
            read("Content-Disposition: form-data; filename=\"C:\\x\\y.jpg\"; name=\"file\""),
            some("file", Some("y.jpg"))
        );
        assert_eq!(read("Content-Disposition: form-data"), None);
        assert_eq!(read("Content-Disposition: form-data; name=\"open"), None);
        assert_eq!(read("Content-Type: text/plain; name=\"a\""), None);
    }
}
